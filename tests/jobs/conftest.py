"""A store of its own for each test; whatever was started for it is killed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mslt_core.jobs.store import Store
from tests.jobs.support import processes_of, until


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    home = tmp_path / "home"
    yield Store(home)
    for process in processes_of(home):
        process.kill()
    until(lambda: not processes_of(home))
