"""The worker: a supervisor, light and without torch, and the children that it keeps alive.

    python -m mslt_core worker

One worker serves a store, the one that holds the lock on worker.lock. Here is how it is started and
who holds the lock; what it does is in supervisor.py.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from mslt_core.jobs.engines import Engine
from mslt_core.jobs.engines.local import LocalEngine, environment
from mslt_core.jobs.ledger import State
from mslt_core.jobs.machine import runs_at_once
from mslt_core.jobs.map_process import MapProcess
from mslt_core.jobs.store import Store
from mslt_core.jobs.supervisor import Lane, Supervisor
from mslt_core.spec import WorkFailed

WORKER_COMMAND = ("-m", "mslt_core", "worker", "--idle-exit", "600")
"""What Python is told when a worker is started by itself."""
STALE_SECONDS = 60.0
RESTART_SECONDS = 2.0
LOCK_VARIABLE = "MSLT_WORKER_LOCK"
"""Environment variable that tells a worker which open file is the lock it was started with."""


def ensure_worker(home: Path) -> None:
    """Starts a worker for the store, detached from this process, unless one is alive.

    Returns at once. However many call it together, one worker is started: the caller takes the lock
    and hands it on, open, to the process it starts. Raises BadArgument when MSLT_RUNS_AT_ONCE is
    wrong.
    """
    store = Store(home)
    lock = _lock(store)
    if lock is None:
        return
    try:
        runs_at_once()  # the worker itself could tell what is wrong only to its log
        if time.time() - _last_start(lock) < RESTART_SECONDS:
            return  # it died at once: do not start it again at every call
        _write_pid(lock, 0)
        log_path = store.logs_dir / "worker.log"
        with store.open_log(log_path) as log:
            subprocess.Popen(
                [sys.executable, *WORKER_COMMAND],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**environment(store), LOCK_VARIABLE: str(lock)},
                pass_fds=(lock,),
                start_new_session=True,
            )
    finally:
        os.close(lock)  # the new process has its own copy, and with it the lock


def worker_alive(home: Path) -> bool:
    """Whether a worker holds the store's lock."""
    store = Store(home)
    lock = _lock(store)
    if lock is None:
        return True
    os.close(lock)
    return False


def supervise(
    home: Path,
    idle_exit: float | None = None,
    engines: Sequence[Engine] | None = None,
    stale_after: float = STALE_SECONDS,
    maps: MapProcess | None = None,
) -> None:
    """Keeps children at work on the queue, until nothing was to do for idle_exit seconds (None: for
    ever), the store is removed, or the process is told to end (SIGTERM, Ctrl-C).

    engines: one for each run that is to be executed at once; None: processes on this machine, as
    many as MSLT_RUNS_AT_ONCE says or the machine has room for. maps: what computes maps, None: a
    process on this machine.
    Raises WorkFailed when another worker serves the store, BadArgument when MSLT_RUNS_AT_ONCE is
    wrong.
    """
    store = Store(home)
    engines = engines or [LocalEngine(store) for _ in range(runs_at_once())]
    maps = maps or MapProcess(store)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)
    lock = _handed_lock() or _lock(store, patience=1.0)
    if lock is None:
        raise WorkFailed(
            f"Another worker already serves the store {store.home}: let it do the work, or end it "
            "first."
        )
    while lock is not None:
        try:
            os.set_inheritable(lock, False)  # a child must not hold the lock after its supervisor
            _write_pid(lock, os.getpid())
            lanes = [Lane(engine) for engine in engines]
            idle = Supervisor(store, lanes, maps, lock, stale_after).work(idle_exit)
        finally:
            os.close(lock)
        if not idle or not (store.ledger.counts()[State.QUEUED] or maps.asked()):
            return
        # What was asked for in the last instant was left to us by ensure_worker.
        lock = _lock(store)


def _exit(signum: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


# The lock: an exclusive flock on worker.lock, which also holds the worker's pid. It belongs to the
# open file, and the kernel lets it go when the last process that has that file open ends.


def _handed_lock() -> int | None:
    """The lock that ensure_worker took for this process, if it started it."""
    handed = os.environ.pop(LOCK_VARIABLE, None)
    return int(handed) if handed else None


def _lock(store: Store, patience: float = 0.0) -> int | None:
    """The lock as an open file, None if it is held for longer than `patience` seconds: one who only
    looks whether a worker is alive holds it for an instant."""
    lock = os.open(store.lock_path, os.O_RDWR | os.O_CREAT, 0o644)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(lock)
                return None
            time.sleep(0.05)


def _write_pid(lock: int, pid: int) -> None:
    os.truncate(lock, 0)
    os.pwrite(lock, f"{pid}\n".encode(), 0)


def _last_start(lock: int) -> float:
    """When a worker last took the lock; unix seconds, 0 if none ever did."""
    status = os.fstat(lock)
    return status.st_mtime if status.st_size else 0.0
