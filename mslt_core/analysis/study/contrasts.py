"""Differences between source sets, and how sure they are.

A contrast is a weighted sum of the scores of sets, with weights that sum to 0: a set minus the mean
of its own single languages, a pick minus the mean of all sets of its size. What is fixed: the pool
of languages, the measured sets, and the targets; a contrast says nothing of other ones. What is
random: the luck of training (the seed) and the test items.

A percentile bootstrap over two seeds is far too narrow. Here the luck of a run is instead estimated
from all sets together: what is left of the scores when each set's mean and each seed's mean are
taken off. 59 sets with 2 seeds so give 58 degrees of freedom, not 1. This takes it that the runs of
all single languages are equally noisy, and those of all larger sets; and that a seed moves sets
either all alike or each on its own. A seed that is good for all larger sets but not for the singles
cannot be told from a true difference with so few seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.measured import Measured
from mslt_core.analysis.stats import LEVEL, ratio

Numbers = NDArray[np.float64]
Ends = tuple[float, float, float]
"""A value with the ends of its interval."""


@dataclass(frozen=True, eq=False)
class Effects:
    """Contrasts, each array (contrasts,): the value, the variance of it that is due to runs and
    falls with more seeds, that which is due to items and does not, and the degrees of freedom; and
    how many seeds there are."""

    value: Numbers
    by_run: Numbers
    by_item: Numbers
    df: Numbers
    seeds: int

    @property
    def se(self) -> Numbers:
        """Standard errors."""
        return np.sqrt(self.by_run + self.by_item)

    def p(self) -> Numbers:
        """One-sided p values: how likely a value so high would be if the true one were 0."""
        from scipy.stats import t

        with np.errstate(divide="ignore", invalid="ignore"):
            p: Numbers = t.sf(self.value / self.se, self.df)
        return np.where(self.se > 0, p, np.where(self.value > 0, 0.0, 1.0))

    def interval(self, level: float) -> tuple[Numbers, Numbers]:
        """Ends of the two-sided t interval."""
        from scipy.stats import t

        half = t.ppf((1 + level) / 2, self.df) * self.se
        return self.value - half, self.value + half

    def told(self) -> list[Ends]:
        """Of each contrast the value and its 95 % interval, whose ends are NaN with one seed: the
        luck of training is unknown then, and without it an interval promises too much."""
        low, high = self.interval(LEVEL if self.seeds > 1 else np.nan)
        return list(zip(self.value.tolist(), low.tolist(), high.tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class Noisy:
    """Values of sets by target, with what their noise is estimated from.

    means: (sets, targets), over seeds. items: of each target what every item adds to the means,
    (sets, items); empty where the items are taken as fixed. runs: of each kind of set the
    covariance between targets that the luck of training leaves in a mean, (2, targets, targets);
    both: the part of it that is also luck with the items, so that it is not counted twice. df: the
    degrees of freedom of runs. large: which kind a set is, (sets,): 0 one language, 1 several.
    seeds: how many there are.
    """

    means: Numbers
    items: tuple[Numbers, ...]
    parallel: bool
    runs: Numbers
    both: Numbers
    df: Numbers
    large: NDArray[np.int64]
    seeds: int

    def contrast(self, weights: Numbers) -> Effects:
        """Weighted sums of scores. weights: (contrasts, sets, targets), each of sum 0.

        The variance is that of two-way clusters (Cameron, Gelbach and Miller 2011): by run, plus
        by item, minus by both. Degrees of freedom by Satterthwaite (1946). With one seed the luck
        of training is unknown, and only that of the items is counted.
        """
        value = np.einsum("cst,st->c", weights, self.means)
        by_run = self._of_runs(weights, self.runs)
        by_item, by_item_df = self._of_items(weights)
        inner = self._of_runs(weights, self.both).sum(axis=1)
        total, items = by_run.sum(axis=1), np.maximum(by_item - inner, 0)
        uncertainty = (by_run**2 / self.df).sum(axis=1) + by_item_df
        with np.errstate(divide="ignore", invalid="ignore"):
            df = np.where(uncertainty > 0, (total + items) ** 2 / uncertainty, np.inf)
        return Effects(value, total, items, np.maximum(df, 1), self.seeds)

    def _of_runs(self, weights: Numbers, covariance: Numbers) -> Numbers:
        """Variance by kind of set, (contrasts, 2)."""
        parts = [
            (chosen @ covariance[kind] * chosen).sum(axis=(1, 2))
            for kind in (0, 1)
            for chosen in [weights[:, self.large == kind]]
        ]
        return np.stack(parts, axis=1)

    def _of_items(self, weights: Numbers) -> tuple[Numbers, Numbers]:
        """Variance by item, and the sum of its parts' squares over their degrees of freedom."""
        variance, uncertainty = np.zeros(len(weights)), np.zeros(len(weights))
        added = [weights[:, :, t] @ items for t, items in enumerate(self.items)]
        for part in [np.sum(added, axis=0)] if self.parallel and added else added:
            n = part.shape[1]
            own = part.var(axis=1, ddof=1) / n if n > 1 else np.zeros(len(weights))
            variance += own
            uncertainty += own**2 / max(n - 1, 1)
        return variance, uncertainty


