"""All source sets of one size from a pool, from the best to the worst, ties shown as ties."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mslt_core.spec import BadArgument

MOST_SETS = 100_000

TOLERANCE = 1e-9
"""Scores nearer to each other than this share of the largest are equal: sums differ in their last
digits by the order of adding. The nearest that differ in earnest are far more apart."""


@dataclass(frozen=True)
class Choice:
    """What is chosen from: all sets of k languages of the pool that contain some.

    Raises BadArgument, naming the field and what is allowed.
    """

    pool: tuple[str, ...]
    k: int
    must_contain: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    """What the sources are to be near to; none: they are to be diverse."""

    def __post_init__(self) -> None:
        for field in ("pool", "must_contain", "targets"):
            tags = getattr(self, field)
            repeated = sorted({tag for tag in tags if tags.count(tag) > 1})
            if repeated:
                raise BadArgument(
                    f"{field} names {', '.join(repeated)} twice: name each language once."
                )
        if not self.pool:
            raise BadArgument("pool is empty: name the languages to choose from, such as ar,de,zh.")
        if not 1 <= self.k <= len(self.pool):
            raise BadArgument(
                f"k is {self.k}: it must be from 1 to {len(self.pool)}, the size of the pool."
            )
        foreign = [tag for tag in self.must_contain if tag not in self.pool]
        if foreign:
            raise BadArgument(f"must_contain: {', '.join(foreign)} is not in the pool: add it.")
        if len(self.must_contain) > self.k:
            raise BadArgument(
                f"must_contain names {len(self.must_contain)} languages, and k is {self.k}: "
                "name at most as many."
            )
        count = math.comb(len(self.pool) - len(self.must_contain), self.k - len(self.must_contain))
        if count > MOST_SETS:
            raise BadArgument(
                f"There are {count:,} sets of {self.k} languages in this pool, and at most "
                f"{MOST_SETS:,} are ranked: take a smaller pool or k."
            )

    def sets(self) -> list[tuple[str, ...]]:
        """All of them, each sorted, in the order of their names."""
        free = [tag for tag in self.pool if tag not in self.must_contain]
        rest = self.k - len(self.must_contain)
        found = (tuple(sorted(self.must_contain + more)) for more in combinations(free, rest))
        return sorted(found)


@dataclass(frozen=True)
class Ranked:
    """A source set and its place."""

    languages: tuple[str, ...]
    score: float
    rank: int
    """1 + the number of sets that are strictly better."""
    tied: bool
    """Whether another set has the same score."""


def rank(sets: Sequence[tuple[str, ...]], scores: NDArray[np.float64]) -> list[Ranked]:
    """The sets from the highest score to the lowest; those with the same score by their names."""
    order = np.argsort(-scores, kind="stable")
    falls = -np.diff(scores[order]) > TOLERANCE * np.abs(scores).max()
    group = np.concatenate([[0], np.cumsum(falls)])
    _, first, size = np.unique(group, return_index=True, return_counts=True)
    found = [
        Ranked(sets[i], float(scores[i]), int(first[of]) + 1, bool(size[of] > 1))
        for i, of in zip(order, group, strict=True)
    ]
    return sorted(found, key=lambda one: (one.rank, one.languages))
