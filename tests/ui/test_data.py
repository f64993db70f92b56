"""The Data page: what a task holds, how its languages compare, and data of one's own."""

import json

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from mslt_core.catalog import tasks
from mslt_core.catalog.tasks import Item
from mslt_core.jobs import lengths
from mslt_core.spec import WorkFailed
from mslt_core.ui import data_charts, data_items, words, words_data, world
from mslt_core.ui.data_browser import PAGE_ROWS
from tests.fakes import FakeTask
from tests.ui.driver import assert_prints, button, open_page, run, text

DATA = "pages/6_Data.py"
TABLE = b"language,split,text,label\nen,train,one,a\nen,test,two,b\n"


@pytest.fixture(autouse=True)
def forgotten():
    st.cache_resource.clear()


@pytest.fixture
def register(store, monkeypatch):
    """Makes a task the only one."""

    def only(task):
        monkeypatch.setattr(tasks, "_TASKS", {"fake": lambda: task})
        return task

    return only


# What a task holds


@pytest.mark.parametrize("view", words_data.DATA_VIEWS)
@pytest.mark.parametrize("parallel", [True, False])
def test_every_view_runs(register, started, view, parallel):
    register(FakeTask({"ar": 30, "en": 30, "zh": 20}, parallel=parallel))
    app = open_page(DATA, view=view)
    assert app.title[0].value == words.DATA
    assert not app.error


def test_translations_stand_side_by_side_aligned_by_item(register, started):
    register(FakeTask({"ar": 30, "de": 30, "en": 30}))
    app = open_page(DATA, languages="en,de")
    said = [part.value for part in app.markdown]
    place = next(i for i, value in enumerate(said) if "train7" in value)
    assert said[place] == ":gray-badge[b] :small[:gray[train7]]"
    assert said[place + 1].endswith(" en train sentence 7")
    assert said[place + 2].endswith(" de train sentence 7")
    assert app.pagination[0].num_pages == 3
    assert "30 items" in text(app)


def test_an_item_that_a_language_lacks_is_said_to_be_missing(register, started):
    register(FakeTask({"de": 2, "en": 3}))
    app = open_page(DATA, languages="en,de")
    assert text(app).count("Not in German.") == 1


def test_label_and_search_narrow_what_is_shown(register, started):
    register(FakeTask({"de": 40, "en": 40}))
    app = open_page(DATA, label="b")
    assert "20 of 40 items" in text(app)
    run(app, app.text_input(key="find").set_value("SENTENCE 3"))
    assert "6 of 40 items" in text(app)  # 3, 31, 33, 35, 37, 39
    assert app.query_params["find"] == "SENTENCE 3"
    run(app, app.text_input(key="find").set_value("nowhere"))
    assert words_data.FOUND_NONE in text(app)


def test_the_address_opens_the_same_page_of_the_same_split(register, started):
    register(FakeTask({"de": 40, "en": 40}))
    app = open_page(DATA, languages="de", page="3")
    assert "train sentence 20" in text(app)
    assert f"train sentence {20 + PAGE_ROWS}" not in text(app)
    run(app, app.button_group(key="split").set_value("test"))
    assert "test sentence 0" in text(app)
    assert app.query_params["split"] == "test"
    assert "page" not in app.query_params


def test_nonsense_in_the_address_is_passed_over(register, started):
    register(FakeTask({"de": 4, "en": 4}))
    app = open_page(
        DATA, task="none", split="all", languages="xx", label="z", page="99", view="nothing"
    )
    assert "4 items" in text(app)
    assert not app.error


def test_languages_of_their_own_stand_in_lists(register, started):
    register(FakeTask({"de": 3, "en": 5}, parallel=False))
    said = text(open_page(DATA))
    assert words_data.NOT_PARALLEL in said
    assert "3 items" in said
    assert "5 items" in said
    assert "**German (de)**" in said


def test_what_runs_from_right_to_left_stands_right(register, started):
    register(FakeTask({"ar": 1, "en": 1}))
    app = open_page(DATA)
    arabic = next(part for part in app.markdown if "ar train" in part.value)
    english = next(part for part in app.markdown if "en train" in part.value)
    assert arabic.value.startswith(data_items.ISOLATE)
    assert not english.value.startswith(data_items.ISOLATE)


