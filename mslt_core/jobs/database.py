"""The ledger's SQLite file: its schema, how it is brought up to date, and transactions on it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from mslt_core.spec import WorkFailed

BUSY_SECONDS = 10.0
"""How long a call waits for another process's transaction."""

# Each entry is one step of the schema, run in one transaction; `PRAGMA user_version` counts them.
# Never change an entry that was released: add one.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (
            run_id TEXT PRIMARY KEY, spec TEXT NOT NULL, state TEXT NOT NULL,
            attempt INTEGER NOT NULL DEFAULT 0,
            worker TEXT, pid INTEGER, pid_started REAL, host TEXT,
            created REAL NOT NULL, started REAL, finished REAL, heartbeat REAL,
            stage TEXT NOT NULL DEFAULT '', step INTEGER NOT NULL DEFAULT 0,
            total INTEGER NOT NULL DEFAULT 0, loss REAL, tokens_per_second REAL,
            cancel_requested INTEGER NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '',
            mean REAL, position INTEGER NOT NULL DEFAULT 0)""",
        "CREATE INDEX runs_by_turn ON runs (state, position, created)",
    ),
    ("ALTER TABLE runs ADD COLUMN datasets TEXT NOT NULL DEFAULT ''",),
    (
        # Virtual: what is looked for can never disagree with the spec.
        "ALTER TABLE runs ADD COLUMN model TEXT AS (json_extract(spec, '$.model')) VIRTUAL",
        "ALTER TABLE runs ADD COLUMN task TEXT AS (json_extract(spec, '$.task')) VIRTUAL",
        "ALTER TABLE runs ADD COLUMN basis TEXT",
        "CREATE INDEX runs_by_age ON runs (created)",
        "CREATE INDEX runs_by_state ON runs (state, created)",
        "CREATE INDEX runs_alike ON runs (state, model, task, created)",
        "CREATE INDEX runs_unread ON runs (run_id) WHERE state = 'done' AND basis IS NULL",
        # It begins anywhere: a ledger that was made anew is not taken for the one before.
        "CREATE TABLE changes (count INTEGER NOT NULL)",
        "INSERT INTO changes VALUES (random())",
        "CREATE TRIGGER run_added AFTER INSERT ON runs "
        "BEGIN UPDATE changes SET count = count + 1; END",
        "CREATE TRIGGER run_removed AFTER DELETE ON runs "
        "BEGIN UPDATE changes SET count = count + 1; END",
        "CREATE TRIGGER run_changed AFTER UPDATE OF state, spec, mean, basis, position ON runs "
        "BEGIN UPDATE changes SET count = count + 1; END",
    ),
    (
        # What is in progress while this is added was begun by a worker that executes one at a time.
        "ALTER TABLE runs ADD COLUMN alone INTEGER NOT NULL DEFAULT 1",
        "CREATE INDEX runs_by_worker ON runs (worker)",
    ),
)


@contextmanager
def transaction(path: Path, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection inside a transaction that is committed at the end, or undone by an exception.

    Raises WorkFailed when the file is gone, is no database, stays locked, or its disk is full.
    """
    # Mode "rw" makes no file: a ledger whose folder was removed must not come back empty.
    with _connection(path, "rw") as db:
        db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield db
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def migrate(path: Path) -> None:
    """Makes the file, or brings its schema up to date; raises WorkFailed if it is newer than us."""
    with _connection(path, "rwc") as db:
        if _version(db) == len(MIGRATIONS):
            return
        _use_wal(db)
        db.execute("BEGIN IMMEDIATE")
        version = _version(db)  # again: another process may have been quicker
        if version > len(MIGRATIONS):
            raise WorkFailed(
                f"The ledger {path} was made by a newer MSLT Lab (schema {version}, this one knows "
                f"{len(MIGRATIONS)}): update MSLT Lab, or set MSLT_HOME to another folder."
            )
        for steps in MIGRATIONS[version:]:
            for step in steps:
                db.execute(step)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("COMMIT")


@contextmanager
def _connection(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    try:
        with closing(
            sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        ) as db:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous = NORMAL")
            yield db
    except sqlite3.DatabaseError as error:
        raise WorkFailed(
            f"The ledger {path} cannot be used ({error}): check that its disk has room and that "
            "you may write there, or set MSLT_HOME to another folder."
        ) from error


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _use_wal(db: sqlite3.Connection) -> None:
    """Write-ahead logging lets pages read while a worker writes. SQLite refuses the switch, without
    waiting, while another process makes it: so wait here."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL").fetchall()
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
