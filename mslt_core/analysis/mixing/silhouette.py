"""Silhouettes: do points lie nearer to their own group than to the next one? (Rousseeuw 1987)

Distance is 1 - cosine, of vectors centred on the mean of all points.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.mixing.estimate import Estimate, estimate, jackknife
from mslt_core.analysis.mixing.space import (
    SHUFFLES,
    Numbers,
    Space,
    Vectors,
    centred,
    shuffles,
)

Part = Callable[[int], tuple[Numbers, Numbers]]
"""Of one item what it adds to the sums and to the numbers of `_scores`."""


def language_silhouette(space: Space, cosines: Vectors) -> Estimate | None:
    """Silhouette by language, mean over points (-1 to 1; 0 is mingled, 1 far apart).

    cosines: of all pairs of its centred points. The null deals languages anew within each item.
    None where the space has fewer than two languages.
    """
    languages, items = len(space.languages), space.items
    if languages < 2:
        return None
    own = np.repeat(np.arange(languages), items)
    by_item = cosines.reshape(-1, languages, items)

    def of_item(item: int) -> tuple[Numbers, Numbers]:
        return by_item[:, :, item].astype(float), np.ones(languages)

    vectors = centred(space)
    sums, counts = _language_sums(vectors), items - _is_own(own, languages)
    value = float(_scores(sums, counts, own).mean())
    without = _without_each(sums, counts, own, items, of_item)
    shuffled = [
        _scores(_language_sums(np.take_along_axis(vectors, deal[:, :, None], axis=0)), counts, own)
        for deal in shuffles(languages, items)
    ]
    return estimate(value, jackknife(np.array(value), without), float(np.mean(shuffled)))


def label_silhouette(space: Space) -> Estimate | None:
    """Silhouette by class of all languages' points together, mean over points (-1 to 1).

    A point is not compared with translations of itself: a class held together by translations
    alone is none. A point whose class has no other item counts 0. The null shuffles the classes
    of items. None where items have no or one class, or all have one of their own.
    """
    classes, label = np.unique(space.labels or (), return_inverse=True)
    if len(space.languages) < 2 or not 1 < len(classes) < space.items:
        return None
    languages, items = len(space.languages), space.items
    # Of each point the sum of its cosines with all translations of an item: (points, items).
    vectors = centred(space)
    to_items = np.einsum("lid,jd->lij", vectors, vectors.sum(axis=0), optimize=True)
    to_items = to_items.reshape(-1, items).astype(float)
    to_itself = to_items[np.arange(len(to_items)), np.tile(np.arange(items), languages)]

    def measured(label: NDArray[np.int64]) -> tuple[Numbers, Numbers, NDArray[np.int64]]:
        one_hot = np.eye(len(classes))[label]
        own = np.tile(label, languages)
        is_own = _is_own(own, len(classes))
        sums = to_items @ one_hot - to_itself[:, None] * is_own
        return sums, languages * (one_hot.sum(axis=0) - is_own), own

    def of_item(item: int) -> tuple[Numbers, Numbers]:
        of_class = np.eye(len(classes))[label[item]]
        return np.outer(to_items[:, item], of_class), languages * of_class

    value = float(_scores(*measured(label)).mean())
    without = _without_each(*measured(label), items, of_item)
    rng = np.random.default_rng(0)
    null = np.mean([_scores(*measured(rng.permutation(label))).mean() for _ in range(SHUFFLES)])
    return estimate(value, jackknife(np.array(value), without), float(null))


def pair_silhouettes(space: Space) -> Numbers:
    """Silhouette by language of each two languages alone: (languages, languages)."""
    languages, items = len(space.languages), space.items
    own = np.repeat(np.arange(languages), items)
    distances = 1 - _language_sums(centred(space)) / (items - _is_own(own, languages))
    within = np.maximum(distances[np.arange(len(own)), own], 0)[:, None]
    between = np.maximum(distances, 0)
    larger = np.maximum(within, between)
    scores = np.divide(between - within, larger, out=np.zeros(larger.shape), where=larger > 0)
    one_way = scores.reshape(languages, items, languages).mean(axis=1)
    both: Numbers = (one_way + one_way.T) / 2
    return both


def _language_sums(vectors: Vectors) -> Numbers:
    """Of each point the sum of its cosines with the points of each language but itself."""
    languages, items, dimensions = vectors.shape
    points = vectors.reshape(-1, dimensions)
    sums: Numbers = (points @ vectors.sum(axis=1).T).astype(float)
    sums[np.arange(len(sums)), np.repeat(np.arange(languages), items)] -= (points**2).sum(axis=1)
    return sums


def _is_own(own: NDArray[np.int64], groups: int) -> Numbers:
    """1 where a point belongs to a group: (points, groups)."""
    is_own: Numbers = np.eye(groups)[own]
    return is_own


def _scores(sums: Numbers, counts: Numbers, own: NDArray[np.int64]) -> Numbers:
    """Silhouette of each point (points,), from the sums of its cosines with the points of each
    group, those that it is not compared with left out, and their numbers: (points, groups)."""
    # Rounding makes cosines of equal vectors a little more than 1.
    distances = np.maximum(1 - sums / np.maximum(counts, 1), 0)
    distances = np.where(counts > 0, distances, np.inf)
    rows = np.arange(len(own))
    within = distances[rows, own]
    distances[rows, own] = np.inf
    between = distances.min(axis=1)
    larger = np.maximum(within, between)
    defined = np.isfinite(larger) & (larger > 0)
    difference = np.where(defined, between - within, 0.0)
    scores: Numbers = np.divide(difference, larger, out=np.zeros(len(own)), where=defined)
    return scores


def _without_each(
    sums: Numbers, counts: Numbers, own: NDArray[np.int64], items: int, of_item: Part
) -> Numbers:
    """Mean silhouette without each item, (items,)."""
    item_of = np.tile(np.arange(items), len(sums) // items)
    found = np.empty(items)
    for item in range(items):
        sum_of_item, count_of_item = of_item(item)
        left = item_of != item
        scores = _scores(sums - sum_of_item, counts - count_of_item, own)
        found[item] = scores[left].mean()
    return found
