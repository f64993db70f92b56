"""A small task in the registry, a store of one's own, and no worker that really starts."""

import pytest
import streamlit as st

from mslt_core.catalog import tasks
from mslt_core.jobs import worker
from mslt_core.jobs.store import Store
from tests.fakes import FakeTask
from tests.ui.fake_store import TARGETS


@pytest.fixture
def store(home, monkeypatch):
    monkeypatch.setattr(tasks, "_TASKS", {"fake": lambda: FakeTask(dict.fromkeys(TARGETS, 1000))})
    st.cache_data.clear()
    return Store(home)


@pytest.fixture
def started(monkeypatch):
    """The stores for which a page asked for a worker."""
    homes = []
    monkeypatch.setattr(worker, "ensure_worker", homes.append)
    return homes
