"""The tests of the claims find nothing where nothing is planted, in 5 % ± 2 of 500 studies, and
find what is planted.

Two seeds, 200 items that all sets and targets share, all singles and triples of seven languages;
seeds that are good or bad for all sets alike, and luck of each run; where the claim allows it,
languages that differ in how good they are as a source.
"""

from collections.abc import Callable, Iterable
from itertools import combinations

import numpy as np
import pytest

from mslt_core.analysis.measured import Measured, Sources
from mslt_core.analysis.study.claims import (
    Judgement,
    choosable,
    helps,
    mingling,
    not_always,
)
from mslt_core.analysis.threads import one_thread
from tests.analysis.study.planted import (
    OTHERS,
    POOL,
    SINGLES_AND_TRIPLES,
    main_effects,
    planted,
    planted_mixing,
)

SETS = SINGLES_AND_TRIPLES
SEVERAL = np.array([len(sources) > 1 for sources in SETS])
TRIPLES = SETS[7:]
TARGETS = ("ar", "en", "fi", "hi", "ja")
STUDIES = 500

Criteria = dict[str, dict[Sources, float]]
Judge = Callable[[np.random.Generator], Judgement]


def criteria(rng: np.random.Generator, number: int = 5) -> Criteria:
    """Sums over languages and distances of languages, of features that mean nothing."""
    found = {}
    for i in range(number):
        given = main_effects(TRIPLES, rng)
        if i % 2:
            points = rng.normal(size=(7, 4))
            apart = np.linalg.norm(points[:, None] - points, axis=-1)
            places = ([POOL.index(one) for one in sources] for sources in TRIPLES)
            given = [sum(apart[pair] for pair in combinations(of, 2)) for of in places]
        found[f"criterion {i}"] = dict(zip(TRIPLES, map(float, given), strict=True))
    return found


def study(
    truth: np.ndarray,
    rng: np.random.Generator,
    seeds: int = 2,
    targets: tuple[str, ...] = TARGETS,
) -> Measured:
    return planted(truth, rng, seeds=seeds, targets=targets)


def judged(judge: Judge, studies: Iterable[int]) -> list[Judgement]:
    with one_thread():
        return [judge(np.random.default_rng([i, 11])) for i in studies]


def found(judgements: list[Judgement]) -> float:
    """The share of judgements whose test found the claim."""
    assert all((one.verdict == "supported") == (one.p < 0.05) for one in judgements)
    return float(np.mean([one.verdict == "supported" for one in judgements]))


# What is planted is what singles have, so that a claim is false by 0 exactly.
NOTHING: dict[str, Judge] = {
    "mingling": lambda rng: mingling(planted_mixing(main_effects(SETS, rng), rng)),
    "helps": lambda rng: helps(study(main_effects(SETS, rng), rng)),
    # Languages that differ make the claim true; it is nearest to true while false where all sets
    # are as good as the best single language, which is where all are equal.
    "not always": lambda rng: not_always(study(np.zeros(42), rng)),
    "choosable": lambda rng: choosable(study(main_effects(SETS, rng), rng), criteria(rng)),
}


@pytest.mark.parametrize("claim", NOTHING)
def test_size(claim: str) -> None:
    judgements = judged(NOTHING[claim], range(STUDIES))
    assert 0.03 <= found(judgements) <= 0.07
    assert all((one.verdict == "not supported") <= (one.highest < 0.01) for one in judgements)


def choice(rng: np.random.Generator) -> Judgement:
    """Three points between the best triple and the mean of all, which one criterion knows."""
    of = criteria(rng)
    knows = np.array(list(of["criterion 1"].values()))
    truth = np.zeros(42)
    truth[7:] = 0.03 * (knows - knows.mean()) / (knows.max() - knows.mean())
    return choosable(study(truth, rng), of)


PLANTED: dict[str, Judge] = {
    "mingling": lambda rng: mingling(
        planted_mixing(main_effects(SETS, rng) + 0.03 * SEVERAL, rng, own_luck=0.02)
    ),
    "helps": lambda rng: helps(study(main_effects(SETS, rng) + 0.03 * SEVERAL, rng)),
    "not always": lambda rng: not_always(study(-0.03 * SEVERAL, rng, targets=OTHERS)),
    "choosable": choice,
}


