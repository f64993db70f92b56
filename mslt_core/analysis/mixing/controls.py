"""Controls of the shape of a space: one that has collapsed looks mingled."""

from __future__ import annotations

import numpy as np

from mslt_core.analysis.mixing.estimate import Estimate, estimate, jackknife
from mslt_core.analysis.mixing.space import Numbers, Space

ROUNDING = 1e-12
"""Share of the largest variance below which a direction has none."""


def effective_rank(space: Space) -> Estimate | None:
    """How many directions the points fill: the exponential of the entropy of the singular values
    of all centred points, divided by their sum (1 to d; Roy and Vetterli 2007).

    Contributions are those of the infinitesimal jackknife (Efron 1982): the derivative by an
    item's weight, since leaving out each item in turn would take hundreds of decompositions.
    """
    points = space.points.astype(float)
    points -= points.mean(axis=0)
    variances, directions = np.linalg.eigh(points.T @ points / len(points))
    # Rounding gives directions without variance a little of it.
    kept = variances > ROUNDING * max(variances[-1], ROUNDING)
    if not kept.any() or len(space.languages) < 2:
        return None
    variances, directions = variances[kept], directions[:, kept]
    singular = np.sqrt(variances)
    shares = singular / singular.sum()
    entropy = float(-(shares * np.log(shares)).sum())
    rank = float(np.exp(entropy))
    slope = -rank * (np.log(shares) + entropy) / (2 * singular * singular.sum())
    along = (points @ directions) ** 2
    by_item = along.reshape(len(space.languages), space.items, -1).mean(axis=0)
    return estimate(rank, rank + by_item @ slope)


def anisotropy(space: Space) -> Estimate | None:
    """Mean cosine of two sentences that are not translations of one another, over all languages
    (-1 to 1; near 1 all vectors point the same way)."""
    if len(space.languages) < 2:
        return None
    items = space.items
    # The mean over languages comes first: a mean of cosines is the cosine of means.
    means = space.vectors.mean(axis=0, dtype=float)
    total = means.sum(axis=0)
    of_item: Numbers = means @ total - (means**2).sum(axis=1)
    value = of_item.sum() / (items * (items - 1))
    without = (of_item.sum() - 2 * of_item) / ((items - 1) * (items - 2))
    return estimate(float(value), jackknife(value, without))
