"""The map is asked for and never computed by the page, and a point says which sentence it is."""

import json
from dataclasses import asdict

import pytest
import streamlit as st

from mslt_core.catalog import parallel as bundled
from mslt_core.catalog import tasks
from mslt_core.catalog.map_sentences import of_messages
from mslt_core.jobs import maps
from mslt_core.jobs.maps import MapState
from mslt_core.jobs.store import Store
from mslt_core.spec import WorkFailed
from mslt_core.ui import map_chart, words, words_compare
from tests.fakes import FakeTask
from tests.ui import fake_store as fake
from tests.ui.conftest import answered
from tests.ui.driver import open_page, run, text

COMPARE = "pages/2_Compare.py"
WAITS, ANSWERED = MapState(None, ""), answered


@pytest.fixture
def asked(monkeypatch):
    """The maps that were asked for."""
    specs = []

    def ask(store, spec):
        specs.append(spec)
        return answered(store, spec)

    monkeypatch.setattr(maps, "ask", ask)
    return specs


@pytest.fixture
def drawn(monkeypatch):
    """The rows of each panel that was drawn."""
    shown = []
    original = map_chart.rows

    def rows(points, axes, across):
        shown.append(original(points, axes, across))
        return shown[-1]

    monkeypatch.setattr(map_chart, "rows", rows)
    return shown


@pytest.fixture
def layered(monkeypatch):
    """Every run has vectors of some layers."""
    monkeypatch.setattr(Store, "layers", lambda self, run_id: (0, 2, 4))
    monkeypatch.setattr(
        Store,
        "layer_vectors",
        lambda self, run_id, when, pooling, layer: (
            self.pretrained(run_id) if when == "before" else self.embeddings(run_id)
        ),
    )


def points(app):
    """The table behind the map."""
    switch = next(group for group in app.button_group if group.key == "view-map")
    run(app, switch.set_value(words.TABLE))
    return app.dataframe[0].value


def choose(app, key, value):
    group = next(group for group in app.button_group if group.key == key)
    return run(app, group.set_value(value))


def panels(app):
    return [part.value.strip("*") for part in app.markdown if part.value.startswith("**")]


def test_a_map_that_is_waited_for_has_its_place_and_comes_by_itself(store, started, monkeypatch):
    fake.done(store, fake.spec())
    monkeypatch.setattr(maps, "ask", lambda store, spec: WAITS)
    app = open_page(COMPARE)
    assert panels(app) == ["Untrained", "en"]
    assert text(app).count(words_compare.MAP_WAITS["pca"]) == 2
    assert started[-1] == store.home
    assert words_compare.HEATMAP in text(app)  # the rest of the page does not wait
    monkeypatch.setattr(maps, "ask", ANSWERED)
    asked_for = len(started)
    said = text(run(app))
    assert words_compare.MAP_WAITS["pca"] not in said
    assert "Trustworthiness" in said
    assert len(started) == asked_for


def test_the_page_looks_again_only_while_a_map_is_waited_for(store, started, monkeypatch):
    fake.done(store, fake.spec())
    monkeypatch.setattr(maps, "ask", lambda store, spec: WAITS)
    app = open_page(COMPARE)
    assert app.session_state["map_drawn"][0]
    monkeypatch.setattr(maps, "ask", ANSWERED)
    assert not run(app).session_state["map_drawn"][0]


def test_a_map_that_cannot_be_says_why_and_starts_nothing(store, started, monkeypatch):
    fake.done(store, fake.spec())
    monkeypatch.setattr(maps, "ask", lambda store, spec: MapState(None, "It was too large."))
    app = open_page(COMPARE)
    assert words_compare.MAP_FAILED.format(reason="It was too large.") in text(app)
    assert not started
    assert not app.error
    # Another kind of map may still be.
    monkeypatch.setattr(maps, "ask", ANSWERED)
    assert "Trustworthiness" in text(choose(app, "map_method", "tsne"))


def test_a_map_is_asked_for_once(store, started, asked):
    fake.done(store, fake.spec())
    app = open_page(COMPARE)
    run(app)
    choose(app, "show", "gain")
    assert len(asked) == 1


def test_the_panels_are_the_model_before_training_and_each_set_in_their_order(
    store, started, asked
):
    records = fake.comparison(store, seeds=(0, 1))
    app = open_page(COMPARE)
    names = ("en", "ar, de, zh", "ar, de, en, es, ru, zh")
    of_sets = [words_compare.MAP_PANEL_SEED.format(name=name, seed=0).strip("*") for name in names]
    assert panels(app) == ["Untrained", *of_sets]
    first = [record.run_id for record in records if record.spec.seed == 0]
    wanted = ((first[0], "before"), *((run_id, "after") for run_id in first))
    assert asked[0].panels == wanted


