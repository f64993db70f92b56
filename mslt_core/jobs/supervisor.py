"""What a worker does: it starts children while something is queued, takes back the runs of
processes that died, and ends when there was nothing to do for long enough.

Each child has a lane of its own. The death of one costs one attempt of one run, and the others
nothing. Beside the lanes there is a place for a process that computes maps.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from mslt_core.jobs import queries
from mslt_core.jobs.engines import Engine
from mslt_core.jobs.ledger import DeadRun, State
from mslt_core.jobs.map_process import MapProcess
from mslt_core.jobs.processes import how_ended, last_line, stuck
from mslt_core.jobs.store import Store
from mslt_core.spec import WorkFailed

POLL_SECONDS = 0.3
FAILED_STARTS = 3
"""Deaths of a child before it claims anything that fail the run at the head of the queue."""
CROWDED_SECONDS = 30.0
"""How long a lane stays empty whose child could not begin while another was at work."""


@dataclass
class Lane:
    """A place for one child, and what is remembered of it from one look to the next."""

    engine: Engine
    child: int | None = None
    """The pid of the child that lives."""
    worker: str = ""
    """The name under which it claims runs, which no other child ever has."""
    failed_starts: int = 0
    not_before: float = 0.0
    """When, by the monotonic clock, a child may be started again."""


@dataclass
class Supervisor:
    """Serves the store for as long as the open file `lock` is the store's."""

    store: Store
    lanes: Sequence[Lane]
    """As many as runs may be executed at once."""
    maps: MapProcess
    lock: int
    stale_after: float
    _patient_until: float = 0.0
    """Until then (unix seconds) silence says nothing of a process."""

    def work(self, idle_exit: float | None) -> bool:
        """Works until idle for idle_exit seconds (returns True) or the store is gone (False)."""
        last_work = last_look = time.time()
        self._patient_until = last_look + self.stale_after
        try:
            with suppress(WorkFailed):
                self._tidy()
            while self._owns_store():
                now = time.time()
                if now - last_look > self.stale_after / 2:
                    # This machine slept: every heartbeat is old, and none says anything.
                    self._patient_until = now + self.stale_after
                last_look = now
                if _tried(self.maps.look) | _tried(self._look):
                    last_work = now
                elif idle_exit is not None and now - last_work > idle_exit:
                    return True
                time.sleep(POLL_SECONDS)
            return False
        finally:
            self._stop_all()

    def _look(self) -> bool:
        """Sets right what it finds; returns whether there is anything to do."""
        for lane in self.lanes:
            status = lane.engine.poll()
            if lane.child is not None and status is not None:
                self._bury(lane, status)
        self._take_back_dead()
        counts = self.store.ledger.counts()
        if counts[State.QUEUED]:
            self._start_one()
        return bool(counts[State.QUEUED] + counts[State.RUNNING])

    def _take_back_dead(self) -> None:
        """Takes the runs of processes that are gone or hang, and ends the child that hangs."""
        patient = time.time() < self._patient_until
        dead = self.store.ledger.find_dead(float("inf") if patient else self.stale_after)
        children = {lane.child for lane in self.lanes}
        silent = [found for found in dead if found.run.pid in children]
        if silent:
            # It may hang with the ledger's write lock in its hands, which silences the others too,
            # some of them a moment before itself: so it is looked for among all that were not heard
            # of lately, it ends before anything is written, and the others get time to show that
            # they live.
            lately = self.store.ledger.find_dead(self.stale_after / 2)
            told = [found for found in lately if found.run.pid in children]
            suspects = {found.run.run_id: found for found in [*told, *silent]}
            hanging = min(suspects.values(), key=_most_suspect)
            self._stop(hanging.run.pid)
            self._patient_until = time.time() + self.stale_after
            dead = [found for found in dead if found not in silent] + [hanging]
        if dead:
            self.store.ledger.take_back(dead)
            self._tidy()

    def _start_one(self) -> None:
        """Starts one child more, unless those that live can do what is to be done."""
        free = [lane for lane in self.lanes if lane.child is None]
        ready = [lane for lane in free if time.monotonic() >= lane.not_before]
        living, at_once = len(self.lanes) - len(free), len(self.lanes)
        if ready and living < queries.processes_wanted(self.store.ledger, at_once):
            number = self.lanes.index(ready[0])
            ready[0].worker = f"{os.getpid()}-{number}-{time.time_ns():x}"
            ready[0].child = ready[0].engine.start(ready[0].worker, at_once)

    def _bury(self, lane: Lane, status: int) -> None:
        """The child has ended: its run is taken back, or its failure to start is counted."""
        ledger = self.store.ledger
        claimed = queries.has_claimed(ledger, lane.worker)
        self._take_back(lane, status)
        lane.child = None
        beside = any(other.child is not None for other in self.lanes)
        if claimed and beside and status == -signal.SIGKILL:
            # Perhaps there is no memory for both, and trying would cost run after run an attempt.
            lane.not_before = math.inf
        if claimed or not ledger.counts()[State.QUEUED]:
            lane.failed_starts = 0
            return
        lane.failed_starts += 1
        lane.not_before = time.monotonic() + 0.5 * min(lane.failed_starts, FAILED_STARTS)
        if lane.failed_starts < FAILED_STARTS:
            return
        if beside or ledger.running():
            # Runs can begin here, so the next one is not at fault: there is no room beside them.
            lane.not_before = time.monotonic() + CROWDED_SECONDS
            return
        last = last_line(self.store.log_tail())
        ledger.fail_next(
            f"The training process {how_ended(status)} before it could begin, {lane.failed_starts} "
            f"times; the last line of its log is: {last}."
        )

    def _take_back(self, lane: Lane, status: int | None) -> None:
        if lane.child is not None and status is not None:
            ledger = self.store.ledger
            ledger.take_back(ledger.find_dead(float("inf"), {lane.child: how_ended(status)}))
            self._tidy()

    def _stop(self, pid: int | None) -> None:
        for lane in self.lanes:
            if lane.child == pid:
                lane.engine.stop()
                lane.child = None

    def _stop_all(self) -> None:
        """Ends all children; each gives its run back, or it is taken back."""
        self.maps.stop()
        with ThreadPoolExecutor() as at_once:  # each may take its grace
            list(at_once.map(lambda lane: lane.engine.stop(), self.lanes))
        if self._owns_store():
            for lane in self.lanes:
                with suppress(WorkFailed):
                    self._take_back(lane, lane.engine.poll())

    def _tidy(self) -> None:
        self.store.reconcile()
        self.store.sweep()

    def _owns_store(self) -> bool:
        """Whether the lock file that we hold is still the store's: its folder may be removed."""
        try:
            return os.path.samestat(os.stat(self.store.lock_path), os.fstat(self.lock))
        except OSError:
            return False


def _most_suspect(found: DeadRun) -> tuple[bool, float]:
    """Least for the run whose process hangs most likely."""
    return not stuck(found.run.pid or 0), found.run.heartbeat or 0.0


def _tried(look: Callable[[], bool]) -> bool:
    """Whether there is anything to do, as far as this look tells; one that fails says that there
    is, since what was in its way may pass, such as a full disk."""
    try:
        return look()
    except (WorkFailed, OSError) as error:
        print(error, file=sys.stderr, flush=True)
        return True
