"""The ledger: which runs are asked for, which one is being worked on and by whom, how each ended.

One SQLite file, the only thing that the app and the workers share. Every call is one transaction
on a connection of its own, so any thread of any process may use a `Ledger`.

A run is claimed by one process at a time; whether it may begin beside others is said in
openings.py. All that a claimant writes is conditional on the claim
still being its own: a process that was given up for dead cannot disturb its successor.
"""

from __future__ import annotations

import dataclasses
import json
import platform
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from mslt_core.jobs import database
from mslt_core.jobs.openings import QUEUED_IN_TURN, openings
from mslt_core.jobs.processes import alive
from mslt_core.spec import BadArgument, RunSpec, datasets_folder

ATTEMPTS = 2
"""Times that a run is started before the death of its process fails it."""


class State(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (State.QUEUED, State.RUNNING)


class ClaimLost(Exception):
    """The run was taken from the process that claimed it: that process must let go of it."""


@dataclass(frozen=True)
class RunRecord:
    """One run as the ledger knows it. Times are unix seconds."""

    run_id: str
    spec: RunSpec
    state: State
    attempt: int
    """How often it was started since it was last asked for; 0 while it never was."""
    worker: str | None
    pid: int | None
    pid_started: float | None
    created: float
    """When it was last asked for."""
    started: float | None
    finished: float | None
    heartbeat: float | None
    stage: str
    step: int
    total: int
    loss: float | None
    tokens_per_second: float | None
    cancel_requested: bool
    message: str
    """For a person: why it failed, or why it is tried again."""
    mean: float | None
    """Mean score over all targets, once done."""
    host: str | None
    position: int
    """Lower is sooner; runs of one position are taken in the order they were asked for."""
    datasets: str
    """MSLT_DATASETS of the one who asked, an absolute path or empty."""
    alone: bool
    """While it is running: whether it has the machine to itself, and so may use all cores."""


_NO_PROGRESS = "stage = '', step = 0, total = 0, loss = NULL, tokens_per_second = NULL"
_UNCLAIMED = """worker = NULL, pid = NULL, pid_started = NULL, host = NULL, heartbeat = NULL,
    alone = 1"""
_AFRESH = f"""state = 'queued', attempt = 0, {_UNCLAIMED}, started = NULL, finished = NULL,
    {_NO_PROGRESS}, cancel_requested = 0, message = '', mean = NULL, position = 0"""
_FIRST_QUEUED = f"SELECT run_id {QUEUED_IN_TURN} LIMIT 1"
_OWN = "run_id = ? AND worker = ? AND pid = ? AND attempt = ? AND state = 'running'"


class DeadRun(NamedTuple):
    """A running run whose process is given up."""

    run: RunRecord
    how: str
    """What became of the process, as the rest of a sentence about it."""


class Ledger:
    """The runs in the SQLite file `path`, which is made when missing.

    Every method raises WorkFailed when the file cannot be used or is of a newer MSLT Lab.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        database.migrate(path)

    # What anyone may ask -------------------------------------------------------------------

    def get(self, run_id: str) -> RunRecord | None:
        """The record of a run, None when the ledger has none."""
        with database.transaction(self.path) as db:
            return _get(db, run_id)

    def runs(self) -> list[RunRecord]:
        """All runs, those last asked for first."""
        with database.transaction(self.path) as db:
            rows = db.execute("SELECT * FROM runs ORDER BY created DESC, rowid DESC").fetchall()
        return [record_of(row) for row in rows]

    def running(self) -> list[RunRecord]:
        """The runs that a process claims to be working on."""
        with database.transaction(self.path) as db:
            rows = db.execute("SELECT * FROM runs WHERE state = 'running'").fetchall()
        return [record_of(row) for row in rows]

    def counts(self) -> dict[State, int]:
        """How many runs there are in each state."""
        with database.transaction(self.path) as db:
            found = dict(db.execute("SELECT state, count(*) FROM runs GROUP BY state").fetchall())
        return {state: found.get(state.value, 0) for state in State}

    def enqueue(self, run_id: str, spec: RunSpec) -> RunRecord:
        """Asks for a run. One that is queued, running or done stays as it is; one that failed or
        was cancelled is queued again."""
        (record,) = self.enqueue_all([(run_id, spec)])
        return record

    def enqueue_all(self, runs: Iterable[tuple[str, RunSpec]]) -> list[RunRecord]:
        """As `enqueue`, of several at once: no process can claim the first of them as if it were
        the only one. Their turns come in this order."""
        with database.transaction(self.path, write=True) as db:
            return [_enqueue(db, run_id, spec) for run_id, spec in runs]

    def retry(self, run_id: str) -> RunRecord:
        """Queues a failed or cancelled run again, with all its attempts. Another state stays."""
        with database.transaction(self.path, write=True) as db:
            db.execute(
                f"""UPDATE runs SET {_AFRESH}, created = ?
                WHERE run_id = ? AND state IN ('failed', 'cancelled')""",
                (time.time(), run_id),
            )
            return _known(db, run_id)

    def request_cancel(self, run_id: str) -> RunRecord:
        """Cancels a queued run at once, and a running one at its next report."""
        with database.transaction(self.path, write=True) as db:
            db.execute(
                """UPDATE runs SET state = 'cancelled', finished = ?
                WHERE run_id = ? AND state = 'queued'""",
                (time.time(), run_id),
            )
            db.execute(
                "UPDATE runs SET cancel_requested = 1 WHERE run_id = ? AND state = 'running'",
                (run_id,),
            )
            return _known(db, run_id)

    def move_first(self, run_id: str) -> RunRecord:
        """Puts a queued run before all others."""
        with database.transaction(self.path, write=True) as db:
            db.execute(
                """UPDATE runs SET position = (SELECT min(position) - 1 FROM runs)
                WHERE run_id = ? AND state = 'queued'""",
                (run_id,),
            )
            return _known(db, run_id)

    def delete(self, run_id: str) -> None:
        """Forgets a run (its files are the store's). Raises BadArgument while it is running."""
        with database.transaction(self.path, write=True) as db:
            if _known(db, run_id).state is State.RUNNING:
                raise BadArgument(f"Run {run_id} is running: cancel it before you delete it.")
            db.execute("DELETE FROM runs WHERE run_id = ?", (run_id,))

    # What the process that works on a run says -----------------------------------------------

    def claim(
        self, worker: str, pid: int, pid_started: float, at_once: int = 1
    ) -> RunRecord | None:
        """Takes the first queued run for a process; None when none may begin. The record returned
        is the claim, to be shown to the methods below.

        at_once: runs that this machine may execute at the same time.
        """
        host = platform.node()
        with database.transaction(
            self.path
        ) as db:  # a look first: an idle child must not take the write lock
            if not openings(db, host, at_once).free:
                return None
        with database.transaction(self.path, write=True) as db:
            found, now = openings(db, host, at_once), time.time()
            if not found.free:
                return None
            rows = db.execute(
                f"""UPDATE runs SET state = 'running', attempt = attempt + 1, worker = ?, pid = ?,
                pid_started = ?, host = ?, started = ?, heartbeat = ?, alone = ?, {_NO_PROGRESS}
                WHERE run_id = ({_FIRST_QUEUED}) RETURNING *""",
                (worker, pid, pid_started, host, now, now, found.alone),
            ).fetchall()
        return record_of(rows[0])

    def heartbeat(self, claim: RunRecord) -> bool:
        """Says that the process lives. Returns whether a person asked to cancel the run; raises
        ClaimLost, as all methods that take a claim do, when the run is no longer the process's."""
        return self._own(claim, "heartbeat = ?", (time.time(),))

    def progress(
        self,
        claim: RunRecord,
        stage: str,
        step: int,
        total: int,
        loss: float | None = None,
        tokens_per_second: float | None = None,
    ) -> bool:
        """A heartbeat that says how far the run is. Returns whether it is to be cancelled."""
        return self._own(
            claim,
            "heartbeat = ?, stage = ?, step = ?, total = ?, loss = ?, tokens_per_second = ?",
            (time.time(), stage, step, total, loss, tokens_per_second),
        )

    def finish(self, claim: RunRecord, mean: float | None) -> None:
        """The run is done and its results are stored."""
        self._end(claim, State.DONE, "", mean)

    def fail(self, claim: RunRecord, message: str) -> None:
        """The run failed; message is one sentence for a person."""
        self._end(claim, State.FAILED, message)

    def cancelled(self, claim: RunRecord) -> None:
        """The run stopped because a person asked for it."""
        self._end(claim, State.CANCELLED, "")

    def release(self, claim: RunRecord) -> None:
        """Gives the run back to the queue as if this attempt had not been; one that was to be
        cancelled is cancelled."""
        if self.heartbeat(claim):
            self.cancelled(claim)
            return
        self._own(claim, f"state = 'queued', attempt = attempt - 1, {_UNCLAIMED}, {_NO_PROGRESS}")

    def _end(self, claim: RunRecord, state: State, message: str, mean: float | None = None) -> None:
        self._own(
            claim,
            "state = ?, finished = ?, message = ?, mean = ?, cancel_requested = 0",
            (state.value, time.time(), message, mean),
        )

    def _own(self, claim: RunRecord, changes: str, values: tuple[Any, ...] = ()) -> bool:
        owner = (claim.run_id, claim.worker, claim.pid, claim.attempt)
        with database.transaction(self.path, write=True) as db:
            rows = db.execute(
                f"UPDATE runs SET {changes} WHERE {_OWN} RETURNING cancel_requested",
                (*values, *owner),
            ).fetchall()
        if not rows:
            raise ClaimLost(claim.run_id)
        return bool(rows[0]["cancel_requested"])

    # What the supervisor and the store say ---------------------------------------------------

    def find_dead(
        self, stale_after: float = 60.0, how_ended: Mapping[int, str] | None = None
    ) -> list[DeadRun]:
        """The running runs whose process is gone, or silent for stale_after seconds. Only reads:
        it finds a process that hangs with the ledger's write lock in its hands.

        how_ended maps a pid to what became of it, as the rest of a sentence about the training
        process.
        """
        told = how_ended or {}
        looked_at = (
            (run, told.get(run.pid or 0) or _how_dead(run, stale_after)) for run in self.running()
        )
        return [DeadRun(run, how) for run, how in looked_at if how]

    def take_back(self, dead: Iterable[DeadRun]) -> list[RunRecord]:
        """Takes runs from the processes that `find_dead` found dead.

        A run goes back to the queue until its attempts are used, then it fails with the reason;
        one that was to be cancelled is cancelled. Returns the records as they were.
        """
        taken = []
        for run, how in dead:
            with suppress(ClaimLost):  # it ended, or another supervisor was quicker
                self._take_back(run, how)
                taken.append(run)
        return taken

    def _take_back(self, run: RunRecord, how: str) -> None:
        if run.cancel_requested:
            self.cancelled(run)
        elif run.attempt >= ATTEMPTS:
            self.fail(
                run,
                f"The training process {how}, at the last of {run.attempt} attempts: try a smaller "
                "batch size or fewer targets, and read the run's log.",
            )
        else:
            message = f"The training process {how}; the run is tried once more."
            self._own(run, f"state = 'queued', message = ?, {_UNCLAIMED}", (message,))

    def fail_next(self, message: str) -> None:
        """Fails the first queued run, for which no process can be started."""
        with database.transaction(self.path, write=True) as db:
            db.execute(
                f"""UPDATE runs SET state = 'failed', finished = ?, message = ?
                WHERE run_id = ({_FIRST_QUEUED})""",
                (time.time(), message),
            )

    def record_done(self, run_id: str, spec: RunSpec, mean: float | None) -> None:
        """Notes a run whose results are in the store, whatever the ledger thought of it."""
        with database.transaction(self.path, write=True) as db:
            db.execute(
                """INSERT INTO runs (run_id, spec, state, created, finished, mean)
                VALUES (:id, :spec, 'done', :now, :now, :mean)
                ON CONFLICT (run_id) DO UPDATE SET state = 'done', mean = excluded.mean,
                finished = coalesce(finished, :now), message = '', cancel_requested = 0""",
                {
                    "id": run_id,
                    "spec": json.dumps(spec.to_dict()),
                    "now": time.time(),
                    "mean": mean,
                },
            )

    def record_broken(self, run_id: str, message: str) -> None:
        """Fails a run that was done, because its results are damaged or gone."""
        with database.transaction(self.path, write=True) as db:
            db.execute(
                """UPDATE runs SET state = 'failed', message = ?, mean = NULL
                WHERE run_id = ? AND state = 'done'""",
                (message, run_id),
            )


def _how_dead(run: RunRecord, stale_after: float) -> str:
    """What became of a run's process, as the rest of a sentence; empty while it lives."""
    if run.host == platform.node() and not alive(run.pid or 0, run.pid_started or 0.0):
        return "ended without a word"
    if time.time() - (run.heartbeat or 0.0) > stale_after:
        return f"gave no sign of life for {stale_after:.0f} seconds"
    return ""


def _get(db: sqlite3.Connection, run_id: str) -> RunRecord | None:
    rows = db.execute("SELECT * FROM runs WHERE run_id = ?", (run_id,)).fetchall()
    return record_of(rows[0]) if rows else None


def _enqueue(db: sqlite3.Connection, run_id: str, spec: RunSpec) -> RunRecord:
    db.execute(
        f"""INSERT INTO runs (run_id, spec, state, created, datasets)
        VALUES (?, ?, 'queued', ?, ?)
        ON CONFLICT (run_id) DO UPDATE SET {_AFRESH}, spec = excluded.spec,
        created = excluded.created, datasets = excluded.datasets
        WHERE state IN ('failed', 'cancelled')""",
        (run_id, json.dumps(spec.to_dict()), time.time(), datasets_folder()),
    )
    return _known(db, run_id)


def _known(db: sqlite3.Connection, run_id: str) -> RunRecord:
    record = _get(db, run_id)
    if record is None:
        raise BadArgument(f"There is no run {run_id}: choose one that the list of runs shows.")
    return record


def record_of(row: sqlite3.Row) -> RunRecord:
    """The record that a whole row of the table `runs` holds."""
    values = {field.name: row[field.name] for field in dataclasses.fields(RunRecord)}
    values["spec"] = RunSpec.from_dict(json.loads(row["spec"]))
    values["state"] = State(row["state"])
    values["cancel_requested"] = bool(row["cancel_requested"])
    values["alone"] = bool(row["alone"])
    return RunRecord(**values)
