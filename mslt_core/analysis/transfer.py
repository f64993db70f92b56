"""From finished runs to the tables behind the transfer heatmap.

A *configuration* is a spec without its seed: the runs that differ in the seed alone are
repetitions of one thing, and are shown as one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.analysis.stats import bootstrap, interval
from mslt_core.spec import RunSpec

CELLS = ["configuration", "target", "seen", "value", "low", "high", "seeds", "n"]
MEANS = ["configuration", "over", "value", "low", "high", "seeds", "targets"]
POINTS = ["configuration", "over", "seed", "value"]
OVER = ("all", "seen", "unseen")

# What a label adds to the sources, in this order, where configurations differ in it.
_DISTINGUISHING = {
    "task": "{}",
    "model": "{}",
    "method": "{}",
    "budget": "budget {}",
    "sampling": "{}",
    "epochs": "{} epochs",
    "learning_rate": "lr {:g}",
    "batch_size": "batch {}",
    "max_length": "length {}",
    "layers": "top {} layers",
}


@dataclass(frozen=True)
class Finished:
    """A run with its predictions (target, item, gold, predicted), a row an item."""

    spec: RunSpec
    predictions: pd.DataFrame


@dataclass(frozen=True)
class Transfer:
    """Tables of what transferred where; a value that was not measured has no row.

    cells has the columns CELLS: accuracy (0 to 1) by configuration and target, mean over seeds,
    with its 95 % interval; n is the number of items. means has MEANS: the mean over all, seen and
    unseen targets. points has POINTS: the same of each seed. Of gains, values are differences
    (-1 to 1) over the seeds, targets and items that a configuration shares with the baseline.
    """

    cells: pd.DataFrame
    means: pd.DataFrame
    points: pd.DataFrame


Cells = dict[str, pd.DataFrame]
"""Of each target: 1.0 or 0.0 for right or wrong, a row a seed, a column an item."""


def configuration(spec: RunSpec) -> RunSpec:
    """The spec that stands for all seeds of one configuration."""
    return replace(spec, seed=0)


def labels(specs: Iterable[RunSpec]) -> dict[RunSpec, str]:
    """A short name of each configuration: its sources, and what else sets it apart.

    Names are unique; configurations that differ in targets alone are numbered.
    """
    configurations = list(dict.fromkeys(configuration(spec) for spec in specs))
    varying = [
        field
        for field in _DISTINGUISHING
        if len({getattr(spec, field) for spec in configurations}) > 1
    ]
    names: dict[RunSpec, str] = {}
    for spec in configurations:
        extras = [
            "all layers"
            if field == "layers" and spec.layers is None
            else _DISTINGUISHING[field].format(getattr(spec, field))
            for field in varying
        ]
        name = " · ".join([", ".join(spec.sources), *extras])
        same = sum(other == name or other.startswith(f"{name} #") for other in names.values())
        names[spec] = f"{name} #{same + 1}" if same else name
    return names


def transfer(
    runs: Sequence[Finished], shared_items: bool, baseline: RunSpec | None = None
) -> Transfer:
    """The tables of runs of one task; with a baseline (a configuration among them), of the gains
    over it, paired by seed and item.

    shared_items: whether item ids are the same items in all targets (`Task.parallel`).
    """
    grouped: dict[RunSpec, list[Finished]] = {}
    for run in runs:
        grouped.setdefault(configuration(run.spec), []).append(run)
    names = labels(grouped)
    right = {spec: _right(group) for spec, group in grouped.items()}
    if baseline is not None:
        reference = right[configuration(baseline)]
        right = {spec: _difference(cells, reference) for spec, cells in right.items()}
    parts = [
        _tables(names[spec], spec.sources, cells, shared_items) for spec, cells in right.items()
    ]
    tables = zip(*parts, strict=True) if parts else ([], [], [])
    cells, means, points = (
        pd.DataFrame([row for part in rows for row in part], columns=columns)
        for rows, columns in zip(tables, (CELLS, MEANS, POINTS), strict=True)
    )
    return Transfer(cells, means, points)


def _right(runs: list[Finished]) -> Cells:
    """Where each run was right, by target: seeds in rows, items in columns, without gaps."""
    by_seed = {}
    for run in runs:
        keys = pd.MultiIndex.from_frame(run.predictions[["target", "item"]])
        right = run.predictions["gold"].to_numpy() == run.predictions["predicted"].to_numpy()
        by_seed[run.spec.seed] = pd.Series(right, index=keys, dtype=float)
    table = pd.DataFrame(by_seed).dropna().sort_index(axis="columns")
    return {
        str(target): part.droplevel("target").T
        for target, part in table.groupby(level="target", sort=True)
    }


def _difference(cells: Cells, reference: Cells) -> Cells:
    """Cells minus those of the reference, over the seeds and items that both have."""
    differences = {}
    for target, table in cells.items():
        if target in reference:
            mine, other = table.align(reference[target], join="inner")
            if mine.size:
                differences[target] = mine - other
    return differences


Rows = list[tuple[object, ...]]


def _tables(
    name: str, sources: tuple[str, ...], cells: Cells, shared_items: bool
) -> tuple[Rows, Rows, Rows]:
    """Rows of the three tables of one configuration."""
    targets = list(cells)
    arrays = _arrays(cells, shared_items)
    draws = bootstrap(arrays, shared_items and len({a.shape for a in arrays}) == 1)
    values = np.array([array.mean() for array in arrays])
    seen = np.array([target in sources for target in targets], dtype=bool)
    rows: Rows = [
        (name, target, bool(seen[t]), values[t], *interval(draws[t]), *arrays[t].shape)
        for t, target in enumerate(targets)
    ]
    means: Rows = []
    points: Rows = []
    groups = zip(OVER, (np.ones_like(seen), seen, ~seen), strict=True)
    for over, chosen in groups:
        if not chosen.any():
            continue
        low, high = interval(draws[chosen].mean(axis=0))
        part = [array for array, is_in in zip(arrays, chosen, strict=True) if is_in]
        seeds, number = part[0].shape[0], len(part)
        means.append((name, over, float(values[chosen].mean()), low, high, seeds, number))
        by_seed = np.mean([array.mean(axis=1) for array in part], axis=0)
        points += [
            (name, over, int(seed), float(value))
            for seed, value in zip(cells[targets[0]].index, by_seed, strict=True)
        ]
    return rows, means, points


def _arrays(cells: Cells, shared_items: bool) -> list[NDArray[np.float64]]:
    """Cells as arrays; of shared items those that all targets have, in one order."""
    tables = list(cells.values())
    if shared_items and tables:
        common = tables[0].columns
        for table in tables[1:]:
            common = common.intersection(table.columns)
        if len(common):
            tables = [table[common] for table in tables]
    return [table.to_numpy(dtype=float) for table in tables]
