"""Retrieval: is the nearest sentence of another language the translation?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.mixing.estimate import Pairs, jackknife
from mslt_core.analysis.mixing.space import Numbers, Space, centred, cosines


def retrieval(space: Space) -> Pairs:
    """Of each pair of languages the share of sentences whose nearest one of the other language, by
    the cosine, is their translation; mean of both directions (0 to 1).

    Vectors are centred per language first: what all sentences of a language share says nothing of
    their meaning. The null is 1 / items, exactly what is expected when translations are paired
    at random.
    """
    languages, items = len(space.languages), space.items
    compared = cosines(centred(space, by_language=True))
    compared = compared.reshape(languages, items, languages, items)
    best = compared.argmax(axis=3)
    np.put_along_axis(compared, best[..., None], -np.inf, axis=3)
    second = compared.argmax(axis=3)
    right = best == np.arange(items)[:, None]
    values = _both_ways(right.mean(axis=1))
    contributions = jackknife(values, _without_each(right, best, second))
    return Pairs(values, contributions, np.full(values.shape, 1 / items))


def _without_each(
    right: NDArray[np.bool_], best: NDArray[np.int64], second: NDArray[np.int64]
) -> Numbers:
    """Values without each item, (items, languages, languages).

    All are (languages, items, languages): whether the best answer to a question is right, and
    which are the best and the second best. Left out, an item asks no more, and questions that it
    was the wrong answer to get their second best one.
    """
    languages, items, _ = right.shape
    corrected = np.nonzero(second == np.arange(items)[:, None])
    gained = np.zeros((items, languages, languages))
    np.add.at(gained, (best[corrected], corrected[0], corrected[2]), 1)
    lost = right.transpose(1, 0, 2)
    return _both_ways((right.sum(axis=1) - lost + gained) / (items - 1))


def _both_ways(one_way: Numbers) -> Numbers:
    both: Numbers = (one_way + np.swapaxes(one_way, -1, -2)) / 2
    return both
