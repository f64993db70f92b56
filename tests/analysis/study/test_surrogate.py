"""A cheap study foretells a dear one where both rank sets alike, and not where they do not."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from mslt_core.analysis.study.surrogate import surrogate
from mslt_core.spec import BadArgument
from tests.analysis.study.planted import (
    OTHERS,
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
    assert found.between_seeds == pytest.approx(found.spearman.value, abs=0.2)
    common = cheap.only(TRIPLES, OTHERS[1:4]), dear.only(TRIPLES, OTHERS[1:4])
    theirs = spearmanr(*(part.means("all") for part in common)).statistic
    assert found.spearman.value == pytest.approx(theirs)


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
