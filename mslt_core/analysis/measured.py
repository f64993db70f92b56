"""What a study measured, as arrays: every source set with the same seeds on the same items.

All that is said of a study (how many languages, which, is a claim true) is said of this block
without gaps, so that sets are compared seed by seed and item by item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.analysis.stats import bootstrap, ratio
from mslt_core.analysis.threads import one_thread
from mslt_core.spec import BadArgument, WorkFailed

Over = Literal["all", "seen", "unseen"]
OVER: tuple[Over, ...] = get_args(Over)
Sources = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Measured:
    """Source sets (each sorted, in the study's order) by seed, target and item.

    right and of hold, of each target, what an item adds to the two sums whose ratio is the score:
    (sets, seeds, items), as small as they are kept. Arrays are not to be changed.
    """

    sets: tuple[Sources, ...]
    seeds: tuple[int, ...]
    targets: tuple[str, ...]
    right: tuple[NDArray[np.number], ...]
    of: tuple[NDArray[np.number], ...]
    parallel: bool
    """Whether item i is the same item in every target."""
    metric: str
    left_out: int = 0
    """Runs that have results but are not in the block, since others lack them."""
    pool: Sources = ()
    """All languages that a set of the study has, sorted, even one that is not measured yet; where
    none are given, those of the sets here."""
    _drawn: dict[tuple[int, ...], dict[Over, NDArray[np.float64]]] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        if not self.pool:
            languages = {language for sources in self.sets for language in sources}
            object.__setattr__(self, "pool", tuple(sorted(languages)))

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many languages each set has, (sets,)."""
        return np.array([len(sources) for sources in self.sets])

    def scores(self) -> NDArray[np.float64]:
        """(sets, seeds, targets), 0 to 1."""
        parts = zip(self.right, self.of, strict=True)
        return np.stack([ratio(r.sum(axis=-1), o.sum(axis=-1)) for r, o in parts], axis=-1)

    def only(self, sets: Sequence[Sources], targets: Sequence[str]) -> Measured:
        """The part with these sets and targets, in this order; the pool stays that of the study."""
        rows = [self.sets.index(sources) for sources in sets]
        columns = [self.targets.index(target) for target in targets]
        right, of = (tuple(part[t][rows] for t in columns) for part in (self.right, self.of))
        return replace(self, sets=tuple(sets), targets=tuple(targets), right=right, of=of)

    def over(self, group: Over) -> NDArray[np.bool_]:
        """Which targets a mean of each set is over, (sets, targets).

        seen: those that the set was trained on, other ones for each set. unseen: those that are not
        in the pool of the study, so that all sets are compared on the same.
        """
        trained = np.array([[t in sources for t in self.targets] for sources in self.sets])
        if group == "seen":
            return trained
        chosen = np.array([group == "all" or t not in self.pool for t in self.targets])
        return np.tile(chosen, (len(self.sets), 1))

    def weights(self, group: Over) -> NDArray[np.float64]:
        """What makes means of targets, (sets, targets): rows sum to 1, or are NaN over none."""
        chosen = self.over(group).astype(float)
        number = chosen.sum(axis=1, keepdims=True)
        means: NDArray[np.float64] = np.divide(
            chosen, number, out=np.full(chosen.shape, np.nan), where=number > 0
        )
        return means

    def means(self, group: Over) -> NDArray[np.float64]:
        """Mean scores over a group of targets and all seeds, (sets,); NaN over no target."""
        found: NDArray[np.float64] = (self.scores().mean(axis=1) * self.weights(group)).sum(axis=1)
        return found

    def mean_draws(self, group: Over, rows: Sequence[int] | None = None) -> NDArray[np.float64]:
        """The same by the paired bootstrap over seeds and items, of the sets in these rows or all:
        (sets, RESAMPLES).

        The same seeds and items are drawn for all sets, so that differences of sets are paired.
        """
        chosen = tuple(range(len(self.sets)) if rows is None else map(int, rows))
        if chosen not in self._drawn:
            draws = self.draws(chosen)
            # The means are kept, of all groups: the draws of every target would take far more room.
            self._drawn[chosen] = {
                over: np.einsum("std,st->sd", draws, self.weights(over)[list(chosen)])
                for over in OVER
            }
        return self._drawn[chosen][group]

    def draws(self, rows: Sequence[int] | None = None) -> NDArray[np.float64]:
        """Scores of the sets in these rows, or of all, by the bootstrap of `mean_draws`:
        (sets, targets, RESAMPLES). They are made anew at every call."""
        index = [*(range(len(self.sets)) if rows is None else rows)]
        cells = [(r[index], o[index]) for r, o in zip(self.right, self.of, strict=True)]
        with one_thread():
            return bootstrap(cells, self.parallel).swapaxes(0, 1)


def measured(scores: pd.DataFrame, parallel: bool, pool: Sources = ()) -> Measured:
    """The block of a study's table of scores: columns sources, seed, run_id, target, metric, right,
    of, a row a run and target, in the study's order.

    Of a study that is partly done it has the sets and seeds that keep most runs (see `complete`).
    Targets are those that all these runs have. parallel: whether item i is the same item in every
    target. pool: as in `Measured`.

    Raises BadArgument for a table without rows, WorkFailed where the runs do not have the same
    items or metric.
    """
    if scores.empty:
        raise BadArgument("The study has no results yet: run it first.")
    runs = scores[["sources", "seed"]].drop_duplicates()
    sets, seeds = complete(runs)
    rows = scores[scores["sources"].isin(sets) & scores["seed"].isin(seeds)]
    metrics = rows["metric"].unique()
    if len(metrics) != 1:
        raise WorkFailed(f"The study has scores by {' and '.join(metrics)}: it must be one metric.")
    runs_in_order = pd.MultiIndex.from_product([sets, seeds])
    by_target = rows.set_index(["sources", "seed"]).groupby("target", sort=False)
    cells = {
        str(target): part.reindex(runs_in_order)
        for target, part in by_target
        if len(part) == len(runs_in_order)
    }
    shape = len(sets), len(seeds)
    right, of = (
        tuple(_stacked(table[part], target, shape) for target, table in cells.items())
        for part in ("right", "of")
    )
    return Measured(
        tuple(tuple(sources.split(",")) for sources in sets),
        tuple(seeds),
        tuple(cells),
        right,
        of,
        parallel and len({part.shape for part in right}) == 1,
        str(metrics[0]),
        len(runs) - len(sets) * len(seeds),
        pool,
    )


def complete(runs: pd.DataFrame) -> tuple[list[str], list[int]]:
    """The sets and seeds, of which all runs are there, that keep most runs.

    These are all sets with any run, with the seeds that all of them have, or the sets that have all
    of the first seeds, however many; of equally good ones those with most sets. So one run that
    failed costs its set or its seed, whichever is less. runs: columns sources and seed, a row a
    run.
    """
    there = pd.crosstab(runs["sources"], runs["seed"]).astype(bool)
    there = there.loc[runs["sources"].unique(), runs["seed"].unique()]
    blocks = [there.loc[:, there.all()]]
    for number in range(1, there.shape[1] + 1):
        first = there.iloc[:, :number]
        blocks.append(first[first.all(axis=1)])
    best = max(blocks, key=lambda block: block.size)
    return [str(sources) for sources in best.index], sorted(int(seed) for seed in best.columns)


def _stacked(column: pd.Series[Any], target: str, shape: tuple[int, int]) -> NDArray[np.number]:
    """The items of all runs of a target, in one array: (sets, seeds, items)."""
    if column.map(len).nunique() != 1:
        raise WorkFailed(
            f"The runs of the study were scored on different numbers of items of {target}: they "
            "cannot be compared."
        )
    return np.stack(column.tolist()).reshape(*shape, -1)