def test_each_model_has_a_panel_before_training(store, started, asked):
    models = ("tiny-random", "random-init")
    runs = [fake.done(store, fake.spec(model=model)).run_id for model in models]
    open_page(COMPARE, runs=",".join(runs))
    assert [when for _, when in asked[-1].panels] == ["before", "after"] * 2


def test_more_sets_than_two_rows_hold_are_said(store, started):
    for tag in fake.TARGETS:
        fake.done(store, fake.spec((tag,)))
    ids = ",".join(record.run_id for record in store.ledger.runs())
    app = open_page(COMPARE, runs=ids)
    assert len(panels(app)) == 8
    assert words_compare.MAP_MORE.format(shown=7, all=9) in text(app)


def test_the_projection_is_kept_in_the_address(store, started, asked):
    fake.done(store, fake.spec())
    app = choose(open_page(COMPARE), "map_method", "tsne")
    assert app.query_params["map_method"] == "tsne"
    assert asked[-1].method == "tsne"
    open_page(COMPARE, map_method="tsne")
    assert asked[-1].method == "tsne"
    assert "map_method" not in choose(app, "map_method", "pca").query_params


def test_without_stored_layers_none_are_offered(store, started, asked):
    fake.done(store, fake.spec())
    app = open_page(COMPARE, map_layer="2", map_pooling="first")
    assert not app.select_slider
    assert (asked[-1].layer, asked[-1].pooling) == (None, None)


def test_a_layer_and_a_pooling_can_be_chosen(store, started, asked, layered):
    fake.done(store, fake.spec())
    app = open_page(COMPARE)
    slider = app.select_slider(key="map_layer")
    assert slider.options == ["embeddings", "2", "4"]
    # The last layer is what scores stand on, of which there are more sentences.
    assert (asked[-1].layer, asked[-1].pooling) == (None, None)
    run(app, slider.set_value(0))
    assert (asked[-1].layer, asked[-1].pooling) == (0, "mean")
    assert app.query_params["map_layer"] == "0"
    choose(app, "map_pooling", "first")
    assert (asked[-1].layer, asked[-1].pooling) == (0, "first")
    open_page(COMPARE, map_layer="4", map_pooling="first")
    assert (asked[-1].layer, asked[-1].pooling) == (4, "first")


def test_layers_that_one_of_the_runs_lacks_are_not_offered(store, started, layered, monkeypatch):
    old = fake.done(store, fake.spec())
    fake.done(store, fake.spec(("ar",)))
    kept = {old.run_id: ()}
    monkeypatch.setattr(Store, "layers", lambda self, run_id: kept.get(run_id, (0, 2)))
    assert not open_page(COMPARE).select_slider


def test_a_point_says_its_sentence_its_language_and_its_twin(store, started, drawn):
    fake.done(store, fake.spec())
    app = open_page(COMPARE)
    shown = drawn[-1].set_index(["language", "said"])
    assert shown.loc[("de", "de test sentence 3"), "twin"] == "en test sentence 3"
    assert shown.loc[("en", "en test sentence 3"), "twin"] == words.MIX_NONE
    assert set(shown["name"]) >= {"German", "English"}
    table = points(app)
    row = table[(table["id"] == "test3") & (table["language"] == "de")].iloc[0]
    assert (row["said"], row["label"]) == ("de test sentence 3", "a")


def test_items_that_are_no_translations_have_no_twin_and_are_not_joined(
    store, started, drawn, monkeypatch
):
    from mslt_core.ui import embedding_map, map_points

    monkeypatch.setattr(embedding_map, "translated", lambda store, run: False)
    monkeypatch.setattr(map_points, "parallel", lambda store, run: False)
    fake.done(store, fake.spec())
    app = open_page(COMPARE)
    assert not app.toggle
    assert set(drawn[-1]["twin"]) <= {words.MIX_NONE, ""}


def shows_messages(store, run_id, languages=fake.TARGETS, **more):
    """Lets a run say that its map shows messages."""
    told = asdict(of_messages(languages).told()) | {"number": fake.ITEMS, **more}
    path = store.folder(run_id) / "run.json"
    said = {**json.loads(path.read_text()), "parallel": False, "sentences": told}
    path.write_text(json.dumps(said))


