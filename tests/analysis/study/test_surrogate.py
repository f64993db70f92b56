"""A cheap study foretells a dear one where both rank sets alike, and not where they do not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from mslt_core.analysis.measured import Measured
from mslt_core.analysis.study.halves import half
from mslt_core.analysis.study.surrogate import surrogate
from mslt_core.analysis.threads import one_thread
from mslt_core.spec import BadArgument
from tests.analysis.study.planted import (
    OTHERS,
    POOL,
    SINGLES_AND_TRIPLES,
    main_effects,
    planted,
)

TRIPLES = SINGLES_AND_TRIPLES[7:]


def studies(cheap: np.ndarray, dear: np.ndarray):
    """The cheap one over all sets and more targets and seeds, in another order of sets."""
    rng = np.random.default_rng(1)
    order = np.arange(41, -1, -1)
    sets = [SINGLES_AND_TRIPLES[i] for i in order]
    return (
        planted(cheap[order], rng, sets, seeds=4, targets=OTHERS[:4]),
        planted(dear[7:], rng, TRIPLES, targets=OTHERS[1:5]),
    )


def test_studies_that_rank_alike() -> None:
    truth = main_effects(SINGLES_AND_TRIPLES, np.random.default_rng(2), spread=0.08)
    cheap, dear = studies(truth, truth)
    found = surrogate(cheap, dear, 3, "unseen")
    assert (found.sets, found.targets) == (TRIPLES, OTHERS[1:4])
    assert found.spearman.low > 0.5 and found.p is not None and found.p < 0.01
    assert found.itself == pytest.approx(found.spearman.value, abs=0.2)
    common = cheap.only(TRIPLES, OTHERS[1:4]), dear.only(TRIPLES, OTHERS[1:4])
    theirs = [
        spearmanr(*(half(part, i != j).means("all") for j, part in enumerate(common))).statistic
        for i in (0, 1)
    ]
    assert found.spearman.value == pytest.approx(np.mean(theirs))


def test_unseen_targets_are_in_neither_pool() -> None:
    truth = main_effects(SINGLES_AND_TRIPLES, np.random.default_rng(2), spread=0.08)
    for which in (0, 1):
        parts = list(studies(truth, truth))
        parts[which] = replace(parts[which], pool=(*POOL, OTHERS[1]))
        assert surrogate(*parts, 3, "unseen").targets == OTHERS[2:4]
    parts[1] = replace(parts[1], pool=(*POOL, *OTHERS))
    with pytest.raises(BadArgument, match="no unseen targets in common"):
        surrogate(*parts, 3, "unseen")


def test_studies_that_do_not() -> None:
    rng = np.random.default_rng(3)
    truths = (main_effects(SINGLES_AND_TRIPLES, rng) for _ in range(2))
    found = surrogate(*studies(*truths), 3)
    assert found.p is not None and found.p > 0.05


def test_studies_with_too_little_in_common_are_refused() -> None:
    cheap, dear = studies(np.zeros(42), np.zeros(42))
    with pytest.raises(BadArgument, match="0 sets of 2 languages in common"):
        surrogate(cheap, dear, 2)
    with pytest.raises(BadArgument, match="no seen targets in common"):
        surrogate(cheap, dear, 3, "seen")


def on_the_same_items(rng: np.random.Generator, items: int = 100) -> list[Measured]:
    """Two studies in which no triple is better than another, but each item happens to suit some
    languages as sources more than others, the same in both."""
    member = np.array([[language in sources for language in POOL] for sources in TRIPLES]) / 3
    suits = member @ rng.normal(0, 2, (len(POOL), items)) + rng.normal(size=items)
    studies = []
    for _ in range(2):
        noise = rng.normal(0, 0.5, (len(TRIPLES), 2, items))
        right = (suits[:, None] + noise < 1).astype(float)
        ones = np.ones(right.shape)
        studies.append(Measured(TRIPLES, (0, 1), ("fi",), (right,), (ones,), True, "accuracy"))
    return studies


def test_luck_with_items_that_both_share_is_no_foretelling() -> None:
    with one_thread():
        pairs = [on_the_same_items(np.random.default_rng([i, 3])) for i in range(40)]
        found = [surrogate(*pair, 3) for pair in pairs]
    assert np.mean([one.p is not None and one.p < 0.05 for one in found]) <= 0.15
    assert np.mean([one.spearman.value for one in found]) == pytest.approx(0, abs=0.15)
    same = [spearmanr(*(study.means("all") for study in pair)).statistic for pair in pairs]
    assert np.mean(same) > 0.5


def test_of_one_seed_nothing_is_said_of_how_well_a_study_foretells_itself() -> None:
    rng = np.random.default_rng(4)
    one_seed = planted(np.zeros(35), rng, TRIPLES, seeds=1, targets=["fi"], items=50)
    assert surrogate(one_seed, one_seed, 3).itself is None
