"""A small task in the registry, a store of one's own, and no worker that really starts."""

import pytest
import streamlit as st

from mslt_core.catalog import tasks
from mslt_core.jobs import maps, worker
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from tests.fakes import FakeTask
from tests.ui.fake_store import TARGETS


@pytest.fixture
def store(home, monkeypatch):
    monkeypatch.setattr(tasks, "_TASKS", {"fake": lambda: FakeTask(dict.fromkeys(TARGETS, 1000))})
    monkeypatch.setattr(maps, "ask", answered)
    st.cache_data.clear()
    return Store(home)


@pytest.fixture
def started(monkeypatch):
    """The stores for which a page asked for a worker."""
    homes = []
    monkeypatch.setattr(worker, "ensure_worker", homes.append)
    return homes


def answered(store, spec):
    """A map computed at once, in this process."""
    try:
        return maps.MapState(maps.compute(store, spec), "")
    except UserError as error:
        return maps.MapState(None, str(error))
