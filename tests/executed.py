"""Runs executed by this process, with no worker."""

import os

import psutil

from mslt_core.jobs.child import Job


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
