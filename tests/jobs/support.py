"""What the tests of the jobs wing share: specs, patience, and a supervisor of fake children."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import psutil

from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec

PROJECT = Path(__file__).resolve().parents[2]
T = TypeVar("T")


def printed(code: str) -> str:
    """What a process of its own prints that runs this code. It must succeed."""
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.strip()


def spec(behaviour: str = "quick", seed: int = 0) -> RunSpec:
    """A run that fake_child executes in the manner named by its model."""
    return RunSpec(model=behaviour, task="fake", sources=("en",), targets=("de",), seed=seed)


def until(look: Callable[[], T], seconds: float = 30.0) -> T:
    """What `look` returns once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)
    return found


def reaches(store: Store, run_id: str, *states: State) -> RunRecord:
    """The run's record once it is in one of the states."""

    def look() -> RunRecord | None:
        record = store.ledger.get(run_id)
        return record if record and record.state in states else None

    return until(look)


def in_progress(store: Store, run_id: str, attempt: int = 1) -> RunRecord:
    """The run's record once an attempt has reported a step."""

    def look() -> RunRecord | None:
        record = store.ledger.get(run_id)
        started = record and record.state is State.RUNNING and record.step > 0
        return record if record and started and record.attempt == attempt else None

    return until(look)


def supervisor(home: Path, at_once: int = 1, **options: Any) -> subprocess.Popen[bytes]:
    """A supervisor process whose children are fake_child. Options: module, stale_after,
    idle_exit, patience (see fake_supervisor)."""
    arguments = [f"{name}={value}" for name, value in options.items()]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.fake_supervisor", str(home), *arguments],
        cwd=PROJECT,
        env={**os.environ, "MSLT_HOME": str(home), "MSLT_RUNS_AT_ONCE": str(at_once)},
        stderr=subprocess.PIPE,
    )


def executions(home: Path) -> list[str]:
    """One line for each time that fake_child began a run: run_id and attempt."""
    path = home / "executions.txt"
    return path.read_text().splitlines() if path.exists() else []


def processes_of(home: Path) -> list[psutil.Process]:
    """The living processes that were started for a store."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.pid != os.getpid() and process.environ().get("MSLT_HOME") == str(home)
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found
