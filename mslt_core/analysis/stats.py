"""Intervals: how sure a mean score, or the difference of two, is.

A score is a mean over seeds and test items, and both are samples. The bootstrap resamples both
at once: every resample draws seeds with replacement and items with replacement, so the interval
says what other seeds and other sentences would have given. Targets are not resampled: they are
what a person chose to look at.

Few seeds tell little of what others would have given: of one seed the interval covers the choice
of items alone. Of more, what it covers depends on how much the seeds spread. Measured on paired
differences over 204 items, an interval of 95 % covers the truth with a chance of

- 0.95 or more, of 2 to 8 seeds, where seeds spread as much as the standard error over items;
- 0.92 to 0.96 where they spread twice as much;
- 0.82 of 2 seeds, 0.86 of 3, 0.89 of 4 and 0.93 of 8 where they spread four times as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
LEVEL = 0.95
FEW_SEEDS = 4
"""With fewer seeds than this an interval over seeds may be too narrow: say so, and show the points
too."""
ONE_SEED = "An interval of one seed covers the choice of test sentences, not the luck of training."
SOME_SEEDS = (
    "From {seeds} seeds alone, an interval may come out too narrow where training's luck "
    "outweighs the sentences'."
)


Sums = tuple[NDArray[np.number], NDArray[np.number]]
"""The two parts of a ratio of sums over items, by seed and item: arrays (..., seeds, items)."""


def bootstrap(cells: Sequence[Sums], shared_items: bool, seed: int = 0) -> NDArray[np.float64]:
    """Resampled scores of several targets, (targets, ..., RESAMPLES), for `interval`.

    cells: of each target what every item adds to the two sums whose ratio is the score, for
    equally many seeds, of one model or several (the leading axes); a score is the mean over seeds
    of the ratio (0 where both sums are). All models share the resampled seeds and items, all
    targets share the resampled seeds; where shared_items says that item i is the same item in
    every target (a parallel task), they share the resampled items too, so that means over targets
    are no surer than they should be. So do two calls with cells of the same shapes: the
    difference of their results is that of a paired comparison.

    The two-way scheme is the pigeonhole bootstrap (Owen 2007, arXiv 0712.1111), which errs on the
    wide side unless the seeds spread much more than the items let expect: see above. Raises
    ValueError for cells that do not fit.
    """
    if not cells:
        return np.empty((0, RESAMPLES))
    seeds = {part.shape[-2] for cell in cells for part in cell}
    sizes = {part.shape[-1] for cell in cells for part in cell}
    unequal = any(right.shape != of.shape for right, of in cells)
    if unequal or len(seeds) != 1 or 0 in seeds | sizes or (shared_items and len(sizes) != 1):
        raise ValueError("cells must be (seeds, items), not empty, with equal numbers of seeds")
    number = seeds.pop()
    by_seed = _times_drawn(number, seed, stream=0) / number
    draws = np.empty((len(cells), *cells[0][0].shape[:-2], RESAMPLES))
    for t, (right, of) in enumerate(cells):
        stream = 1 if shared_items else t + 1
        by_item = _times_drawn(right.shape[-1], seed, stream)
        added, of_which = (part.reshape(-1, part.shape[-1]) for part in (right, of))
        if (of_which == of_which[0]).all():  # as of an accuracy: one product does
            of_which = of_which[:1]
        sums = added @ by_item.T
        scores = ratio(sums, np.broadcast_to(of_which @ by_item.T, sums.shape))
        scores = scores.reshape(*right.shape[:-1], RESAMPLES)
        draws[t] = np.einsum("...nr,rn->...r", scores, by_seed)
    return draws


def ratio(right: NDArray[np.number], of: NDArray[np.number]) -> NDArray[np.float64]:
    """Their quotient, 0 where both are 0; same shapes."""
    quotient: NDArray[np.float64] = np.divide(right, of, out=np.zeros(of.shape), where=of > 0)
    return quotient


def interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    """Ends of the 95 % percentile interval of resampled values (RESAMPLES,)."""
    low, high = np.quantile(draws, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def seeds_caveat(seeds: int) -> str:
    """What to bear in mind of an interval over so many seeds, in a sentence; empty where they are
    not few."""
    if seeds == 1:
        return ONE_SEED
    return SOME_SEEDS.format(seeds=seeds) if seeds < FEW_SEEDS else ""


def p_number(p: float) -> str:
    """A p value to three decimals."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def p_value(p: float) -> str:
    """The same for a sentence: `p < 0.001` or `p = 0.012`."""
    return f"p {p_number(p)}" if p < 0.001 else f"p = {p_number(p)}"


@lru_cache(maxsize=64)
def _times_drawn(n: int, seed: int, stream: int) -> NDArray[np.float64]:
    """How often each of n things is drawn in each resample, (RESAMPLES, n): whole numbers, so that
    sums of answers are exact and ties stay ties."""
    drawn = np.random.default_rng((seed, stream, n)).integers(n, size=(RESAMPLES, n))
    drawn += n * np.arange(RESAMPLES)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=RESAMPLES * n)
    return counts.reshape(RESAMPLES, n).astype(float)
