"""The worker: a supervisor, light and without torch, and the child that it keeps alive.

    python -m mslt_core worker

One worker serves a store, the one that holds the lock on worker.lock. The supervisor starts a child
when something is queued, takes back the runs of processes that died, and ends when there was
nothing to do for long enough. The death of a child costs one attempt of one run.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from mslt_core.jobs.engines import Engine
from mslt_core.jobs.engines.local import LocalEngine, environment
from mslt_core.jobs.ledger import State
from mslt_core.jobs.store import Store
from mslt_core.spec import WorkFailed

WORKER_COMMAND = ("-m", "mslt_core", "worker", "--idle-exit", "600")
"""What Python is told when a worker is started by itself."""
POLL_SECONDS = 0.3
STALE_SECONDS = 60.0
FAILED_STARTS = 3
"""Deaths of a child before it claims anything that fail the run at the head of the queue."""
RESTART_SECONDS = 2.0
LOCK_VARIABLE = "MSLT_WORKER_LOCK"
"""Environment variable that tells a worker which open file is the lock it was started with."""


def ensure_worker(home: Path) -> None:
    """Starts a worker for the store, detached from this process, unless one is alive.

    Returns at once. However many call it together, one worker is started: the caller takes the lock
    and hands it on, open, to the process it starts.
    """
    store = Store(home)
    lock = _lock(store)
    if lock is None:
        return
    try:
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
    engine: Engine | None = None,
    stale_after: float = STALE_SECONDS,
) -> None:
    """Keeps a child at work on the queue, until nothing was to do for idle_exit seconds (None: for
    ever), the store is removed, or the process is told to end (SIGTERM, Ctrl-C).

    Raises WorkFailed when another worker serves the store.
    """
    store = Store(home)
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
            supervisor = _Supervisor(store, engine or LocalEngine(store), lock, stale_after)
            idle = supervisor.work(idle_exit)
        finally:
            os.close(lock)
        if not idle or not store.ledger.counts()[State.QUEUED]:
            return
        lock = _lock(store)  # a run queued in the last instant was left to us by ensure_worker


@dataclass
class _Supervisor:
    """What a supervisor remembers from one look at the store to the next."""

    store: Store
    engine: Engine
    lock: int
    stale_after: float
    child: int | None = None
    """The pid of the child that lives."""
    child_since: float = 0.0
    failed_starts: int = 0
    not_before: float = 0.0
    """When, by the monotonic clock, a child may be started again."""

    def work(self, idle_exit: float | None) -> bool:
        """Works until idle for idle_exit seconds (returns True) or the store is gone (False)."""
        last_work = last_look = awake_since = time.time()
        try:
            with suppress(WorkFailed):
                self._tidy()
            while self._owns_store():
                now = time.time()
                if now - last_look > self.stale_after / 2:
                    # This machine slept: every heartbeat is old, and none says anything.
                    awake_since = now
                last_look = now
                try:
                    busy = self._look(patient=now - awake_since < self.stale_after)
                except (WorkFailed, OSError) as error:  # such as a full disk: it may pass
                    print(error, file=sys.stderr, flush=True)
                    busy = True
                if busy:
                    last_work = now
                elif idle_exit is not None and now - last_work > idle_exit:
                    return True
                time.sleep(POLL_SECONDS)
            return False
        finally:
            self.engine.stop()
            if self._owns_store():
                with suppress(WorkFailed):
                    self._take_back(self.engine.poll())

    def _look(self, patient: bool) -> bool:
        """Sets right what it finds; returns whether there is anything to do."""
        status = self.engine.poll()
        if self.child is not None and status is not None:
            self._bury(status)
        stale_after = float("inf") if patient else self.stale_after
        dead = self.store.ledger.requeue_dead(stale_after)
        if dead:
            if self.child in {run.pid for run in dead}:  # it hangs
                self.engine.stop()
                self.child = None
            self._tidy()
        counts = self.store.ledger.counts()
        if counts[State.QUEUED] and self.child is None and time.monotonic() >= self.not_before:
            self.child_since = time.time()
            self.child = self.engine.start(f"{os.getpid()}-{int(self.child_since * 1000):x}")
        return bool(counts[State.QUEUED] + counts[State.RUNNING])

    def _bury(self, status: int) -> None:
        """The child has ended: its run is taken back, or its failure to start is counted."""
        ledger = self.store.ledger
        claimed = any(
            run.pid == self.child and (run.started or 0.0) >= self.child_since
            for run in ledger.runs()
        )
        self._take_back(status)
        self.child = None
        if claimed or not ledger.counts()[State.QUEUED]:
            self.failed_starts = 0
            return
        self.failed_starts += 1
        self.not_before = time.monotonic() + 0.5 * min(self.failed_starts, FAILED_STARTS)
        if self.failed_starts >= FAILED_STARTS:
            last = (_last_line(self.store.log_tail()) or "nothing").rstrip(".")
            ledger.fail_next(
                f"The training process {_how(status)} before it could begin, {self.failed_starts} "
                f"times; the last line of its log is: {last}."
            )

    def _take_back(self, status: int | None) -> None:
        if self.child is not None and status is not None:
            self.store.ledger.requeue_dead(float("inf"), {self.child: _how(status)})
            self._tidy()

    def _tidy(self) -> None:
        self.store.reconcile()
        self.store.sweep()

    def _owns_store(self) -> bool:
        """Whether the lock file that we hold is still the store's: its folder may be removed."""
        try:
            return os.path.samestat(os.stat(self.store.lock_path), os.fstat(self.lock))
        except OSError:
            return False


def _how(status: int) -> str:
    """What became of a child, as the rest of a sentence about it."""
    if status < 0:
        name = signal.Signals(-status).name
        killed = f"was killed (signal {-status}, {name})"
        return f"{killed}, perhaps for want of memory" if -status == signal.SIGKILL else killed
    return f"ended by itself (status {status})"


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


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
