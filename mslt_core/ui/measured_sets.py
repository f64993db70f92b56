"""Source sets that were measured: their seeds taken together, the models before training named,
and what changed from one to another.

Pages, exports and the terminal say the same by this; nothing here knows of a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from mslt_core.analysis.mixing import Measured, Mixing, Subset, difference, matrix, pooled, summary
from mslt_core.analysis.stats import FEW_SEEDS
from mslt_core.catalog.map_sentences import Told
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.ui import words_mixing
from mslt_core.ui.names import before_name

SHOWN_SUBSETS: tuple[Subset, ...] = ("all", "seen", "unseen")
"""Over which languages values are shown. Those of mixed pairs stand in files and the terminal."""
MARKS = ["column", "tuned", "subset", "metric", "value", "low", "high", "null", "seeds"]
POINTS = ["column", "subset", "metric", "seed", "value"]
PAIRS = ["column", "language_a", "language_b", "metric", "value"]
CHANGES = ["subset", "metric", "before", "after", "value", "low", "high"]
NUMBERS = ["before", "after", "value", "low", "high", "null"]

Rows = list[tuple[object, ...]]


@dataclass(frozen=True)
class MeasuredSet:
    """A source set, and those of its runs that were measured."""

    name: str
    model: str
    space: str
    """Names the vectors from before training; runs of one model on the same targets share them."""
    basis: str
    """Equal for sets that were measured on the same sentences and in the same way."""
    messages: str
    """What they were measured on, in words, if not on the task's own sentences; else empty."""
    budget: int
    runs: tuple[tuple[int, str, float], ...]
    """Of each run the seed, the id, and when it was finished."""


@dataclass(frozen=True, eq=False)
class Spaces:
    """A set with what was measured, by seed."""

    of: MeasuredSet
    before: dict[int, Measured]
    after: dict[int, Measured]

    @classmethod
    def of_seeds(cls, of: MeasuredSet, mixing: Mapping[int, Mixing]) -> Spaces:
        """mixing: of each seed."""
        before = {seed: one.before for seed, one in mixing.items()}
        return cls(of, before, {seed: one.after for seed, one in mixing.items()})

    @property
    def seen(self) -> tuple[str, ...]:
        return next(iter(self.after.values())).seen

    @property
    def measured_on(self) -> tuple[object, ...]:
        space = next(iter(self.after.values()))
        return self.of.basis, space.languages, space.items

    @cached_property
    def untouched(self) -> Measured:
        # Before training there is no luck of it: all seeds have the same.
        return next(iter(self.before.values()))

    @cached_property
    def together(self) -> Measured:
        """After training, the mean over seeds."""
        return pooled(list(self.after.values()))

    @cached_property
    def summary_before(self) -> pd.DataFrame:
        return summary(self.untouched)

    @cached_property
    def summary_after(self) -> pd.DataFrame:
        return summary(self.together)


@dataclass(frozen=True)
class Comparison:
    """What changed from one column to another. table: CHANGES, the two values, their difference
    and its 95 % interval, paired by seed and sentence; no number where there is no value."""

    before: str
    after: str
    training: bool
    """Whether it is from before training to after it; else it is from one set to another."""
    seeds: int
    budgets_differ: bool
    table: pd.DataFrame


# From runs to sets -----------------------------------------------------------------------------


def read(store: Store, name: str, runs: Iterable[RunRecord]) -> Spaces | None:
    """What was measured of runs that differ in the seed alone; None if nothing was. Of seeds that
    were measured in several ways the newest are kept. Raises WorkFailed for broken results."""
    mixing = {run.run_id: found for run in runs if (found := store.mixing(run.run_id))}
    records = {run_id: store.run_json(run_id) for run_id in mixing}
    measured = [run for run in runs if run.run_id in mixing]
    kept = of_newest_way(measured, lambda run: basis(records[run.run_id]))
    if not kept:
        return None
    first = kept[0].run_id
    of = measured_set(name, kept, records[first], mixing[first])
    return Spaces.of_seeds(of, {run.spec.seed: mixing[run.run_id] for run in kept})


def of_newest_way(
    runs: Sequence[RunRecord], basis_of: Callable[[RunRecord], str]
) -> list[RunRecord]:
    """Those that were measured as the newest was: numbers of two ways must not be averaged."""
    if not runs:
        return []
    newest = basis_of(max(runs, key=lambda run: run.finished or 0.0))
    return [run for run in runs if basis_of(run) == newest]


def basis(record: Mapping[str, Any]) -> str:
    """What stands in the record of a run; older ones say nothing."""
    return str((record.get("mixing") or {}).get("basis", ""))


def measured_set(
    name: str, runs: Sequence[RunRecord], record: Mapping[str, Any], mixing: Mixing
) -> MeasuredSet:
    """The set of these runs. record and mixing: those of the first."""
    spec = runs[0].spec
    return MeasuredSet(
        name,
        spec.model,
        space=str(record.get("pretrained", "")),
        basis=basis(record),
        messages=_messages(record, spec.targets, mixing),
        budget=spec.budget,
        runs=tuple((run.spec.seed, run.run_id, run.finished or 0.0) for run in runs),
    )


