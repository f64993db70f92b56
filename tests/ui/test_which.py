"""Which: every criterion is told beside chance, no guess is given away, and what is recommended can
be trained and says what it does not know."""

from itertools import combinations

import numpy as np
import pytest
import streamlit as st
from scipy.stats import spearmanr

from mslt_core.analysis.selection import language_table
from mslt_core.analysis.study.halves import half
from mslt_core.analysis.study.judging import Interval
from mslt_core.jobs import language_facts, study_files
from mslt_core.ui import (
    foretold,
    study_picker,
    which_board,
    which_charts,
    which_evidence,
    which_recommend,
    which_scatter,
    which_why,
    words_which,
)
from mslt_core.ui.which import Asked
from mslt_core.ui.which_words import correlation, points, rank
from tests.analysis.study.planted import POOL, planted
from tests.ui import study_file
from tests.ui.driver import button, open_page, run, text

WHICH = "pages/4_Which.py"
SETS = tuple(sources for k in (1, 3) for sources in combinations(POOL, k))
TARGETS = ("en", "fi", "sw")


@pytest.fixture
def alone(store, started, tmp_path, monkeypatch):
    """A store that no study ships with."""
    monkeypatch.setattr(study_files, "shipped_folder", lambda: tmp_path / "none")
    st.cache_resource.clear()
    return store


@pytest.fixture
def study(alone):
    """Sets of one language and all triples, without any effect."""
    measured = planted(
        np.zeros(len(SETS)), np.random.default_rng(0), SETS, items=40, targets=TARGETS
    )
    return study_file.kept(alone, "planted", measured)


def board(app):
    """The leaderboard by criterion."""
    found = next(one.value for one in app.dataframe if "Rank of 35" in one.value)
    return found.set_index(words_which.CRITERION)


def test_each_criterion_is_told_beside_chance_or_has_a_reason(alone, study):
    app = open_page(WHICH)
    rows = board(app)
    assert len(rows) == 11
    assert rows.loc["Diversity of syntax", "Pick"] == "ar, de, zh"
    assert rows.loc["Diversity of families", "Pick"] == "ar, de, zh (+4 tied)"
    assert rows.loc["Random", "Rank of 35"] == "18"
    assert rows.loc["Linear probe", "Rank of 35"] == words_which.NONE
    said = text(app)
    assert words_which.PROBE_NONE in said
    assert "sib200" in said  # the task is not on this machine: why two criteria say nothing
    assert not any(one.label == words_which.FACTS_BUTTON for one in app.button)


def test_the_probe_is_a_criterion_and_is_judged_as_a_preview(alone, study):
    measured = planted(
        np.zeros(len(SETS)), np.random.default_rng(1), SETS, items=40, targets=TARGETS
    )
    study_file.kept(alone, "probed", measured, "probe")
    app = open_page(WHICH, study="planted", criterion="probe")
    assert board(app).loc["Linear probe", "Rank of 35"] != words_which.NONE
    assert "over 3 targets" in text(app)
    assert words_which.SCATTER_PROBE in text(app)
    app = open_page(WHICH, study="probed")
    assert words_which.PROBE_ITSELF in text(app)


@pytest.fixture
def own_probe(alone, study):
    """The board of the study beside one by probe that has the same answers, and both studies. On
    the items that both share the probe would foretell the study without fail."""
    (tuned,) = study_files.listed(alone)
    measured = study_picker.measured(tuned)
    study_file.kept(alone, "probed", measured, "probe")
    studies = study_files.listed(alone)
    probe = next(one for one in studies if one.path.stem == "probed")
    asked = Asked(tuned, tuned.declared, measured, 3, "all", guess_first=False)
    return which_board.board(alone, asked, probe), studies


def test_what_is_known_of_a_criterion_is_what_the_leaderboard_says(alone, own_probe):
    board, studies = own_probe
    for criterion in ("probe", "syntax"):
        (known, *_) = which_evidence.evidence(alone, studies, criterion, 3)
        assert known.judged == board.found.judged[criterion]
    judged = board.found.judged["probe"]
    assert judged.spearman.value < 0.9
    assert which_evidence.table([which_evidence.Evidence(board.asked, judged)]).loc[0].tolist() == [
        "planted",
        3,
        rank(judged.rank, 35),
        "18",
        points(judged.regret),
        points(judged.random_regret),
        correlation(judged.spearman),
    ]


def test_what_is_known_of_the_probe_says_by_which_items(own_probe, monkeypatch):
    """The task of the study is not on this machine, so none of the probe's is asked for."""
    monkeypatch.setattr(which_recommend, "_probe", lambda studies, own: studies[1])
    query = {"study": "planted", "own_pool": ",".join(POOL), "model": "tiny-random"}
    for criterion, told in (("probe", 2), ("syntax", 1)):
        app = open_page(WHICH, own_criterion=criterion, **query)
        assert text(app).count(words_which.BOARD_PROBE) == told


def test_the_points_of_a_criterion_are_those_that_its_correlation_is_of(own_probe):
    board, _ = own_probe
    measured = board.asked.measured
    of_three = measured.sizes == 3
    for criterion, judging in (("probe", half(measured, 1)), ("syntax", measured)):
        rows = which_scatter.points_of(board, criterion, None)
        assert rows["value"].tolist() == pytest.approx(100 * judging.means("all")[of_three])
        rho = spearmanr(rows["criterion"], rows["value"]).statistic
        assert rho == pytest.approx(board.found.judged[criterion].spearman.value, abs=0.05)
        assert rows.loc[rows["value"].idxmax(), "mark"] in ("best", "pick")


