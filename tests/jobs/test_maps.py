"""Maps: asked for, computed once, kept; by a process of their own, with faults that happen."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from mslt_core.jobs import artefacts, map_files, maps, worker
from mslt_core.jobs.artefacts import replace_arrays, write_arrays
from mslt_core.jobs.ledger import State
from mslt_core.jobs.map_files import ANSWER, FAILURE, REQUEST, MapFiles
from mslt_core.jobs.map_process import MapProcess
from mslt_core.jobs.maps import Map, MapSpec, ask, compute
from mslt_core.jobs.store import Store
from mslt_core.jobs.supervisor import Supervisor
from mslt_core.jobs.worker import ensure_worker, supervise
from mslt_core.spec import BadArgument, WorkFailed
from tests.jobs.support import in_progress, processes_of, reaches, spec, supervisor, until

A, B, RUN = "00000000000000a0", "00000000000000b0", "00000000000000c0"
BOTH = MapSpec(((A, "before"), (A, "after")))
LANGUAGES = ("ar", "de", "zh")

Vectors = dict[str, NDArray[np.float16]]


def vectors(
    apart: float, languages: tuple[str, ...] = LANGUAGES, n: int = 20, d: int = 8
) -> Vectors:
    """Languages as clouds of n sentences in d dimensions, at some distance."""
    rng = np.random.default_rng(len(languages))
    topics = rng.normal(size=(n, d))
    clouds = (topics + apart * rng.normal(size=d) for _ in languages)
    return {
        lang: (cloud + 0.3 * rng.normal(size=(n, d))).astype(np.float16)
        for lang, cloud in zip(languages, clouds, strict=True)
    }


def keep(store: Store, run_id: str, before: Vectors | None, after: Vectors | None) -> None:
    """What a run leaves of its vectors; None: it leaves none."""
    folder = store.folder(run_id)
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps({"pretrained": f"of-{run_id}"}))
    if before:
        replace_arrays(store.pretrained_path(f"of-{run_id}"), before)
    if after:
        write_arrays(folder, "embeddings", after)


@pytest.fixture
def two(store: Store) -> Store:
    """A store with two runs of the same targets."""
    keep(store, A, vectors(3), vectors(0))
    keep(store, B, vectors(3), vectors(1))
    return store


def folder(store: Store) -> Path:
    return store.cache_dir / "maps"


def path(store: Store, wanted: MapSpec, kind: str) -> Path:
    return folder(store) / f"{wanted.key}{kind}"


def answered(store: Store, wanted: MapSpec) -> Map | str:
    """What was asked for, once it is there, or why not."""

    def look() -> Map | str | None:
        state = ask(store, wanted)
        return state.map or state.failed

    found = until(look, 60)
    assert found is not None
    return found


def equal(one: Map, other: Map) -> bool:
    same = (one.trustworthiness, one.variance) == (other.trustworthiness, other.variance)
    return same and one.points.equals(other.points)


def goes_wrong(store: Store, how: str) -> None:
    """From now on processes that compute maps go wrong: see fake_map."""
    (store.home / "maps").write_text(how)


def begun(store: Store, times: int = 1) -> int:
    """The pid of the process that was the last to be started, once so many were."""
    started = store.home / "map processes.txt"

    def look() -> list[str] | None:
        pids = started.read_text().split() if started.exists() else []
        return pids if len(pids) >= times else None

    return int((until(look) or [])[-1])


def in_the_middle(store: Store) -> None:
    """Until a process computes, and waits for the gate."""
    until(lambda: (store.home / "in the middle").exists())
    (store.home / "in the middle").unlink()


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


# In this process -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_map_is_waited_for_until_it_is_computed(two: Store, method: str) -> None:
    wanted = MapSpec(((A, "before"), (A, "after"), (B, "after")), method)
    assert ask(two, wanted) == maps.MapState(None, "")
    computed = compute(two, wanted)
    found = ask(two, wanted)
    assert found.map is not None
    assert found.failed == ""
    assert equal(found.map, computed)
    points = found.map.points
    assert list(points.columns) == ["panel", "language", "item", "x", "y"]
    assert points.groupby(["panel", "language"]).size().to_dict() == {
        (panel, lang): 20 for panel in range(3) for lang in LANGUAGES
    }
    assert all(0.5 < value <= 1 for value in found.map.trustworthiness)
    assert len(found.map.trustworthiness) == 3
    if method == "tsne":
        assert found.map.variance is None
    else:
        assert 0 < (found.map.variance or 0) <= 1
    assert [file.name for file in folder(two).iterdir()] == [f"{wanted.key}{ANSWER}"]


def test_it_is_computed_once(two: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compute(two, BOTH)
    monkeypatch.setattr(maps, "project", None)
    assert equal(compute(two, BOTH), first)


def test_maps_have_another_name_where_anything_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    different = [
        BOTH,
        MapSpec(BOTH.panels, "tsne"),
        MapSpec(BOTH.panels[::-1]),
        MapSpec(((A, "after"),)),
        MapSpec(((B, "after"),)),
        MapSpec(BOTH.panels, pooling="mean", layer=4),
        MapSpec(BOTH.panels, pooling="first", layer=4),
        MapSpec(BOTH.panels, pooling="mean", layer=6),
    ]
    keys = [wanted.key for wanted in different]
    assert len(set(keys)) == len(keys)
    assert MapSpec(BOTH.panels).key == BOTH.key
    monkeypatch.setattr(map_files, "MAP_VERSION", map_files.MAP_VERSION + 1)
    assert BOTH.key not in keys


def test_what_is_no_map_is_refused() -> None:
    with pytest.raises(BadArgument, match="at least one run"):
        MapSpec(())
    with pytest.raises(BadArgument, match="both, or neither"):
        MapSpec(BOTH.panels, layer=3)


def test_panels_show_the_languages_and_sentences_that_all_have(store: Store) -> None:
    keep(store, A, None, vectors(1, ("ar", "de", "en", "zh"), n=30))
    keep(store, B, None, vectors(1, ("fi", "zh", "de"), n=12))
    points = compute(store, MapSpec(((A, "after"), (B, "after")))).points
    for _, panel in points.groupby("panel"):
        assert sorted(set(panel["language"])) == ["de", "zh"]
        assert sorted(set(panel["item"])) == list(range(12))


def test_a_panel_has_no_more_points_than_can_be_seen(
    two: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maps, "POINTS", 31)
    points = compute(two, BOTH).points
    assert set(points.groupby(["panel", "language"]).size()) == {10}
    assert points.groupby(["panel", "language"])["item"].apply(tuple).nunique() == 1


def test_of_a_layer_the_vectors_of_that_layer_are_shown(
    two: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def layer_vectors(self: Store, run_id: str, when: str, pooling: str, layer: int) -> Vectors:
        asked.append((run_id, when, pooling, layer))
        return vectors(2, d=5) if layer == 4 else {}

    monkeypatch.setattr(Store, "layer_vectors", layer_vectors, raising=False)
    found = compute(two, MapSpec(BOTH.panels, pooling="first", layer=4))
    assert asked == [(A, "before", "first", 4), (A, "after", "first", 4)]
    assert len(found.points) == 2 * 3 * 20
    with pytest.raises(WorkFailed, match="vectors of layer 5 from after"):
        compute(two, MapSpec(((A, "after"),), pooling="first", layer=5))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (vectors(1, d=9), r"differ in size \(8, 9\)"),
        (vectors(1, ("de", "fi")), "and these have de in common"),
        (vectors(1, ("en", "fi")), "and these have none in common"),
        (vectors(1, n=1), "two sentences or more"),
        (vectors(1) | {"de": np.full((20, 8), np.nan, np.float16)}, "no finite numbers"),
    ],
)
def test_runs_that_cannot_stand_in_one_map_are_told_so_for_good(
    store: Store, other: Vectors, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, A, None, vectors(1))
    keep(store, B, None, other)
    wanted = MapSpec(((A, "after"), (B, "after")))
    assert ask(store, wanted).failed == ""
    maps.answer(store, wanted.key)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 10**9)
    state = ask(store, wanted)
    assert state.map is None
    assert re.search(said, state.failed)
    with pytest.raises(WorkFailed, match=said):
        compute(store, wanted)
    assert not path(store, wanted, REQUEST).exists()


def test_vectors_all_alike_have_no_map(store: Store) -> None:
    same = {lang: np.ones((5, 8), np.float16) for lang in LANGUAGES}
    keep(store, A, None, same)
    with pytest.raises(WorkFailed, match="must have different vectors"):
        compute(store, MapSpec(((A, "after"),)))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (BOTH, "are made again by the next run"),
        (MapSpec(((B, "after"),)), "keeps no sentence vectors"),
        (MapSpec(((RUN, "after"),)), "run it first"),
    ],
)
def test_a_failure_that_may_pass_is_tried_again_after_a_while(
    store: Store, wanted: MapSpec, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, A, None, vectors(0))
    keep(store, B, vectors(3), None)  # a probe
    ask(store, wanted)
    maps.answer(store, wanted.key)
    assert said in ask(store, wanted).failed
    assert MapFiles(store).asked() == []
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + maps.RETRY_SECONDS + 1)
    assert ask(store, wanted) == maps.MapState(None, "")
    assert MapFiles(store).asked() == [wanted.key]


def test_a_cache_that_is_filled_again_gives_the_map(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, A, None, vectors(0))
    ask(store, BOTH)
    maps.answer(store, BOTH.key)
    assert ask(store, BOTH).failed
    replace_arrays(store.pretrained_path(f"of-{A}"), vectors(3))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + maps.RETRY_SECONDS + 1)
    ask(store, BOTH)
    maps.answer(store, BOTH.key)
    assert ask(store, BOTH).map is not None
    assert not path(store, BOTH, FAILURE).exists()


def _truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _empty(file: Path) -> None:
    os.truncate(file, 0)


def _flip(file: Path) -> None:
    """One byte among those of the points."""
    with pq.ParquetFile(file) as table:
        x = table.metadata.row_group(0).column(3)
    data = bytearray(file.read_bytes())
    data[x.data_page_offset + x.total_compressed_size - 9] ^= 0xFF
    file.write_bytes(data)


@pytest.mark.parametrize("damage", [_truncate, _empty, _flip])
def test_a_damaged_result_is_computed_anew(two: Store, damage) -> None:
    first = compute(two, BOTH)
    damage(path(two, BOTH, ANSWER))
    assert ask(two, BOTH) == maps.MapState(None, "")
    maps.answer(two, BOTH.key)
    again = ask(two, BOTH).map
    assert again is not None
    assert equal(again, first)


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"panels": []}', '{"colour": "red"}', None])
def test_a_damaged_request_is_dropped_and_can_be_asked_anew(two: Store, text: str | None) -> None:
    ask(two, BOTH)
    other = MapSpec(BOTH.panels, "tsne").to_json()  # of an older version, say: it has another name
    path(two, BOTH, REQUEST).write_text(other if text is None else text)
    maps.answer(two, BOTH.key)
    assert list(folder(two).iterdir()) == []
    ask(two, BOTH)
    maps.answer(two, BOTH.key)
    assert ask(two, BOTH).map is not None


@pytest.mark.parametrize("text", ["", "{", "[1]", "{}"])
def test_a_damaged_failure_is_forgotten(two: Store, text: str) -> None:
    folder(two).mkdir()
    path(two, BOTH, FAILURE).write_text(text)
    assert ask(two, BOTH) == maps.MapState(None, "")


def test_what_was_waited_for_last_is_first(two: Store) -> None:
    other = MapSpec(BOTH.panels, "tsne")
    ask(two, BOTH)
    time.sleep(0.02)
    ask(two, other)
    files = MapFiles(two)
    assert files.asked() == [other.key, BOTH.key]
    time.sleep(0.02)
    ask(two, BOTH)
    assert files.asked() == [BOTH.key, other.key]
    (folder(two) / "notes.json").write_text("of a person")
    assert files.asked() == [BOTH.key, other.key]


def test_the_newest_answers_are_kept(two: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_files, "KEPT", 2)
    specs = [MapSpec(((A, "after"),) * n) for n in (1, 2, 3)]
    for age, wanted in enumerate(reversed(specs), start=1):
        compute(two, wanted)
        os.utime(path(two, wanted, ANSWER), (0, time.time() - 10 * age))
    half = folder(two) / ".x.half"
    half.touch()
    os.utime(half, (0, time.time() - artefacts.ABANDONED_SECONDS - 1))
    ask(two, MapSpec(((B, "before"),)))
    compute(two, MapSpec(((B, "after"),)))
    left = {file.name for file in folder(two).iterdir()}
    assert left == {
        f"{MapSpec(((B, 'after'),)).key}{ANSWER}",
        f"{specs[2].key}{ANSWER}",
        f"{MapSpec(((B, 'before'),)).key}{REQUEST}",
    }


def full(file: Path) -> Path:
    """A device on which every write fails as on a full disk."""
    half = file.with_name("half")
    half.symlink_to("/dev/full")
    return half


def test_a_request_that_cannot_be_written_is_answered_at_once(
    two: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artefacts, "half", full)
    assert f"The disk that holds {two.home} is full" in ask(two, BOTH).failed
    assert list(folder(two).iterdir()) == []


def test_who_waits_is_told_when_the_disk_is_full(
    two: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(two, BOTH).failed == ""
    with monkeypatch.context() as disk:
        disk.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
        assert "is full" in ask(two, BOTH).failed
    assert ask(two, BOTH).failed == ""
    assert MapFiles(two).asked() == [BOTH.key]


def test_nothing_asked_starts_nothing(two: Store) -> None:
    serving = MapProcess(two)
    assert serving.look() is False
    compute(two, BOTH)
    assert serving.look() is False
    assert processes_of(two.home) == []


# By a worker ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_worker_computes_maps_beside_a_run(two: Store, method: str) -> None:
    two.ledger.enqueue(RUN, spec("gated"))
    supervisor(two.home)
    run = in_progress(two, RUN)
    wanted = MapSpec(BOTH.panels, method)
    found = answered(two, wanted)
    assert isinstance(found, Map)
    assert equal(found, _anew(two, wanted))
    assert in_progress(two, RUN).pid == run.pid


def _anew(store: Store, wanted: MapSpec) -> Map:
    """The same map computed here."""
    path(store, wanted, ANSWER).unlink()
    return compute(store, wanted)


def test_a_worker_is_not_idle_while_a_map_is_asked_for(two: Store) -> None:
    goes_wrong(two, "gated")
    ask(two, BOTH)
    process = supervisor(two.home, idle_exit=0.1)
    in_the_middle(two)
    time.sleep(0.5)
    assert process.poll() is None
    (two.home / "map gate").touch()
    assert process.wait(20) == 0
    assert ask(two, BOTH).map is not None


def test_a_map_asked_for_as_the_worker_ends_is_computed(
    two: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked = []

    def work(self: Supervisor, idle_exit: float | None) -> bool:
        if worked:
            maps.answer(two, BOTH.key)
        else:
            ask(two, BOTH)
        worked.append(idle_exit)
        return True

    monkeypatch.setattr(Supervisor, "work", work)
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        supervise(two.home, idle_exit=0.0)
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert len(worked) == 2
    assert ask(two, BOTH).map is not None


def test_a_killed_map_process_is_replaced_and_the_run_beside_it_goes_on(two: Store) -> None:
    goes_wrong(two, "gated")
    two.ledger.enqueue(RUN, spec("gated"))
    supervisor(two.home)
    run = in_progress(two, RUN)
    ask(two, BOTH)
    in_the_middle(two)
    first = begun(two)
    os.kill(first, signal.SIGKILL)
    assert begun(two, 2) != first
    (two.home / "map gate").touch()
    assert isinstance(answered(two, BOTH), Map)
    now = in_progress(two, RUN)
    assert (now.pid, now.attempt) == (run.pid, 1)


def test_two_deaths_end_a_request_and_not_the_next(two: Store) -> None:
    goes_wrong(two, "killed")
    ask(two, BOTH)
    supervisor(two.home)
    said = answered(two, BOTH)
    assert isinstance(said, str)
    assert "2 attempts" in said
    assert "was killed (signal 9, SIGKILL), perhaps for want of memory" in said
    begun(two, 2)
    time.sleep(0.5)  # ten looks of the supervisor
    assert len((two.home / "map processes.txt").read_text().split()) == 2
    goes_wrong(two, "")
    assert isinstance(answered(two, MapSpec(((B, "after"),))), Map)
    assert ask(two, BOTH).failed == said


def test_a_process_that_cannot_begin_says_why(two: Store) -> None:
    goes_wrong(two, "cannot begin")
    ask(two, BOTH)
    supervisor(two.home)
    said = answered(two, BOTH)
    assert isinstance(said, str)
    assert "ended by itself (status 1) and said at last: No module named openTSNE" in said


def test_a_process_that_hangs_is_ended(two: Store) -> None:
    goes_wrong(two, "hangs")
    ask(two, BOTH)
    supervisor(two.home, patience=2)
    said = answered(two, BOTH)
    assert isinstance(said, str)
    assert "did not end within" in said
    until(lambda: len(processes_of(two.home)) == 1)


def test_a_killed_supervisor_takes_the_map_process_along_and_the_next_one_finishes(
    two: Store,
) -> None:
    goes_wrong(two, "gated")
    ask(two, BOTH)
    first = supervisor(two.home)
    in_the_middle(two)
    pid = begun(two)
    first.kill()
    first.wait()
    until(lambda: gone(pid))
    assert ask(two, BOTH) == maps.MapState(None, "")
    supervisor(two.home)
    in_the_middle(two)
    (two.home / "map gate").touch()
    assert isinstance(answered(two, BOTH), Map)


def test_a_supervisor_told_to_end_leaves_no_process_and_the_request(two: Store) -> None:
    goes_wrong(two, "gated")
    ask(two, BOTH)
    process = supervisor(two.home)
    in_the_middle(two)
    process.terminate()
    assert process.wait(10) == 0
    assert processes_of(two.home) == []
    assert MapFiles(two).asked() == [BOTH.key]


def test_on_a_full_disk_the_page_is_told_and_no_half_map_is_left(two: Store) -> None:
    goes_wrong(two, "full disk")
    two.ledger.enqueue(RUN, spec("quick"))
    ask(two, BOTH)
    supervisor(two.home)
    said = answered(two, BOTH)
    assert isinstance(said, str)
    assert f"The disk that holds {two.home} is full" in said
    assert [file.name for file in folder(two).iterdir()] == [f"{BOTH.key}{FAILURE}"]
    reaches(two, RUN, State.DONE)


def test_a_failure_that_cannot_be_written_is_not_tried_without_end(
    two: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(two, BOTH)
    serving = MapProcess(two)
    serving._deaths = {BOTH.key: ["was killed"] * 2}
    monkeypatch.setattr(artefacts, "half", full)
    with pytest.raises(OSError, match="No space"):
        serving.look()
    assert serving.look() is True  # waits, and starts nothing meanwhile
    assert processes_of(two.home) == []
    serving._not_before = 0.0
    assert serving.look() is True  # what happened on the full disk is no fault of the request
    assert len(processes_of(two.home)) == 1
    serving.stop()


def test_a_removed_cache_is_made_again(two: Store) -> None:
    supervisor(two.home)
    assert isinstance(answered(two, MapSpec(((A, "after"),))), Map)
    shutil.rmtree(two.cache_dir)
    assert isinstance(answered(two, MapSpec(((A, "after"),))), Map)


def test_a_page_has_its_map_from_the_worker_that_it_starts(
    two: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "WORKER_COMMAND", ("-m", "mslt_core", "worker", "--idle-exit", "1"))
    ask(two, BOTH)
    ensure_worker(two.home)
    assert isinstance(answered(two, BOTH), Map)
    until(lambda: not processes_of(two.home))
    assert (two.logs_dir / "maps.log").read_text() == ""
