"""What a study of n runs costs beside n single runs, and whether its cost grows with n alone.

    .venv/bin/python -m benchmarks.study [--json] [--short]

A study: n runs (seeds and source sets differ) queued together in a fresh store and served by one
worker; wall seconds from the start of the process that queues them until the last is done. A single
run: `python -m mslt_core run`, a process and a worker of its own; once in a fresh store, once of
other source languages in the store that this leaves, whose worker has ended. Ratios are of the
study's seconds to those of n single runs: each in a store of its own, or, as people do, all in one,
of which the first pays for what the others find in the caches. A line (seconds = a + b n) is fitted
to the studies. Memory is the most that any run of the largest study held. --short takes the bundled
task, few examples and targets, and small studies.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import (
    PREFERRED_TARGETS,
    Failed,
    Sheet,
    child,
    child_json,
    environment,
    in_markdown,
    missed,
    ranged,
    spread,
    tell,
    temporary_home,
)
from mslt_core.catalog.resolve import resolve
from mslt_core.cli.follow import follow
from mslt_core.jobs.store import Store
from mslt_core.jobs.worker import worker_alive
from mslt_core.spec import RunSpec

LIMIT_RATIO, LIMIT_BYTES = 0.6, 1.5e9
"""Of the largest study to as many single runs, and of a run's memory."""
PATIENCE = 60.0
"""Seconds that a worker has to end."""


@dataclass(frozen=True)
class Plan:
    """Which runs are made, and how many of them a study has."""

    task: str
    budget: int
    epochs: int
    targets: tuple[str, ...]
    sizes: tuple[int, ...]
    source_sets: tuple[tuple[str, ...], ...] = (
        ("de", "en", "zh"),
        ("ar", "en", "ru"),
        ("es", "fi", "th"),
        ("en",),
    )

    def spec(self, number: int) -> RunSpec:
        """The run of that number: each takes another source set, then another seed."""
        seed, place = divmod(number, len(self.source_sets))
        return RunSpec(
            model="me5-small",
            task=self.task,
            sources=self.source_sets[place],
            targets=self.targets,
            budget=self.budget,
            epochs=self.epochs,
            seed=seed,
        )


FULL = Plan("sib200", 700, 4, PREFERRED_TARGETS, (1, 2, 4, 8))
SHORT = Plan("intents", 100, 1, ("ar", "de", "en", "fr", "zh"), (1, 2, 4))
REHEARSAL = Plan("intents", 16, 1, ("en",), ())
"""A run that is not counted: the first one reads programs and weights from a cold disk."""


def measure(plan: Plan) -> dict[str, Any]:
    """Every study and both kinds of single run, one after the other, each with a cold worker."""
    with temporary_home() as home:
        print("a rehearsal, not counted", file=sys.stderr)
        _timed(home, lambda: _single(home, REHEARSAL.spec(0)))
    studies, memory = [], []
    for size in plan.sizes:
        with temporary_home() as home:
            print(f"a study of {size}", file=sys.stderr)
            given = ["benchmarks.study", "--queue", str(size), *_form(plan)]
            studies.append(_timed(home, lambda given=given, home=home: _study(home, given)))
            memory = _peaks(home)
    with temporary_home() as home:
        print("a single run in a fresh store", file=sys.stderr)
        fresh = _timed(home, lambda: _single(home, plan.spec(0)))
        print("a single run of other sources in the same store", file=sys.stderr)
        warm = _timed(home, lambda: _single(home, plan.spec(1)))
    return summary(plan, studies, fresh, warm) | {"peak_bytes": spread(memory)}


def summary(plan: Plan, studies: Sequence[float], fresh: float, warm: float) -> dict[str, Any]:
    """The measured seconds, their ratios, and the line through the studies."""
    sizes = np.array(plan.sizes, dtype=float)
    slope, start = np.polyfit(sizes, studies, 1)
    fitted = start + slope * sizes
    deviations = np.abs(np.array(studies) - fitted)
    return {
        "task": plan.task,
        "budget": plan.budget,
        "epochs": plan.epochs,
        "targets": len(plan.targets),
        "single_fresh_seconds": fresh,
        "single_warm_seconds": warm,
        "studies": [
            {
                "runs": size,
                "seconds": seconds,
                "over_own_stores": seconds / (size * fresh),
                "over_one_store": seconds / (fresh + (size - 1) * warm),
                "fitted_seconds": float(line),
            }
            for size, seconds, line in zip(plan.sizes, studies, fitted, strict=True)
        ],
        "line": {
            "start_seconds": float(start),
            "seconds_per_run": float(slope),
            "largest_deviation_seconds": float(deviations.max()),
            "largest_deviation_share": float((deviations / np.array(studies)).max()),
        },
    }


