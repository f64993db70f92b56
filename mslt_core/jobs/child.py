"""The child of a worker: claims queued runs, has them executed one by one, and says how each ended.

It imports no torch: `serve` is given the function that executes a run. A second thread keeps the
claim alive during long steps, and ends the process when the supervisor that started it is gone.
"""

from __future__ import annotations

import errno
import faulthandler
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import pandas as pd
import psutil
from numpy.typing import NDArray

from mslt_core.jobs import artefacts, memory
from mslt_core.jobs.engines import supervisor_pid
from mslt_core.jobs.ledger import ClaimLost, RunRecord
from mslt_core.jobs.machine import runs_at_once
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec, UserError, WorkFailed

POLL_SECONDS = 0.3
REPORT_SECONDS = 0.2
"""Reports closer together than this are not written, unless a stage begins or ends."""
HEARTBEAT_SECONDS = 2.0
CANCEL_SECONDS = 30.0
"""How long a run may go on computing after a person asked to cancel it."""


class Cancelled(Exception):
    """Raised by `Job.report` once a person asked to cancel the run: let it pass."""


class _Terminated(BaseException):
    """The process was asked to end (SIGTERM, SIGINT)."""


class Job:
    """A claimed run, as the function that executes it sees it."""

    def __init__(self, store: Store, claim: RunRecord) -> None:
        self.spec: RunSpec = claim.spec
        self.run_id: str = claim.run_id
        self.attempt: int = claim.attempt
        self.datasets: str = claim.datasets
        """MSLT_DATASETS of the one who asked for the run."""
        self.alone: bool = claim.alone
        """Whether it may use all cores; else only its part of them."""
        self.folder: Path = store.building(claim)
        """Temporary; becomes the run's folder on `complete`."""
        self.completed = False
        self.stage = "starting"
        self._store = store
        self._claim = claim
        self._reported = 0.0
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def report(
        self,
        stage: str,
        step: int,
        total: int,
        loss: float | None = None,
        tokens_per_second: float | None = None,
    ) -> None:
        """Says how far the run is; cheap enough to call at every step. Raises Cancelled when a
        person asked to cancel it, ClaimLost when it was given to another process."""
        now = time.monotonic()
        if stage == self.stage and step != total and now - self._reported < REPORT_SECONDS:
            return
        self.stage, self._reported = stage, now
        # A ledger that is out of reach costs one report: perhaps another process hangs in it.
        with suppress(WorkFailed):
            if self._store.ledger.progress(
                self._claim, stage, step, total, loss, tokens_per_second
            ):
                raise Cancelled

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Writes `<name>.parquet` among the results."""
        artefacts.write_table(self.folder, name, table)

    def write_arrays(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Writes `<name>.safetensors` among the results."""
        artefacts.write_arrays(self.folder, name, arrays)

    def append_history(self, step: int, loss: float, tokens_per_second: float) -> None:
        """Adds one line to the history, readable at once."""
        artefacts.append_history(self.folder, step, loss, tokens_per_second)

    def complete(self, run_json: Mapping[str, Any], mean: float) -> None:
        """Stores the results, then notes the run as done. run_id, spec and checksums are added to
        run_json; mean is the mean score over all targets. To be called last."""
        if self._store.ledger.heartbeat(self._claim):
            raise Cancelled
        document = {"run_id": self.run_id, "spec": self.spec.to_dict(), **run_json}
        artefacts.publish(self.folder, self._store.folder(self.run_id), document)
        self._store.ledger.finish(self._claim, mean)
        self.completed = True


def serve(home: Path, worker: str, execute: Callable[[Job], None], idle: float = 300.0) -> None:
    """Executes queued runs until there was nothing to do for `idle` seconds.

    SIGTERM gives the run in progress back to the queue, at no cost to its attempts, and returns.
    """
    faulthandler.enable()  # a crash in native code leaves its traceback in the log
    store = Store(home)
    pulse = _Pulse(store)
    signal.signal(signal.SIGTERM, _terminate)
    signal.signal(signal.SIGINT, _terminate)
    pid, started, at_once = os.getpid(), psutil.Process().create_time(), runs_at_once()
    try:
        pulse.start()
        last_work = time.monotonic()
        while time.monotonic() - last_work < idle:
            claim = store.ledger.claim(worker, pid, started, at_once)
            if claim is None:
                time.sleep(POLL_SECONDS)
                continue
            pulse.claim = claim
            _execute(store, claim, execute)
            pulse.claim = None
            memory.give_back()
            last_work = time.monotonic()
    except _Terminated:
        for run in store.ledger.running():  # asked of the ledger: the claim may be a moment old
            if (run.worker, run.pid) == (worker, pid):
                with suppress(ClaimLost):
                    store.ledger.release(run)


