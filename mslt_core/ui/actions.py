"""What a person can do to runs, wherever a page offers it. All raise UserErrors in words."""

from __future__ import annotations

from collections.abc import Iterable

from mslt_core.jobs import worker
from mslt_core.jobs.ledger import UNFINISHED, RunRecord, State
from mslt_core.jobs.store import Store


def can_cancel(run: RunRecord) -> bool:
    return run.state in UNFINISHED and not run.cancel_requested


def can_retry(run: RunRecord) -> bool:
    return run.state in (State.FAILED, State.CANCELLED)


def cancel(store: Store, runs: Iterable[RunRecord]) -> None:
    for run in runs:
        store.ledger.request_cancel(run.run_id)


def retry(store: Store, runs: Iterable[RunRecord]) -> None:
    for run in runs:
        store.ledger.retry(run.run_id)
    worker.ensure_worker(store.home)


def run_first(store: Store, runs: Iterable[RunRecord]) -> None:
    """Put queued runs before all others, in the order that they have among themselves."""
    for run in sorted(runs, key=lambda run: (run.position, run.created), reverse=True):
        store.ledger.move_first(run.run_id)


def delete(store: Store, runs: Iterable[RunRecord]) -> None:
    for run in runs:
        store.delete(run.run_id)
