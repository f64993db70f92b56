"""Wait for a queued run, showing its progress, and answer with its scores."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from mslt_core.jobs.ledger import UNFINISHED, RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.jobs.worker import ensure_worker
from mslt_core.spec import RunSpec, UserError, WorkFailed

POLL = 0.2
"""Seconds between looks at the ledger."""
ENSURE = 2.0
"""Seconds between looks whether a worker is alive."""


class Interrupted(UserError):
    """The person pressed Ctrl-C."""

    exit_code = 130


@dataclass(frozen=True)
class Answer:
    """The result of a run as the command line tells it; values from 0 to 1."""

    run_id: str
    cached: bool
    method: str
    sources: list[str]
    metric: str
    scores: list[dict[str, Any]]
    """One row a target: target, metric, value, n."""
    mean: dict[str, float | None]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def answer_of(store: Store, run_id: str, cached: bool) -> Answer | None:
    """The stored result of a run; None where there is none, or none that is sound."""
    record = store.settle(run_id)
    if record is None or record.state is not State.DONE:
        return None
    run = store.run_json(run_id)
    scores = store.scores(run_id)
    chosen = scores[scores["metric"] == run["metric"]]
    return Answer(
        run_id=run_id,
        cached=cached,
        method=record.spec.method,
        sources=list(record.spec.sources),
        metric=run["metric"],
        scores=[
            {str(key): value for key, value in row.items()} for row in chosen.to_dict("records")
        ],
        mean=run["mean"],
        seconds=run["seconds"],
    )


def follow(store: Store, run_id: str, spec: RunSpec, quiet: bool) -> None:
    """Queue a run and wait until it is done; Ctrl-C cancels it, unless it was under way already,
    and raises Interrupted.

    Raises WorkFailed with the run's own message when it failed or was cancelled elsewhere.
    """
    before = store.ledger.get(run_id)
    store.ledger.enqueue(run_id, spec)
    look_again = 0.0
    try:
        with _bar(quiet) as bar:
            task = bar.add_task("waiting", total=None, detail="")
            while (record := store.ledger.get(run_id)) and record.state in UNFINISHED:
                if time.monotonic() > look_again:
                    ensure_worker(store.home)
                    look_again = time.monotonic() + ENSURE
                waiting = record.state is State.QUEUED
                bar.update(
                    task,
                    description="waiting for the worker" if waiting else record.stage,
                    total=record.total or None,
                    completed=record.step,
                    detail=_detail(record),
                )
                time.sleep(POLL)
    except KeyboardInterrupt:
        if before and before.state in UNFINISHED:
            raise Interrupted(f"Stopped waiting: run {run_id} goes on.") from None
        store.ledger.request_cancel(run_id)
        raise Interrupted(f"Stopped: run {run_id} is cancelled.") from None
    if record is None:
        raise WorkFailed(f"Run {run_id} was deleted before it finished.")
    if record.state is State.CANCELLED:
        raise WorkFailed(f"Run {run_id} was cancelled: the same command queues it again.")
    if record.state is State.FAILED:
        raise WorkFailed(record.message)


def _bar(quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detail]}"),
        console=Console(stderr=True),
        disable=quiet,
        transient=True,
    )


def _detail(record: RunRecord) -> str:
    parts = []
    if record.loss is not None:
        parts.append(f"loss {record.loss:.3f}")
    if record.tokens_per_second is not None:
        parts.append(f"{record.tokens_per_second:,.0f} tokens/s")
    return " · ".join(parts)