def _execute(store: Store, claim: RunRecord, execute: Callable[[Job], None]) -> None:
    """One claimed run, from its temporary folder to its end in the ledger."""
    job = None
    ledger = store.ledger
    try:
        if store.verify(claim.run_id) is None:  # the last attempt died after it stored its results
            ledger.finish(claim, store.mean(claim.run_id))
            return
        with _output_to(store, claim):
            try:
                job = Job(store, claim)
                execute(job)
                if not job.completed:
                    raise WorkFailed("The training code ended without a result: see the log.")
            except Cancelled:
                _drop(job)
                ledger.cancelled(claim)
            except ClaimLost:
                raise
            except Exception as error:
                traceback.print_exc()
                _drop(job)  # first: on a full disk it makes room for the ledger
                ledger.fail(claim, _sentence(error, job.stage if job else "starting", store.home))
    except ClaimLost:
        print(f"Run {claim.run_id} was taken from this process.", file=sys.stderr, flush=True)
    finally:
        _drop(job)


def _drop(job: Job | None) -> None:
    if job is not None:
        shutil.rmtree(job.folder, ignore_errors=True)


def _sentence(error: Exception, stage: str, home: Path) -> str:
    """What went wrong, in one sentence for a person."""
    text = " ".join(str(error).split())
    if isinstance(error, UserError):
        return text
    lower = text.lower()
    if isinstance(error, MemoryError) or "out of memory" in lower or "allocate memory" in lower:
        return (
            f"The memory ran out in the stage {stage}: try a smaller batch size, a smaller "
            "max_length or fewer targets, or close other programs."
        )
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "no space left" in lower:
        return (
            f"The disk that holds {home} is full: free some room and retry, or set MSLT_HOME to "
            "a folder on another disk."
        )
    return f"The run failed in the stage {stage} ({type(error).__name__}: {text[:300]})."


@contextmanager
def _output_to(store: Store, claim: RunRecord) -> Iterator[None]:
    """Sends all that the process prints, native code included, to the run's own log."""
    log = store.open_log(store.log_path(claim.run_id), fresh=claim.attempt == 1)
    saved = os.dup(1), os.dup(2)
    with log:
        _redirect(log.fileno(), log.fileno())
    try:
        yield
    finally:
        _redirect(*saved)
        for handle in saved:
            os.close(handle)


def _redirect(output: int, errors: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(output, 1)
    os.dup2(errors, 2)


def _terminate(signum: int, frame: FrameType | None) -> NoReturn:
    for number in (signal.SIGTERM, signal.SIGINT):  # once is enough: let the clean-up finish
        signal.signal(number, signal.SIG_IGN)
    raise _Terminated


class _Pulse(threading.Thread):
    """Shows that the process lives while it computes, and ends it when its supervisor is gone."""

    def __init__(self, store: Store) -> None:
        super().__init__(daemon=True)
        self.store = store
        self.claim: RunRecord | None = None
        self.supervisor = supervisor_pid()

    def run(self) -> None:
        last_beat, cancel_since = 0.0, float("inf")
        while True:
            claim, now = self.claim, time.monotonic()
            if os.getppid() != self.supervisor or now - cancel_since > CANCEL_SECONDS:
                self._leave(claim)
            if claim is None:
                cancel_since = float("inf")
            elif now - last_beat > HEARTBEAT_SECONDS:
                last_beat = now
                # A ledger out of reach, or a lost claim, is for the main thread to find.
                with suppress(UserError, ClaimLost):
                    cancel = self.store.ledger.heartbeat(claim)
                    cancel_since = min(cancel_since, now) if cancel else float("inf")
            time.sleep(POLL_SECONDS)

    def _leave(self, claim: RunRecord | None) -> NoReturn:
        """Ends the process whatever it is computing: its supervisor is gone, or a long step does
        not hear that the run is cancelled."""
        if claim is not None:
            with suppress(UserError, ClaimLost):
                self.store.ledger.release(claim)
            shutil.rmtree(self.store.building(claim), ignore_errors=True)
        os._exit(1)
