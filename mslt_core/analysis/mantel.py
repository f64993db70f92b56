"""The Mantel test: do two tables over pairs of languages go together?

Cells that share a language are not independent, so the usual p value of a correlation is far too
small. Here the languages of one table are permuted, rows and columns alike (Mantel 1967).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.set_orders import PERMUTATIONS
from mslt_core.spec import BadArgument

FEWEST_LANGUAGES = 4
"""Three languages have six orders, so that no p value would be small."""


@dataclass(frozen=True)
class Correlation:
    """Spearman's correlation of two tables (-1 to 1), and its two-sided p value (0 to 1)."""

    value: float
    p: float


def mantel(
    one: NDArray[np.floating], other: NDArray[np.floating], seed: int = 0
) -> Correlation | None:
    """Spearman's correlation of two matrices over the same languages, (languages, languages).

    The diagonals are not used. Matrices need not be symmetric: of transfer from one language to
    another each direction is a cell. The p value is from PERMUTATIONS random orders, the observed
    one counted among them (Phipson and Smyth 2010), or from all orders where these are fewer.
    None where all cells of a matrix are equal. Raises BadArgument for matrices that do not fit,
    have gaps, or have fewer than FEWEST_LANGUAGES languages.
    """
    from scipy.stats import permutation_test

    languages = _languages(one, other)
    ranks, others = _ranks(one), _ranks(other)
    if not ranks.any() or not others.any():
        return None

    def correlation(order: NDArray[np.int64], axis: int = -1) -> NDArray[np.float64]:
        """order: (..., languages)"""
        permuted = others[order[..., :, None], order[..., None, :]]
        found: NDArray[np.float64] = (ranks * permuted).sum(axis=(-2, -1))
        return found

    test = permutation_test(
        (np.arange(languages),),
        correlation,
        permutation_type="pairings",
        vectorized=True,
        n_resamples=PERMUTATIONS,
        batch=1000,
        rng=np.random.default_rng(seed),
    )
    return Correlation(float(test.statistic), float(test.pvalue))


def _languages(one: NDArray[np.floating], other: NDArray[np.floating]) -> int:
    languages = len(one)
    if one.shape != (languages, languages) or other.shape != one.shape:
        raise BadArgument(
            f"The matrices are {one.shape} and {other.shape}: both must be over the same "
            "languages, in rows and in columns."
        )
    if languages < FEWEST_LANGUAGES:
        raise BadArgument(
            f"The matrices are over {languages} languages: to correlate them takes at least "
            f"{FEWEST_LANGUAGES}."
        )
    cells = ~np.eye(languages, dtype=bool)
    if not (np.isfinite(one[cells]).all() and np.isfinite(other[cells]).all()):
        raise BadArgument(
            "A matrix has a cell without a number: leave out the languages that have gaps."
        )
    return languages


def _ranks(matrix: NDArray[np.floating]) -> NDArray[np.float64]:
    """Ranks of all cells but the diagonal, centred and of unit length, with 0 on the diagonal: the
    sum of products of two such matrices is Spearman's correlation."""
    from scipy.stats import rankdata

    cells = ~np.eye(len(matrix), dtype=bool)
    ranks = np.zeros(matrix.shape)
    ranks[cells] = rankdata(matrix[cells])
    ranks[cells] -= ranks[cells].mean()
    length = np.linalg.norm(ranks)
    return ranks / length if length else ranks