def test_a_text_of_a_whole_book_is_cut():
    (said,) = data_items.written(
        pd.Series({"text": "a" * 5000, "second": ""}), "sentence", (), label=""
    )
    assert len(said) < 2100
    assert "3,000 characters more" in said


def test_texts_are_shown_as_they_are_written():
    item = pd.Series({"text": "*a* :red[b] $c$ <b> [d](e)", "second": ""})
    (said,) = data_items.written(item, "sentence", (), "")
    assert said == r"\*a\* \:red\[b\] \$c\$ \<b\> \[d\]\(e\)"


def test_tags_stay_with_their_words_and_in_their_order():
    item = pd.Series({"words": ("بيت", "."), "tags": ("NOUN", "PUNCT")})
    (said,) = data_items.written(item, "token", (), "PUNCT")
    # Each word and tag has its own direction, so that the paragraph's alone orders them.
    assert said == (
        "\u2068بيت\u2069\u00a0:small[:gray[\u2068NOUN\u2069]]"
        "\u2002:blue-badge[\u2068\\. :small[PUNCT]\u2069]"
    )


def test_words_of_one_entity_stand_together():
    item = pd.Series({"words": ("Anna", "Lee", "sang"), "tags": ("B-PER", "I-PER", "O")})
    (said,) = data_items.written(item, "token", ("LOC", "PER"), "")
    assert said == ":orange-badge[\u2068Anna Lee :small[PER]\u2069]\u2002sang"


def test_data_that_is_not_here_is_one_sentence(register, started):
    class Absent(FakeTask):
        def languages(self):
            raise WorkFailed("The data set is neither here nor there: set MSLT_DATASETS.")

    register(Absent({}))
    for view in ("browse", "balance", "length", "map"):
        app = open_page(DATA, view=view)
        assert "The data set is neither here nor there" in text(app)
        assert "Traceback" not in text(app)
        assert not app.error
        assert app.selectbox(key="task")


# Balance, lengths, places


def test_balance_says_what_guessing_would_reach(register, started):
    register(FakeTask({"de": 3, "en": 4}))
    said = text(open_page(DATA, view="balance"))
    assert "right in 50% of them (English) to 67% (German)" in said
    assert "From 3 (German) to 4 (English) items to train on." in said


def test_balance_is_a_table_too_and_its_missing_shares_are_not_zero(register, started):
    class Gap(FakeTask):
        def items(self, language, split):
            return [] if language == "de" else super().items(language, split)

    task = register(Gap({"de": 4, "en": 4}))
    counts = data_items.label_counts(task, "train").set_index(["language", "label"])
    assert counts["share"].isna().tolist() == [True, True, False, False]
    assert counts.loc[("en", "a"), "count"] == 2
    app = open_page(DATA, view="balance")
    run(app, app.button_group(key="view-labels-fake-train").set_value(words.TABLE))
    assert list(app.dataframe[0].value.columns) == ["language", "name", "label", "count", "share"]
    named = counts.reset_index().assign(name=lambda rows: rows["language"])
    chart = data_charts.balance(named, ("a", "b")).to_dict()
    grey = [layer for layer in chart["layer"] if layer["transform"][0]["filter"].endswith("null)")]
    assert any("==" in layer["transform"][0]["filter"] for layer in grey)
    (data,) = chart["datasets"].values()
    assert [row["percent"] for row in data] == ["–", "–", "50", "50"]


@pytest.fixture
def counted(store, register):
    """The path of the counts of a task that may be counted."""
    register(FakeTask({"ar": 4, "en": 4, "zh": 4}))
    path = lengths.table_path(store, lengths.Counting("me5-small", "fake", "train"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def test_lengths_are_counted_when_asked_for(counted, started, monkeypatch):
    asked = []
    monkeypatch.setattr(lengths, "start", lambda store, counting: asked.append(counting))
    app = open_page(DATA, view="length")
    assert words_data.LENGTH_FIRST in text(app)
    assert not asked
    run(app, button(app, words_data.COUNT_TOKENS).click())
    assert asked == [lengths.Counting("me5-small", "fake", "train")]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (lengths.Progress("running", "3/9"), "Counting tokens: 3 of 9 languages"),
        (lengths.Progress("running", "Loading"), words_data.LENGTH_STARTING),
    ],
)
def test_a_counting_that_goes_on_has_a_bar(counted, started, monkeypatch, now, said):
    monkeypatch.setattr(lengths, "progress", lambda path: now)
    assert open_page(DATA, view="length").progress[0].text == said


