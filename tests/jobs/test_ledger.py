"""The ledger: what each call does to a run's state, and who may write."""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mslt_core.jobs import database, queries
from mslt_core.jobs.database import MIGRATIONS
from mslt_core.jobs.ledger import ATTEMPTS, ClaimLost, Ledger, RunRecord, State
from mslt_core.spec import BadArgument, WorkFailed
from tests.jobs.support import spec

NO_PROCESS = 2**22 + 1
"""A pid above any that Linux gives."""


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def claim(ledger: Ledger, pid: int | None = None, at_once: int = 1) -> RunRecord:
    found = ledger.claim("worker", pid or os.getpid(), psutil.Process().create_time(), at_once)
    assert found is not None
    return found


def known(ledger: Ledger, run_id: str) -> RunRecord:
    found = ledger.get(run_id)
    assert found is not None
    return found


def requeue_dead(ledger: Ledger, stale_after: float = 60.0) -> list[RunRecord]:
    return ledger.take_back(ledger.find_dead(stale_after))


def change(ledger: Ledger, sql: str) -> None:
    with closing(sqlite3.connect(ledger.path)) as db, db:
        db.execute(sql)


def test_a_run_from_wish_to_done(ledger: Ledger) -> None:
    wished = ledger.enqueue("a", spec())
    assert (wished.state, wished.attempt, wished.spec) == (State.QUEUED, 0, spec())
    own = claim(ledger)
    assert (own.state, own.attempt, own.pid, own.worker) == (
        State.RUNNING,
        1,
        os.getpid(),
        "worker",
    )
    assert ledger.progress(own, "training", 3, 10, 0.5, 900.0) is False
    shown = known(ledger, "a")
    assert (shown.stage, shown.step, shown.total) == ("training", 3, 10)
    assert (shown.loss, shown.tokens_per_second) == (0.5, 900.0)
    ledger.finish(own, 0.8)
    done = known(ledger, "a")
    assert (done.state, done.mean, done.message) == (State.DONE, 0.8, "")
    assert done.created <= (done.started or 0) <= (done.finished or 0)
    assert ledger.counts() == {
        State.QUEUED: 0,
        State.RUNNING: 0,
        State.DONE: 1,
        State.FAILED: 0,
        State.CANCELLED: 0,
    }
    assert ledger.claim("worker", 1, 0.0) is None


def test_asking_again_changes_nothing_until_the_run_failed(ledger: Ledger) -> None:
    first = ledger.enqueue("a", spec())
    assert ledger.enqueue("a", spec()) == first
    own = claim(ledger)
    assert ledger.enqueue("a", spec()) == own
    ledger.fail(own, "It broke.")
    assert known(ledger, "a").message == "It broke."
    again = ledger.enqueue("a", spec())
    assert (again.state, again.attempt, again.message) == (State.QUEUED, 0, "")
    assert len(ledger.runs()) == 1
    ledger.finish(claim(ledger), 0.5)
    assert ledger.enqueue("a", spec()).state is State.DONE


def test_runs_are_taken_in_order_and_one_can_be_moved_first(ledger: Ledger) -> None:
    for name in "abcd":
        ledger.enqueue(name, spec())
    ledger.move_first("c")
    ledger.move_first("d")
    assert [claim(ledger, at_once=4).run_id for _ in range(4)] == ["d", "c", "a", "b"]
    assert [run.run_id for run in ledger.runs()] == ["d", "c", "b", "a"]  # newest first


def test_cancel_retry_delete(ledger: Ledger) -> None:
    ledger.enqueue("a", spec())
    assert ledger.request_cancel("a").state is State.CANCELLED
    assert ledger.retry("a").state is State.QUEUED
    own = claim(ledger)
    with pytest.raises(BadArgument, match="is running: cancel it"):
        ledger.delete("a")
    asked = ledger.request_cancel("a")
    assert (asked.state, asked.cancel_requested) == (State.RUNNING, True)
    assert ledger.heartbeat(own) is True
    ledger.cancelled(own)
    assert known(ledger, "a").state is State.CANCELLED
    ledger.delete("a")
    assert ledger.get("a") is None
    for act in (ledger.delete, ledger.retry, ledger.request_cancel, ledger.move_first):
        with pytest.raises(BadArgument, match="There is no run a"):
            act("a")


