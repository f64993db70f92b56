"""From finished runs to the tables behind the transfer heatmap.

A *configuration* is a spec without its seed: the runs that differ in the seed alone are
repetitions of one thing, and are shown as one row.
"""

from __future__ import annotations

import hashlib
from collections import Counter
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
    "targets": "",  # by number: see _extra
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
    (-1 to 1) over the seeds, targets and items that a configuration shares with the baseline, and
    unseen are the targets that neither of the two was trained on.

    shared: the targets that all configurations were scored on. Means and points are over these
    alone, so that they can be compared; where there is none, both are empty.
    """

    cells: pd.DataFrame
    means: pd.DataFrame
    points: pd.DataFrame
    shared: tuple[str, ...]


Cells = dict[str, pd.DataFrame]
"""Of each target: 1.0 or 0.0 for right or wrong, a row a seed, a column an item."""


def configuration(spec: RunSpec) -> RunSpec:
    """The spec that stands for all seeds of one configuration."""
    return replace(spec, seed=0)


def labels(specs: Iterable[RunSpec]) -> dict[RunSpec, str]:
    """A short name of each configuration: its sources, and what else sets it apart.

    Names are unique, and what stands in one is true of the configuration whatever it is shown
    with: two that differ only in which targets they have, not in how many, get a mark of these.
    """
    configurations = list(dict.fromkeys(configuration(spec) for spec in specs))
    varying = [
        field
        for field in _DISTINGUISHING
        if len({getattr(spec, field) for spec in configurations}) > 1
    ]
    names = {
        spec: " · ".join([", ".join(spec.sources), *(_extra(spec, field) for field in varying)])
        for spec in configurations
    }
    often = Counter(names.values())
    return {
        spec: f"{name} #{_mark(spec.targets)}" if often[name] > 1 else name
        for spec, name in names.items()
    }


def _mark(targets: tuple[str, ...]) -> str:
    return hashlib.sha256(",".join(targets).encode()).hexdigest()[:4]


def _extra(spec: RunSpec, field: str) -> str:
    value = getattr(spec, field)
    if field == "layers" and value is None:
        return "all layers"
    if field == "targets":
        return f"{len(value)} target{'' if len(value) == 1 else 's'}"
    return _DISTINGUISHING[field].format(value)


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
    shared = set.intersection(*map(set, right.values())) if right else set()
    if baseline is not None:
        reference = right[configuration(baseline)]
        right = {spec: _difference(cells, reference) for spec, cells in right.items()}
    parts = [
        _tables(
            names[spec], _groups(spec, cells, shared, baseline), cells, spec.sources, shared_items
        )
        for spec, cells in right.items()
    ]
    tables = zip(*parts, strict=True) if parts else ([], [], [])
    cells, means, points = (
        pd.DataFrame([row for part in rows for row in part], columns=columns)
        for rows, columns in zip(tables, (CELLS, MEANS, POINTS), strict=True)
    )
    return Transfer(cells, means, points, tuple(sorted(shared)))


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
Flags = NDArray[np.bool_]


def _groups(
    spec: RunSpec, cells: Cells, shared: set[str], baseline: RunSpec | None
) -> dict[str, Flags]:
    """Which targets each mean of a configuration is over, by the names in OVER."""

    def among(tags: Iterable[str]) -> Flags:
        chosen = set(tags)
        return np.array([target in chosen for target in cells], dtype=bool)

    common, seen = among(shared), among(spec.sources)
    trained = seen | among(baseline.sources) if baseline else seen
    return {"all": common, "seen": common & seen, "unseen": common & ~trained}


def _tables(
    name: str, groups: dict[str, Flags], cells: Cells, sources: tuple[str, ...], shared_items: bool
) -> tuple[Rows, Rows, Rows]:
    """Rows of the three tables of one configuration."""
    targets = list(cells)
    arrays = _arrays(cells, shared_items)
    draws = bootstrap(arrays, shared_items and len({a.shape for a in arrays}) == 1)
    values = np.array([array.mean() for array in arrays])
    rows: Rows = [
        (name, target, target in sources, values[t], *interval(draws[t]), *arrays[t].shape)
        for t, target in enumerate(targets)
    ]
    means: Rows = []
    points: Rows = []
    for over, chosen in groups.items():
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
