"""How many runs are executed at once: as many as a person says, else as there is room for."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from mslt_core.jobs import machine
from mslt_core.jobs.machine import cores, runs_at_once
from mslt_core.jobs.store import Store
from mslt_core.jobs.worker import ensure_worker, supervise, worker_alive
from mslt_core.spec import BadArgument
from tests.jobs.support import processes_of

GB = 10**9


@pytest.fixture
def _a_good_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MSLT_RUNS_AT_ONCE", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=16 * GB))
    monkeypatch.setattr(machine, "ACCELERATORS", (str(tmp_path / "card"),))
    monkeypatch.setattr(machine, "MEMORY_LIMIT", tmp_path / "limit")
    monkeypatch.setattr(machine, "TIME_LIMIT", tmp_path / "time")
    monkeypatch.setattr(platform, "system", lambda: "Linux")


@pytest.mark.usefixtures("_a_good_machine")
def test_two_where_there_is_room_for_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert runs_at_once() == 2
    for limit, expected in (("max", 2), (str(4 * GB), 1), (str(8 * GB), 2)):
        (tmp_path / "limit").write_text(f"{limit}\n")
        assert runs_at_once() == expected
    with monkeypatch.context() as one_core:
        one_core.setattr(os, "sched_getaffinity", lambda pid: {3}, raising=False)
        assert runs_at_once() == 1
    with monkeypatch.context() as elsewhere:  # where a process cannot ask which cores it may use
        elsewhere.delattr(os, "sched_getaffinity")
        elsewhere.setattr(os, "cpu_count", lambda: 4)
        assert runs_at_once() == 2
    with monkeypatch.context() as small:
        small.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=4 * GB))
        assert runs_at_once() == 1
    with monkeypatch.context() as apple:
        apple.setattr(platform, "system", lambda: "Darwin")
        apple.setattr(platform, "machine", lambda: "arm64")
        assert runs_at_once() == 1
    (tmp_path / "card").touch()
    assert runs_at_once() == 1


@pytest.mark.usefixtures("_a_good_machine")
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("max 100000", 2),
        ("400000 100000", 2),
        ("150000 100000", 1),
        ("50000 100000", 1),
        ("rubbish", 2),
        ("1 0", 2),
    ],
)
def test_a_container_may_have_less_time_than_the_machine_has_cores(
    tmp_path: Path, said: str, expected: int
) -> None:
    (tmp_path / "time").write_text(f"{said}\n")
    assert (cores(), runs_at_once()) == (expected, expected)


@pytest.mark.usefixtures("_a_good_machine")
def test_a_person_may_say_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for said, expected in (("1", 1), ("3", 3), ("", 2)):
        monkeypatch.setenv("MSLT_RUNS_AT_ONCE", said)
        assert runs_at_once() == expected


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5", " 2", "٣", "1000", "9" * 20])
def test_what_is_no_such_number_is_one_sentence_and_starts_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("MSLT_RUNS_AT_ONCE", said)
    for begin in (ensure_worker, supervise):
        with pytest.raises(BadArgument, match=r"^MSLT_RUNS_AT_ONCE is '.*': set it to a whole"):
            begin(store.home)
    assert not worker_alive(store.home)
    assert processes_of(store.home) == []
