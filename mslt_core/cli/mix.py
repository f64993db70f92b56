"""How far runs mingled the languages: read from the store, compared, and ready for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mslt_core.analysis.mixing import SUBSETS, Measured, matrix, summary
from mslt_core.analysis.transfer import configuration, labels
from mslt_core.catalog import parallel
from mslt_core.cli.runs import finished, named
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument, RunSpec
from mslt_core.ui import measured_sets
from mslt_core.ui.measured_sets import Comparison, Spaces, families
from mslt_core.ui.mixing_sentence import sentence

PRETRAINED = "pretrained"
"""Stands for the model before training where a run's id would stand."""


@dataclass(frozen=True, eq=False)
class Mixed:
    """Source sets side by side, each of the runs that differ in the seed alone."""

    sets: list[Spaces]
    source: str
    """What they were measured on: the name of the task, or of the bundled messages."""
    changes: list[Comparison]
    """From before training to each set, and from the first set to each other one."""
    apart: list[str]
    """Why others cannot be compared with the first."""

    @property
    def said(self) -> list[str]:
        """What changed over all languages, a text for each change, as the page Compare says it."""
        found = [sentence(change, "all").replace("**", "") for change in self.changes]
        return [*filter(None, found), *(reason.replace("**", "") for reason in self.apart)]

    def to_dict(self) -> dict[str, Any]:
        """Rows for JSON; a value that does not exist is None. A set of several runs goes by their
        ids with commas between them, and stands beside each of its runs."""
        measured = self.sets[0].together
        ids = {one.of.name: run_id(one) for one in self.sets}
        return {
            "sentences": {
                "source": self.source,
                "number": measured.items,
                "languages": list(measured.languages),
            },
            "rows": list(self._rows()),
            "differences": [
                {
                    "after": ids[change.after],
                    "before": PRETRAINED if change.training else ids[change.before],
                    **row,
                }
                for change in self.changes
                for row in _records(change.table.drop(columns=["before", "after"]))
            ],
            "pairs": list(self._pairs()),
            "said": self.said,
        }

    def _rows(self) -> Iterator[dict[str, Any]]:
        """Subset by subset the models before training, each with the sets that came from it."""
        for subset in SUBSETS:
            for _, family in families(self.sets, subset):
                spaces = [(PRETRAINED, _all_runs(family), family[0].untouched)]
                for one in family:
                    spaces += [(run, [run], one.after[seed]) for seed, run, _ in one.of.runs]
                    if len(one.after) > 1:
                        spaces.append((run_id(one), _all_runs([one]), one.together))
                for name, runs, measured in spaces:
                    table = summary(measured)
                    for row in _records(table[table["subset"] == subset]):
                        yield {"run_id": name, "runs": runs, **row}

    def _pairs(self) -> Iterator[dict[str, Any]]:
        """The same of each pair of languages alone, over all seeds."""
        for _, family in families(self.sets, "all"):
            spaces: list[tuple[str, list[str], Measured]] = [
                (PRETRAINED, _all_runs(family), family[0].untouched),
                *((run_id(one), _all_runs([one]), one.together) for one in family),
            ]
            for name, runs, measured in spaces:
                for row in _records(matrix(measured)):
                    yield {"run_id": name, "runs": runs, **row}


def run_id(of: Spaces) -> str:
    """What stands for a set where a run's id would stand."""
    return ",".join(_all_runs([of]))


def compare(store: Store, names: str) -> Mixed:
    """The mixing of runs whose ids are given as a comma-separated list.

    Raises BadArgument for what is no run, is not finished, has no mixing, or was measured on other
    sentences than the first; WorkFailed where results are broken.
    """
    records = [finished(store, name) for name in named(names)]
    _refuse(store, records)
    groups: dict[RunSpec, list[RunRecord]] = {}
    for record in records:
        groups.setdefault(configuration(record.spec), []).append(record)
    called = labels(groups)
    read = (measured_sets.read(store, called[spec], runs) for spec, runs in groups.items())
    first, *others = sets = [one for one in read if one]
    between = [measured_sets.between(first, other) for other in others]
    return Mixed(
        sets,
        parallel.NAME if first.of.messages else records[0].spec.task,
        [*measured_sets.trainings(sets), *(change for change, _ in between if change)],
        [reason for _, reason in between if reason],
    )


def _refuse(store: Store, records: list[RunRecord]) -> None:
    """Raises BadArgument for runs that were not measured, or not on the same."""
    bases = {}
    for record in records:
        if store.mixing(record.run_id) is None:
            why = store.no_mixing(record.run_id)
            raise BadArgument(f"Run {record.run_id} has no mixing. {why}")
        bases[record.run_id] = measured_sets.basis(store.run_json(record.run_id))
    first, *others = bases
    for other in others:
        if bases[other] != bases[first]:
            raise BadArgument(
                f"Runs {first} and {other} were not measured on the same sentences: compare runs "
                "on the same task, data and targets."
            )


def _all_runs(sets: list[Spaces]) -> list[str]:
    return [run for one in sets for _, run, _ in one.of.runs]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): None if pd.isna(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]
