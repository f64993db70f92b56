"""The report of a study says what the pages say of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mslt_core.analysis.measured import measured
from mslt_core.analysis.study.claims import CLAIMS, judge, names
from mslt_core.jobs import study_answers, study_report, study_results
from mslt_core.spec import RunSpec
from mslt_core.study_spec import StudySpec

SETTINGS = RunSpec("tiny-random", "sib200", ("en",), ("fi", "en"), budget=8, epochs=1)
DECLARED = StudySpec("mine", "Mine", SETTINGS, (("en",), ("ar",)), (0, 1, 2))


def results(
    runs: list[tuple[str, int]], targets: tuple[str, ...] = SETTINGS.targets
) -> study_results.Results:
    random = np.random.default_rng(0)
    ones = np.ones(20, np.uint16)
    rows = [
        (*run, f"{run}", target, "accuracy", right.mean(), 20, int(right.sum()), right, ones)
        for run in runs
        for target in targets
        for right in [random.integers(2, size=20).astype(np.uint16)]
    ]
    scores = pd.DataFrame(rows, columns=list(study_results.SCORES))
    return study_results.Results(scores, study_results.no_mixing())


def test_means_of_a_study_partly_done_are_of_the_same_seeds_as_on_the_pages() -> None:
    found = results([("en", 0), ("ar", 0), ("en", 1), ("ar", 1), ("en", 2)])
    report = study_report.of(DECLARED, found, ())
    block = measured(found.scores, parallel=True)
    assert (report.runs, report.left_out, block.seeds) == (5, 1, (0, 1))
    for over in ("all", "unseen"):
        part = report.scores[report.scores["over"] == over]
        assert part["value"].tolist() == pytest.approx(block.means(over).tolist())
    assert "with the same seeds (0, 1); 1 other run is left out." in report.to_markdown()
    lacking = study_report.of(
        replace(DECLARED, sets=(("en",), ("ar",), ("zh",))),
        results([("en", 0), ("ar", 0), ("zh", 0), ("en", 1), ("ar", 1)]),
        (),
    )
    assert "and with that what lacks one of these seeds: zh." in lacking.to_markdown()
    whole = study_report.of(DECLARED, results([("en", 0), ("ar", 0)]), ())
    assert whole.left_out == 0 and "left out" not in whole.to_markdown()


def test_the_published_pattern_is_told_of_studies_with_several_sizes_of_sets_alone() -> None:
    found = results([("en", 0), ("ar", 0)])
    alone = study_report.of(DECLARED, found, ())
    assert alone.to_dict()["published"] == ""
    assert "ACL 2024" not in alone.to_markdown()
    sizes = StudySpec("mine", "Mine", SETTINGS, (("en",), ("ar",), ("ar", "de")), (0, 1, 2))
    several = study_report.of(sizes, found, ())
    assert several.to_dict()["published"] == study_report.PUBLISHED
    assert several.to_markdown().endswith(study_report.PUBLISHED)


def test_the_mixing_of_many_sets_is_a_row_a_set() -> None:
    sets = [(f"x-{letter}",) for letter in "abcdefghijklmno"]
    declared = StudySpec("mine", "Mine", SETTINGS, tuple(sets), (0,))
    found = results([(tag, 0) for (tag,) in sets])
    rows = [
        (tag, 0, tag, space, "all", metric, 0.5, 0.4, 0.6, np.nan)
        for (tag,) in sets
        for space in ("pretrained", "tuned")
        for metric in ("language_probe", "retrieval")
    ]
    mixing = pd.DataFrame(rows, columns=list(study_results.MIXING))
    said = study_report.of(declared, study_results.Results(found.scores, mixing), ()).to_markdown()
    assert "|  | Language-ID accuracy | Translations retrieved |" in said
    assert "| x-a | 0.500 [0.400, 0.600] | 0.500 [0.400, 0.600] |" in said


def test_what_the_study_does_not_have_is_not_explained() -> None:
    """No target that a set was trained on, and one seed, which ranks no numbers of languages."""
    sets = (("en",), ("ar",), ("ar", "en"))
    settings = replace(SETTINGS, targets=("fi", "sw"))
    found = results([(",".join(sources), 0) for sources in sets], settings.targets)
    said = study_report.of(StudySpec("mine", "Mine", settings, sets, (0,)), found, ()).to_markdown()
    assert study_answers.SEEN not in said and study_answers.NOT_AS_GOOD not in said
    assert study_answers.ONE_SEED in said


def test_how_many_languages_and_the_claims_are_answered() -> None:
    sets = (("en",), ("ar",), ("ar", "en"))
    declared = StudySpec("mine", "Mine", SETTINGS, sets, (0, 1))
    found = results([(",".join(sources), seed) for sources in sets for seed in (0, 1)])
    block = measured(found.scores, parallel=True)
    report = study_report.of(declared, found, judge(block, found.mixing, "cc100", None))
    said, sizes = report.to_markdown(), report.to_dict()["how_many"]["sizes"]
    pair = next(row for row in sizes if row["k"] == 2 and row["over"] == "all")
    assert pair["value"] == pytest.approx(float(block.means("all")[2]))
    assert f"\n| 2 | 1 of 1 | {100 * pair['value']:.1f} [" in said
    assert f"\n| en alone |  | {100 * block.means('all')[0]:.1f} [" in said
    assert "a doubling of the number of languages changes the score by" in said
    gain = next(row for row in report.to_dict()["gains"] if row["than"] == "english")
    assert (gain["sources"], gain["targets"]) == ("ar,en", 1)
    assert f"\n| ar, en | {100 * gain['value']:+.1f} [" in said
    seeds = [row for row in report.to_dict()["by_seed"] if row["over"] == "all"]
    assert [row["seed"] for row in seeds] == [0, 1] * 3
    assert np.mean([row["value"] for row in seeds[4:]]) == pytest.approx(pair["value"])
    assert " ".join(f"{100 * row['value']:.1f}" for row in seeds[4:]) in said
    assert [one["claim"] for one in report.to_dict()["claims"]] == list(CLAIMS)
    for one in report.claims:
        assert names.SAYS[one.claim].removesuffix(".") in said and one.sentence in said
