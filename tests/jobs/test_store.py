"""The store and its artefacts: whole or not there, checked, and in step with the ledger."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mslt_core.jobs import artefacts
from mslt_core.jobs.child import Job
from mslt_core.jobs.ledger import State
from mslt_core.jobs.store import LOG_BYTES, Store
from mslt_core.spec import BadArgument, WorkFailed, default_home
from tests.jobs.fake_child import MEAN, write_results
from tests.jobs.support import spec

RUN = "00000000000000aa"


def begin(store: Store, run_id: str = RUN) -> Job:
    store.ledger.enqueue(run_id, spec())
    claim = store.ledger.claim("worker", os.getpid(), 0.0)
    assert claim is not None
    return Job(store, claim)


def done(store: Store, run_id: str = RUN) -> Path:
    job = begin(store, run_id)
    write_results(job)
    job.append_history(1, 2.0, 100.0)
    job.complete({"mean": {"all": MEAN}}, MEAN)
    return store.folder(run_id)


def state(store: Store, run_id: str = RUN) -> State:
    record = store.ledger.get(run_id)
    assert record is not None
    return record.state


def test_home_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSLT_HOME", "/somewhere")
    assert default_home() == Path("/somewhere")
    monkeypatch.delenv("MSLT_HOME")
    assert default_home() == Path.cwd() / ".mslt"


def test_results_come_back_as_they_were_written(store: Store) -> None:
    done(store)
    assert store.scores(RUN).to_dict("list") == {
        "target": ["de"],
        "metric": ["accuracy"],
        "value": [MEAN],
        "n": [4],
    }
    vectors = store.embeddings(RUN)["de"]
    assert vectors.dtype == np.float16
    assert vectors.tolist() == [[0, 2, 4], [1, 3, 5]]  # transposed: a layout not contiguous
    assert store.history(RUN).to_dict("list") == {
        "step": [1],
        "loss": [2.0],
        "tokens_per_second": [100.0],
    }
    assert store.run_json(RUN)["run_id"] == RUN
    assert state(store) is State.DONE
    assert list(store.tmp_dir.iterdir()) == []
    assert store.check() == []


def test_a_run_without_results_is_said_in_words(store: Store) -> None:
    for read in (store.run_json, store.scores, store.predictions, store.embeddings):
        with pytest.raises(WorkFailed, match=f"Run {RUN} has no results"):
            read(RUN)
    assert store.history(RUN).empty
    assert store.log_tail(RUN) == ""


@pytest.mark.parametrize("name", ["../runs", "", "a/b", "a.b", "/etc", "a" * 65])
def test_a_name_cannot_lead_out_of_the_store(store: Store, name: str) -> None:
    for use in (store.run_json, store.delete, store.log_tail, store.history):
        with pytest.raises(BadArgument, match="not the name of a run"):
            use(name)


@pytest.mark.parametrize(
    ("file", "wrong"),
    [
        ("scores.parquet", "holds a damaged scores.parquet"),
        ("embeddings.safetensors", "holds a damaged embeddings.safetensors"),
        ("history.jsonl", "holds a damaged history.jsonl"),
        ("run.json", "holds a damaged run.json"),
    ],
)
def test_damage_is_found_and_not_served(store: Store, file: str, wrong: str) -> None:
    path = done(store) / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF  # one byte of the disk went bad
    path.write_bytes(content)
    assert wrong in (store.verify(RUN) or "")
    (fault,) = store.check()
    assert wrong in fault
    record = store.settle(RUN)
    assert record is not None
    assert record.state is State.FAILED
    assert wrong in record.message


@pytest.mark.parametrize("file", ["scores.parquet", "run.json"])
def test_a_missing_file_is_found_and_computed_again(store: Store, file: str) -> None:
    (done(store) / file).unlink()
    assert store.verify(RUN) == f"lacks {file}"
    store.settle(RUN)
    assert state(store) is State.FAILED
    done(store)  # in the broken folder's place
    assert store.check() == []
    assert state(store) is State.DONE
    assert list(store.tmp_dir.iterdir()) == []


def test_a_removed_folder_is_noticed(store: Store) -> None:
    shutil.rmtree(done(store))
    (fault,) = store.check()
    assert "its folder is gone" in fault
    store.reconcile()
    assert state(store) is State.FAILED


@pytest.mark.parametrize("content", ["", "[]", "null", '{"checksums": {}}', '{"run_id": 3'])
def test_no_content_of_run_json_breaks_the_check(store: Store, content: str) -> None:
    (done(store) / "run.json").write_text(content)
    assert len(store.check()) == 1


@pytest.mark.parametrize("spec", [{}, {"model": "m"}, {"nonsense": 1}])
def test_a_run_json_that_says_no_run_is_a_fault(store: Store, spec: dict[str, object]) -> None:
    done(store)
    path = store.folder(RUN) / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "spec": spec}))
    assert "damaged run.json" in str(store.verify(RUN))
    store.ledger.delete(RUN)
    store.reconcile()
    assert store.ledger.get(RUN) is None


def test_stored_results_are_kept_when_the_same_run_ends_twice(store: Store) -> None:
    before = (done(store) / "run.json").stat().st_mtime_ns
    building = store.tmp_dir / "again"
    building.mkdir()
    artefacts.publish(building, store.folder(RUN), {"run_id": RUN})
    assert (store.folder(RUN) / "run.json").stat().st_mtime_ns == before
    assert not building.exists()


def test_a_lost_ledger_is_rebuilt_from_the_folders(store: Store) -> None:
    done(store)
    for file in store.home.glob("ledger.sqlite*"):
        file.unlink()
    again = Store(store.home)
    again.reconcile()
    record = again.ledger.get(RUN)
    assert record is not None
    assert (record.state, record.mean, record.spec) == (State.DONE, MEAN, spec())


def test_sweep_removes_what_the_dead_left_half_written_in_the_cache(store: Store) -> None:
    kept = store.cache_dir / "vectors" / "en.safetensors"
    writing, left = artefacts.half(kept), artefacts.half(kept)
    shard = artefacts.half(kept)
    shard.mkdir(parents=True)
    for path in (kept, writing, left, shard / "states.npy"):
        path.touch()
    for path in (kept, left, shard):
        os.utime(path, (0, 0))
    store.sweep()
    assert set(kept.parent.iterdir()) == {kept, writing}


def test_sweep_spares_what_is_being_built(store: Store) -> None:
    job = begin(store)
    (store.tmp_dir / "0123.1.99").mkdir()
    store.sweep()
    assert list(store.tmp_dir.iterdir()) == [job.folder]
    store.ledger.fail(store.ledger.running()[0], "It broke.")
    store.sweep()
    assert list(store.tmp_dir.iterdir()) == []


def test_delete_leaves_nothing(store: Store) -> None:
    done(store)
    store.log_path(RUN).write_text("words")
    store.delete(RUN)
    assert store.ledger.get(RUN) is None
    assert not [path for path in store.home.rglob("*") if RUN in path.name]


def test_pretrained_vectors_are_found_through_the_run(store: Store) -> None:
    job = begin(store)
    job.complete({"mean": {"all": MEAN}, "pretrained": "key"}, MEAN)
    assert store.pretrained(RUN) == {}
    path = store.pretrained_path("key")
    path.parent.mkdir()
    artefacts.write_arrays(path.parent, "key", {"de": np.ones((2, 3), np.float16)})
    assert store.pretrained(RUN)["de"].shape == (2, 3)
    assert store.embeddings(RUN) == {}  # sound results of a method that tunes no encoder


def test_a_home_that_cannot_be_one(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for place in (file, file / "below", Path("/proc/mslt")):
        with pytest.raises(WorkFailed, match=f"The store {place} cannot be.*MSLT_HOME") as error:
            Store(place)
        assert str(error.value).count("\n") == 0
    assert file.read_text() == ""


def test_a_full_disk_leaves_nothing_half_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begin(store)
    write_results(job)
    (job.folder / "run.json").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        job.complete({"mean": {"all": MEAN}}, MEAN)
    assert list(store.runs_dir.iterdir()) == []
    assert state(store) is State.RUNNING


def test_logs_do_not_grow_for_ever(store: Store) -> None:
    path = store.log_path(RUN)
    path.write_bytes(b"x" * (LOG_BYTES + 1))
    with store.open_log(path) as log:
        log.write(b"new\n")
    assert store.log_tail(RUN) == "new"
    with store.open_log(path) as log:
        log.write(b"".join(b"line %d\n" % i for i in range(100)))
    assert store.log_tail(RUN, lines=2) == "line 98\nline 99"


@given(cut=st.integers(0, 200))
def test_a_history_is_readable_wherever_its_writer_stopped(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("history")
    for step in range(3):
        artefacts.append_history(folder, step, 1.0 / (step + 1), 100.0)
    path = folder / "history.jsonl"
    whole = path.read_bytes()[:cut]
    path.write_bytes(whole)
    history = artefacts.read_history(path)
    assert isinstance(history, pd.DataFrame)
    assert history["step"].tolist() == list(range(whole.count(b"\n")))


def test_run_json_holds_no_value_that_json_lacks(store: Store) -> None:
    job = begin(store)
    with pytest.raises(ValueError, match="not JSON compliant"):
        job.complete({"mean": {"all": float("nan")}}, MEAN)
    assert list(store.runs_dir.iterdir()) == []
    done_folder = store.tmp_dir / "x"
    done_folder.mkdir()
    artefacts.publish(done_folder, store.folder("other"), {"run_id": "other"})
    assert json.loads((store.folder("other") / "run.json").read_text())["checksums"] == {}
