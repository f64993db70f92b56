"""From finished runs to the tables behind the transfer heatmap.

A *configuration* is a spec without its seed: the runs that differ in the seed alone are
repetitions of one thing, and are shown as one row.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.analysis.scores import Answers, count
from mslt_core.analysis.stats import Sums, bootstrap, interval, ratio
from mslt_core.spec import RunSpec

CELLS = ["configuration", "target", "seen", "value", "low", "high", "seeds", "n"]
MEANS = ["configuration", "over", "value", "low", "high", "seeds", "targets"]
POINTS = ["configuration", "over", "seed", "value"]


@dataclass(frozen=True)
class Finished:
    """A run with its predictions (target, item, gold, predicted), a row an item, and what these
    answers are."""

    spec: RunSpec
    predictions: pd.DataFrame
    answers: Answers = "labels"


@dataclass(frozen=True)
class Transfer:
    """Tables of what transferred where; a value that was not measured has no row.

    cells has the columns CELLS: the score (0 to 1) by configuration and target, mean over seeds,
    with its 95 % interval; n is the number of items. means has MEANS: the mean over all targets,
    over the seen, which this configuration was trained on, and over the unseen, which none of them
    was: the same for all, so that their means can be compared. points has POINTS: the same of each
    seed. Of gains, values are differences (-1 to 1) over the seeds, targets and items that a
    configuration shares with the baseline.

    shared: the targets that all configurations were scored on. Means and points are over these
    alone, so that they can be compared; where there is none, both are empty.
    """

    cells: pd.DataFrame
    means: pd.DataFrame
    points: pd.DataFrame
    shared: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """Of one target what each item adds to the two sums whose ratio is the score: tables with a
    row a seed, a column an item. reference: the same of a baseline, for a gain over it."""

    right: pd.DataFrame
    of: pd.DataFrame
    reference: Cell | None = None


Cells = dict[str, Cell]


def configuration(spec: RunSpec) -> RunSpec:
    """The spec that stands for all seeds of one configuration."""
    return replace(spec, seed=0)


def labels(specs: Iterable[RunSpec]) -> dict[RunSpec, str]:
    """A short name of each configuration: its sources, and what else sets it apart.

    Names are unique, and what stands in one is true of the configuration whatever it is shown
    with: two that differ only in which targets they have, not in how many, or in the folder that
    their model is in, get a mark of these.
    """
    return _called(configuration(spec) for spec in specs)


def settings(spec: RunSpec) -> RunSpec:
    """The spec that stands for all that is alike but for the sources and the seed."""
    return replace(spec, sources=("und",), seed=0)


def settings_labels(specs: Iterable[RunSpec]) -> dict[RunSpec, str]:
    """A short name of each of several settings: what sets it apart, as `labels` says it."""
    return {spec: name.removeprefix("und · ") for spec, name in _called(specs).items()}


def _called(specs: Iterable[RunSpec]) -> dict[RunSpec, str]:
    distinct = list(dict.fromkeys(specs))
    varying = [
        say for fields, say in _ASPECTS.items() if len(set(map(attrgetter(*fields), distinct))) > 1
    ]
    names = {
        spec: " · ".join(filter(None, [", ".join(spec.sources), *(say(spec) for say in varying)]))
        for spec in distinct
    }
    often = Counter(names.values())
    return {
        spec: f"{name} #{_mark(spec)}" if often[name] > 1 else name for spec, name in names.items()
    }


def _model(spec: RunSpec) -> str:
    return Path(spec.model).name if Path(spec.model).is_absolute() else spec.model


def _training(say: Callable[[RunSpec], str]) -> Callable[[RunSpec], str]:
    """What is said of training: nothing, of a probe."""
    return lambda spec: "" if spec.method == "probe" else say(spec)


def _trained(spec: RunSpec) -> str:
    if spec.lora_rank is not None:
        return f"LoRA {spec.lora_rank}" + " in 4 bit" * spec.four_bit
    return "all layers" if spec.layers is None else f"top {spec.layers} layers"


def _targets(spec: RunSpec) -> str:
    return f"{len(spec.targets)} target{'' if len(spec.targets) == 1 else 's'}"


# What a label adds to the sources, in this order, where configurations differ in these fields.
_ASPECTS: dict[tuple[str, ...], Callable[[RunSpec], str]] = {
    ("task",): lambda spec: spec.task,
    ("model",): _model,
    ("method",): lambda spec: spec.method,
    ("budget",): lambda spec: f"budget {spec.budget}",
    ("sampling",): lambda spec: spec.sampling,
    ("epochs",): _training(lambda spec: f"{spec.epochs} epoch{'s' * (spec.epochs > 1)}"),
    ("learning_rate",): _training(lambda spec: f"lr {spec.learning_rate:g}"),
    ("batch_size",): _training(lambda spec: f"batch {spec.batch_size}"),
    ("max_length",): lambda spec: f"length {spec.max_length}",
    ("layers", "lora_rank", "four_bit"): _training(_trained),
    ("targets",): _targets,
}


def _mark(spec: RunSpec) -> str:
    return hashlib.sha256(repr((spec.model, spec.targets)).encode()).hexdigest()[:4]


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
    counted = {spec: _count(group) for spec, group in grouped.items()}
    shared = set.intersection(*map(set, counted.values())) if counted else set()
    trained = {tag for spec in grouped for tag in spec.sources}
    if baseline is not None:
        reference = counted[configuration(baseline)]
        counted = {spec: _paired(cells, reference) for spec, cells in counted.items()}
    parts = [
        _tables(
            names[spec], _groups(spec, cells, shared, trained), cells, spec.sources, shared_items
        )
        for spec, cells in counted.items()
    ]
    tables = zip(*parts, strict=True) if parts else ([], [], [])
    cells, means, points = (
        pd.DataFrame([row for part in rows for row in part], columns=columns)
        for rows, columns in zip(tables, (CELLS, MEANS, POINTS), strict=True)
    )
    return Transfer(cells, means, points, tuple(sorted(shared)))


def _count(runs: list[Finished]) -> Cells:
    """What each run got right, by target: seeds in rows, items in columns, without gaps."""
    rights: dict[int, pd.Series[float]] = {}
    ofs: dict[int, pd.Series[float]] = {}
    for run in runs:
        keys = pd.MultiIndex.from_frame(run.predictions[["target", "item"]])
        for table, sums in zip((rights, ofs), count(run.predictions, run.answers), strict=True):
            table[run.spec.seed] = pd.Series(sums, index=keys)
    right, of = (pd.DataFrame(t).dropna().sort_index(axis="columns") for t in (rights, ofs))
    return {
        str(target): Cell(part.droplevel("target").T, of.loc[part.index].droplevel("target").T)
        for target, part in right.groupby(level="target", sort=True)
    }


def _paired(cells: Cells, reference: Cells) -> Cells:
    """Cells with those of the reference, over the seeds and items that both have."""
    paired = {}
    for target, mine in cells.items():
        if target in reference:
            other = reference[target]
            right, other_right = mine.right.align(other.right, join="inner")
            of, other_of = mine.of.align(other.of, join="inner")
            if right.size:
                paired[target] = Cell(right, of, Cell(other_right, other_of))
    return paired


Rows = list[tuple[object, ...]]
Flags = NDArray[np.bool_]


def _groups(spec: RunSpec, cells: Cells, shared: set[str], trained: set[str]) -> dict[str, Flags]:
    """Which targets each mean of a configuration is over, by the names in `measured.OVER`. trained:
    what any configuration was trained on."""

    def among(tags: Iterable[str]) -> Flags:
        chosen = set(tags)
        return np.array([target in chosen for target in cells], dtype=bool)

    common, seen = among(shared), among(spec.sources)
    return {"all": common, "seen": common & seen, "unseen": common & ~among(trained)}


def _tables(
    name: str, groups: dict[str, Flags], cells: Cells, sources: tuple[str, ...], shared_items: bool
) -> tuple[Rows, Rows, Rows]:
    """Rows of the three tables of one configuration."""
    if not cells:
        return [], [], []
    targets = list(cells)
    parts = _scored(list(cells.values()), shared_items)
    if any(cell.reference for cell in cells.values()):
        others = _scored(
            [cell.reference for cell in cells.values() if cell.reference], shared_items
        )
        parts = _Scored(parts.by_seed - others.by_seed, parts.draws - others.draws, parts.items)
    values = parts.by_seed.mean(axis=1)
    seeds = parts.by_seed.shape[1]
    rows: Rows = [
        (name, target, target in sources, values[t], *interval(parts.draws[t]), seeds, items)
        for t, (target, items) in enumerate(zip(targets, parts.items, strict=True))
    ]
    means: Rows = []
    points: Rows = []
    for over, chosen in groups.items():
        if not chosen.any():
            continue
        low, high = interval(parts.draws[chosen].mean(axis=0))
        number = int(chosen.sum())
        means.append((name, over, float(values[chosen].mean()), low, high, seeds, number))
        by_seed = parts.by_seed[chosen].mean(axis=0)
        points += [
            (name, over, int(seed), float(value))
            for seed, value in zip(cells[targets[0]].right.index, by_seed, strict=True)
        ]
    return rows, means, points


@dataclass(frozen=True)
class _Scored:
    """by_seed: (targets, seeds) scores; draws: (targets, RESAMPLES); items: how many, by target."""

    by_seed: NDArray[np.float64]
    draws: NDArray[np.float64]
    items: list[int]


def _scored(cells: list[Cell], shared_items: bool) -> _Scored:
    arrays = _arrays(cells, shared_items)
    shared = shared_items and len({right.shape for right, _ in arrays}) == 1
    by_seed = [ratio(right.sum(axis=1), of.sum(axis=1)) for right, of in arrays]
    items = [right.shape[1] for right, _ in arrays]
    return _Scored(np.array(by_seed), bootstrap(arrays, shared), items)


def _arrays(cells: list[Cell], shared_items: bool) -> list[Sums]:
    """Cells as arrays; of shared items those that all targets have, in one order."""
    tables = [(cell.right, cell.of) for cell in cells]
    if shared_items and tables:
        common = tables[0][0].columns
        for right, _ in tables[1:]:
            common = common.intersection(right.columns)
        if len(common):
            tables = [(right[common], of[common]) for right, of in tables]
    return [(right.to_numpy(dtype=float), of.to_numpy(dtype=float)) for right, of in tables]
