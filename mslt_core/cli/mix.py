"""How far runs mingled the languages: read from the store, compared, and ready for JSON."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mslt_core.analysis.mixing import SUBSETS, Measured, Mixing, Subset, difference, summary
from mslt_core.catalog.map_sentences import Told
from mslt_core.cli.runs import finished, named
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument

PRETRAINED = "pretrained"
"""Stands for the model before training where a run's id would stand."""


@dataclass(frozen=True)
class Run:
    """A finished run that has a mixing."""

    run_id: str
    sources: tuple[str, ...]
    basis: str
    """Equal for runs that were measured on the same sentences in the same way."""
    sentences: str
    """Which: the name of the task, or of the bundled messages."""
    mixing: Mixing


@dataclass(frozen=True, eq=False)
class Values:
    """What was measured of one subset of one space: of a run, or of the model before training,
    whose values stand once for all runs that share them."""

    run_id: str
    """Or PRETRAINED."""
    runs: tuple[str, ...]
    """The runs that it belongs to: this one, or those with this model before training."""
    subset: Subset
    table: pd.DataFrame
    """Columns metric, value, low, high, null."""


@dataclass(frozen=True, eq=False)
class Change:
    """What changed from one space to another, run_ids or PRETRAINED."""

    after: str
    before: str
    table: pd.DataFrame
    """Columns subset, metric, value, low, high."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs side by side. The changes are from each run's pretrained model to it, and from the first
    run to each other one."""

    runs: list[Run]
    values: list[Values]
    changes: list[Change]

    def to_dict(self) -> dict[str, Any]:
        """Rows for JSON; a value that does not exist is None."""
        measured = self.runs[0].mixing.after
        return {
            "sentences": {
                "source": self.runs[0].sentences,
                "number": measured.items,
                "languages": list(measured.languages),
            },
            "rows": [
                {"run_id": of.run_id, "runs": list(of.runs), "subset": of.subset, **row}
                for of in self.values
                for row in _rows(of.table)
            ],
            "differences": [
                {"after": change.after, "before": change.before, **row}
                for change in self.changes
                for row in _rows(change.table)
            ],
        }


def compare(store: Store, names: str) -> Comparison:
    """The mixing of runs whose ids are given as a comma-separated list.

    Raises BadArgument for what is no run, is not finished, has no mixing, or was measured on other
    sentences than the first; WorkFailed where results are broken.
    """
    first, *others = runs = [_run(store, run_id) for run_id in named(names)]
    for other in others:
        if other.basis != first.basis:
            raise BadArgument(
                f"Runs {first.run_id} and {other.run_id} were not measured on the same sentences: "
                "compare runs on the same task, data and targets."
            )
    changes = [
        Change(run.run_id, PRETRAINED, difference(run.mixing.after, run.mixing.before))
        for run in runs
    ]
    changes += [
        Change(other.run_id, first.run_id, difference(other.mixing.after, first.mixing.after))
        for other in others
    ]
    return Comparison(runs, _values(runs), changes)


def _run(store: Store, run_id: str) -> Run:
    record = finished(store, run_id)
    mixing = store.mixing(run_id)
    if mixing is None:
        raise BadArgument(f"Run {run_id} has no mixing. {store.no_mixing(run_id)}")
    said = store.run_json(run_id)
    basis = said.get("mixing", {}).get("basis", "")
    told = Told.of_record(said)
    sentences = told.source if told else record.spec.task
    return Run(run_id, record.spec.sources, basis, sentences, mixing)


def _values(runs: list[Run]) -> list[Values]:
    """Subset by subset the models before training, then the runs."""
    found = []
    before = {run.run_id: _by_subset(run.mixing.before) for run in runs}
    after = {run.run_id: _by_subset(run.mixing.after) for run in runs}
    for subset in SUBSETS:
        for ids, table in _shared({run_id: tables[subset] for run_id, tables in before.items()}):
            found.append(Values(PRETRAINED, ids, subset, table))
        for run_id, tables in after.items():
            found.append(Values(run_id, (run_id,), subset, tables[subset]))
    return found


def _by_subset(measured: Measured) -> dict[Subset, pd.DataFrame]:
    table = summary(measured)
    return {
        subset: table[table["subset"] == subset].drop(columns="subset").reset_index(drop=True)
        for subset in SUBSETS
    }


def _shared(tables: dict[str, pd.DataFrame]) -> list[tuple[tuple[str, ...], pd.DataFrame]]:
    """Tables that are different, each with the runs that have it."""
    having: dict[str, list[str]] = defaultdict(list)
    for run_id, table in tables.items():
        having[table.to_json()].append(run_id)
    return [(tuple(ids), tables[ids[0]]) for ids in having.values()]


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
