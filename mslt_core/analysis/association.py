"""Do two numbers that every source set has go together, or may that be chance?

Runs that repeat one source set with other seeds are no independent evidence: they would make the
usual p value of a correlation far too small. So a source set counts once, and in the null all that
belongs to it moves together, as languages do in the test of Mantel (see `mantel`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PERMUTATIONS = 9999
FEWEST_SETS = 5
"""Four sets have 24 orders, so that even a perfect order would hardly be unlikely."""


@dataclass(frozen=True)
class Association:
    """Spearman's correlation over source sets (-1 to 1), its two-sided p value (0 to 1), and the
    number of sets that it is over."""

    value: float
    p: float
    sets: int


def association(runs: pd.DataFrame, seed: int = 0) -> Association | None:
    """How x and y go together over source sets, each with the mean of its runs.

    runs: columns sources, x, y, a row a run; rows with a gap are left out. The p value is from
    PERMUTATIONS random orders of the sets, the observed one counted among them (Phipson and Smyth
    2010), or from all orders where these are fewer. None of fewer than FEWEST_SETS sets, or where
    x or y is the same of all.
    """
    from scipy.stats import permutation_test

    sets = runs[["sources", "x", "y"]].dropna().groupby("sources")[["x", "y"]].mean()
    if len(sets) < FEWEST_SETS:
        return None
    ranks, others = (_ranks(sets[name].to_numpy(dtype=float)) for name in ("x", "y"))
    if not ranks.any() or not others.any():
        return None

    def correlation(order: NDArray[np.int64], axis: int = -1) -> NDArray[np.float64]:
        """order: (..., sets)"""
        found: NDArray[np.float64] = (ranks * others[order]).sum(axis=-1)
        return found

    test = permutation_test(
        (np.arange(len(sets)),),
        correlation,
        permutation_type="pairings",
        vectorized=True,
        n_resamples=PERMUTATIONS,
        batch=1000,
        rng=np.random.default_rng(seed),
    )
    return Association(float(test.statistic), float(test.pvalue), len(sets))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks, centred and of unit length: the sum of products of two such rows is Spearman's
    correlation. All 0 where the values are equal."""
    from scipy.stats import rankdata

    ranks: NDArray[np.float64] = rankdata(values) - (len(values) + 1) / 2
    length = np.linalg.norm(ranks)
    return ranks / length if length else ranks
