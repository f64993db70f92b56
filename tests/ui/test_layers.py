"""The curve over layers shows what runs kept, in the looks of the columns above it."""

import pandas as pd
import pytest
import streamlit as st

from mslt_core.jobs.store import NO_LAYERS, Store
from mslt_core.spec import WorkFailed
from mslt_core.ui import columns, layer_chart, words, words_mixing
from mslt_core.ui.mixing_sentence import number
from tests.ui import fake_store as fake
from tests.ui.driver import open_page, run, text
from tests.ui.fake_mixing import LANGUAGES, mixing

COMPARE = "pages/2_Compare.py"


@pytest.fixture
def kept(store, started, monkeypatch):
    """What runs kept of their layers, by id, to be filled."""
    found = {}
    monkeypatch.setattr(Store, "layer_mixing", lambda self, run_id: found.get(run_id))
    return found


def by_layer(shift=0.0, metrics=("language_probe", "retrieval"), poolings=("mean", "first")):
    """The table of one run: values that grow with the layer."""
    rows = [
        (space, pooling, layer, subset, metric, value, value - 0.05, value + 0.05, 0.25)
        for space, more in (("pretrained", 0.0), ("tuned", 0.1 + shift))
        for pooling, extra in (("mean", 0.0), ("first", 0.01))
        if pooling in poolings
        for layer in range(3)
        for subset in ("all", "seen", "unseen")
        for metric in metrics
        for value in [0.3 + 0.1 * layer + more + extra]
    ]
    names = ["space", "pooling", "layer", "subset", "metric", "value", "low", "high", "null"]
    return pd.DataFrame(rows, columns=names)


def trained(store, kept, sources, table=None, seed=0):
    spec = fake.spec(sources, seed=seed, targets=LANGUAGES)
    record = fake.done(store, spec, mixing=mixing(sources, seed=seed))
    if table is not None:
        kept[record.run_id] = table
    return record


def values(app):
    """The table behind the curve."""
    switch = next(group for group in app.button_group if group.key == "view-layers")
    run(app, switch.set_value(words.TABLE))
    layer = words_mixing.LAYER_COLUMNS["layer"]
    return next(found.value for found in app.dataframe if layer in found.value)


def test_the_caption_says_how_far_the_last_values_are_from_those_above(store, kept):
    record = trained(store, kept, ("en",), by_layer())
    measured = mixing(("en",))
    above = {
        space: found.estimates["all", "language_probe"].value
        for space, found in (("pretrained", measured.before), ("tuned", measured.after))
    }
    ends = {"pretrained": 0.5, "tuned": 0.6}
    far = max(ends, key=lambda space: abs(ends[space] - above[space]))
    numbers = {"here": ends[far], "above": above[far], "change": abs(ends[far] - above[far])}
    said = {name: number(value) for name, value in numbers.items()}
    assert words_mixing.LAYERS_LAST.format(**said) in text(open_page(COMPARE))
    table = kept[record.run_id]
    for space, value in above.items():
        last = (table["layer"] == 2) & (table["space"] == space) & (table["subset"] == "all")
        kept[record.run_id] = table = table.assign(value=table["value"].where(~last, value))
    st.cache_resource.clear()
    assert words_mixing.LAYERS_SAME in text(open_page(COMPARE))


def test_shares_and_distances_begin_at_zero_and_silhouettes_do_not(store, kept, monkeypatch):
    begin = {}
    drawing = layer_chart.drawing

    def drawn(looks, title, from_zero):
        begin[title[0]] = from_zero
        return drawing(looks, title, from_zero)

    monkeypatch.setattr(layer_chart, "drawing", drawn)
    st.cache_resource.clear()
    metrics = ("language_probe", "language_silhouette")
    trained(store, kept, ("en",), by_layer(metrics=metrics))
    for metric in metrics:
        open_page(COMPARE, layer_metric=metric)
    assert begin == {"Language-ID accuracy": True, words_mixing.MIX_METRICS[metrics[1]]: False}