def noisy(measured: Measured) -> Noisy:
    """The scores of a study with the noise of runs and of items."""
    added = [_added(r, o) for r, o in zip(measured.right, measured.of, strict=True)]
    left = [_without_means(part) for part in added]
    kinds = _kinds(measured.sizes)
    seeds, targets = len(measured.seeds), len(measured.targets)
    both = np.zeros((2, targets, targets))
    df = _freedom(kinds, seeds)
    if seeds > 1 and measured.parallel:
        stacked = np.stack([part - part.mean(axis=-1, keepdims=True) for part in left], axis=-1)
        n = stacked.shape[2]
        for kind in (0, 1):
            rows = stacked[kinds == kind].reshape(-1, targets)
            both[kind] = rows.T @ rows / (df[kind] * seeds * n * max(n - 1, 1))
    elif seeds > 1:
        for t, part in enumerate(left):
            n = part.shape[2]
            spread = part.var(axis=2, ddof=min(1, n - 1)).sum(axis=1)
            for kind in (0, 1):
                both[kind, t, t] = spread[kinds == kind].sum() / (df[kind] * seeds * n)
    by_run = np.stack([part.mean(axis=2) for part in left], axis=-1)
    return Noisy(
        measured.scores().mean(axis=1),
        tuple(part.mean(axis=1) for part in added),
        measured.parallel,
        _covariances(by_run, kinds, df),
        both,
        df,
        kinds,
        seeds,
    )


def noisy_values(values: Numbers, sizes: NDArray[np.int64]) -> Noisy:
    """The same of a value of each run, (sets, seeds), with the items that it is over as fixed."""
    kinds = _kinds(sizes)
    df = _freedom(kinds, values.shape[1])
    left = _without_means(values[:, :, None])
    runs = _covariances(left, kinds, df)
    means = values.mean(axis=1, keepdims=True)
    return Noisy(means, (), True, runs, np.zeros(runs.shape), df, kinds, values.shape[1])


def own_singles(sets: Sequence[tuple[str, ...]]) -> Numbers:
    """Each set of several languages minus the mean of its own single ones: (contrasts, sets).

    A contrast has a row where all of its singles are among the sets. What a language is good for
    by itself cancels out.
    """
    place = {sources[0]: s for s, sources in enumerate(sets) if len(sources) == 1}
    rows = []
    for s, sources in enumerate(sets):
        if len(sources) > 1 and all(language in place for language in sources):
            row = np.zeros(len(sets))
            row[s] = 1
            row[[place[language] for language in sources]] = -1 / len(sources)
            rows.append(row)
    return np.array(rows).reshape(-1, len(sets))


def all_singles(sets: Sequence[tuple[str, ...]]) -> Numbers:
    """Each set of several languages minus the mean of all single ones: (contrasts, sets); no row
    where there is no single one. Which languages they are does not cancel out."""
    single = np.array([len(sources) == 1 for sources in sets])
    if not single.any():
        return np.empty((0, len(sets)))
    rows: Numbers = np.eye(len(sets))[~single] - single / single.sum()
    return rows


def unseen_by_both(measured: Measured, contrasts: Numbers) -> Numbers:
    """Weights over sets, (contrasts, sets), spread evenly over the targets that none of the sets of
    a contrast was trained on: (contrasts, sets, targets). NaN where there is no such target."""
    trained = measured.over("seen").astype(float)
    unseen = (np.abs(contrasts) @ trained == 0).astype(float)
    number = unseen.sum(axis=1, keepdims=True)
    share = np.divide(unseen, number, out=np.full(unseen.shape, np.nan), where=number > 0)
    weights: Numbers = contrasts[:, :, None] * share[:, None, :]
    return weights


def _added(right: NDArray[np.number], of: NDArray[np.number]) -> Numbers:
    """What each item adds to a score, whose mean over items is the score: (sets, seeds, items).

    A ratio is taken apart to first order (the delta method); of an accuracy it is the answer.
    """
    total = of.sum(axis=-1, keepdims=True)
    value = ratio(right.sum(axis=-1, keepdims=True), total)
    scale = np.divide(of.shape[-1], total, out=np.zeros(total.shape), where=total > 0)
    added: Numbers = value + (right - value * of) * scale
    return added


def _without_means(values: Numbers) -> Numbers:
    """What is left when the mean of each set and of each seed is taken off; (sets, seeds, any)."""
    left: Numbers = (
        values
        - values.mean(axis=1, keepdims=True)
        - values.mean(axis=0, keepdims=True)
        + values.mean(axis=(0, 1), keepdims=True)
    )
    return left


def _kinds(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return (sizes > 1).astype(np.int64)


def _freedom(kinds: NDArray[np.int64], seeds: int) -> Numbers:
    """Degrees of freedom of what is left, by kind of set; 1 where it is nothing anyway."""
    number = np.bincount(kinds, minlength=2)
    df: Numbers = np.where(number > 0, number * (1 - 1 / len(kinds)) * (seeds - 1), 1)
    return np.where(df > 0, df, 1)


def _covariances(left: Numbers, kinds: NDArray[np.int64], df: Numbers) -> Numbers:
    """Of the mean over seeds, by kind of set: (2, targets, targets). left: (sets, seeds, targets),
    without means."""
    seeds, targets = left.shape[1:]
    found = np.zeros((2, targets, targets))
    for kind in (0, 1):
        rows = left[kinds == kind].reshape(-1, targets)
        if seeds > 1:
            found[kind] = rows.T @ rows / (df[kind] * seeds)
    return found