@pytest.mark.parametrize("claim", PLANTED)
def test_three_points_are_found(claim: str) -> None:
    assert found(judged(PLANTED[claim], range(60))) >= 0.8


def test_as_many_seeds_as_are_needed_find_three_points() -> None:
    """Triples that help by three points, in a study whose runs are a matter of luck."""

    def noisy_study(rng: np.random.Generator, seeds: int) -> Judgement:
        truth = main_effects(SETS, rng) + 0.03 * SEVERAL
        return helps(planted(truth, rng, seeds=seeds, targets=TARGETS, own_luck=0.07))

    few = judged(lambda rng: noisy_study(rng, 2), range(40))
    needed = int(np.median([one.seeds_needed or 100 for one in few]))
    assert found(few) < 0.8
    assert 3 <= needed <= 20
    assert found(judged(lambda rng: noisy_study(rng, needed), range(60))) >= 0.7


def test_a_claim_is_not_supported_only_where_an_effect_of_a_point_is_ruled_out() -> None:
    worse = main_effects(SETS, np.random.default_rng(1)) - 0.03 * SEVERAL
    judgements = [helps(study(worse, np.random.default_rng(i))) for i in range(5)]
    assert {one.verdict for one in judgements} == {"not supported"}
    assert all(one.high is not None and one.high < 0.01 for one in judgements)
    assert "below the mean of their own single languages" in judgements[0].sentence


def test_a_claim_of_several_comparisons_is_not_supported_where_none_reaches_a_point() -> None:
    """That is told beside the interval for all at once, which is wider."""
    better = study(0.08 * SEVERAL, np.random.default_rng(4), targets=OTHERS)
    one = not_always(better)
    assert one.verdict == "not supported"
    assert one.highest is not None and one.highest < 0.01
    assert f"own interval reaches above {100 * one.highest:+.1f}" in one.sentence


def test_sets_without_their_single_languages_are_counted() -> None:
    sets = [("ar",), ("zh",), ("ar", "zh"), ("ar", "de"), ("de", "fr", "zh")]
    found = helps(planted(np.zeros(5), np.random.default_rng(5), sets, targets=OTHERS))
    assert "1 of 3 sets of several languages" in found.sentence
    mixing = planted_mixing(np.zeros(5), np.random.default_rng(5), sets)
    assert "1 of 3 sets of several languages" in mingling(mixing).sentence


def test_what_cannot_be_tested_is_untested_and_says_why() -> None:
    rng = np.random.default_rng(2)
    one_seed = planted(np.zeros(42), rng, seeds=1, targets=TARGETS)
    for judgement in (helps(one_seed), not_always(one_seed), choosable(one_seed, criteria(rng))):
        assert (judgement.verdict, judgement.p) == ("untested", None)
        assert "With one seed" in judgement.sentence
    alone = planted(np.zeros(7), rng, SETS[:7], targets=TARGETS)
    assert "No set of several languages" in helps(alone).sentence
    assert "they do not combine" in choosable(alone, criteria(rng), 1).sentence
    assert "No set of 3 languages was measured" in choosable(alone, criteria(rng)).sentence
    assert "No criterion" in choosable(study(np.zeros(42), rng), {}).sentence
    some = planted(np.zeros(20), rng, SETS[:20], targets=TARGETS)
    assert "cannot be permuted" in choosable(some, criteria(rng)).sentence
    assert mingling(planted_mixing(np.zeros(42), rng).iloc[:0]).p is None