def test_it_has_a_line_for_each_column(store, kept):
    trained(store, kept, ("en",), by_layer())
    trained(store, kept, ("ar", "zh"), by_layer(0.1))
    table = values(open_page(COMPARE)).set_index(["Model", "Layer"])["Value"]
    assert list(table.index.get_level_values(0).unique()) == ["Untrained", "en", "ar, zh"]
    assert list(table["Untrained"]) == pytest.approx([0.3, 0.4, 0.5])
    assert list(table["ar, zh"]) == pytest.approx([0.5, 0.6, 0.7])


def test_seeds_are_taken_together(store, kept):
    for seed in (0, 1):
        trained(store, kept, ("en",), by_layer(0.2 * seed), seed)
    table = values(open_page(COMPARE)).set_index(["Model", "Layer"])["Value"]
    assert list(table["en"]) == pytest.approx([0.5, 0.6, 0.7])


def test_the_measure_is_chosen_and_kept_in_the_address(store, kept):
    trained(store, kept, ("en",), by_layer())
    app = open_page(COMPARE)
    picker = app.selectbox(key="layer_metric")
    assert picker.options == ["Language-ID accuracy", "Translations retrieved"]
    run(app, picker.set_value("retrieval"))
    assert app.query_params["layer_metric"] == "retrieval"
    assert open_page(COMPARE, layer_metric="retrieval").selectbox(key="layer_metric").value == (
        "retrieval"
    )


def test_it_follows_the_pooling_of_the_map(store, kept, monkeypatch):
    monkeypatch.setattr(Store, "layers", lambda self, run_id: (0, 2))
    monkeypatch.setattr(
        Store,
        "layer_vectors",
        lambda self, run_id, when, pooling, layer: self.embeddings(run_id),
    )
    trained(store, kept, ("en",), by_layer())
    app = open_page(COMPARE)
    assert words_mixing.LAYERS.format(pooling="mean") in text(app)
    switch = next(group for group in app.button_group if group.key == "map_pooling")
    run(app, switch.set_value("first"))
    assert words_mixing.LAYERS.format(pooling="first token") in text(app)
    assert values(app)["Value"][0] == pytest.approx(0.31)


def test_a_pooling_that_was_not_measured_is_not_claimed(store, kept):
    trained(store, kept, ("en",), by_layer(poolings=("mean",)))
    app = open_page(COMPARE, map_pooling="first")
    assert words_mixing.LAYERS.format(pooling="mean") in text(app)


def test_it_follows_the_choice_of_languages(store, kept):
    trained(store, kept, ("ar", "de"), by_layer())
    trained(store, kept, ("de", "zh"), by_layer())
    app = open_page(COMPARE, mix_over="seen")
    assert list(dict.fromkeys(values(app)["Model"])) == [
        "Untrained, for ar, de",
        "ar, de",
        "Untrained, for de, zh",
        "de, zh",
    ]


def test_without_layers_one_sentence_says_why(store, kept):
    trained(store, kept, ("en",))
    said = text(open_page(COMPARE))
    assert words_mixing.LAYERS_NONE.format(reasons=NO_LAYERS) in said


def test_a_set_without_layers_is_named_beside_the_others(store, kept):
    trained(store, kept, ("en",), by_layer())
    trained(store, kept, ("ar", "zh"))
    app = open_page(COMPARE)
    assert words_mixing.LAYERS_MISSING.format(columns="ar, zh") in text(app)
    assert set(values(app)["Model"]) == {"Untrained", "en"}


def test_a_damaged_table_leaves_the_rest_of_the_panel(store, started, monkeypatch):
    def broken(self, run_id):
        raise WorkFailed("It is broken.")

    trained(store, {}, ("en",))
    monkeypatch.setattr(Store, "layer_mixing", broken)
    app = open_page(COMPARE)
    assert not app.error
    assert "It is broken." in text(app)
    assert words_mixing.MIX_METRICS["retrieval"] in text(app)


def test_the_drawing_has_the_looks_of_the_columns():
    looks = {"Pretrained": columns.BEFORE_LOOK, **columns.looks_of(["en", "ar, zh"])}
    spec = layer_chart.drawing(looks, ["Retrieval", "better →"], from_zero=True)
    point = spec["layer"][-1]["encoding"]
    assert point["color"]["scale"]["range"] == [look.colour for look in looks.values()]
    assert point["shape"]["scale"]["range"] == [look.shape for look in looks.values()]
