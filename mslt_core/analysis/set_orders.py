"""Source sets under permuted languages: which set takes the place of each.

Sets share languages, so they are not independent, and whole sets must not be permuted. Under the
null hypothesis the languages change places, as in the test of Mantel (1967), and with them the
sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import NDArray

PERMUTATIONS = 9999


def set_orders(sets: Sequence[tuple[str, ...]], seed: int = 0) -> NDArray[np.int64]:
    """Which set takes the place of each in orders of the languages, the observed order first:
    (orders, sets), numbers of sets, -1 where that one is not among them.

    The orders are PERMUTATIONS random ones and the observed one (Phipson and Smyth 2010), or all
    where these are fewer. sets: different ones; a set is the same whatever order it is written in.
    """
    languages = sorted({tag for tags in sets for tag in tags})
    holds = np.array([[tag in tags for tag in languages] for tags in sets], dtype=np.uint64)
    rng = np.random.default_rng(seed)
    orders = _orders(len(languages), rng)
    # A set is known by the sum of its languages' numbers, which are too large to meet by chance.
    numbers = rng.integers(2**63, size=len(languages), dtype=np.uint64)
    keys = holds @ numbers
    by_key = np.argsort(keys)
    wanted = numbers[orders] @ holds.T
    place = np.minimum(np.searchsorted(keys[by_key], wanted), len(sets) - 1)
    found: NDArray[np.int64] = np.where(keys[by_key][place] == wanted, by_key[place], -1)
    return found


def _orders(number: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Orders of so many languages: (orders, languages)."""
    if factorial(number) <= PERMUTATIONS:
        return np.array(list(permutations(range(number))))
    observed = np.arange(number)
    drawn = rng.permuted(np.tile(observed, (PERMUTATIONS, 1)), axis=1)
    return np.vstack([observed, drawn])
