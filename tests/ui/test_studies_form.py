"""A new study: what is chosen becomes a declaration, which is written and started once."""

import pytest

from mslt_core.jobs import study as studies_of
from mslt_core.jobs import study_files
from mslt_core.ui import words
from mslt_core.ui import words_studies as said
from tests.ui.driver import button, open_page, run, text

PAGE = "pages/7_Studies.py"


@pytest.fixture
def form(store, started, tmp_path, monkeypatch):
    """The form, on a store that no study ships with."""
    monkeypatch.setattr(study_files, "shipped_folder", lambda: tmp_path / "none")
    return open_page(PAGE, studies_view="new", task="fake", pool="ar,de,en", budget="30")


@pytest.fixture
def asked(monkeypatch):
    """The studies that a page had computed, without computing them."""
    paths = []
    monkeypatch.setattr(study_files, "start", lambda store, path: paths.append(path))
    return paths


def test_what_is_chosen_is_declared_and_started_and_the_page_opens_on_it(store, form, asked):
    assert said.PLAN.format(sets=4, seeds=1, runs=4, s_sets="s", s="", s_runs="s") in text(form)
    assert said.TAKES_UNKNOWN in text(form)
    form.text_input(key="study_name").set_value("three")
    form.text_input(key="study_title").set_value("One or three")
    run(form, form.button_group(key="seeds").set_value([0, 2]))
    run(form, button(form, said.START.format(runs=8, s_runs="s")).click())
    [path] = asked
    declared = studies_of.read(path)
    assert (declared.name, declared.title, declared.seeds) == ("three", "One or three", (0, 2))
    assert declared.sets == (("ar",), ("de",), ("en",), ("ar", "de", "en"))
    assert declared.settings.budget == 30
    assert "One or three" in text(form)
    assert "0 of 8" in list(form.dataframe[0].value[said.COLUMNS["runs"]])
    again = open_page(PAGE, studies_view="new", task="fake", pool="ar,de,en", budget="30")
    assert again.button(key="start-study")
    run(again, again.text_input(key="study_name").set_value("three"))
    assert said.NAME_TAKEN.format(name="three") in text(again)
    assert "start-study" not in [one.key for one in again.button]
    assert len(asked) == 1


def test_sets_can_be_written_one_a_line(form, asked):
    run(form, form.button_group(key="sets_by").set_value("list"))
    assert said.NO_SETS in text(form)
    run(form, form.text_area(key="sets_list").set_value("en\n\nde, ar\n"))
    assert said.PLAN.format(sets=2, seeds=1, runs=2, s_sets="s", s="", s_runs="s") in text(form)
    run(form, button(form, said.START.format(runs=2, s_runs="s")).click())
    assert studies_of.read(asked[0]).sets == (("en",), ("ar", "de"))


def test_one_set_with_one_seed_is_one_run(form):
    run(form, form.button_group(key="sets_by").set_value("list"))
    run(form, form.text_area(key="sets_list").set_value("en"))
    assert "**1 source set × 1 seed = 1 run**" in text(form)
    assert form.button(key="start-study").label == "Start 1 run"


def test_a_name_or_a_title_that_is_missing_is_asked_for_in_plain_words(form):
    for key, hint in (("study_name", said.NO_NAME), ("study_title", said.NO_TITLE)):
        before = form.text_input(key=key).value
        run(form, form.text_input(key=key).set_value(" "))
        assert hint in text(form)
        assert not form.error
        run(form, form.text_input(key=key).set_value(before))


def test_a_title_is_no_markdown(form, asked):
    form.text_input(key="study_title").set_value("Not *every* a_b")
    run(form, button(form, said.START.format(runs=4, s_runs="s")).click())
    assert form.subheader[0].value == r"Not \*every\* a\_b"


def test_what_is_wrong_is_one_sentence(form, asked):
    run(form, form.text_input(key="study_name").set_value("My study"))
    assert "small letters, digits and hyphens" in form.error[0].value
    run(form, form.text_input(key="study_name").set_value("mine"))
    run(form, form.number_input(key="budget").set_value(5000))
    run(form, button(form, said.START.format(runs=4, s_runs="s")).click())
    assert "budget is 5000" in form.error[0].value
    run(form, form.multiselect(key="pool").set_value([]))
    assert said.NO_SETS in text(form)
    run(form, form.button_group(key="sets_by").set_value("list"))
    run(form, form.text_area(key="sets_list").set_value("en\nklingonish!"))
    assert form.error[0].value.startswith("sets: ")
    run(form, form.text_area(key="sets_list").set_value("en"))
    run(form, form.button_group(key="test_on").set_value("some"))
    assert words.NO_TARGET in text(form)
    assert not asked


def test_a_study_by_probe_says_what_comes_before_its_runs(form):
    run(form, form.button_group(key="method").set_value("probe"))
    assert said.TAKES_PROBE.format(time="1 s") in text(form)