def test_only_the_owner_of_a_claim_can_write(ledger: Ledger) -> None:
    ledger.enqueue("a", spec())
    own = claim(ledger)
    for other in (
        replace(own, worker="another"),
        replace(own, pid=1),
        replace(own, attempt=2),
        replace(own, run_id="b"),
    ):
        with pytest.raises(ClaimLost):
            ledger.finish(other, 1.0)
        with pytest.raises(ClaimLost):
            ledger.progress(other, "training", 1, 2)
    assert known(ledger, "a") == own
    ledger.release(own)
    with pytest.raises(ClaimLost):
        ledger.heartbeat(own)
    assert known(ledger, "a").attempt == 0


def test_a_dead_process_costs_an_attempt_and_then_the_run(ledger: Ledger) -> None:
    ledger.enqueue("a", spec())
    for attempt in range(1, ATTEMPTS + 1):
        assert claim(ledger, pid=NO_PROCESS).attempt == attempt
        assert [run.run_id for run in requeue_dead(ledger)] == ["a"]
    failed = known(ledger, "a")
    assert failed.state is State.FAILED
    assert failed.message.startswith("The training process ended without a word, at the last of 2")
    assert ledger.retry("a").attempt == 0


def test_who_is_dead_and_who_is_not(ledger: Ledger) -> None:
    ledger.enqueue("a", spec())
    claim(ledger)
    assert requeue_dead(ledger) == []
    change(ledger, "UPDATE runs SET heartbeat = heartbeat - 61")
    assert requeue_dead(ledger, stale_after=90) == []
    assert len(requeue_dead(ledger, stale_after=60)) == 1
    assert "no sign of life for 60 seconds" in known(ledger, "a").message
    claim(ledger)
    change(ledger, "UPDATE runs SET pid_started = pid_started - 100")  # the pid was used again
    assert len(requeue_dead(ledger)) == 1


def test_a_process_on_another_host_is_judged_by_its_heartbeat_alone(ledger: Ledger) -> None:
    ledger.enqueue("a", spec())
    claim(ledger, pid=NO_PROCESS)
    change(ledger, "UPDATE runs SET host = 'elsewhere'")
    assert requeue_dead(ledger) == []
    change(ledger, "UPDATE runs SET heartbeat = heartbeat - 61")
    assert len(requeue_dead(ledger)) == 1