@pytest.fixture
def as_many(monkeypatch):
    """As many messages as the runs here have vectors."""
    monkeypatch.setattr(bundled, "MOST", fake.ITEMS)


def test_messages_are_told_with_their_twin_and_have_no_class(store, started, drawn, as_many):
    shows_messages(store, fake.done(store, fake.spec()).run_id)
    app = open_page(COMPARE)
    messages = bundled.messages(fake.TARGETS)
    shown = drawn[-1].query("said != ''").set_index(["language", "said"])
    for tag in ("de", "sw"):
        twin = shown.loc[(tag, messages[tag][3].text), "twin"]
        assert twin == messages["en"][3].text
    assert set(shown.loc["en", "twin"]) == {words.MIX_NONE}
    assert words_compare.COLOURS["label"] not in app.selectbox(key="colour").options
    assert app.toggle(key="join")
    assert words_compare.MAP_MESSAGES in text(app)
    assert set(points(app)["label"]) == {""}


def test_messages_of_another_version_of_the_package_are_not_told(store, started, drawn, as_many):
    shows_messages(store, fake.done(store, fake.spec()).run_id, fingerprint="another")
    assert words_compare.MAP_NO_TEXTS in text(open_page(COMPARE))
    assert words.SENTENCE_NUMBER.format(number=1) in set(drawn[-1]["said"])


def test_sets_with_other_sentences_than_most_are_not_on_the_map(store, started, as_many):
    for tag in ("ar", "de"):
        shows_messages(store, fake.done(store, fake.spec((tag,))).run_id)
    fake.done(store, fake.spec(("ru",)))  # from before there were messages
    app = open_page(COMPARE)
    assert panels(app) == ["Untrained", "ar", "de"]
    assert words_compare.MAP_OTHER_SENTENCES.format(configurations="ru") in text(app)


def test_without_the_data_a_point_has_its_number(store, started, drawn, monkeypatch):
    def gone(*_):
        raise WorkFailed("The data set is neither here nor there.")

    fake.done(store, fake.spec())
    for method in ("languages", "sizes", "fingerprint", "items"):
        monkeypatch.setattr(FakeTask, method, gone)
    said = text(open_page(COMPARE))
    assert words_compare.MAP_NO_TEXTS in said
    assert words.SENTENCE_NUMBER.format(number=1) in set(drawn[-1]["said"])


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("script", {"Latn", "Arab", "Cyrl", "Hans", "Jpan"}),
        ("seen", {words_compare.SEEN, words_compare.UNSEEN}),
        ("label", {"a", "b", "c"}),
    ],
)
def test_points_are_coloured_by_what_is_asked_for(store, started, drawn, by, groups):
    fake.done(store, fake.spec())
    app = open_page(COMPARE, colour=by)
    assert {group for group in drawn[-1]["group"] if group} == groups
    assert app.query_params["colour"] == by


def test_answers_that_are_no_classes_are_no_colours(store, started, monkeypatch):
    from mslt_core.ui import results

    fake.done(store, fake.spec())
    original = results.run_json
    monkeypatch.setattr(
        results, "run_json", lambda store, run: {**original(store, run), "answers": "tags"}
    )
    app = open_page(COMPARE, colour="label")
    assert words_compare.COLOURS["label"] not in app.selectbox(key="colour").options
    assert app.selectbox(key="colour").value == "language"


def test_translations_of_a_few_sentences_are_joined_on_request(store, started, monkeypatch):
    st.cache_resource.clear()  # other tests may have drawn the same
    drawings = []
    original = map_chart.drawing
    monkeypatch.setattr(
        map_chart, "drawing", lambda *how: drawings.append(original(*how)) or drawings[-1]
    )
    fake.done(store, fake.spec())
    app = open_page(COMPARE)
    run(app, app.toggle(key="join").set_value(True))
    assert app.query_params["join"] == "yes"
    assert words_compare.MAP_JOINED in text(app)
    plain, joined = drawings
    assert len(joined["layer"]) == len(plain["layer"]) + 1
    assert open_page(COMPARE, join="yes").toggle(key="join").value


def test_two_tasks_have_maps_of_their_own(store, started, asked, monkeypatch):
    monkeypatch.setitem(tasks._TASKS, "other", tasks._TASKS["fake"])
    fake.done(store, fake.spec(("de",)))
    fake.done(store, fake.spec(("en",), task="other"))
    app = open_page(COMPARE)
    choose(app, "task_compared", "fake")
    assert len({spec.key for spec in asked}) == 2
