"""A criterion's pick, its correlations and its p value: known answers and the right size."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

from mslt_core.analysis.study.judging import judge, judge_pick, permutation_p
from mslt_core.spec import BadArgument
from tests.analysis.study.planted import OTHERS, POOL, main_effects, planted

TRIPLES = tuple(combinations(POOL, 3))


def study(truth: np.ndarray, items: int = 200, seeds: int = 2):
    return planted(truth, np.random.default_rng(1), TRIPLES, seeds, items, targets=OTHERS)


def test_a_criterion_that_knows_the_truth_picks_the_best() -> None:
    truth = np.linspace(0, 0.15, 35)
    found = judge(study(truth, items=400), dict(zip(TRIPLES, truth, strict=True)), 3)
    assert found.picks == (TRIPLES[-1],)
    assert found.rank.value <= 3 and found.rank.low >= 1
    assert found.spearman.value > 0.9 and found.spearman.low > 0.8
    assert found.regret.low == 0 and found.regret.value < 0.02
    assert found.random_rank == 18
    assert found.random_regret.value == pytest.approx(0.075, abs=0.02)
    assert found.p is not None and found.p < 0.01


def test_correlations_are_those_of_scipy_ties_included() -> None:
    block = study(np.zeros(35))
    scripts = {sources: float(len({"ar", "ru", "zh"} & {*sources})) for sources in TRIPLES}
    found = judge(block, scripts, 3)
    given, values = list(scripts.values()), block.means("all")
    assert found.spearman.value == pytest.approx(spearmanr(given, values).statistic)
    assert found.kendall.value == pytest.approx(kendalltau(given, values).statistic)


def test_tied_picks_have_the_expected_rank_of_one_drawn_from_them() -> None:
    block = study(np.zeros(35))
    scores = dict.fromkeys(TRIPLES, 0.0)
    everything = judge(block, scores, 3)
    assert everything.picks == TRIPLES
    assert everything.rank.value == everything.random_rank == 18
    assert everything.regret == everything.random_regret
    assert np.isnan(everything.spearman.value)
    values = block.means("all")
    two = judge(block, scores | {TRIPLES[3]: 1.0, TRIPLES[8]: 1.0}, 3)
    assert two.measured_regret == pytest.approx(values.max() - values[[3, 8]].mean())


def test_a_pick_without_a_criterion_does_as_one_that_a_criterion_picks() -> None:
    block = study(np.linspace(0, 0.15, 35))
    one_hot = {sources: float(sources == TRIPLES[8]) for sources in TRIPLES}
    found, judged = judge_pick(block, [TRIPLES[8]], 3), judge(block, one_hot, 3)
    assert {name: getattr(judged, name) for name in vars(found)} == vars(found)
    assert [score.value for score in found.scores] == block.means("all").tolist()
    assert all(score.low < score.value < score.high for score in found.scores)
    assert found.best == TRIPLES[int(block.means("all").argmax())]


def test_sets_that_cannot_be_scored_are_named_and_still_ranked_among() -> None:
    scores = {sources: float("zh" in sources) for sources in TRIPLES if "ru" not in sources}
    found = judge(study(np.zeros(35)), scores | {("ar", "de", "ru"): float("nan")}, 3)
    assert {sources for sources in TRIPLES if "ru" in sources} == {*found.not_scored}
    assert found.random_rank == 18
    assert found.p is not None  # the 20 others are all triples of six languages
    part = {sources: 1.0 * s for s, sources in enumerate(TRIPLES[:11])}
    assert judge(study(np.zeros(35)), part, 3).p is None
    with pytest.raises(BadArgument, match="a score of 2 measured sets"):
        judge(study(np.zeros(35)), dict.fromkeys(TRIPLES[:2], 1.0), 3)


def test_permuting_languages_keeps_the_size_where_permuting_sets_does_not() -> None:
    """Languages differ, and the criterion is of other differences of the same languages."""
    by_language, by_set = [], []
    for i in range(400):
        rng = np.random.default_rng(i)
        given, values = (main_effects(TRIPLES, rng) for _ in range(2))
        by_language.append(permutation_p(given[None], values, TRIPLES)[0])
        by_set.append(spearmanr(given, values, alternative="greater").pvalue)
    assert 0.03 <= np.mean(np.array(by_language) <= 0.05) <= 0.07
    assert np.mean(np.array(by_set) <= 0.05) > 0.2


def test_several_criteria_are_adjusted_for_and_equal_ones_are_not() -> None:
    rng = np.random.default_rng(8)
    values = main_effects(TRIPLES, rng)
    given = np.array([values + rng.normal(0, 0.01, 35), *(rng.random((4, 35)))])
    alone, five = permutation_p(given[:1], values, TRIPLES), permutation_p(given, values, TRIPLES)
    twice = permutation_p(given[[0, 0]], values, TRIPLES)
    assert alone is not None and five is not None and twice is not None
    assert alone[0] <= five[0] <= 5 * alone[0] + 1e-9
    assert twice.tolist() == [alone[0]] * 2
    constant = permutation_p(np.zeros((1, 35)), values, TRIPLES)
    assert constant is not None and constant[0] == 1


def test_a_permutation_moves_sets_as_it_moves_languages() -> None:
    """Over pairs it is the Mantel test of two symmetric matrices."""
    from mslt_core.analysis.mantel import mantel

    languages = POOL[:5]
    pairs = list(combinations(languages, 2))
    rng = np.random.default_rng(4)
    given, values = rng.normal(size=(2, 10))
    matrices = np.zeros((2, 5, 5))
    for pair, one, other in zip(pairs, given, values, strict=True):
        i, j = (languages.index(language) for language in pair)
        matrices[:, i, j] = matrices[:, j, i] = one, other
    two_sided = mantel(*matrices)
    one_sided = permutation_p(given[None], values, pairs)
    assert two_sided is not None and one_sided is not None
    assert two_sided.p == pytest.approx(2 * min(one_sided[0], 1 - one_sided[0]), abs=0.02)


def test_regret_covers_the_truth_though_the_best_measured_is_lucky() -> None:
    covered, errors, plain = 0, [], []
    for i in range(40):
        rng = np.random.default_rng(i)
        truth = main_effects(TRIPLES, rng)
        found = judge(
            planted(truth, rng, TRIPLES, targets=OTHERS[:1]), {s: rng.random() for s in TRIPLES}, 3
        )
        true = truth.max() - truth[TRIPLES.index(found.picks[0])]
        covered += found.regret.low <= true <= found.regret.high
        errors.append(found.regret.value - true)
        plain.append(found.measured_regret - true)
    assert covered >= 32
    assert abs(np.mean(errors)) < np.mean(plain) / 2
