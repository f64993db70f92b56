"""The panel has all runs that can be compared, and claims no more than they bear."""

import json

import pytest

from mslt_core.analysis.association import association
from mslt_core.ui import mixing_transfer, words, words_mixing
from tests.ui import fake_store as fake
from tests.ui.driver import open_page, run, text
from tests.ui.fake_mixing import LANGUAGES, mixing

COMPARE = "pages/2_Compare.py"
SETS = (("ar",), ("de",), ("en",), ("zh",), ("ar", "de"), ("ar", "de", "en"))


def trained(store, sources, apart=0.3, seed=0, **fields):
    spec = fake.spec(sources, seed=seed, **{"targets": LANGUAGES, **fields})
    return fake.done(store, spec, mixing=mixing(sources, apart, seed))


@pytest.fixture
def six(store, started):
    """Six source sets; the more languages, the more these mix."""
    return [trained(store, sources, 1.2 - 0.3 * len(sources)) for sources in SETS]


def table(app):
    """The table behind the chart."""
    switch = next(group for group in app.button_group if group.key == "view-mixing-transfer")
    run(app, switch.set_value(words.TABLE))
    column = words_mixing.LINK_COLUMNS["x"]
    return next(found.value for found in app.dataframe if column in found.value)


def test_every_measured_run_of_the_settings_is_a_point(store, six):
    trained(store, ("en",), budget=80)
    fake.done(store, fake.spec(("fi",), targets=LANGUAGES))
    app = open_page(COMPARE, runs=six[0].run_id)
    found = table(app).set_index("Run")
    assert set(found.index) == {record.run_id for record in six}
    for record in six:
        assert found.loc[record.run_id, "Score, %"] == pytest.approx(100 * record.mean, abs=1e-3)


def test_the_change_is_from_before_training(store, six):
    app = open_page(COMPARE)
    change = table(app).set_index("Run")["Mixing"]
    measured = mixing(SETS[0], 0.9)
    ends = [
        side.estimates["all", "language_probe"].value for side in (measured.before, measured.after)
    ]
    assert change[six[0].run_id] == pytest.approx(ends[1] - ends[0], abs=1e-3)
    app = open_page(COMPARE, link_as="value")
    assert table(app).set_index("Run")["Mixing"][six[0].run_id] == pytest.approx(ends[1], abs=1e-3)


def test_the_score_of_one_target_can_be_chosen(store, six):
    app = open_page(COMPARE)
    picker = app.selectbox(key="link_over")
    run(app, picker.set_value("de"))
    assert app.query_params["link_over"] == "de"
    scores = store.scores(six[0].run_id).query("metric == 'accuracy'").set_index("target")["value"]
    shown = table(app).set_index("Run")["Score, %"]
    assert shown[six[0].run_id] == pytest.approx(100 * scores["de"], abs=1e-3)


def test_unseen_are_targets_that_no_set_was_trained_on(store, started):
    unseen = ("fi", "sw")
    runs = [
        trained(store, sources, 1.2 - 0.3 * len(sources), targets=(*LANGUAGES, *unseen))
        for sources in SETS
    ]
    app = open_page(COMPARE, link_over="unseen")
    shown = table(app).set_index("Run")["Score, %"]
    for record in runs:
        scores = store.scores(record.run_id).query("metric == 'accuracy'").set_index("target")
        assert shown[record.run_id] == pytest.approx(
            100 * scores.loc[list(unseen), "value"].mean(), abs=1e-3
        )


def test_where_every_target_was_trained_on_there_are_no_unseen_ones(store, six):
    picker = open_page(COMPARE).selectbox(key="link_over")
    assert words_mixing.LINK_OVERS["unseen"] not in picker.options


def test_runs_that_are_compared_are_points_however_many_there_are(store, six, monkeypatch):
    monkeypatch.setattr(mixing_transfer, "MOST", 5)
    again = trained(store, ("de",), seed=1)
    oldest = six[0].run_id
    app = open_page(COMPARE, runs=oldest)
    assert words_mixing.LINK_SKIPPED.format(count=2) in text(app)
    assert oldest in set(table(app)["Run"])
    # Other seeds make room for other sets.
    assert again.run_id not in set(table(app)["Run"])


def test_the_order_of_sets_is_looked_for_once_a_measure(store, six, monkeypatch):
    asked = []
    monkeypatch.setattr(mixing_transfer, "association", lambda runs: asked.append(runs))
    app = open_page(COMPARE)
    switch = next(group for group in app.button_group if group.key == "link_as")
    run(app, switch.set_value("value"))
    assert len(asked) == 1


def test_sets_that_do_not_turn_into_one_another_have_no_p_value(store, six):
    said = text(open_page(COMPARE))
    assert "is not settled by these runs" in said
    assert words_mixing.LINK_P["none"] in said


def test_fewer_runs_than_five_need_more(store, started):
    for sources in SETS[:4]:
        trained(store, sources)
    said = text(open_page(COMPARE))
    assert words_mixing.LINK_FEW_RUNS.format(are="are", count=4) in said
    assert "ρ" not in said


def test_five_seeds_of_one_set_are_no_evidence(store, started):
    for seed in range(5):
        trained(store, ("en",), seed=seed)
    said = text(open_page(COMPARE))
    assert words_mixing.LINK_FEW_SETS.format(sets=1, runs=5) in said
    assert "ρ" not in said


@pytest.mark.parametrize(
    ("metric", "scores", "said"),
    [
        ("language_probe", (6, 5, 4, 3, 2, 1), "scores on all targets are higher"),
        ("language_probe", (1, 2, 3, 4, 5, 6), "scores on all targets are lower"),
        ("neighbour_mixing", (1, 2, 3, 4, 5, 6), "scores on all targets are higher"),
        ("language_probe", (3, 1, 5, 6, 2, 4), "is not settled by these runs"),
    ],
)
def test_the_sentence_says_which_way_it_goes(metric, scores, said):
    """x grows from run to run: of some measures that means more mixing, of others less."""
    import pandas as pd

    points = pd.DataFrame({"sources": list(zip("abcdef")), "x": range(6), "y": scores})
    found = mixing_transfer._said(association(points), points, metric, "all")
    assert said in found
    assert "languages mix more" in found
    assert ("+1.00" in found) == ("higher" in found and "settled" not in found)


def test_runs_measured_in_an_older_way_are_left_out_and_counted(store, six):
    path = store.folder(six[0].run_id) / "run.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "mixing": {"basis": "older", "missing": ""}}))
    app = open_page(COMPARE)
    assert words_mixing.LINK_SKIPPED.format(count=1) in text(app)
    assert six[0].run_id not in set(table(app)["Run"])


def test_a_damaged_run_is_no_point(store, six):
    (store.folder(six[0].run_id) / "mixing.parquet").write_bytes(b"damage")
    app = open_page(COMPARE, runs=six[1].run_id)
    assert not app.error
    assert len(table(app)) == 5


def test_probes_have_no_such_panel(store, started):
    fake.done(store, fake.spec(method="probe"))
    assert words_mixing.LINK not in text(open_page(COMPARE))
