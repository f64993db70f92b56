"""The claims panel: verdicts, effects, and what stands beside them, where the truth is known."""

import altair as alt
import numpy as np
import pytest

from mslt_core.analysis.study.claims import CLAIMS, Judgement, names
from mslt_core.analysis.study.claims.judge import criteria
from mslt_core.jobs import study_files, study_results
from mslt_core.jobs.store import Store
from mslt_core.ui import claims, claims_across, claims_chart, claims_judged
from mslt_core.ui import words_studies as said
from tests.analysis.study.planted import SINGLES_AND_TRIPLES, planted, planted_mixing
from tests.ui import study_file
from tests.ui.driver import open_page, text

PAGE = "pages/7_Studies.py"
SEVERAL = np.array([float(len(sources) > 1) for sources in SINGLES_AND_TRIPLES])


@pytest.fixture
def alone(store, started, tmp_path, monkeypatch):
    """A store that no study ships with, on a machine without the data sets."""
    monkeypatch.setattr(study_files, "shipped_folder", lambda: tmp_path / "none")
    monkeypatch.delenv("MSLT_DATASETS", raising=False)
    return store


@pytest.fixture(scope="module")
def helpful():
    """Several languages help by 5 points, and mingle; 42 sets."""
    rng = np.random.default_rng(0)
    return planted(0.05 * SEVERAL, rng, items=100), planted_mixing(0.3 * SEVERAL, rng)


def kept(store: Store, name: str, measured, mixing, runs=0) -> None:
    path = study_file.kept(store, name, measured, runs=runs)
    declared, results = study_results.read(path)
    whole = study_results.Results(results.scores, mixing.assign(run_id="a run"))
    study_results.write(whole, path, declared.settings)


def test_a_study_says_what_was_planted(alone, helpful):
    kept(alone, "helpful", *helpful)
    (study,) = study_files.listed(alone)
    found = claims_judged.judged(alone, study)
    assert [one.claim for one in found.claims] == list(CLAIMS)
    verdicts = {one.claim: one.verdict for one in found.claims}
    assert verdicts["mingling"] == verdicts["helps"] == "supported"
    app = open_page(PAGE)
    shown = text(app)
    assert claims.summary(found.claims) in shown
    for one in found.claims:
        assert one.sentence in shown
        assert said.PAPER.format(pattern=names.IN_THE_PAPER[one.claim]) in shown
        assert said.HOW_CLAIM[one.claim] in shown
    assert shown.count(said.VERDICT["supported"]) == list(verdicts.values()).count("supported")
    across = app.dataframe[-1].value
    assert list(across[said.ACROSS_TABLE["supported"]])[:2] == [1, 1]
    assert app.dataframe[-2].value[names.TITLES["helps"]][0].startswith("supported, +")


def test_studies_with_one_title_stand_apart_and_what_they_share_is_said(alone, helpful):
    measured, mixing = helpful
    kept(alone, "first", measured, mixing)
    kept(alone, "second", measured, mixing, runs=70)
    paths = [study_files.own_folder(alone) / f"{name}.toml" for name in ("first", "second")]
    for path in paths:
        path.write_text(path.read_text().replace(f"Planted: {path.stem}", "One title"))
    studies = [study_files.looked_at(path, False) for path in paths]
    called = [claims_across.called(study) for study in studies]
    assert called == ["first (own)", "second (own) (70 of 84 runs)"]
    said_of_both = said.SHARED.format(one="first", other="second", count=70, s="s")
    assert claims_across.shared_runs(studies) == [said_of_both]
    app = open_page(PAGE)
    assert len(app.dataframe[-2].value) == 2
    assert said_of_both in text(app)


def test_what_cannot_be_tested_says_why_and_is_a_dash_across(alone, helpful):
    measured, _ = helpful
    path = study_file.kept(alone, "one-seed", measured, runs=42)
    (study,) = study_files.listed(alone)
    found = claims_judged.judged(alone, study).claims
    assert {one.verdict for one in found} == {"untested"}
    assert claims.effects(found).empty
    across = claims_across.by_study({"One seed": found})
    assert across.loc[0, names.TITLES["helps"]] is None
    assert claims_across.by_claim({"One seed": found})[said.ACROSS_TABLE["p_some"]][0] == said.NONE
    shown = text(open_page(PAGE))
    assert said.NOTHING_TESTED in shown
    assert "42 of 84 runs so far" in shown
    study_results.score_path(path).unlink()
    assert said.HOW not in text(open_page(PAGE))


def test_across_studies_the_effect_of_the_clearest_of_many_is_told_only_where_supported():
    found = [
        Judgement("mingling", "untested", "Not tested."),
        Judgement("helps", "undecided", "", 0.01, -0.01, 0.03, p=0.2),
        Judgement("not always", "undecided", "", 0.009, -0.02, 0.04, p=1.0, comparisons=840),
        Judgement("choosable", "supported", "", 0.02, 0.01, 0.03, 0.01, 8),
    ]
    cells = claims_across.by_study({"one": found}).loc[0, list(names.TITLES.values())]
    assert cells.tolist() == [None, "undecided, +1.0", "undecided", "supported, +2.0"]


def test_older_results_leave_the_scores_untested(alone, helpful):
    measured, mixing = helpful
    kept(alone, "older", measured, mixing)
    path = study_results.score_path(study_files.own_folder(alone) / "older.toml")
    study_results.pd.read_parquet(path).drop(columns=["right", "of"]).to_parquet(path)
    (study,) = study_files.listed(alone)
    found = claims_judged.judged(alone, study).claims
    assert [one.verdict for one in found] == ["supported", *["untested"] * 3]
    assert all("older than" in one.sentence for one in found[1:])


def test_the_simple_criteria_have_numbers_of_all_triples(helpful):
    measured, _ = helpful
    found = criteria(measured, 3, "cc100", None)
    assert "syntax" in found
    assert {"probe", "random", "vocabulary", "embedding"}.isdisjoint(found)
    golden = found["syntax"]
    assert max(golden, key=golden.__getitem__) == ("ar", "de", "zh")


def test_the_chart_says_each_verdict_by_colour_shape_and_word():
    found = [
        Judgement("mingling", "untested", "Not tested."),
        Judgement("helps", "supported", "", 0.02, 0.01, 0.03, 0.0002),
        Judgement("not always", "not supported", "", -0.01, -0.03, 0.005, 0.8, 12),
    ]
    rows = claims.effects(found)
    assert list(rows["p"]) == ["< 0.001", "0.800"]
    assert list(rows["interval"]) == ["+1.0 to +3.0", "−3.0 to +0.5"]
    drawn = claims_chart.chart(rows, said.SIDES["score"], threshold=True).to_dict()
    text_layer = drawn["layer"][-1]["encoding"]
    assert text_layer["text"]["field"] == "verdict"
    point = drawn["layer"][-2]["encoding"]
    assert point["shape"]["scale"]["domain"] == point["color"]["scale"]["domain"]
    assert len(set(point["shape"]["scale"]["range"])) == 3
    alt.LayerChart.from_dict(drawn)
    assert claims.summary(found) == (
        "This study supports: **Helps**; does not support: **Not always**; cannot test: "
        "**Mingling**."
    )
