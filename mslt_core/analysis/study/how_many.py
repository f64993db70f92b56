"""How many source languages: score against the size of the source set, at a fixed budget."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import comb, nan
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.analysis.measured import OVER, Measured, Over
from mslt_core.analysis.stats import interval
from mslt_core.analysis.study.contrasts import Ends, Noisy, Numbers, noisy, own_singles

POINTS = ["over", "k", "sources", "value", "low", "high", "targets", "items"]
BEHIND = ["behind", "behind_low", "behind_high"]
ABOVE = ["above", "above_low", "above_high", "above_sets"]
SIZES = ["over", "k", "possible", "sets", "value", "low", "high", *BEHIND, *ABOVE]
SEEDS = ["over", "k", "seed", "value"]
LINES = ["over", "line", "sources", "value", "low", "high"]
GAINS = ["over", "value", "low", "high", "best_k", "enough_k", "paired_k"]

Rows = list[tuple[object, ...]]


class _Size(NamedTuple):
    """A size, how many sets have it, and their mean with its interval."""

    k: int
    sets: int
    value: float
    low: float
    high: float


Sizes = list[_Size]


FEW_SETS = 3
"""Fewer of a size, where the pool makes more, tell of their languages as much as of its number."""


@dataclass(frozen=True, eq=False)
class HowMany:
    """Tables over all targets, over those that a set was trained on (other ones for each set), and
    over the unseen: those that no set was trained on, the same for all. A group without a target
    has no rows. Of the targets that sets were trained on only those count that sets of every size
    were trained on, and each size has all of them with the same weight (see `_of_sizes`).

    points (POINTS): every set, mean over seeds and so many targets with so many test items in all.
    sizes (SIZES): the mean of the sets of each size, how many they are and how many the pool makes;
    how far the mean is behind that of the best size; and how far sets are above the mean of their
    own single languages, which leaves out how good the languages are by themselves, of so many sets
    whose single languages were all measured (NaN of none). seeds (SEEDS): the mean of a size by
    seed. lines (LINES): `english` where it was trained on alone, `best single`, which is lucky too,
    since it was chosen by these scores, and `mean single`; none over the targets trained on, where
    each has one of its own.

    Differences (behind, above, gains) are on the same seeds and items with 95 % t intervals (see
    `contrasts`), NaN with one seed, which does not tell the luck of training. Other intervals are
    95 % bootstrap over seeds and test items together: they say how sure the scores of these sets
    are, not what other sets would give.

    gains (GAINS): value is what a doubling of the number of languages gains, the slope of the least
    squares line of all sets on log2 k. best_k is the size with the highest mean; enough_k is the
    smallest size whose interval overlaps that of best_k, paired_k the smallest that is not clearly
    behind it on the same seeds and items, NA with one seed. Neither is shown to be worse than the
    best; that is less than being shown to be as good.
    """

    points: pd.DataFrame
    sizes: pd.DataFrame
    seeds: pd.DataFrame
    lines: pd.DataFrame
    gains: pd.DataFrame

    @property
    def groups(self) -> list[str]:
        """The groups of targets that there are."""
        return list(dict.fromkeys(self.points["over"]))

    def part(self, over: str) -> HowMany:
        """The rows of one group of targets."""
        tables = {field.name: getattr(self, field.name) for field in fields(self)}
        return HowMany(**{name: table[table["over"] == over] for name, table in tables.items()})


def how_many(measured: Measured) -> HowMany:
    """The tables of a study."""
    noise = noisy(measured)
    # The measured values, then the resamples.
    together = np.concatenate([noise.means[:, :, None], measured.draws()], axis=2)
    columns = {"points": POINTS, "sizes": SIZES, "seeds": SEEDS, "lines": LINES, "gains": GAINS}
    parts: dict[str, Rows] = {name: [] for name in columns}
    for over in OVER:
        own = _own(measured, over)
        chosen = np.flatnonzero(own.any(axis=1))
        if not len(chosen):
            continue
        values = np.einsum("st,std->sd", own, together)
        weights = _of_sizes(own, measured.sizes, over)
        sizes = _sizes(measured.sizes[chosen], np.einsum("kst,std->kd", weights, together))
        behind = _behind(noise, weights, sizes)
        parts["points"] += [(over, *row) for row in _points(measured, own, values)]
        above = [_above(measured, noise, over, size.k) for size in sizes]
        parts["sizes"] += [
            (over, size.k, comb(len(measured.pool), size.k), *size[1:], *gap, *gain)
            for size, gap, gain in zip(sizes, behind, above, strict=True)
        ]
        parts["seeds"] += [(over, *row) for row in _by_seed(measured, weights, sizes)]
        if over != "seen":  # each single language is tested on itself alone there
            parts["lines"] += [(over, *row) for row in _lines(measured, values)]
        if len(sizes) > 1:
            gain = _gain(noise, weights, sizes)
            near = [size.k for size, gap in zip(sizes, behind, strict=True) if gap[1] <= 0]
            parts["gains"].append((over, *gain, *_enough(sizes), min(near, default=None)))
    tables = {name: pd.DataFrame(parts[name], columns=columns[name]) for name in columns}
    tables["gains"] = tables["gains"].astype({"paired_k": "Int64"})
    return HowMany(**tables)


def few_sets(found: HowMany) -> list[int]:
    """The sizes of which fewer than FEW_SETS sets were measured, though the pool makes more."""
    sizes = found.part("all").sizes
    few = sizes["sets"] < sizes["possible"].clip(upper=FEW_SETS)
    return [int(k) for k in sizes.loc[few, "k"]]


def _own(measured: Measured, over: Over) -> Numbers:
    """What makes the mean of each set, (sets, targets): 0 of a set without a target. Of the targets
    that sets were trained on only those count that sets of every size were trained on."""
    mask = measured.over(over)
    if over == "seen":
        by_size = [mask[measured.sizes == k].any(axis=0) for k in np.unique(measured.sizes)]
        mask = mask & np.all([trained for trained in by_size if trained.any()], axis=0)
    number = mask.sum(axis=1, keepdims=True)
    means: Numbers = mask / np.maximum(number, 1)
    return means


def _of_sizes(own: Numbers, sizes: NDArray[np.int64], over: Over) -> Numbers:
    """What makes the mean of each size that has a target, (sizes, sets, targets).

    It is the mean of its sets; but over the targets that they were trained on, which are other ones
    for each set, it is the mean over targets of the mean of the sets that were trained on each. So
    every size has every target with the same weight, and none looks better for easy targets.
    """
    chosen = own.any(axis=1)
    rows = []
    for k in np.unique(sizes[chosen]):
        row = np.where((sizes == k)[:, None], own, 0)
        if over == "seen":
            row = (row > 0) / np.maximum((row > 0).sum(axis=0), 1)
        rows.append(row / row.sum())
    return np.array(rows)


def _row(values: Numbers) -> Ends:
    """A mean with its interval. values: (1 + RESAMPLES,)."""
    return float(values[0]), *interval(values[1:])


def _points(measured: Measured, own: Numbers, values: Numbers) -> Rows:
    """values: of each set its mean, (sets, 1 + RESAMPLES)."""
    items = np.array([part.shape[-1] for part in measured.right])
    chosen = own > 0
    rows = zip(measured.sets, values, chosen.sum(axis=1), chosen @ items, strict=True)
    return [
        (len(sources), ",".join(sources), *_row(mean), int(targets), int(number))
        for sources, mean, targets, number in rows
        if targets
    ]


def _sizes(sizes: NDArray[np.int64], means: Numbers) -> Sizes:
    """sizes: of the sets; means: of each size, (sizes, 1 + RESAMPLES)."""
    numbers = zip(*np.unique(sizes, return_counts=True), means, strict=True)
    return [_Size(int(k), int(sets), *_row(values)) for k, sets, values in numbers]


def _behind(noise: Noisy, weights: Numbers, sizes: Sizes) -> list[Ends]:
    """The size with the highest mean minus each."""
    best = max(range(len(sizes)), key=lambda i: sizes[i].value)
    return noise.contrast(weights[best] - weights).told()


def _above(measured: Measured, noise: Noisy, over: Over, k: int) -> tuple[float, float, float, int]:
    """The mean, over the sets of a size, of a set minus its own single languages; of how many."""
    rows = own_singles(measured.sets)
    rows = rows[measured.sizes[rows.argmax(axis=1)] == k] if len(rows) else rows
    if over == "seen" or not len(rows):
        return nan, nan, nan, 0
    weights = rows.mean(axis=0)[:, None] * measured.weights(over)
    (ends,) = noise.contrast(weights[None]).told()
    return *ends, len(rows)


def _by_seed(measured: Measured, weights: Numbers, sizes: Sizes) -> Rows:
    """The mean of each size, by seed."""
    values = np.einsum("snt,kst->kn", measured.scores(), weights)
    return [
        (size.k, seed, float(value))
        for size, of_size in zip(sizes, values, strict=True)
        for seed, value in zip(measured.seeds, of_size, strict=True)
    ]


def _lines(measured: Measured, values: Numbers) -> Rows:
    single = np.flatnonzero(measured.sizes == 1).tolist()
    if not single:
        return []
    best = single[int(np.argmax(values[single, 0]))]
    lines = {
        "english": [s for s in single if measured.sets[s] == ("en",)],
        "best single": [best],
        "mean single": single,
    }
    return [
        (line, ",".join(measured.sets[s][0] for s in sets), *_row(values[sets].mean(axis=0)))
        for line, sets in lines.items()
        if sets
    ]


def _gain(noise: Noisy, weights: Numbers, sizes: Sizes) -> Ends:
    """Gain per doubling: a size counts as often as it has sets."""
    sets = np.array([size.sets for size in sizes])
    doublings = np.log2([size.k for size in sizes])
    centred = doublings - np.average(doublings, weights=sets)
    slope = sets * centred / (sets @ centred**2)
    return noise.contrast(np.einsum("k,kst->st", slope, weights)[None]).told()[0]


def _enough(sizes: Sizes) -> tuple[int, int]:
    """The size with the highest mean, and the smallest whose interval overlaps that of it."""
    best = max(sizes, key=lambda size: size.value)
    return best.k, min(size.k for size in sizes if size.high >= best.low)
