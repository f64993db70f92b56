"""Do two numbers that every source set has go together, or may that be chance?

Runs that repeat one source set with other seeds are no independent evidence, so a set counts once.
Nor are sets that share languages: were whole sets permuted, data without any association would come
out as significant in nearly half of all cases. So in the null the languages change places (see
`set_orders`), and with them the sets: a set's x meets the y of the set that it becomes. Sets keep
their sizes, so the p value asks which languages are in them, not how many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.analysis.set_orders import set_orders

FEWEST_SETS = 5
"""Four sets have 24 orders, so that even a perfect order would hardly be unlikely."""
FEWEST_ORDERS = 20
"""Different orders of the sets, the observed one among them, that a p value needs: of fewer even
the rarest has no p below 0.05."""


@dataclass(frozen=True)
class Association:
    """Spearman's correlation over source sets (-1 to 1), its two-sided p value (0 to 1), and the
    number of sets that it is over. p is None where too few orders of the languages turn enough of
    the sets into sets that were measured too, as all sets of one size do."""

    value: float
    p: float | None
    sets: int


def association(runs: pd.DataFrame, seed: int = 0) -> Association | None:
    """How x and y go together over source sets, each with the mean of its runs.

    runs: columns sources (a tuple of languages), x, y, a row a run; rows with a gap are left out.
    The p value is from orders of the languages (see `set_orders`). An order counts where it turns
    half of the sets or more, and at least FEWEST_SETS, into measured ones; the correlation is over
    these. None of fewer than FEWEST_SETS sets, or where x or y is the same of all.
    """
    sets = runs[["sources", "x", "y"]].dropna().groupby("sources")[["x", "y"]].mean()
    x, y = (sets[name].to_numpy(dtype=float) for name in ("x", "y"))
    if len(sets) < FEWEST_SETS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    images = set_orders(list(sets.index), seed)
    found = images >= 0
    enough = found.sum(axis=1) >= max(FEWEST_SETS, len(sets) / 2)
    images, found = images[enough], found[enough]
    values = _correlations(np.where(found, x, np.nan), np.where(found, y[images], np.nan))
    observed = float(values[0])
    if len(np.unique(images, axis=0)) < FEWEST_ORDERS:
        return Association(observed, None, len(sets))
    as_extreme = np.abs(values) >= abs(observed) - 1e-9
    return Association(observed, float(as_extreme.mean()), len(sets))


def _correlations(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spearman's correlation of each row of x with that of y, which have the same gaps; 0 where
    all values of a row are equal."""
    ranks, others = _ranks(x), _ranks(y)
    length = np.sqrt((ranks**2).sum(axis=1) * (others**2).sum(axis=1))
    product = (ranks * others).sum(axis=1)
    found: NDArray[np.float64]
    found = np.divide(product, length, out=np.zeros(len(x)), where=length > 0)
    return found


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks within each row, centred; 0 in the gaps."""
    from scipy.stats import rankdata

    ranks: NDArray[np.float64] = rankdata(values, axis=1, nan_policy="omit")
    ranks -= np.nanmean(ranks, axis=1, keepdims=True)
    return np.nan_to_num(ranks)