def _messages(record: Mapping[str, Any], targets: Iterable[str], mixing: Mixing) -> str:
    said = Told.of_record(record)
    if not (said and said.messages):
        return ""
    lacking = sorted(set(targets) - set(said.languages))
    without = (
        words_mixing.MIX_MESSAGES_LACKING.format(languages=", ".join(lacking)) if lacking else ""
    )
    return words_mixing.MIX_MESSAGES.format(number=mixing.after.items, without=without)


def measured_on(sets: Iterable[MeasuredSet]) -> str:
    """What sets were measured on, where that is not the task's own sentences; else nothing."""
    said: dict[str, list[str]] = {}
    for one in sets:
        said.setdefault(one.messages, []).append(one.name)
    if len(said) == 1:
        return next(iter(said))
    return " ".join(
        words_mixing.MIX_MESSAGES_OF.format(sets="; ".join(names), said=messages)
        for messages, names in said.items()
        if messages
    )


# Columns ---------------------------------------------------------------------------------------


def families(spaces: Iterable[Spaces], subset: Subset) -> Iterator[tuple[str, list[Spaces]]]:
    """The name of each model before training, and the sets that came from it. Over other subsets
    than all, which are other languages for other sets, it has a name for each split."""
    groups: dict[tuple[object, ...], list[Spaces]] = {}
    for one in spaces:
        split = () if subset == "all" else one.seen
        groups.setdefault((one.of.model, one.of.space, one.of.basis, split), []).append(one)
    models = [group[0].of.model for group in groups.values()]
    for group in groups.values():
        model = group[0].of.model
        name = before_name(model, alone=len(set(models)) == 1)
        if models.count(model) > 1:
            sets = "; ".join(one.of.name for one in group)
            name = words_mixing.MIX_BEFORE_OF.format(before=name, sets=sets)
        yield name, group


def marks_and_points(
    spaces: Sequence[Spaces], subsets: Iterable[Subset] = SHOWN_SUBSETS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """MARKS, a row a column and value, columns in the order in which they stand: one from before
    training, the sets that came from it, and so on; and POINTS, the same of each seed,
    of columns that have a few."""
    marks: Rows = []
    points: Rows = []
    for subset in subsets:
        for name, group in families(spaces, subset):
            marks += _marks(name, subset, group[0].summary_before, 0)
            for one in group:
                marks += _marks(one.of.name, subset, one.summary_after, len(one.after))
                few = 1 < len(one.after) < FEW_SEEDS
                points += [
                    (one.of.name, subset, metric, seed, found.value)
                    for seed, measured in one.after.items()
                    for (of, metric), found in measured.estimates.items()
                    if few and of == subset and found
                ]
    return _table(marks, MARKS), _table(points, POINTS)


def _marks(name: str, subset: Subset, table: pd.DataFrame, seeds: int) -> Rows:
    rows = table[table["subset"] == subset].itertuples(index=False, name=None)
    return [(name, bool(seeds), *row, seeds) for row in rows]


def pairs(spaces: Sequence[Spaces]) -> pd.DataFrame:
    """PAIRS: of each column every measure that two languages alone have, each pair once."""
    parts = []
    for name, family in families(spaces, "all"):
        columns = {name: family[0].untouched, **{one.of.name: one.together for one in family}}
        parts += [matrix(measured).assign(column=of) for of, measured in columns.items()]
    return pd.concat(parts, ignore_index=True)[PAIRS].astype({"value": float})


# Changes ---------------------------------------------------------------------------------------


def trainings(spaces: Sequence[Spaces]) -> tuple[Comparison, ...]:
    """Of each set, from before training to after it."""
    alone = len({one.of.model for one in spaces}) == 1
    return tuple(
        Comparison(
            before=before_name(one.of.model, alone),
            after=one.of.name,
            training=True,
            seeds=len(one.after),
            budgets_differ=False,
            table=_changes(one.after, one.before),
        )
        for one in spaces
    )


def between(one: Spaces, other: Spaces) -> tuple[Comparison | None, str]:
    """From one set to the other, over the seeds that both have; or why that cannot be."""
    names = {"before": one.of.name, "after": other.of.name}
    seeds = [seed for seed in one.after if seed in other.after]
    if not seeds:
        return None, words_mixing.MIX_NO_COMMON_SEED.format(**names)
    old, new = ({seed: spaces.after[seed] for seed in seeds} for spaces in (one, other))
    if one.measured_on != other.measured_on:
        return None, words_mixing.MIX_OTHER_SENTENCES.format(**names)
    found = Comparison(
        **names,
        training=False,
        seeds=len(seeds),
        budgets_differ=one.of.budget != other.of.budget,
        table=_changes(new, old),
    )
    return found, ""


def _changes(after: dict[int, Measured], before: dict[int, Measured]) -> pd.DataFrame:
    """CHANGES; both of the same seeds in the same order."""
    new, old = (pooled(list(by_seed.values())) for by_seed in (after, before))
    rows: Rows = []
    for subset, metric, *change in difference(new, old).itertuples(index=False, name=None):
        ends = [measured.estimates[subset, metric] for measured in (old, new)]
        rows.append((subset, metric, *(end.value if end else None for end in ends), *change))
    return _table(rows, CHANGES)


def _table(rows: Rows, columns: list[str]) -> pd.DataFrame:
    """What is missing is nan."""
    numbers = {name: float for name in NUMBERS if name in columns}
    return pd.DataFrame(rows, columns=columns).astype(numbers)