def test_a_counting_that_failed_says_why_and_offers_another(counted, started):
    counted.with_suffix(".log").write_text("0/3\nThe memory ran out.\n")
    app = open_page(DATA, view="length")
    assert "The memory ran out." in app.error[0].value
    assert button(app, words_data.COUNT_TOKENS)


def test_lengths_that_were_counted_are_a_chart_and_a_table(counted, started):
    table = pd.DataFrame(
        {
            "language": ["ar", "en", "zh"],
            "items": [4, 4, 4],
            "tokens": [9.0, 6.0, 8.0],
            "tokens_per_word": [1.8, 1.2, np.nan],
            "characters_per_token": [2.0, 4.0, 1.5],
            "cut": 0.0,
            "relative": [1.5, 1.0, 1.25],
        }
    )
    lengths.write(counted, table)
    app = open_page(DATA, view="length")
    said = text(app)
    assert words_data.MEASURE_LACKING.format(languages="Chinese (zh)") in said
    assert words_data.MEASURE_ENGLISH in said
    run(app, app.button_group(key="measure").set_value("relative"))
    assert app.query_params["measure"] == "relative"
    assert words_data.MEASURE_LACKING.format(languages="Chinese (zh)") not in text(app)
    run(app, app.button_group(key="view-lengths-fake-train").set_value(words.TABLE))
    assert app.dataframe[0].value["tokens_per_word"].isna().tolist() == [False, False, True]


def test_lengths_of_a_model_that_there_is_not_are_a_sentence(counted, started):
    app = open_page(DATA, view="length", model="nobody")
    assert "There is no model 'nobody'" in app.error[0].value


def test_the_map_asks_no_other_host_and_parts_languages_of_one_place():
    place = {"latitude": [51.0, 51.0], "longitude": [9.0, 9.0]}
    facts = {name: ["x", "y"] for name in ("name", "tag", "family", "script", "group", "gib")}
    places = pd.DataFrame({**place, **facts, "items": [1, 2]})
    chart = world.world_map(places, ["x", "y"], "world")
    assert '"url"' not in json.dumps(chart.to_dict())
    assert world.beside(places)["longitude"].nunique() == 2


def test_the_map_has_a_table_and_names_who_is_not_on_it(register, started):
    register(FakeTask({"en": 2, "tlh": 2}))
    app = open_page(DATA, view="map", region="europe")
    assert words_data.WORLD_LACKING.format(languages="Klingon (tlh)") in text(app)
    assert app.button_group(key="region").value == "europe"
    run(app, app.button_group(key="view-places-fake").set_value(words.TABLE))
    row = app.dataframe[0].value.set_index("Tag").loc["en"]
    assert (row["Language"], row["Items"], row["Script"]) == ("English", 22, "Latn")


def test_pairs_show_both_texts(register, started):
    class Pairs(FakeTask):
        kind = "pair"

        def items(self, language, split):
            return [Item("1", "It rains.", "a", second="It is wet.")]

    register(Pairs({"en": 1}))
    said = text(open_page(DATA))
    assert r"It rains\." in said
    assert r"It is wet\." in said


def test_the_page_brings_in_nothing_that_trains(store, started):
    code = f"""
import sys
from streamlit.testing.v1 import AppTest
from mslt_core.catalog import tasks
from mslt_core.ui import words_data
from tests.fakes import FakeTask
tasks._TASKS = {{"fake": lambda: FakeTask({{"ar": 4, "en": 4}})}}
for view in words_data.DATA_VIEWS:
    app = AppTest.from_file("app.py", default_timeout=60)
    app.query_params["view"] = view
    app.switch_page({DATA!r})
    app.run()
    assert not app.exception, app.exception[0].value
app.file_uploader[0].set_value([("words.csv", {TABLE!r}, "text/csv")]).run()
assert "2 items" in " ".join(part.value for part in app.markdown)
heavy = ("torch", "transformers", "tokenizers", "ray", "datasets")
print([name for name in heavy if name in sys.modules])
"""
    assert_prints(code, "[]", store.home)
