"""How many: the sentence, the chart and the table say what the study measured, and no more."""

import altair as alt
import numpy as np
import pandas as pd
import pytest

from mslt_core.analysis.stats import seeds_caveat
from mslt_core.analysis.study.how_many import how_many
from mslt_core.jobs import study_files, study_results
from mslt_core.ui import how_many_chart, words
from mslt_core.ui import words_how_many as said
from mslt_core.ui.how_many import by_size
from mslt_core.ui.how_many_sentence import sentence
from tests.analysis.study.planted import POOL, SINGLES_AND_TRIPLES, planted
from tests.ui import study_file
from tests.ui.driver import open_page, run, text

PAGE = "pages/3_How_many.py"
SETS = (*SINGLES_AND_TRIPLES[:12], POOL)
DOUBLINGS = np.log2([len(sources) for sources in SETS])
STEEP = np.where(DOUBLINGS == 0, -0.15, 0.01 * DOUBLINGS)


def study(truth=STEEP, sets=SETS, seeds=3, targets=("de", "en", "fi", "sw"), items=120):
    random = np.random.default_rng(7)
    return planted(truth, random, sets, seeds, items, targets)


@pytest.fixture(scope="module")
def measured():
    return study()


@pytest.fixture(scope="module")
def found(measured):
    return how_many(measured)


@pytest.fixture
def alone(store, started, tmp_path, monkeypatch):
    """A store that no study ships with."""
    monkeypatch.setattr(study_files, "shipped_folder", lambda: tmp_path / "none")
    return store


def test_the_page_answers_with_the_numbers_of_the_study(alone, measured, found, monkeypatch):
    """Without the task's data, as in a fresh clone."""
    monkeypatch.delenv("MSLT_DATASETS", raising=False)
    study_file.kept(alone, "planted", measured)
    app = open_page(PAGE)
    assert app.query_params["study"] == "planted"
    assert sentence(found.part("all"), said.OVER_LONG["all"].format(count=4)) in text(app)
    assert words.STUDY_ALL in text(app)
    assert words.STUDY_PROBE not in text(app)
    table = app.dataframe[-1].value
    assert list(table[said.TABLE_COLUMNS["k"]]) == [1, 3, 7]
    run(app, app.button_group(key="many_over").set_value("seen"))
    assert said.SEEN in text(app)
    assert app.query_params["many_over"] == "seen"
    run(app, app.button_group(key="view-how-many").set_value(words.TABLE))
    seen = app.dataframe[0].value
    assert len(seen) == (found.points["over"] == "seen").sum()


def test_a_probe_that_is_partly_done_says_both(alone, measured):
    study_file.kept(alone, "planted", measured, "probe", runs=15)
    shown = text(open_page(PAGE, study="planted", many_over="unseen"))
    assert words.STUDY_PROBE in shown
    assert words.STUDY_PARTLY.format(done=15, runs=39) in shown
    assert seeds_caveat(1) in shown


def test_a_study_that_is_empty_broken_or_not_there_is_a_sentence(alone, measured):
    assert words.STUDY_NONE in text(open_page(PAGE))
    path = study_file.kept(alone, "planted", measured)
    results = study_results.score_path(path)
    pd.read_parquet(results).drop(columns=["right", "of"]).to_parquet(results)
    app = open_page(PAGE)
    assert "mean scores and mixing are kept" in text(app) and not app.error
    study_file.kept(alone, "other", measured, runs=3)
    assert open_page(PAGE, study="planted").selectbox(key="study").options == [
        "Planted: other · sib200 · 3/39"
    ]
    (study_files.own_folder(alone) / "other.toml").unlink()
    results.write_bytes(b"damage")
    assert "cannot be read" in open_page(PAGE).error[0].value
    results.unlink()
    assert words.STUDY_EMPTY.format(runs=39) in text(open_page(PAGE))
    path.write_text("name = 3")
    assert open_page(PAGE, study="planted").error


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        (STEEP, ["**3 languages** are the fewest", "touches that of the best are 3", "higher."]),
        (-STEEP, ["**1 language** does best", "no larger number", "score lower."]),
        (0.06 * DOUBLINGS, ["**7 languages** do best", "every smaller number is clearly behind"]),
        (0.015 * DOUBLINGS, ["not clearly behind", "touches that of the best is 1 language"]),
        (0 * STEEP, ["**1 language** is the fewest", "is not settled by these runs."]),
    ],
)
def test_the_sentence_follows_the_intervals(truth, expected):
    of = study(truth, seeds=2, targets=["fi", "sw", "tr"], items=200)
    shown = sentence(how_many(of).part("unseen"), "these targets")
    assert shown.startswith("Over these targets, ")
    for part in expected:
        assert part in shown


def test_sets_of_one_size_do_not_tell_how_many():
    of = study(np.zeros(7), SETS[:7], targets=["fi"])
    assert "All sets of this study have 1 language" in sentence(how_many(of).part("all"), "x")


def test_the_chart_has_every_set_size_and_line(found):
    part = found.part("unseen")
    drawn = how_many_chart.chart(part, 3, "Accuracy")
    spec = drawn.to_dict()  # held to the schema
    rows = [layer.data for layer in drawn.layer if isinstance(layer.data, pd.DataFrame)]
    dots = next(table for table in rows if "place" in table)
    assert len(dots) == len(SETS)
    assert dots["place"].sub(dots["k"]).abs().max() == pytest.approx(how_many_chart.SPREAD)
    assert dots["place"].is_unique
    assert dots["names"].iloc[-1].startswith("Arabic, German, English")
    labels = next(table for table in rows if "label_at" in table)
    assert all(name in " ".join(labels["label"]) for name in ("English", "Best", "Mean single"))
    ticks = [layer for layer in spec["layer"] if layer["mark"].get("type") == "tick"]
    assert len(ticks) == 1
    many = how_many_chart.chart(part, 5, "Accuracy").to_dict()
    assert len(many["layer"]) == len(spec["layer"]) - 1


def test_lines_of_one_and_the_same_set_are_one():
    of = how_many(study(np.zeros(2), [("en",), ("de", "en")], targets=["fi"]))
    named = how_many_chart.named_lines(of.part("all").lines)
    assert named["name"].tolist() == ["English alone = Best single (English) = Mean single"]
    assert isinstance(how_many_chart.chart(of.part("all"), 1, "y"), alt.LayerChart)


def test_labels_are_moved_apart_but_stay_in_order_and_inside():
    assert how_many_chart.apart([50, 10], 15, 100) == [50, 10]
    assert how_many_chart.apart([52, 50, 51], 15, 100) == [66, 36, 51]
    assert how_many_chart.apart([99, 98], 15, 100) == [100, 85]


def test_the_table_names_the_best_and_the_worst_set_of_each_size(found):
    table = by_size(found.part("all")).set_index("k")
    points = found.part("all").points
    three = points[points["k"] == 3].sort_values("value")
    assert table.loc[3, ["worst", "best"]].tolist() == three["sources"].iloc[[0, -1]].tolist()
    assert pd.isna(table.loc[7, "worst"]) and table.loc[7, "best"] == ",".join(POOL)
