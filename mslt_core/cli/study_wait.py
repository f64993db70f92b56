"""Wait for the runs of a study, with one progress bar over all of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from mslt_core.cli.follow import ENSURE, POLL, Interrupted
from mslt_core.jobs import queries
from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.jobs.study import UNFINISHED, seconds_left
from mslt_core.jobs.worker import ensure_worker


def wait(store: Store, run_ids: Sequence[str], quiet: bool) -> None:
    """Waits until none of these runs is queued or running, however each ended.

    Ctrl-C ends the waiting alone, and raises Interrupted, which says what goes on.
    """
    look_again, left = 0.0, ""
    try:
        with _bar(quiet) as bar:
            task = bar.add_task("", total=len(run_ids), detail="")
            while True:
                records = queries.named(store.ledger, run_ids)
                waited = [run for run in records if run.state in UNFINISHED]
                if not waited:
                    return
                if time.monotonic() > look_again:
                    ensure_worker(store.home)
                    left = _time(seconds_left(store, waited, time.time()))
                    look_again = time.monotonic() + ENSURE
                ended = len(run_ids) - len(waited)
                bar.update(
                    task,
                    completed=ended,
                    description=f"{ended} of {len(run_ids)} runs",
                    detail=_detail(records, left),
                )
                time.sleep(POLL)
    except KeyboardInterrupt:
        active = [run.state for run in queries.named(store.ledger, run_ids)]
        counts = Counter(state for state in active if state in UNFINISHED)
        raise Interrupted(
            f"Stopped waiting: {counts[State.RUNNING]} runs go on and {counts[State.QUEUED]} stay "
            "queued; the same command waits for them again, the page Runs cancels them."
        ) from None


def _bar(quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[detail]}"),
        console=Console(stderr=True),
        disable=quiet,
        transient=True,
    )


def _detail(records: Sequence[RunRecord], left: str) -> str:
    counts = Counter(run.state for run in records)
    told = (State.RUNNING, State.FAILED, State.CANCELLED)
    parts = [f"{counts[state]} {state.value}" for state in told if counts[state]]
    return " · ".join(filter(None, [*parts, left]))


def _time(seconds: float | None) -> str:
    """What is left, such as `about 12 min left`; empty while unknown."""
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute left"
    hours, minutes = divmod(minutes, 60)
    return f"about {f'{hours} h ' if hours else ''}{minutes} min left"
