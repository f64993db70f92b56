"""Charts say what the tables say, in a way that Vega-Lite accepts and eyes can read."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mslt_core.analysis.projection import project
from mslt_core.analysis.transfer import transfer
from mslt_core.ui import charts, map_chart, words
from tests.analysis.test_transfer import EN, EN_RUNS, MULTI_RUN, run

NAMES = {"de": "German (de)", "zh": "Chinese (zh)", "all": "mean over all targets"}


def heatmap(found, gain=False, sets=("en", "ar, zh")):
    return charts.heatmap(found, sets, ["de", "en", "zh"], NAMES, gain)


def rows_of(chart):
    spec = chart.to_dict()
    data = spec["datasets"]
    return spec, max(data.values(), key=len)


def cell(rows, configuration, name):
    (found,) = (r for r in rows if (r["configuration"], r["name"]) == (configuration, name))
    return found


@pytest.fixture
def levels():
    narrow = run(MULTI_RUN.spec, {"de": 0.5})
    return transfer([*EN_RUNS, narrow], shared_items=True)


def test_heatmap_prints_every_value_and_outlines_the_seen(levels):
    spec, rows = rows_of(heatmap(levels))
    assert cell(rows, "en", "German (de)")["mean"] == "60.0"
    # The mean is over German alone, the one target that both sets were scored on.
    assert cell(rows, "en", "mean over all targets")["mean"] == "60.0"
    assert cell(rows, "en", "mean over all targets")["behind"] == "1 target"
    assert cell(rows, "en", "German (de)")["behind"] == "20 items"
    assert [r["name"] for r in rows if r["seen"]] == ["en"]
    assert any("seen" in str(layer.get("transform")) for layer in spec["layer"])


def test_what_was_not_measured_is_a_dash_and_not_zero(levels):
    _, rows = rows_of(heatmap(levels))
    missing = cell(rows, "ar, zh", "Chinese (zh)")
    assert missing["value"] is None
    assert missing["mean"] == "–"
    assert missing["seen"] is False


def test_means_stand_apart_above_the_targets(levels):
    spec, _ = rows_of(heatmap(levels))
    order = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert order[0] == "mean over all targets"
    assert order[2].strip() == ""
    assert order[3:] == ["Chinese (zh)", "German (de)", "en"]


def test_a_set_without_common_seed_is_a_grey_column_of_gains():
    other = run(replace(MULTI_RUN.spec, seed=5), {"de": 1.0, "en": 1.0, "zh": 1.0})
    gains = transfer([*EN_RUNS, other], shared_items=True, baseline=EN)
    _, rows = rows_of(heatmap(gains, gain=True))
    assert {r["mean"] for r in rows if r["configuration"] == "ar, zh"} == {"–"}


def test_sets_without_common_targets_have_cells_but_no_means():
    other = run(replace(MULTI_RUN.spec, targets=("fi",)), {"fi": 1.0})
    found = transfer([EN_RUNS[0], other], shared_items=True)
    spec, rows = rows_of(
        charts.heatmap(found, ["en · 3 targets", "ar, zh · 1 target"], ["de", "fi"], NAMES, False)
    )
    assert cell(rows, "ar, zh · 1 target", "fi")["mean"] == "100.0"
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == ["German (de)", "fi"]


def test_tooltips_say_how_many_targets_are_behind_a_mean(levels):
    tooltip = charts.means_chart(levels.means, levels.points, False, "Accuracy").to_dict()["layer"][
        0
    ]["encoding"]["tooltip"]
    assert words.BEHIND_COUNT in [entry["title"] for entry in tooltip]


def test_gains_are_signed_and_their_colours_centred_on_zero():
    gains = transfer([*EN_RUNS, MULTI_RUN], shared_items=True, baseline=EN)
    spec, rows = rows_of(heatmap(gains, gain=True))
    assert cell(rows, "ar, zh", "Chinese (zh)")["mean"] == "+50.0"
    assert cell(rows, "ar, zh", "en")["mean"] == "−50.0"
    (scale,) = (
        layer["encoding"]["color"]["scale"]
        for layer in spec["layer"]
        if "scale" in layer["encoding"].get("color", {})
    )
    assert scale["scheme"] == "blueorange"
    assert scale["domain"] == [-scale["domain"][1], scale["domain"][1]]


@pytest.mark.parametrize("gain", [False, True])
def test_means_chart_shows_seeds_only_when_asked_to(levels, gain):
    few = charts.means_chart(levels.means, levels.points, gain, "Accuracy").to_dict()
    many = charts.means_chart(levels.means, levels.points.iloc[:0], gain, "Accuracy").to_dict()
    assert sum(map(len, few["datasets"].values())) > sum(map(len, many["datasets"].values()))


@pytest.fixture
def points():
    rng = np.random.default_rng(0)
    panels = {
        name: {lang: rng.normal(size=(20, 8)) for lang in ("de", "en", "zh")}
        for name in ("Pretrained", "en")
    }
    found = project(panels).points
    empty = dict.fromkeys(("said", "twin"), "") | dict.fromkeys(("join_x", "join_y"), np.nan)
    return found.assign(name=found["language"], group=found["language"], **empty)


def drawing(points, groups=("de", "en", "zh"), by="language", join=False, labels=12, across=2):
    return map_chart.drawing(map_chart.domains(points), groups, by, join, labels, across)


def test_map_panels_share_everything_but_their_rows_and_frames(points):
    spec = drawing(points)
    one, two = (map_chart.framed(spec, colour) for colour in ("#000000", "#0072B2"))
    assert one["layer"] is two["layer"]
    assert (one["view"]["stroke"], two["view"]["stroke"]) == ("#000000", "#0072B2")
    domain = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert domain[0] < points["x"].min() < points["x"].max() < domain[1]
    assert not [part for part in (spec, *spec["layer"]) if "data" in part]


def test_map_labels_every_language_once_and_keeps_labels_apart(points):
    together = points.assign(x=points["x"] * 0.01, y=points["y"] * 0.01)
    together.loc[0, ["x", "y"]] = [5, 5]  # one far point makes the others a small cloud
    axes = map_chart.domains(together)
    found = map_chart.rows(together[together["panel"] == "Pretrained"], axes, 2)
    labels = found[found["label_x"].notna()].to_dict("records")
    assert [row["language"] for row in labels] == ["de", "en", "zh"]
    assert len(found) == 60 + 3
    width, height = (np.ptp(domain) for domain in axes)
    panel = map_chart.SIZES[2]
    for a in labels:
        for b in labels:
            if a["language"] < b["language"]:
                apart_x = abs(a["label_x"] - b["label_x"]) / width * panel[0]
                apart_y = abs(a["label_y"] - b["label_y"]) / height * panel[1]
                assert apart_x > 12 or apart_y > 10


def test_the_map_tells_the_sentence_and_its_twin_and_what_it_is_coloured_by(points):
    told = {
        by: [part["field"] for part in drawing(points, by=by)["layer"][0]["encoding"]["tooltip"]]
        for by in ("language", "script")
    }
    assert told["language"] == ["said", "twin", "name"]
    assert told["script"] == ["said", "twin", "name", "group"]


def test_joined_translations_are_lines_below_the_points_and_the_others_are_faint(points):
    lines, dots = drawing(points, join=True, labels=0)["layer"]
    assert lines["mark"]["type"] == "rule"
    assert lines["encoding"]["x2"]["field"] == "join_x"
    assert dots["encoding"]["opacity"]["condition"]["test"] == "isValid(datum.join_x)"


def test_groups_differ_in_colour_or_shape_and_the_first_few_in_both():
    encoding = map_chart.legend([f"g{i}" for i in range(40)])["encoding"]
    colours, shapes = (encoding[channel]["scale"]["range"] for channel in ("color", "shape"))
    assert len(set(zip(colours, shapes, strict=True))) == 40
    assert len(set(colours[:6])) == len(set(shapes[:6])) == 6


def test_loss_curve_reaches_to_the_last_step_to_come():
    history = pd.DataFrame({"step": [1, 2], "loss": [2.0, 1.0], "tokens_per_second": [10.0, 10.0]})
    assert charts.loss_curve(history, 50).to_dict()["encoding"]["x"]["scale"]["domain"] == [0, 50]


@pytest.mark.parametrize(
    ("value", "gain", "text"),
    [(0.8412, False, "84.1"), (0.0213, True, "+2.1"), (-0.01, True, "−1.0"), (np.nan, True, "–")],
)
def test_percent(value, gain, text):
    assert charts.percent(value, gain) == text


def test_heads_that_would_cover_one_another_stand_upright(levels):
    few, _ = rows_of(heatmap(levels))
    names = tuple(f"en · budget {number}" for number in range(6))
    many, _ = rows_of(heatmap(levels, sets=names))
    angles = [spec["layer"][0]["encoding"]["x"]["axis"]["labelAngle"] for spec in (few, many)]
    assert angles == [0, -90]
