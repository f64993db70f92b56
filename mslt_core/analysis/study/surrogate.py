"""How well a cheap study foretells a dear one: probes and fine-tuned models on the same sets.

Both test on the same items, so each is scored on another half of them (see `halves`): once the
cheap one on the even and the dear one on the odd, once the other way; what is told is the mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from mslt_core.analysis.measured import Measured, Over, Sources
from mslt_core.analysis.study.halves import half
from mslt_core.analysis.study.judging import (
    FEWEST_RANKED,
    Interval,
    Numbers,
    of_draws,
    of_size,
    permuted,
    share_of_orders,
    spearman,
)
from mslt_core.spec import BadArgument


@dataclass(frozen=True)
class Surrogate:
    """How a study's ranking of sets goes with another's.

    targets: those of the group that both have; unseen are those outside both pools. spearman: the
    correlation of their scores on different items, with a 95 % bootstrap interval over the seeds
    and items of both; noise in the resamples makes it lie somewhat near 0. p: one-sided, by
    permuting languages; None where the sets are not all of their size. itself: how well the
    foretold study would foretell itself, from its own seeds (see `_itself`); None of one.
    """

    sets: tuple[Sources, ...]
    targets: tuple[str, ...]
    seeds: int
    spearman: Interval
    p: float | None
    itself: float | None


def surrogate(cheap: Measured, dear: Measured, size: int, over: Over = "all") -> Surrogate:
    """How the scores of the sets of one size in one study foretell those in another, over a group
    of the targets that both have.

    Raises BadArgument for fewer than FEWEST_RANKED common sets, or no common target of the group.
    """
    sets = tuple(dear.sets[s] for s in of_size(dear, size) if dear.sets[s] in cheap.sets)
    trained = {*cheap.pool, *dear.pool} if over == "unseen" else set()
    targets = tuple(t for t in dear.targets if t in cheap.targets and t not in trained)
    if len(sets) < FEWEST_RANKED:
        raise BadArgument(
            f"The studies have {len(sets)} sets of {size} languages in common: to compare them "
            f"takes at least {FEWEST_RANKED}."
        )
    first, second = cheap.only(sets, targets), dear.only(sets, targets)
    if not targets or not all(part.over(over).any(axis=1).all() for part in (first, second)):
        raise BadArgument(f"The studies have no {over} targets in common.")
    pairs = [(half(first, i), half(second, 1 - i)) for i in (0, 1)]
    counted = np.flatnonzero(second.over(over).sum(axis=0))
    return Surrogate(
        sets,
        tuple(second.targets[t] for t in counted),
        len(second.seeds),
        of_draws(np.mean([_correlations(*pair, over) for pair in pairs], axis=0)),
        _p(pairs, sets, over),
        _itself(second, over),
    )


def _correlations(one: Measured, other: Measured, over: Over) -> Numbers:
    """Of the measured scores, then of each resample: (1 + RESAMPLES,)."""
    both = (np.column_stack([study.means(over), study.mean_draws(over)]) for study in (one, other))
    return spearman(*both)


def _p(
    pairs: list[tuple[Measured, Measured]], sets: tuple[Sources, ...], over: Over
) -> float | None:
    """Of the mean correlation of both pairs of halves."""
    both = [permuted(one.means(over), other.means(over), sets) for one, other in pairs]
    found = [row for row in both if row is not None]
    return float(share_of_orders(np.mean(found, axis=0)[None])[0]) if found else None


def _itself(measured: Measured, over: Over) -> float | None:
    """How the mean of the seeds would go with that of as many others on other items: the mean
    correlation r of two seeds on different halves of the items, 0 at least, made that of n seeds
    by n·r / (1 + (n − 1)·r) (Spearman and Brown 1910). None of one seed."""
    n = len(measured.seeds)
    if n < 2:
        return None
    even, odd = (
        np.einsum("srt,st->rs", part.scores(), part.weights(over))
        for part in (half(measured, 0), half(measured, 1))
    )
    found = [spearman(even[a], odd[b][:, None])[0] for a, b in permutations(range(n), 2)]
    r = max(0.0, float(np.mean(found)))
    return n * r / (1 + (n - 1) * r)
