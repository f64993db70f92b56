"""Runs executed by this process, with no worker."""

import os
from contextlib import contextmanager

import psutil
import pytest

from mslt_core.jobs.child import Job
from mslt_core.jobs.store import Store
from mslt_core.training.execute import Executor
from tests import small_data


@contextmanager
def on_sib200(root, folders, intents_cache):
    """What executes runs of the store that MSLT_HOME names, on a small SIB-200 with these folders
    and the first words of their sentences."""
    small_data.write_sib200(root / "datasets", folders)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSLT_HOME", str(root / "home"))
        patch.setenv("MSLT_DATASETS", str(root / "datasets"))
        (root / "home" / "cache").mkdir(parents=True)
        (root / "home" / "cache" / "intents").symlink_to(intents_cache)
        yield Executor(Store(root / "home"))


def claimed(store, resolved):
    """The claim of this run by this process."""
    store.ledger.enqueue(resolved.run_id, resolved.spec)
    process = psutil.Process(os.getpid())
    return store.ledger.claim("test", process.pid, process.create_time())


def finished(executor, resolved):
    """The run, executed unless it has been; returns its id."""
    store = executor.store
    if store.verify(resolved.run_id) is not None:
        executor(Job(store, claimed(store, resolved)))
    assert store.verify(resolved.run_id) is None
    return resolved.run_id