def test_where_a_probe_is_offered_it_is_told_how_well_it_foretells(alone, study):
    measured = planted(
        np.zeros(len(SETS)), np.random.default_rng(1), SETS, items=40, targets=TARGETS
    )
    app = open_page("pages/1_Train.py", method="probe", task="fake")
    app.session_state["foretold"] = True
    assert words_which.FORETELLS_NONE_OF_TASK.format(task="fake") in text(run(app))
    study_file.kept(alone, "probed", measured, "probe")
    assert foretold.pair(alone, "sib200")[1].path.stem == "probed"
    st.cache_resource.clear()
    said = foretold.sentence(*foretold.pair(alone, "sib200"), 3, "all")
    assert "Its order of the 35 sets of 3 languages" in said
    app = open_page("pages/1_Train.py", method="finetune", task="fake")
    assert not any(one.label == words_which.FORETELLS_TITLE for one in app.expander)


def test_a_guess_is_asked_for_before_anything_is_shown(alone, study):
    app = open_page(WHICH)
    run(app, app.toggle(key="guess_first").set_value(True))
    assert not app.dataframe
    show = button(app, words_which.GUESS_SHOW)
    assert show.disabled
    for tag in ("de", "en", "fr"):
        app.checkbox(key=f"guess-planted-{tag}").check()
    run(app)
    run(app, button(app, words_which.GUESS_SHOW).click())
    row = board(app).loc["Your guess"]
    assert row["Pick"] == "de, en, fr"
    assert f"rank {row['Rank of 35'].replace(' ', ' of 35 ', 1)}, " in text(app)
    assert row["Spearman’s ρ"] == row["Kendall’s τ"] == words_which.NONE
    run(app, button(app, words_which.GUESS_AGAIN).click())
    assert not app.dataframe


def test_own_languages_are_ranked_told_apart_from_what_is_known_and_trained(alone, study):
    app = open_page(
        WHICH, own_pool="ar,de,en,ja", own_k="2", own_must="ar", own_criterion="phonology"
    )
    found = next(one.value for one in app.dataframe if "Score" in one.value)
    assert len(found) == 3
    assert all("ar*" in languages for languages in found["Languages"])  # all of it is predicted
    assert (
        "python -m mslt_core select --pool ar,de,en,ja --k 2 --criterion phonology "
        "--must-contain ar" in text(app)
    )
    said = text(app)
    assert words_which.NO_SOURCE.format(names="Japanese") in said
    assert words_which.NO_SIZE.format(k=2) in said
    assert words_which.NO_TASK.format(task="fake") in said
    best = found["Languages"].iloc[0].replace("*", "")
    button(app, words_which.OWN_TRAIN.format(sources=best)).click()
    app.run()
    assert app.session_state.sources == best.split(", ")


def test_what_needs_the_model_is_asked_for_and_never_computed_here(alone, monkeypatch):
    asked = []
    monkeypatch.setattr(language_facts, "ask", lambda *wanted: asked.append(wanted[1:]))
    app = open_page(
        WHICH, own_pool="ar,de,en", own_k="2", own_criterion="embedding", model="tiny-random"
    )
    run(app, button(app, words_which.FACTS_BUTTON).click())
    assert asked == [("tiny-random", "fake", ("ar", "de", "en"))]


def test_the_pairs_of_a_pick_are_outlined_and_predicted_values_told():
    table = language_table(POOL)
    cells = which_why.cells_of(table, "phonology", ("ar", "fr", "zh"))
    picked = cells[cells["picked"]]
    assert {*zip(picked["one"], picked["other"], strict=True)} == {
        (one, other)
        for one in ("Arabic", "French", "Chinese")
        for other in ("Arabic", "French", "Chinese")
        if one != other
    }
    assert picked["distance"].sum() / 2 == pytest.approx(0.899, abs=5e-4)
    chart = which_charts.matrix(cells, sorted(cells["one"].unique()), 2).to_dict()
    outline = next(layer for layer in chart["layer"] if layer["mark"].get("filled") is False)
    assert outline["transform"] == [{"filter": "datum.picked"}]
    assert "Arabic 100%" in which_why.imputed_sentence(table, "phonology")
    assert not which_why.imputed_sentence(table, "scripts")


@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        ("scripts", words_which.WHY_NO_PAIRS.format(criterion="Writing systems")),
        ("syntax", words_which.WHY_ALONE),
    ],
)
def test_what_sums_no_pairs_has_no_matrix(alone, study, criterion, said):
    shown = text(open_page(WHICH, k="1", criterion=criterion))
    assert said in shown
    assert "which sum to" not in shown


def test_numbers_without_a_value_are_a_dash_and_ties_have_half_ranks():
    nan = float("nan")
    assert correlation(Interval(nan, nan, nan)) == words_which.NONE
    assert correlation(Interval(-0.1, -0.5, 0.3)) == "−0.10 (−0.50 to 0.30)"
    assert rank(Interval(7.5, 2, 20)) == "7.5 (2 to 20)"
    assert rank(Interval(7.5, 2, 20), 35) == "7.5 of 35 (2 to 20)"
