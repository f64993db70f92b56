"""Pairs of languages: shown when asked for, and set beside transfer between the same two."""

from itertools import permutations

import altair as alt
import numpy as np
import pandas as pd
import pytest

from mslt_core.analysis.mixing import matrix
from mslt_core.ui import measured_sets, pair_transfer, pairs, pairs_chart, words, words_mixing
from tests.ui import fake_store as fake
from tests.ui.driver import open_page, run, text
from tests.ui.fake_mixing import LANGUAGES, measured, mixing

COMPARE = "pages/2_Compare.py"


def trained(store, sources, apart=0.3, seed=0):
    spec = fake.spec(sources, targets=LANGUAGES, seed=seed)
    return fake.done(store, spec, mixing=mixing(sources, apart, seed))


def table(app):
    """The table behind the heatmap."""
    switch = next(group for group in app.button_group if group.key == "view-pairs")
    run(app, switch.set_value(words.TABLE))
    found = next(found.value for found in app.dataframe if "language_a" in found.value)
    return found.set_index(["language_a", "language_b"])["value"]


def test_pairs_are_read_and_drawn_only_when_asked_for(store, started, monkeypatch):
    asked = []
    real = measured_sets.pairs
    monkeypatch.setattr(measured_sets, "pairs", lambda spaces: asked.append(1) or real(spaces))
    trained(store, ("en",))
    app = open_page(COMPARE)
    assert not asked
    run(app, app.toggle(key="pairs").set_value(True))
    assert asked
    assert app.query_params["pairs"] == "yes"
    assert words_mixing.PAIRS_CAPTION in text(app)


def test_the_table_holds_every_pair_of_the_chosen_model_and_measure(store, started):
    for seed in (0, 1):
        trained(store, ("en",), seed=seed)
    app = open_page(COMPARE, pairs="yes", pairs_of="en", pairs_metric="retrieval")
    of_seeds = [matrix(mixing(("en",), seed=seed).after) for seed in (0, 1)]
    both = pd.concat(of_seeds).query("metric == 'retrieval'").astype({"value": float})
    means = both.groupby(["language_a", "language_b"])["value"].mean()
    pd.testing.assert_series_equal(table(app).sort_index(), means, atol=1e-4)


def test_the_heatmap_is_its_own_mirror_image():
    one = measured_sets.MeasuredSet("en", "m", "", "", "", 1, ())
    spaces = measured_sets.Spaces.of_seeds(one, {0: mixing(("en",))})
    rows = measured_sets.pairs([spaces]).query("column == 'en' and metric == 'retrieval'")
    cells = pairs._cells(rows)
    assert set(zip(cells["tag_a"], cells["tag_b"], strict=True)) == set(permutations(LANGUAGES, 2))
    spec = pairs_chart.drawing(cells, 0.0, 1.0, "Value")
    alt.Chart.from_dict(spec)  # as the schema has it
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["rect", "text"]


def scores(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, index=list(LANGUAGES), columns=list(LANGUAGES))


LIKE = measured(1.5).matrices["centroid_distance"]


@pytest.mark.parametrize(
    ("metric", "values", "said"),
    [
        ("centroid_distance", -LIKE, "Spearman's ρ +1.00 over pairs of 4 languages"),
        ("centroid_distance", LIKE, "Spearman's ρ −1.00 over pairs of 4 languages"),
        ("retrieval", LIKE, "where the two align better before training (by translations retr"),
        ("language_probe", LIKE, "(by languages among neighbours)"),
    ],
)
def test_pairs_and_transfer(metric, values, said):
    assert said in pair_transfer.said(measured(1.5), scores(values), metric)


def test_of_few_single_languages_nothing_is_said():
    assert pair_transfer.said(measured(1.5), scores(LIKE).iloc[:3], "retrieval") == ""


def test_single_languages_are_set_beside_their_transfer_on_the_page(store, started):
    for sources in (*zip(LANGUAGES, strict=True), ("ar", "de")):
        trained(store, sources)
    assert "over pairs of 4 languages" in text(open_page(COMPARE))
