"""Fit the probes of a study in this process, with one progress bar over all of them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from mslt_core.catalog.resolve import ResolvedRun
from mslt_core.cli.follow import Interrupted
from mslt_core.cli.study_wait import bar_of_runs, time_left
from mslt_core.jobs.probe_study import probe
from mslt_core.jobs.store import Store
from mslt_core.jobs.study import Study


def probe_all(store: Store, study: Study, runs: Sequence[ResolvedRun], quiet: bool) -> None:
    """Fits them; what they gave is kept beside the study. Ctrl-C raises Interrupted, and leaves
    what is done. Raises as `probe` does."""
    begun: dict[str, float] = {}
    ended = 0

    with bar_of_runs(quiet) as bar:
        task = bar.add_task("", total=None, detail="")

        def tell(counted: str, done: int, total: int) -> None:
            nonlocal ended
            now = time.monotonic()
            pace = (now - begun.setdefault(counted, now)) / max(done, 1)
            ended = done if counted == "runs" else 0
            what = "embedded" if counted == "texts" else "probed"
            bar.update(
                task,
                completed=done,
                total=total,
                description=f"{done} of {total} {counted} {what}",
                detail=time_left(pace * (total - done)) if done else "",
            )

        try:
            probe(store, study, runs, tell)
        except KeyboardInterrupt:
            raise Interrupted(
                f"Stopped: {ended} of {len(runs)} runs are done and kept; the same command does "
                "the others."
            ) from None