def sheets(result: dict[str, Any]) -> list[Sheet]:
    """The result as a table."""
    line, fresh, warm = (result[k] for k in ("line", "single_fresh_seconds", "single_warm_seconds"))
    peak = result["peak_bytes"]
    last = result["studies"][-1]
    return [
        Sheet(
            f"Studies of {result['task']} (budget {result['budget']}, {result['epochs']} epochs, "
            f"{result['targets']} targets). A single run: {fresh:.1f} s in a fresh store, "
            f"{warm:.1f} s after another. Line: {line['start_seconds']:.1f} s + "
            f"{line['seconds_per_run']:.1f} s a run, largest deviation "
            f"{line['largest_deviation_seconds']:.1f} s ({line['largest_deviation_share']:.1%}). "
            f"Most memory of a run, MB: {ranged({k: v / 1e6 for k, v in peak.items()}, ',.0f')}"
            f"{missed(peak['max'] > LIMIT_BYTES)}. Limits: {LIMIT_RATIO} of {last['runs']} "
            f"single runs, {LIMIT_BYTES / 1e6:,.0f} MB",
            ("runs", "seconds", "the line", "of singles, a store each", "of singles in one store"),
            [
                (
                    str(study["runs"]),
                    f"{study['seconds']:.1f}",
                    f"{study['fitted_seconds']:.1f}",
                    *(
                        f"{study[over]:.2f}{missed(study is last and study[over] > LIMIT_RATIO)}"
                        for over in ("over_own_stores", "over_one_store")
                    ),
                )
                for study in result["studies"]
            ],
        )
    ]


def markdown(result: dict[str, Any]) -> str:
    """The section of a report."""
    return in_markdown(sheets(result))


def queue(plan: Plan, size: int) -> None:
    """What a study's process does: queue all runs, start a worker, wait for all of them."""
    store = Store()
    runs = [resolve(plan.spec(number)) for number in range(size)]
    for run in runs:
        store.ledger.enqueue(run.run_id, run.spec)
    for run in runs:
        follow(store, run.run_id, run.spec, quiet=True)


def _timed(home: Path, work: Callable[[], None]) -> float:
    """Wall seconds of the work; its worker is ended afterwards, outside of the timing."""
    started = time.perf_counter()
    try:
        work()
        return time.perf_counter() - started
    finally:
        _end_worker(home)


def _study(home: Path, arguments: list[str]) -> None:
    child(arguments, environment(home))


def _single(home: Path, spec: RunSpec) -> None:
    options = {
        "model": spec.model,
        "task": spec.task,
        "sources": ",".join(spec.sources),
        "targets": ",".join(spec.targets),
        "budget": spec.budget,
        "epochs": spec.epochs,
        "seed": spec.seed,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    answer = child_json(["mslt_core", "run", *words, "--json"], environment(home))
    if answer["cached"]:
        raise Failed("a single run was answered from the store, so it was not measured")


def _peaks(home: Path) -> list[int]:
    """The most memory of each run of a store, in bytes."""
    return [json.loads(path.read_text())["peak_bytes"] for path in home.glob("runs/*/run.json")]


def _end_worker(home: Path) -> None:
    pid = (home / "worker.lock").read_text().strip() if (home / "worker.lock").exists() else ""
    if pid and worker_alive(home):
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while worker_alive(home):
        if time.monotonic() > deadline:
            raise Failed(f"the worker {pid} does not end")
        time.sleep(0.1)


def _form(plan: Plan) -> list[str]:
    return ["--short"] if plan is SHORT else []


def main() -> None:
    """Measure, and print a table or JSON."""
    plan = SHORT if "--short" in sys.argv else FULL
    if "--queue" in sys.argv:
        queue(plan, int(sys.argv[sys.argv.index("--queue") + 1]))
        return
    result = measure(plan)
    tell(result, sheets(result))


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        raise SystemExit(str(error)) from None
