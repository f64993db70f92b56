"""Normalised centroid distance: how far apart languages are, measured by how wide each one is."""

from __future__ import annotations

import numpy as np

from mslt_core.analysis.mixing.estimate import Pairs, jackknife
from mslt_core.analysis.mixing.space import SHUFFLES, Numbers, Space


def centroid_distances(space: Space) -> Pairs:
    """Of each pair of languages the Euclidean distance of their centroids, divided by the spread
    within them: the root of the mean of the two mean squared distances of sentences from their own
    centroid (0 and more; 0 where the centroids are one).

    The null exchanges the languages of each item's two translations at random.
    """
    vectors = space.vectors.astype(float)
    items = space.items
    centroids = vectors.mean(axis=1)
    squared = ((vectors - centroids[:, None]) ** 2).sum(axis=2)
    spread = squared.mean(axis=1)
    values = _ratio(_distances(centroids), _pooled(spread))
    without = np.empty((items, *values.shape))
    for item in range(items):
        rest = centroids + (centroids - vectors[:, item]) / (items - 1)
        of_rest = (spread - squared[:, item] / (items - 1)) * items / (items - 1)
        without[item] = _ratio(_distances(rest), _pooled(of_rest))
    return Pairs(values, jackknife(values, without), _null(space, values, spread))


def _null(space: Space, values: Numbers, spread: Numbers) -> Numbers:
    """Mean ratio after exchanges. These leave the spread of two languages together as it is: by as
    much as their centroids come nearer to each other, the spread within them grows."""
    total = _pooled(spread) * (1 + values**2 / 4)
    rng = np.random.default_rng(0)
    found = []
    for _ in range(SHUFFLES):
        signs = rng.choice((-1.0, 1.0), space.items)
        # A difference of centroids is a mean of differences, which an exchange gives the other
        # sign: so one set of signs does all pairs of languages at once.
        mean = np.einsum("i,lid->ld", signs, space.vectors) / space.items
        between = _distances(mean)
        found.append(_ratio(between, total - between**2 / 4))
    null: Numbers = np.mean(found, axis=0)
    return null


def _distances(centroids: Numbers) -> Numbers:
    from scipy.spatial.distance import cdist

    distances: Numbers = cdist(centroids, centroids)
    return distances


def _pooled(spread: Numbers) -> Numbers:
    pooled: Numbers = (spread[:, None] + spread) / 2
    return pooled


def _ratio(between: Numbers, within: Numbers) -> Numbers:
    """Undefined where there is nothing to divide by."""
    scale = np.sqrt(np.maximum(within, 0))
    ratio: Numbers = np.divide(between, scale, out=np.full(scale.shape, np.nan), where=scale > 0)
    return ratio