def test_a_run_knows_where_its_data_is(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSLT_DATASETS", "data")
    assert ledger.enqueue("a", spec()).datasets == str(Path.cwd() / "data")
    monkeypatch.delenv("MSLT_DATASETS")
    assert ledger.enqueue("b", spec()).datasets == ""


def test_a_run_to_be_cancelled_is_cancelled_when_its_process_gives_it_back(ledger: Ledger) -> None:
    ledger.enqueue("a", spec())
    claim = ledger.claim("w", os.getpid(), psutil.Process().create_time())
    assert claim
    ledger.request_cancel("a")
    ledger.release(claim)
    record = ledger.get("a")
    assert record
    assert record.state is State.CANCELLED


def test_a_run_to_be_cancelled_whose_process_died_is_cancelled(ledger: Ledger) -> None:
    ledger.enqueue("a", spec())
    claim(ledger, pid=NO_PROCESS)
    ledger.request_cancel("a")
    requeue_dead(ledger)
    assert known(ledger, "a").state is State.CANCELLED


def older(path: Path, schema: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger as it was made with a schema of that number."""
    with monkeypatch.context() as old:
        old.setattr(database, "MIGRATIONS", MIGRATIONS[:schema])
        database.migrate(path)
    return path


def test_an_older_schema_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = older(tmp_path / "ledger.sqlite", 1, monkeypatch)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "INSERT INTO runs (run_id, spec, state, created) VALUES ('a', ?, 'done', 1)",
            (json.dumps(spec().to_dict()),),
        )
    ledger = Ledger(path)
    record = ledger.get("a")
    assert record
    assert (record.spec, record.datasets) == (spec(), "")
    assert ledger.enqueue("b", spec()).state is State.QUEUED


def test_a_run_in_progress_in_an_older_ledger_is_taken_to_be_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = older(tmp_path / "ledger.sqlite", 3, monkeypatch)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            """INSERT INTO runs (run_id, spec, state, created, host)
            VALUES ('a', ?, 'running', 1, ?)""",
            (json.dumps(spec().to_dict()), platform.node()),
        )
    ledger = Ledger(path)
    assert known(ledger, "a").alone is True
    ledger.enqueue("b", spec())
    assert ledger.claim("worker", 1, 0.0, at_once=2) is None


ALONE, BESIDE = True, False


@pytest.mark.parametrize(
    ("at_once", "running", "queued", "claims"),
    [
        (2, [], 0, []),
        (2, [], 1, [ALONE]),
        (2, [], 2, [BESIDE, BESIDE]),
        (2, [], 3, [BESIDE, BESIDE]),
        (2, [ALONE], 2, []),
        (2, [BESIDE], 1, [BESIDE]),
        (2, [BESIDE], 2, [BESIDE]),
        (2, [BESIDE, BESIDE], 1, []),
        (3, [], 2, [BESIDE, BESIDE]),
        (3, [BESIDE], 5, [BESIDE, BESIDE]),
        (3, [ALONE], 5, []),
        (1, [], 1, [ALONE]),
        (1, [], 3, [ALONE]),
        (1, [BESIDE], 3, []),
    ],
)
def test_what_may_begin_beside_what(
    ledger: Ledger, at_once: int, running: list[bool], queued: int, claims: list[bool]
) -> None:
    in_progress(ledger, *running)
    for i in range(queued):
        ledger.enqueue(f"run{i}", spec())
    assert queries.processes_wanted(ledger, at_once) == len(running) + len(claims)
    found = [ledger.claim("worker", os.getpid(), 0.0, at_once) for _ in range(queued + 1)]
    assert [run.alone for run in found if run] == claims
    assert [run.run_id for run in found if run] == [f"run{i}" for i in range(len(claims))]


def in_progress(ledger: Ledger, *alone: bool, host: str | None = None) -> None:
    """Runs that processes of a machine are at work on."""
    for i, each in enumerate(alone):
        ledger.enqueue(f"begun{i}", spec())
        change(
            ledger,
            f"""UPDATE runs SET state = 'running', alone = {each}, attempt = 1, worker = 'w',
            pid = {os.getpid()}, host = '{host or platform.node()}' WHERE run_id = 'begun{i}'""",
        )


def test_what_another_machine_does_stops_nothing_here(ledger: Ledger) -> None:
    in_progress(ledger, ALONE, host="elsewhere")
    ledger.enqueue("a", spec())
    assert claim(ledger, at_once=2).alone is True


def test_a_run_whose_process_died_is_tried_again_alone(ledger: Ledger) -> None:
    for name in "abc":
        ledger.enqueue(name, spec())
    died, other = claim(ledger, NO_PROCESS, at_once=2), claim(ledger, at_once=2)
    assert (died.alone, other.alone) == (BESIDE, BESIDE)
    requeue_dead(ledger)
    assert ledger.claim("worker", os.getpid(), 0.0, at_once=2) is None  # it waits for the other
    ledger.finish(other, 1.0)
    again = claim(ledger, at_once=2)
    assert (again.run_id, again.attempt, again.alone) == ("a", 2, ALONE)
    assert ledger.claim("worker", os.getpid(), 0.0, at_once=2) is None


def test_a_run_given_back_is_nothing_special(ledger: Ledger) -> None:
    for name in "ab":
        ledger.enqueue(name, spec())
    ledger.release(claim(ledger, at_once=2))
    assert known(ledger, "a").alone is True  # as all that are not in progress
    assert claim(ledger, at_once=2).alone is BESIDE


def test_a_newer_schema_is_left_alone(ledger: Ledger) -> None:
    ledger.enqueue("a", spec())
    newer = len(MIGRATIONS) + 1
    change(ledger, f"PRAGMA user_version = {newer}")
    before = ledger.path.read_bytes()
    with pytest.raises(WorkFailed, match=f"newer MSLT Lab \\(schema {newer}"):
        Ledger(ledger.path)
    assert ledger.path.read_bytes() == before


def test_what_is_no_ledger_is_said_in_words(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"not a database, but long enough to be read as one" * 20)
    with pytest.raises(WorkFailed, match=r"cannot be used.*MSLT_HOME"):
        Ledger(path)


def test_a_removed_ledger_does_not_come_back_empty(ledger: Ledger) -> None:
    ledger.path.unlink()
    with pytest.raises(WorkFailed, match="unable to open"):
        ledger.runs()
    assert not ledger.path.exists()


def test_many_processes_may_make_the_ledger_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    context = multiprocessing.get_context("fork")
    makers = [context.Process(target=_make, args=(path, f"run{i}")) for i in range(6)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert [maker.exitcode for maker in makers] == [0] * 6
    assert len(Ledger(path).runs()) == 6


def _make(path: Path, run_id: str) -> None:
    Ledger(path).enqueue(run_id, spec())


AT_ONCE = 2


class AnyOrderOfCalls(RuleBasedStateMachine):
    """Whatever is called in whatever order, a run is claimed at most once, what is done is never
    lost, and nothing begins beside a run that is alone."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.ledger = Ledger(Path(self.folder.name) / "ledger.sqlite")
        self.claims: dict[str, RunRecord] = {}
        self.done: set[str] = set()

    names = st.sampled_from("abcd")

    @rule(name=names)
    def enqueue(self, name: str) -> None:
        self.ledger.enqueue(name, spec())

    @rule(name=names)
    def cancel(self, name: str) -> None:
        if self.ledger.get(name):
            self.ledger.request_cancel(name)

    @rule(name=names)
    def retry(self, name: str) -> None:
        if self.ledger.get(name):
            self.ledger.retry(name)

    @rule()
    def claim(self) -> None:
        own = self.ledger.claim("worker", NO_PROCESS, 0.0, AT_ONCE)
        if own:
            assert own.run_id not in self.claims
            self.claims[own.run_id] = own

    @rule()
    def die(self) -> None:
        for run in requeue_dead(self.ledger):
            lost = self.claims.pop(run.run_id)
            with pytest.raises(ClaimLost):
                self.ledger.finish(lost, 1.0)

    @rule(name=names)
    def finish(self, name: str) -> None:
        if own := self.claims.pop(name, None):
            self.ledger.finish(own, 1.0)
            self.done.add(name)

    @invariant()
    def ledger_agrees(self) -> None:
        states = {run.run_id: run.state for run in self.ledger.runs()}
        assert {name for name, state in states.items() if state is State.RUNNING} == set(
            self.claims
        )
        assert {name for name, state in states.items() if state is State.DONE} == self.done

    @invariant()
    def what_is_alone_is_alone(self) -> None:
        alone = [run.alone for run in self.ledger.running()]
        assert len(alone) <= AT_ONCE
        assert alone == [True] or not any(alone)

    def teardown(self) -> None:
        self.folder.cleanup()


TestAnyOrderOfCalls = AnyOrderOfCalls.TestCase
TestAnyOrderOfCalls.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, derandomize=True
)


def test_runs_that_are_queued_together_have_their_turns_in_order(ledger: Ledger) -> None:
    ledger.enqueue("c", spec(seed=2))
    ledger.request_cancel("c")
    records = ledger.enqueue_all([("b", spec(seed=1)), ("c", spec(seed=2)), ("a", spec(seed=0))])
    assert [(run.run_id, run.state) for run in records] == [
        ("b", State.QUEUED),
        ("c", State.QUEUED),
        ("a", State.QUEUED),
    ]
    taken = [claim(ledger, at_once=3) for _ in range(3)]
    assert [run.run_id for run in taken] == ["b", "c", "a"]
    assert not any(run.alone for run in taken)


def test_one_that_cannot_be_queued_leaves_all_out(ledger: Ledger) -> None:
    with pytest.raises(BadArgument, match="no run None"):
        ledger.enqueue_all([("a", spec()), (None, spec(seed=1))])  # type: ignore[list-item]
    assert ledger.runs() == []
