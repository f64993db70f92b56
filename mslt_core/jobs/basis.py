"""What finished results stand on besides their spec: data, model, and the version of the training.

Results of one spec that stand on different things must not be averaged. A run's files say it, and
the ledger keeps it once it was read, so that nobody needs to open the files of all runs again.
"""

from __future__ import annotations

import json

from mslt_core.jobs import database
from mslt_core.jobs.ledger import RunRecord, record_of
from mslt_core.jobs.store import Store
from mslt_core.spec import WorkFailed


def read_new(store: Store) -> list[tuple[RunRecord, WorkFailed]]:
    """Reads it of the finished runs of which it is not known yet, into the ledger. Returns those
    whose files cannot be read, with the reason."""
    path = store.ledger.path
    with database.transaction(path) as db:
        # Named, because SQLite would take another index, and look at all that are done.
        rows = db.execute(
            """SELECT * FROM runs INDEXED BY runs_unread
            WHERE state = 'done' AND basis IS NULL"""
        ).fetchall()
    found, unreadable = [], []
    for run in map(record_of, rows):
        try:
            found.append((_basis(store, run.run_id), run.run_id))
        except WorkFailed as error:
            unreadable.append((run, error))
    if found:
        with database.transaction(path, write=True) as db:
            db.executemany("UPDATE runs SET basis = ? WHERE run_id = ?", found)
    return unreadable


def _basis(store: Store, run_id: str) -> str:
    record = store.run_json(run_id)
    prints = record.get("fingerprints") or {}
    return json.dumps([prints.get("data"), prints.get("model"), record.get("training_version")])
