"""The supervisor and its child, in processes of their own, with faults that really happen."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from mslt_core.jobs import worker
from mslt_core.jobs.ledger import State
from mslt_core.jobs.store import Store
from mslt_core.jobs.worker import ensure_worker, worker_alive
from mslt_core.spec import RunSpec
from tests.jobs.fake_child import MEAN
from tests.jobs.support import (
    executions,
    in_progress,
    processes_of,
    reaches,
    spec,
    supervisor,
    until,
)

RUN = "00000000000000aa"


def open_gate(store: Store) -> None:
    (store.home / "gate").touch()


def heartbeat(store: Store) -> float:
    record = store.ledger.get(RUN)
    return (record and record.heartbeat) or 0.0


def assert_stored_once(store: Store, run_id: str = RUN) -> None:
    assert store.check() == []
    assert [folder.name for folder in store.runs_dir.iterdir()] == [run_id]
    assert list(store.tmp_dir.iterdir()) == []
    assert store.scores(run_id)["value"].tolist() == [MEAN]


def test_runs_are_executed_by_one_warm_child_and_failures_end_only_themselves(store: Store) -> None:
    wishes = {
        "quick": "",
        "user error": "The weights are broken: fetch them again.",
        "error": "The run failed in the stage training (ValueError: no such thing).",
        "memory": "The memory ran out in the stage training: try a smaller batch size",
        "no result": "ended without a result",
        "full disk": f"The disk that holds {store.home} is full",
    }
    for i, behaviour in enumerate(wishes):
        store.ledger.enqueue(f"run{i}", spec(behaviour))
    supervisor(store.home)
    pids = set()
    for i, (behaviour, message) in enumerate(wishes.items()):
        record = reaches(store, f"run{i}", State.DONE, State.FAILED)
        assert record.state is (State.DONE if behaviour == "quick" else State.FAILED)
        assert message in record.message
        assert "Traceback" not in record.message
        pids.add(record.pid)
    assert len(pids) == 1
    assert_stored_once(store, "run0")
    quick = store.ledger.get("run0")
    assert quick is not None
    assert (quick.mean, quick.attempt) == (MEAN, 1)
    assert RunSpec.from_dict(store.run_json("run0")["spec"]) == spec("quick")
    assert "this is attempt 1 of run0" in store.log_tail("run0")
    assert "Traceback" in store.log_tail("run2")


def test_a_killed_child_is_replaced_and_its_run_finishes(store: Store) -> None:
    store.ledger.enqueue(RUN, spec("gated"))
    supervisor(store.home)
    first = in_progress(store, RUN)
    assert first.pid is not None
    assert store.history(RUN)["loss"].tolist() == [2.5]  # readable while in progress
    os.kill(first.pid, signal.SIGKILL)
    second = in_progress(store, RUN, attempt=2)
    assert second.pid != first.pid
    assert "signal 9" in second.message
    open_gate(store)
    assert reaches(store, RUN, State.DONE).attempt == 2
    assert_stored_once(store)
    assert len(store.history(RUN)) == 1  # nothing is left of the first attempt


def test_a_run_whose_process_is_killed_twice_fails_with_the_reason(store: Store) -> None:
    store.ledger.enqueue(RUN, spec("killed"))
    store.ledger.enqueue("next", spec("quick"))
    supervisor(store.home)
    record = reaches(store, RUN, State.FAILED)
    assert record.attempt == 2
    assert "was killed (signal 9, SIGKILL), perhaps for want of memory" in record.message
    assert "smaller batch size" in record.message
    reaches(store, "next", State.DONE)
    assert_stored_once(store, "next")


def test_a_killed_supervisor_takes_its_child_along_and_the_next_one_finishes(store: Store) -> None:
    store.ledger.enqueue(RUN, spec("one long step"))
    first = supervisor(store.home)
    begun = in_progress(store, RUN)
    child = psutil.Process(begun.pid)
    until(lambda: heartbeat(store) > (begun.heartbeat or 0.0))  # it computes without a report
    first.kill()
    first.wait()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    supervisor(store.home)
    in_progress(store, RUN)  # the attempt was given back: the run was not at fault
    open_gate(store)
    reaches(store, RUN, State.DONE)
    assert_stored_once(store)
    assert executions(store.home) == [f"{RUN} 1"] * 2


def test_supervisor_and_child_killed_together(store: Store) -> None:
    store.ledger.enqueue(RUN, spec("gated"))
    first = supervisor(store.home)
    child = in_progress(store, RUN).pid
    assert child is not None
    first.kill()
    os.kill(child, signal.SIGKILL)
    first.wait()
    supervisor(store.home)
    in_progress(store, RUN, attempt=2)
    open_gate(store)
    reaches(store, RUN, State.DONE)
    assert_stored_once(store)


def test_a_crash_between_storing_and_noting_it_computes_nothing_again(store: Store) -> None:
    store.ledger.enqueue(RUN, spec("killed after storing"))
    supervisor(store.home)
    assert reaches(store, RUN, State.DONE).mean == MEAN
    assert executions(store.home) == [f"{RUN} 1"]
    until(lambda: not list(store.tmp_dir.iterdir()))
    assert_stored_once(store)


def test_a_running_run_is_cancelled_at_its_next_report(store: Store) -> None:
    store.ledger.enqueue(RUN, spec("gated"))
    supervisor(store.home)
    in_progress(store, RUN)
    assert store.ledger.request_cancel(RUN).state is State.RUNNING
    assert reaches(store, RUN, State.CANCELLED, State.DONE).state is State.CANCELLED
    until(lambda: not list(store.tmp_dir.iterdir()))
    assert list(store.runs_dir.iterdir()) == []


def test_a_step_that_does_not_hear_the_cancel_is_ended(store: Store) -> None:
    store.ledger.enqueue(RUN, spec("one long step"))
    supervisor(store.home)
    in_progress(store, RUN)
    store.ledger.request_cancel(RUN)
    reaches(store, RUN, State.CANCELLED)
    until(lambda: not list(store.tmp_dir.iterdir()))
    # Another child takes the next run.
    store.ledger.enqueue("00000000000000ab", spec())
    reaches(store, "00000000000000ab", State.DONE)


def test_a_copy_of_a_run_beside_the_runs_stops_nothing(store: Store) -> None:
    (store.runs_dir / "a copy").mkdir()
    (store.runs_dir / "a copy" / "run.json").write_text("{}")
    store.ledger.enqueue(RUN, spec())
    supervisor(store.home)
    reaches(store, RUN, State.DONE)


def test_sigterm_gives_the_run_back_without_using_an_attempt(store: Store) -> None:
    store.ledger.enqueue(RUN, spec("gated"))
    process = supervisor(store.home)
    in_progress(store, RUN)
    process.terminate()
    assert process.wait(10) == 0
    record = store.ledger.get(RUN)
    assert record is not None
    assert (record.state, record.attempt) == (State.QUEUED, 0)
    assert processes_of(store.home) == []
    assert list(store.tmp_dir.iterdir()) == []


def test_a_child_that_hangs_is_replaced(store: Store) -> None:
    store.ledger.enqueue(RUN, spec("gated"))
    supervisor(store.home, stale_after=5)
    first = in_progress(store, RUN).pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    second = in_progress(store, RUN, attempt=2)
    assert "no sign of life" in second.message
    open_gate(store)
    reaches(store, RUN, State.DONE)
    assert_stored_once(store)


def test_a_child_that_cannot_start_fails_the_run_with_what_it_said(store: Store) -> None:
    store.ledger.enqueue(RUN, spec())
    supervisor(store.home, module="tests.jobs.no_such_module")
    record = reaches(store, RUN, State.FAILED)
    assert "No module named tests.jobs.no_such_module" in record.message
    assert record.attempt == 0


def test_a_second_supervisor_says_so_and_ends(store: Store) -> None:
    supervisor(store.home)
    until(lambda: worker_alive(store.home))
    second = supervisor(store.home)
    _, said = second.communicate(timeout=20)
    assert second.returncode == 1
    assert said.decode().startswith("Another worker already serves the store")
    assert said.decode().count("\n") == 1


def test_a_supervisor_ends_when_idle_and_when_its_store_is_removed(store: Store) -> None:
    assert supervisor(store.home, idle_exit=0.1).wait(20) == 0
    assert not worker_alive(store.home)
    store.ledger.enqueue(RUN, spec("gated"))
    second = supervisor(store.home)
    in_progress(store, RUN)
    shutil.rmtree(store.home, ignore_errors=True)
    shutil.rmtree(store.home, ignore_errors=True)  # the child may have written meanwhile
    assert second.wait(20) == 0
    until(lambda: not processes_of(store.home))


def _call_ensure_worker(home: Path) -> None:
    for _ in range(5):
        ensure_worker(home)


def test_many_callers_start_one_worker(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        worker, "WORKER_COMMAND", ("-m", "tests.jobs.fake_supervisor", str(store.home))
    )
    assert not worker_alive(store.home)
    context = multiprocessing.get_context("fork")
    callers = [context.Process(target=_call_ensure_worker, args=(store.home,)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert worker_alive(store.home)  # at once: the lock was handed on
    pid = until(lambda: int((store.home / "worker.lock").read_text() or 0))
    assert [process.pid for process in processes_of(store.home)] == [pid]
    assert os.getsid(pid) == pid  # detached: it outlives the terminal of those who called
    store.ledger.enqueue(RUN, spec())
    reaches(store, RUN, State.DONE)
    os.kill(pid, signal.SIGTERM)
    until(lambda: not worker_alive(store.home))
    assert store.log_tail() == ""


def test_a_worker_that_dies_at_once_is_not_started_at_every_call(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "WORKER_COMMAND", ("-c", "print('born')"))
    monkeypatch.setattr(worker, "RESTART_SECONDS", 1000.0)
    for _ in range(2):
        ensure_worker(store.home)
        until(lambda: not worker_alive(store.home))
    assert store.log_tail() == "born"
    monkeypatch.setattr(worker, "RESTART_SECONDS", 0.0)
    ensure_worker(store.home)
    until(lambda: store.log_tail() == "born\nborn")


def test_concurrent_claims_take_each_run_once(store: Store) -> None:
    for i in range(50):
        store.ledger.enqueue(f"run{i}", spec(seed=i))
    context = multiprocessing.get_context("fork")
    queue: multiprocessing.Queue[list[str]] = context.Queue()
    claimants = [context.Process(target=_claim_all, args=(store.home, i, queue)) for i in range(3)]
    for claimant in claimants:
        claimant.start()
    taken = [queue.get(timeout=30) for _ in claimants]
    for claimant in claimants:
        claimant.join()
    everything = sorted(run_id for part in taken for run_id in part)
    assert everything == sorted(f"run{i}" for i in range(50))
    with closing(sqlite3.connect(store.home / "ledger.sqlite")) as db:
        assert db.execute("SELECT DISTINCT attempt FROM runs").fetchall() == [(1,)]


def _claim_all(home: Path, number: int, queue: multiprocessing.Queue[list[str]]) -> None:
    ledger = Store(home).ledger
    taken = []
    while claim := ledger.claim(f"worker{number}", os.getpid(), 0.0, at_once=100):
        taken.append(claim.run_id)
    queue.put(taken)
