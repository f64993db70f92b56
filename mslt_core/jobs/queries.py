"""What pages and workers ask of the ledger: each answer costs by what is asked for, not by how much
is stored.
"""

from __future__ import annotations

import json
import platform
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from mslt_core.jobs import database
from mslt_core.jobs.ledger import Ledger, RunRecord, State, record_of
from mslt_core.jobs.openings import openings

ORDERS = {
    "newest": "created DESC, rowid DESC",
    "best": "mean DESC, created DESC, rowid DESC",
    "longest": "finished - started DESC, created DESC, rowid DESC",
}
"""The orders in which runs can be listed."""

_TURNS = "state = 'queued', position, created, rowid"


@dataclass(frozen=True)
class Wanted:
    """Which runs are asked for: all, unless something is said."""

    state: State | None = None
    model: str | None = None
    task: str | None = None
    text: str = ""
    """Words that all must fit: a source language, a part of the model's or the task's name, the
    method, or how the run_id begins."""

    def condition(self) -> tuple[str, list[str]]:
        """The same in SQL, and the values of its parameters."""
        exact = {"state": self.state, "model": self.model, "task": self.task}
        given = {column: value for column, value in exact.items() if value is not None}
        parts, values = [f"{column} = ?" for column in given], list(given.values())
        for word in self.text.lower().replace(",", " ").split():
            parts.append(_FITS)
            values += [word] * 4 + [f'"{word}"']
        return " AND ".join(parts) or "TRUE", values


# instr, unlike LIKE, takes every sign of a word for itself.
_FITS = """(instr(lower(model), ?) OR instr(lower(task), ?) OR instr(run_id, ?) = 1
    OR json_extract(spec, '$.method') = ? OR instr(lower(json_extract(spec, '$.sources')), ?))"""


@dataclass(frozen=True)
class Repetition:
    """What stands in the ledger of a finished run and of what it repeats."""

    run_id: str
    configuration: str
    """The spec without its seed, as JSON."""
    seed: int
    basis: str
    """What its results stand on besides the spec: see `jobs.basis`."""


def version(ledger: Ledger) -> int:
    """A number that is another one after any run was added, removed, or changed its state or its
    score; the progress of a run leaves it. What was computed from the ledger holds as long."""
    return int(_rows(ledger, "SELECT count FROM changes")[0][0])


def counts(ledger: Ledger, text: str = "") -> dict[State, int]:
    """How many of the runs that a text fits there are in each state."""
    if not text.strip():
        return ledger.counts()
    where, values = Wanted(text=text).condition()
    sql = f"SELECT state, count(*) FROM runs WHERE {where} GROUP BY state"
    found = {name: int(count) for name, count in _rows(ledger, sql, *values)}
    return {state: found.get(state.value, 0) for state in State}


def listed(
    ledger: Ledger,
    wanted: Wanted,
    order: str = "newest",
    limit: int | None = None,
    offset: int = 0,
) -> list[RunRecord]:
    """Some of the runs that are wanted, in one of the ORDERS; without a limit all of them."""
    where, values = wanted.condition()
    return _records(
        ledger,
        f"WHERE {where} ORDER BY {ORDERS[order]} LIMIT ? OFFSET ?",
        *values,
        -1 if limit is None else limit,
        offset,
    )


def named(ledger: Ledger, run_ids: Iterable[str]) -> list[RunRecord]:
    """The runs of these ids, in their order; what is not in the ledger is left out."""
    ids = list(dict.fromkeys(run_ids))
    found = _records(ledger, "WHERE run_id IN (SELECT value FROM json_each(?))", json.dumps(ids))
    place = {run_id: i for i, run_id in enumerate(ids)}
    return sorted(found, key=lambda run: place[run.run_id])


def active(ledger: Ledger, limit: int) -> list[RunRecord]:
    """Runs in progress, then those waiting, in the order of their turns."""
    return _records(
        ledger, f"WHERE state IN ('running', 'queued') ORDER BY {_TURNS} LIMIT ?", limit
    )


def turns(ledger: Ledger) -> dict[str, int]:
    """The turn of each queued run, from 1 on, those in progress being the first."""
    rows = _rows(
        ledger, f"SELECT run_id FROM runs WHERE state IN ('running', 'queued') ORDER BY {_TURNS}"
    )
    return {row["run_id"]: turn for turn, row in enumerate(rows, start=1)}


def done_ids(ledger: Ledger) -> set[str]:
    """The ids of all finished runs."""
    return {row["run_id"] for row in _rows(ledger, "SELECT run_id FROM runs WHERE state = 'done'")}


def repetitions(ledger: Ledger) -> list[Repetition]:
    """All finished runs whose basis is known, newest first."""
    rows = _rows(
        ledger,
        """SELECT run_id, json_remove(spec, '$.seed') AS configuration,
        json_extract(spec, '$.seed') AS seed, basis FROM runs
        WHERE state = 'done' AND basis IS NOT NULL ORDER BY created DESC, rowid DESC""",
    )
    return [Repetition(*row) for row in rows]


def processes_wanted(ledger: Ledger, at_once: int) -> int:
    """How many processes there is work for on this machine, which executes up to at_once runs at
    the same time: those in progress, and those that may begin now."""
    with database.transaction(ledger.path) as db:
        found = openings(db, platform.node(), at_once)
    return found.running + found.free


def has_claimed(ledger: Ledger, worker: str) -> bool:
    """Whether there is a run that this worker was the last to claim."""
    return bool(_rows(ledger, "SELECT 1 FROM runs WHERE worker = ? LIMIT 1", worker))


def _records(ledger: Ledger, rest: str, *values: object) -> list[RunRecord]:
    return [record_of(row) for row in _rows(ledger, f"SELECT * FROM runs {rest}", *values)]


def _rows(ledger: Ledger, sql: str, *values: object) -> list[sqlite3.Row]:
    with database.transaction(ledger.path) as db:
        return db.execute(sql, values).fetchall()
