"""Wait for the runs of a study, with one progress bar over all of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from mslt_core.catalog.resolve import ResolvedRun
from mslt_core.cli.follow import ENSURE, POLL, Interrupted
from mslt_core.jobs import queries
from mslt_core.jobs.ledger import UNFINISHED, RunRecord, State
from mslt_core.jobs.probe_study import KEEP_SECONDS
from mslt_core.jobs.store import Store
from mslt_core.jobs.study import Study, seconds_left
from mslt_core.jobs.study_results import keep, of_store
from mslt_core.jobs.worker import ensure_worker


def wait(store: Store, study: Study, runs: Sequence[ResolvedRun], quiet: bool) -> None:
    """Waits until none of these runs of a study is queued or running, however each ended; what they
    gave is kept beside the study soon after they are done.

    Ctrl-C ends the waiting alone, and raises Interrupted, which says what goes on.
    """
    run_ids = [run.run_id for run in runs]
    look_again, left = 0.0, ""
    keeper = _Keeper(store, study)
    try:
        with bar_of_runs(quiet) as bar:
            task = bar.add_task("", total=len(run_ids), detail="")
            while True:
                records = queries.named(store.ledger, run_ids)
                keeper.look(records)
                waited = [run for run in records if run.state in UNFINISHED]
                if not waited:
                    return
                if time.monotonic() > look_again:
                    ensure_worker(store.home)
                    left = time_left(seconds_left(store, waited, time.time()))
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
        records = queries.named(store.ledger, run_ids)
        keeper.look(records, at_once=True)
        counts = Counter(run.state for run in records)
        raise Interrupted(
            f"Stopped waiting: {counts[State.RUNNING]} runs go on and {counts[State.QUEUED]} stay "
            "queued; the same command waits for them again, the page Runs cancels them."
        ) from None


@dataclass
class _Keeper:
    """Has what runs gave kept as they are done, but not at every look."""

    store: Store
    study: Study
    kept: set[str] = field(default_factory=set)
    again: float = 0.0
    """When, by the monotonic clock, the next may be kept."""

    def look(self, records: Sequence[RunRecord], at_once: bool = False) -> None:
        new = {run.run_id for run in records if run.state is State.DONE} - self.kept
        if new and (at_once or time.monotonic() >= self.again):
            keep(self.study, of_store(self.store, self.study, new))
            self.kept |= new
            self.again = time.monotonic() + KEEP_SECONDS


def bar_of_runs(quiet: bool) -> Progress:
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


def time_left(seconds: float | None) -> str:
    """What is left, such as `about 12 min left`; empty while unknown."""
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute left"
    hours, minutes = divmod(minutes, 60)
    return f"about {f'{hours} h ' if hours else ''}{minutes} min left"