def test_a_criterion_is_judged_over_the_targets_asked_for_and_says_so() -> None:
    """A criterion that knows what helps on targets that sets were trained on, and there alone."""
    rng = np.random.default_rng(7)
    given = {"knows": criteria(rng)["criterion 1"]}
    knows = np.array(list(given["knows"].values()))
    truth = np.zeros((42, len(TARGETS)))
    truth[7:, :2] = 0.15 * (knows - knows.mean())[:, None] / (knows.max() - knows.mean())
    measured = study(truth, rng)
    everywhere, unseen = (choosable(measured, given, 3, over) for over in ("all", "unseen"))
    assert everywhere.verdict == "supported" and unseen.verdict != "supported"
    assert everywhere.sentence.startswith("On all targets")
    assert unseen.sentence.startswith("On targets that no set was trained on")
    assert everywhere.seeds_needed is None


def test_a_space_that_collapses_is_told_from_one_that_mingles() -> None:
    rng = np.random.default_rng(3)
    mixing = planted_mixing(0.3 * SEVERAL, rng)
    assert "collapsed" not in mingling(mixing).sentence
    sizes = mixing["sources"].str.count(",")
    falls = (mixing["metric"] == "label_silhouette") & (mixing["space"] == "tuned")
    mixing["value"] = mixing["value"].where(~falls, 0.3 - 0.1 * sizes)
    assert "may have collapsed" in mingling(mixing).sentence


def test_mingling_less_than_before_training_is_said() -> None:
    mixing = planted_mixing(0.3 * SEVERAL - 1, np.random.default_rng(8))
    judgement = mingling(mixing)
    assert judgement.verdict == "supported"
    assert "points of the way nearer to complete mingling than after their" in judgement.sentence
    assert "they moved away from it in training" in judgement.sentence


def test_mingling_farther_and_away_is_said_so() -> None:
    mixing = planted_mixing(-0.8 * SEVERAL - 0.7, np.random.default_rng(8))
    sentence = mingling(mixing).sentence
    assert "farther from complete mingling" in sentence
    assert "They moved away from it in training" in sentence and "All the same" not in sentence


def test_sets_without_a_target_to_compare_on_are_counted() -> None:
    sets = [*((tag,) for tag in ("ar", "de", "zh")), ("ar", "zh"), ("ar", "de", "zh")]
    found = helps(planted(np.zeros(5), np.random.default_rng(5), sets, targets=["ar", "de", "zh"]))
    assert (
        "1 of 2 sets of several languages (the one that can be compared) scores" in found.sentence
    )


def test_beyond_complete_mingling_is_no_further_than_it() -> None:
    rng = np.random.default_rng(9)
    assert mingling(planted_mixing(1 + SEVERAL, rng)).effect == pytest.approx(0)


def test_without_their_own_single_languages_sets_are_compared_with_those_there_are() -> None:
    sets = (("ar",), ("en",), ("ar", "de", "zh"))
    truth = np.array([0, 0, 0.1])
    rng = np.random.default_rng(4)
    judgement = helps(planted(truth, rng, sets, seeds=3, targets=("en", "fi", "sw")))
    assert judgement.verdict == "supported"
    assert "above the mean of the single languages, ar, en (" in judgement.sentence
    mixing = mingling(planted_mixing(3 * truth, rng, sets, seeds=3))
    assert mixing.effect == pytest.approx(0.3, abs=0.1)
    assert isinstance(mixing, Judgement)
    assert "than after the single ones (ar, en)," in mixing.sentence
    for one in (judgement, mixing):
        assert "not the sets’ own languages alone" in one.sentence


def test_the_set_that_loses_most_clearly_is_named() -> None:
    truth = np.zeros(42)
    truth[[2, 20]] = 0.05, -0.06
    judgement = not_always(study(truth, np.random.default_rng(5), seeds=5))
    assert judgement.verdict == "supported"
    assert f"clearest is {', '.join(SETS[20])}," in judgement.sentence
    assert "points below en" in judgement.sentence
    assert judgement.comparisons == 245


def test_mixing_that_a_run_lacks_is_left_out() -> None:
    mixing = planted_mixing(np.zeros(42), np.random.default_rng(6), seeds=3)
    part = mixing[~((mixing["sources"] == "ar,de,en") & (mixing["seed"] == 2))]
    others = mixing[mixing["sources"] != "ar,de,en"]
    assert mingling(part).p == pytest.approx(mingling(others).p)
