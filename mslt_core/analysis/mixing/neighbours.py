"""Nearest neighbours: are those of a sentence in its own language, or in any?

Neighbours are the points with the highest cosines, once all are centred on their mean. The point
itself is excluded, its translations are not: mixing does not ask which sentence is which.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.mixing.estimate import Estimate, estimate, jackknife
from mslt_core.analysis.mixing.space import Numbers, Space, Vectors, shuffles

NEIGHBOURS = 30
AT_A_TIME = 500
"""Points whose neighbours are looked for together: of all at once the places fill more memory than
the cosines."""

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class NeighbourMixing:
    """mixing: entropy of the languages among a point's neighbours, divided by its expected value
    under perfect mixing (0: all of one language; 1: as if drawn at random; a little more where
    translations crowd together, so that languages are spread more evenly than by chance).
    share: the share of neighbours in the point's own language (0 to 1). Means over points."""

    mixing: Estimate | None
    share: Estimate | None


def neighbours(items: int) -> int:
    """How many neighbours are looked at: no more than half of the sentences of a language, or one
    that lies far from all others could not have neighbours of its own alone."""
    return min(NEIGHBOURS, items // 2)


def neighbour_mixing(space: Space, cosines: Vectors) -> NeighbourMixing:
    """How mingled neighbourhoods are. cosines: of all pairs of its centred points.

    The null deals languages anew within each item. None where the space has fewer than two
    languages.
    """
    languages, items = len(space.languages), space.items
    if languages < 2:
        return NeighbourMixing(None, None)
    k = neighbours(items)
    # Enough for k to be left when all translations of one item are left out.
    near = _nearest(cosines, k + languages)
    language, item_near = near // items, near % items
    own, item_of = np.repeat(np.arange(languages), items), np.tile(np.arange(items), languages)
    perfect = expected_entropy(languages, items, k)

    def scores(of_neighbours: Places, of_points: Places) -> Numbers:
        return np.stack(
            [
                _entropies(of_neighbours, languages) / perfect,
                (of_neighbours == of_points[:, None]).mean(axis=1),
            ]
        )

    by_point = scores(language[:, :k], own)
    without = np.empty((items, 2))
    for item in range(items):
        changed, left = _left_without(item_near, item, k)
        rest = by_point.copy()
        rest[:, changed] = scores(language[changed][left].reshape(-1, k), own[changed])
        without[item] = rest[:, item_of != item].mean(axis=1)
    value = by_point.mean(axis=1)
    null = np.mean(
        [
            scores(deal.ravel()[near[:, :k]], deal.ravel()).mean(axis=1)
            for deal in shuffles(languages, items)
        ],
        axis=0,
    )
    terms = jackknife(value, without)
    mixing, share = (
        estimate(float(value[i]), terms[:, i], float(null[i])) for i in range(len(value))
    )
    return NeighbourMixing(mixing, share)


def pair_mixing(space: Space, cosines: Vectors) -> Numbers:
    """Neighbour mixing of each two languages alone: (languages, languages), 1 on the diagonal.

    cosines: of all pairs of the space's centred points.
    """
    languages, items = len(space.languages), space.items
    k = neighbours(items)
    perfect = expected_entropy(2, items, k)
    blocks = cosines.reshape(languages, items, languages, items)
    found = np.ones((languages, languages))
    for a in range(languages):
        for b in range(a + 1, languages):
            two = np.ix_([a, b], range(items), [a, b], range(items))
            near = _nearest(blocks[two].reshape(2 * items, 2 * items), k)
            found[a, b] = found[b, a] = _entropies(near // items, 2).mean() / perfect
    return found


def expected_entropy(languages: int, items: int, k: int) -> float:
    """Entropy (in nats) that is expected of the languages of k neighbours drawn at random.

    It is below log(languages), since few neighbours cannot show all languages evenly. The number
    of each language among them is hypergeometric: of `items` points, of one's own one fewer.
    """
    from scipy.special import entr
    from scipy.stats import hypergeom

    drawn = np.arange(k + 1)
    points = languages * items - 1
    terms = entr(drawn / k)
    own, other = (terms @ hypergeom.pmf(drawn, points, n, k) for n in (items - 1, items))
    return float(own + (languages - 1) * other)


def _nearest(cosines: Vectors, k: int) -> Places:
    """Places of the k nearest other points of each point, the nearest first: (points, k).

    Points are looked through in a random order, so that of points equally near (as all are in a
    collapsed space) it is not those of the first language that are taken.
    """
    points = len(cosines)
    order = np.random.default_rng(0).permutation(points)
    place = np.argsort(order)
    near = np.empty((points, k), dtype=np.int64)
    for start in range(0, points, AT_A_TIME):
        rows = np.arange(start, min(start + AT_A_TIME, points))
        shuffled = cosines[start : start + AT_A_TIME, order]
        shuffled[np.arange(len(rows)), place[rows]] = -np.inf
        top = np.argpartition(shuffled, points - k, axis=1)[:, points - k :]
        by_rank = np.argsort(-np.take_along_axis(shuffled, top, axis=1), axis=1)
        near[rows] = order[np.take_along_axis(top, by_rank, axis=1)]
    return near


def _left_without(item_near: Places, item: int, k: int) -> tuple[Places, NDArray[np.bool_]]:
    """Which points lose a neighbour when an item is left out, and which k of their neighbours are
    then the nearest. item_near: items of each point's neighbours, more than k, nearest first."""
    changed = np.flatnonzero((item_near[:, :k] == item).any(axis=1))
    left = item_near[changed] != item
    return changed, left & (left.cumsum(axis=1) <= k)


def _entropies(languages_near: Places, languages: int) -> Numbers:
    """Entropy (in nats) of the languages of each point's neighbours (points, k): (points,)."""
    from scipy.special import entr

    points, k = languages_near.shape
    places = languages_near + languages * np.arange(points)[:, None]
    counts = np.bincount(places.ravel(), minlength=points * languages)
    entropies: Numbers = entr(counts.reshape(points, languages) / k).sum(axis=1)
    return entropies
