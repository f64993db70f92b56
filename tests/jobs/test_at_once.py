"""Two runs at once, each in a child of its own, with faults that really happen."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

from mslt_core.jobs.engines import Engine
from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.map_process import MapProcess
from mslt_core.jobs.store import Store
from mslt_core.jobs.supervisor import FAILED_STARTS, Lane, Supervisor
from tests.jobs.support import (
    executions,
    in_progress,
    processes_of,
    reaches,
    spec,
    supervisor,
    until,
)

A, B, C = (f"00000000000000{digit}0" for digit in "abc")


def begin(store: Store, *behaviours: str, **options: float) -> list[RunRecord]:
    """Runs queued together before the supervisor starts, once those in progress have reported."""
    names = (A, B, C)[: len(behaviours)]
    for name, behaviour in zip(names, behaviours, strict=True):
        store.ledger.enqueue(name, spec(behaviour))
    supervisor(store.home, at_once=2, **options)
    return [in_progress(store, name) for name in names[:2]]


def open_gate(store: Store) -> None:
    (store.home / "gate").touch()


def record(store: Store, run_id: str) -> RunRecord:
    found = store.ledger.get(run_id)
    assert found is not None
    return found


def assert_untouched(store: Store, run: RunRecord) -> None:
    """Its process goes on with it, and its heartbeat with that."""
    before = record(store, run.run_id).heartbeat or 0.0
    until(lambda: (record(store, run.run_id).heartbeat or 0.0) > before)
    now = record(store, run.run_id)
    assert (now.state, now.pid, now.attempt) == (State.RUNNING, run.pid, run.attempt)


def test_two_runs_are_executed_at_once_and_a_third_after_them(store: Store) -> None:
    first, second = begin(store, "gated", "gated", "quick")
    assert first.pid != second.pid
    assert first.worker != second.worker
    assert (first.alone, second.alone) == (False, False)
    assert len(processes_of(store.home)) == 3
    assert record(store, C).state is State.QUEUED
    open_gate(store)
    for name in (A, B, C):
        assert reaches(store, name, State.DONE).attempt == 1
    assert store.check() == []
    assert sorted(executions(store.home)) == [f"{name} 1" for name in (A, B, C)]


def test_a_run_that_is_alone_has_the_machine_until_it_ends(store: Store) -> None:
    (first,) = begin(store, "gated")
    assert first.alone is True
    for name in (B, C):
        store.ledger.enqueue(name, spec("gated"))
    time.sleep(1.0)  # twenty looks of the supervisor
    assert [record(store, name).state for name in (B, C)] == [State.QUEUED] * 2
    assert len(processes_of(store.home)) == 2
    open_gate(store)
    for name in (A, B, C):
        reaches(store, name, State.DONE)


def test_runs_queued_one_after_the_other_need_one_child(store: Store) -> None:
    supervisor(store.home, at_once=2)
    pids = set()
    for name in (A, B, C):
        store.ledger.enqueue(name, spec())
        pids.add(reaches(store, name, State.DONE).pid)
    assert len(pids) == 1


def test_the_death_of_one_child_costs_one_attempt_of_one_run(store: Store) -> None:
    first, second = begin(store, "gated", "gated")
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    waiting = reaches(store, A, State.QUEUED)
    assert (waiting.attempt, "signal 9" in waiting.message) == (1, True)
    assert_untouched(store, second)
    assert record(store, A).state is State.QUEUED  # it is tried again alone
    open_gate(store)
    assert reaches(store, B, State.DONE).attempt == 1
    again = reaches(store, A, State.DONE)
    assert (again.attempt, again.alone) == (2, True)
    assert sorted(executions(store.home)) == [f"{A} 1", f"{A} 2", f"{B} 1"]
    assert store.check() == []
    assert list(store.tmp_dir.iterdir()) == []


def test_after_a_child_was_killed_beside_another_runs_go_one_by_one(store: Store) -> None:
    first, _ = begin(store, "gated", "gated", "gated")
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    reaches(store, A, State.QUEUED)
    time.sleep(1.0)  # twenty looks of the supervisor
    assert len(processes_of(store.home)) == 2  # with the supervisor
    open_gate(store)
    pids = {reaches(store, name, State.DONE).pid for name in (A, B, C)}
    assert len(pids) == 1


def test_a_child_that_hangs_is_ended_and_the_other_goes_on(store: Store) -> None:
    first, second = begin(store, "gated", "gated", stale_after=5)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGSTOP)
    assert "no sign of life" in reaches(store, A, State.QUEUED).message
    until(lambda: not psutil.pid_exists(first.pid or 0))
    assert_untouched(store, second)
    open_gate(store)
    for name in (A, B):
        reaches(store, name, State.DONE)


def test_a_child_that_hangs_while_it_writes_to_the_ledger_does_not_stop_the_others(
    store: Store,
) -> None:
    first, second = begin(store, "hangs with the ledger", "gated", stale_after=5)
    (store.home / "hang").touch()
    # Neither can write now, and the one that is at fault was heard of last.
    until(lambda: psutil.Process(first.pid).status() == psutil.STATUS_STOPPED)
    assert "no sign of life" in reaches(store, A, State.QUEUED).message
    assert_untouched(store, second)
    open_gate(store)
    assert (reaches(store, A, State.DONE).attempt, reaches(store, B, State.DONE).attempt) == (2, 1)


def test_both_give_their_runs_back_when_the_supervisor_is_told_to_end(store: Store) -> None:
    for name in (A, B):
        store.ledger.enqueue(name, spec("gated"))
    process = supervisor(store.home, at_once=2)
    for name in (A, B):
        in_progress(store, name)
    process.terminate()
    assert process.wait(10) == 0
    for name in (A, B):
        given = record(store, name)
        assert (given.state, given.attempt, given.worker) == (State.QUEUED, 0, None)
    assert processes_of(store.home) == []
    assert list(store.tmp_dir.iterdir()) == []


def test_a_killed_supervisor_takes_both_along_and_the_next_one_finishes(store: Store) -> None:
    for name in (A, B):
        store.ledger.enqueue(name, spec("one long step"))
    process = supervisor(store.home, at_once=2)
    before = {in_progress(store, name).pid for name in (A, B)}
    process.kill()
    process.wait()
    supervisor(store.home, at_once=2)
    until(lambda: not any(psutil.pid_exists(pid) for pid in before if pid))
    after = {in_progress(store, name).pid for name in (A, B)}
    assert not before & after
    open_gate(store)
    for name in (A, B):
        assert reaches(store, name, State.DONE).attempt == 1


class Stillborn:
    """An engine whose children end before they claim anything."""

    def start(self, worker: str, at_once: int) -> int:
        return 2**22 + 1

    def poll(self) -> int | None:
        return 1

    def stop(self) -> None:
        pass


@pytest.mark.parametrize("another_works", [True, False])
def test_a_child_that_cannot_begin_fails_a_run_only_if_no_other_can(
    store: Store, another_works: bool
) -> None:
    for name in (A, B):
        store.ledger.enqueue(name, spec())
    if another_works:
        assert store.ledger.claim("w", os.getpid(), psutil.Process().create_time(), 2)
    engine: Engine = Stillborn()
    lane = Lane(engine)
    serving = Supervisor(store, [lane, Lane(engine)], MapProcess(store), lock=0, stale_after=60)
    for _ in range(FAILED_STARTS):
        lane.not_before = 0.0
        serving._look()  # starts
        assert lane.child is not None
        lane.worker = "stillborn"
        serving._bury(lane, status=1)
    states = sorted(record(store, name).state for name in (A, B))
    if another_works:
        assert states == [State.QUEUED, State.RUNNING]
        assert lane.not_before > time.monotonic() + 5  # it is not started in vain all the time
    else:
        assert states == [State.FAILED, State.QUEUED]


def test_one_at_a_time_is_as_it_was(store: Store) -> None:
    for name in (A, B):
        store.ledger.enqueue(name, spec("gated"))
    supervisor(store.home, at_once=1)
    assert in_progress(store, A).alone is True
    time.sleep(0.5)
    assert record(store, B).state is State.QUEUED
    assert len(processes_of(store.home)) == 2
    open_gate(store)
    pids = {reaches(store, name, State.DONE).pid for name in (A, B)}
    assert len(pids) == 1
    assert record(store, B).alone is True
