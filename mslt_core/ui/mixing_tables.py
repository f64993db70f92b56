"""How languages mix in the models of source sets: read from the store, and put into tables.

Nothing is measured here: a run's worker did that. Seeds are taken together, and spaces compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import streamlit as st

from mslt_core.analysis.mixing import Measured, Mixing, Subset, difference, pooled, summary
from mslt_core.jobs.store import Store
from mslt_core.ui import words
from mslt_core.ui.columns import before_name

OVER: tuple[Subset, ...] = ("all", "seen", "unseen")
"""Over which languages values are shown. Those of mixed pairs stand in a run's files alone."""
MARKS = ["column", "tuned", "subset", "metric", "value", "low", "high", "null", "seeds"]
POINTS = ["column", "subset", "metric", "seed", "value"]
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


@dataclass(frozen=True)
class Tables:
    """What there is to show of several sets.

    marks: MARKS, a row a column and value, columns in the order in which they stand; points:
    POINTS, the same of each seed. Over the seen and the unseen, which are other languages for
    other sets, the space before training has a column for each split.
    """

    marks: pd.DataFrame
    points: pd.DataFrame
    trainings: tuple[Comparison, ...]
    """Of each set, from before training to after it."""
    between: Comparison | None
    """From the baseline to the other set with the most languages; None if there is one set alone,
    or for a reason."""
    apart: str
    """The reason: why these two cannot be compared; empty if they can."""
    same_seen: bool
    """Whether all sets were trained on the same languages, so that seen and unseen are, too."""


@dataclass(frozen=True, eq=False)
class _Spaces:
    """A set with what was measured, by seed."""

    of: MeasuredSet
    before: dict[int, Measured]
    after: dict[int, Measured]

    @property
    def seen(self) -> tuple[str, ...]:
        return next(iter(self.after.values())).seen

    @property
    def measured_on(self) -> tuple[object, ...]:
        space = next(iter(self.after.values()))
        return self.of.basis, space.languages, space.items

    @cached_property
    def summary_before(self) -> pd.DataFrame:
        # Before training there is no luck of it: all seeds have the same.
        return summary(next(iter(self.before.values())))

    @cached_property
    def summary_after(self) -> pd.DataFrame:
        return summary(pooled(list(self.after.values())))


@dataclass(frozen=True, eq=False)
class Stored:
    """What was measured of a run, and what it says itself of that; older ones say nothing."""

    mixing: Mixing | None
    basis: str
    """Equal for runs whose numbers can be compared."""
    missing: str
    """Why it was not measured."""


@st.cache_resource(show_spinner=False, max_entries=500)
def stored(home: str, run_id: str, finished: float) -> Stored:
    """What is stored of a run, only to be read. finished: a run that was deleted and trained again
    keeps its id, and may have what it had not before."""
    store = Store(Path(home))
    said = store.run_json(run_id).get("mixing") or {}
    return Stored(store.mixing(run_id), said.get("basis", ""), said.get("missing", ""))


@st.cache_data(show_spinner=False, max_entries=50)
def tables(home: str, sets: tuple[MeasuredSet, ...], baseline: str) -> Tables:
    """The tables of sets of which each has at least one run that was measured, those with the
    most languages last. baseline: the name of the set that others are compared with; the first
    where that one was not measured."""
    spaces = [_read(home, one) for one in sets]
    marks, points = _marks_and_points(spaces)
    first = next((one for one in spaces if one.of.name == baseline), spaces[0])
    others = [one for one in spaces if one is not first]
    between, apart = _between(first, others[-1]) if others else (None, "")
    return Tables(
        _table(marks, MARKS),
        _table(points, POINTS),
        _trainings(spaces),
        between,
        apart,
        same_seen=len({one.seen for one in spaces}) == 1,
    )


def _read(home: str, of: MeasuredSet) -> _Spaces:
    found = {seed: stored(home, run_id, finished) for seed, run_id, finished in of.runs}
    measured = {seed: one.mixing for seed, one in found.items() if one.mixing}
    return _Spaces(
        of,
        before={seed: mixing.before for seed, mixing in measured.items()},
        after={seed: mixing.after for seed, mixing in measured.items()},
    )


def _marks_and_points(spaces: list[_Spaces]) -> tuple[Rows, Rows]:
    marks: Rows = []
    points: Rows = []
    for subset in OVER:
        for name, table, by_seed in _columns(spaces, subset):
            rows = table[table["subset"] == subset].itertuples(index=False, name=None)
            marks += [(name, bool(by_seed), *row, len(by_seed)) for row in rows]
            points += [
                (name, subset, metric, seed, found.value)
                for seed, measured in by_seed.items()
                for (of, metric), found in measured.estimates.items()
                if of == subset and found
            ]
    return marks, points


def _columns(
    spaces: Iterable[_Spaces], subset: Subset
) -> Iterator[tuple[str, pd.DataFrame, dict[int, Measured]]]:
    """Each column with its summary, and what was measured by seed (nothing before training):
    one from before training, the sets that came from it, and so on."""
    groups: dict[tuple[object, ...], list[_Spaces]] = {}
    for one in spaces:
        split = () if subset == "all" else one.seen
        groups.setdefault((one.of.model, one.of.space, one.of.basis, split), []).append(one)
    models = [group[0].of.model for group in groups.values()]
    for group in groups.values():
        model = group[0].of.model
        name = before_name(model, alone=len(set(models)) == 1)
        if models.count(model) > 1:
            sets = "; ".join(one.of.name for one in group)
            name = words.MIX_BEFORE_OF.format(before=name, sets=sets)
        yield name, group[0].summary_before, {}
        yield from ((one.of.name, one.summary_after, one.after) for one in group)


def _trainings(spaces: list[_Spaces]) -> tuple[Comparison, ...]:
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


def _between(one: _Spaces, other: _Spaces) -> tuple[Comparison | None, str]:
    """From one set to the other, over the seeds that both have; or why that cannot be."""
    names = {"before": one.of.name, "after": other.of.name}
    seeds = [seed for seed in one.after if seed in other.after]
    if not seeds:
        return None, words.MIX_NO_COMMON_SEED.format(**names)
    old, new = ({seed: spaces.after[seed] for seed in seeds} for spaces in (one, other))
    if one.measured_on != other.measured_on:
        return None, words.MIX_OTHER_SENTENCES.format(**names)
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
        if subset in OVER:
            rows.append((subset, metric, *(end.value if end else None for end in ends), *change))
    return _table(rows, CHANGES)


def _table(rows: Rows, columns: list[str]) -> pd.DataFrame:
    """What is missing is nan."""
    numbers = {name: float for name in NUMBERS if name in columns}
    return pd.DataFrame(rows, columns=columns).astype(numbers)
