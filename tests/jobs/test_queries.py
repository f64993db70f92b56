"""What pages ask of the ledger, and what the ledger keeps of finished runs."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from mslt_core.jobs import basis, database, queries
from mslt_core.jobs.child import Job
from mslt_core.jobs.database import MIGRATIONS
from mslt_core.jobs.ledger import Ledger, RunRecord, State
from mslt_core.jobs.openings import openings
from mslt_core.jobs.queries import Wanted
from mslt_core.jobs.store import Store
from tests.jobs.support import spec

FOUND = {"data": "d", "model": "m"}


def claimed(store: Store) -> RunRecord:
    claim = store.ledger.claim("worker", 1, 0.0, at_once=2)
    assert claim is not None
    return claim


def done(store: Store, name: str, seed: int = 0, mean: float = 0.5) -> None:
    """A finished run; its model has the same name."""
    store.ledger.enqueue(name, spec(name, seed))
    job = Job(store, claimed(store))
    job.complete({"mean": {"all": mean}, "fingerprints": FOUND, "training_version": 1}, mean)


def names(runs: list[RunRecord]) -> list[str]:
    return [run.run_id for run in runs]


def test_runs_are_listed_in_parts_and_in_order(store: Store) -> None:
    for name, mean in (("a", 0.1), ("b", 0.9), ("c", 0.5)):
        done(store, name, mean=mean)
    store.ledger.enqueue("d", spec())
    everything = Wanted()
    assert names(queries.listed(store.ledger, everything)) == ["d", "c", "b", "a"]
    assert names(queries.listed(store.ledger, everything, limit=2, offset=1)) == ["c", "b"]
    assert names(queries.listed(store.ledger, everything, "best")) == ["b", "c", "a", "d"]
    assert names(queries.listed(store.ledger, everything, "longest"))[-1] == "d"
    assert names(queries.listed(store.ledger, Wanted(State.DONE), limit=1)) == ["c"]
    assert names(queries.listed(store.ledger, Wanted(model="b", task="fake"))) == ["b"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["hub", "other"]),
        ("OWNER/", ["hub"]),
        ("sw", ["hub"]),
        ("sw, ar", ["hub"]),
        ("zh-hant", ["other"]),
        ("zh", []),  # a language, not a part of one
        ("finetune fake", ["hub"]),
        ("probe", ["other"]),
        ("oth", ["other"]),
        ("ther", []),
        ("%", []),
        ("sw nothing", []),
    ],
)
def test_runs_are_found_by_words(store: Store, text: str, found: list[str]) -> None:
    hub = replace(spec("Owner/Name"), sources=("ar", "sw"))
    store.ledger.enqueue("hub", hub)
    other = replace(spec(), task="files", sources=("en", "zh-Hant"), method="probe")
    store.ledger.enqueue("other", other)
    assert sorted(names(queries.listed(store.ledger, Wanted(text=text)))) == found
    assert queries.counts(store.ledger, text)[State.QUEUED] == len(found)


def test_runs_in_the_order_that_was_asked_for(store: Store) -> None:
    for name in "abc":
        store.ledger.enqueue(name, spec())
    assert names(queries.named(store.ledger, ["c", "x", "a", "c"])) == ["c", "a"]


def test_the_turns_of_what_waits(store: Store) -> None:
    for name in "abcd":
        store.ledger.enqueue(name, spec())
    own = claimed(store)
    store.ledger.move_first("d")
    assert names(queries.active(store.ledger, limit=3)) == ["a", "d", "b"]
    assert queries.turns(store.ledger) == {"a": 1, "d": 2, "b": 3, "c": 4}
    store.ledger.fail(own, "It broke.")
    assert names(queries.active(store.ledger, limit=1)) == ["d"]


def test_the_version_follows_what_became_of_runs_and_not_their_progress(store: Store) -> None:
    ledger = store.ledger
    seen = {queries.version(ledger)}

    def changed() -> bool:
        new = queries.version(ledger) not in seen
        seen.add(queries.version(ledger))
        return new

    ledger.enqueue("a", spec())
    assert changed()
    own = claimed(store)
    assert changed()
    ledger.heartbeat(own)
    ledger.progress(own, "training", 1, 2)
    assert not changed()
    ledger.finish(own, 0.5)
    assert changed()
    ledger.record_broken("a", "Its folder is gone.")
    assert changed()
    ledger.delete("a")
    assert changed()


def test_a_ledger_made_anew_has_another_version(store: Store) -> None:
    before = queries.version(store.ledger)
    for file in store.home.glob("ledger.sqlite*"):
        file.unlink()
    assert queries.version(Store(store.home).ledger) != before


def test_what_finished_runs_stand_on_is_read_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    run_json = Store.run_json
    monkeypatch.setattr(
        Store, "run_json", lambda self, name: read.append(name) or run_json(self, name)
    )
    done(store, "a")
    store.ledger.enqueue("b", spec())
    assert queries.repetitions(store.ledger) == []
    assert basis.read_new(store) == []
    assert read == ["a"]
    (found,) = queries.repetitions(store.ledger)
    assert (found.run_id, found.seed, json.loads(found.basis)) == ("a", 0, ["d", "m", 1])
    assert "seed" not in json.loads(found.configuration)
    store.ledger.enqueue("c", spec("c", seed=1))
    assert claimed(store).run_id == "b"
    done(store, "c", seed=1)
    basis.read_new(store)
    assert read == ["a", "c"]
    assert [run.run_id for run in queries.repetitions(store.ledger)] == ["c", "a"]


def test_what_cannot_be_read_is_told_and_not_offered(store: Store) -> None:
    done(store, "a")
    shutil.rmtree(store.folder("a"))
    ((run, error),) = basis.read_new(store)
    assert (run.run_id, "has no results" in str(error)) == ("a", True)
    assert queries.repetitions(store.ledger) == []


def test_an_older_ledger_tells_of_its_runs_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(store, "a")
    for file in store.home.glob("ledger.sqlite*"):
        file.unlink()
    with monkeypatch.context() as old:
        old.setattr(database, "MIGRATIONS", MIGRATIONS[:2])
        database.migrate(store.ledger.path)
    with closing(sqlite3.connect(store.ledger.path)) as db, db:
        db.execute(
            "INSERT INTO runs (run_id, spec, state, created) VALUES ('a', ?, 'done', 1)",
            (json.dumps(spec("a").to_dict()),),
        )
    again = Store(store.home)
    basis.read_new(again)
    assert [run.run_id for run in queries.repetitions(again.ledger)] == ["a"]
    assert names(queries.listed(again.ledger, Wanted(State.DONE, model="a"))) == ["a"]
    before = queries.version(again.ledger)
    again.ledger.delete("a")
    assert queries.version(again.ledger) != before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM runs WHERE TRUE ORDER BY created DESC, rowid DESC",
        "SELECT * FROM runs WHERE state = 'done' ORDER BY created DESC, rowid DESC",
        "SELECT * FROM runs WHERE state = 'done' AND model = 'm' AND task = 't' "
        "ORDER BY created DESC, rowid DESC",
    ],
)
def test_the_newest_runs_are_found_without_sorting_all(ledger: Ledger, sql: str) -> None:
    (step,) = plan(ledger, f"{sql} LIMIT 1")
    assert "USING INDEX" in step


def test_what_workers_ask_at_every_look_is_found_by_an_index(ledger: Ledger) -> None:
    asked: list[str] = []
    with database.transaction(ledger.path) as db:
        db.set_trace_callback(asked.append)
        openings(db, "here", at_once=2)
    asked.append("SELECT 1 FROM runs WHERE worker = 'w' LIMIT 1")
    selects = [sql for sql in asked if sql.startswith("SELECT")]
    for sql in selects:
        assert all("SEARCH runs USING" in step for step in plan(ledger, sql)), sql
    assert len(selects) == 3


def plan(ledger: Ledger, sql: str) -> list[str]:
    with database.transaction(ledger.path) as db:
        return [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return store.ledger
