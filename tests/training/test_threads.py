"""A run that is alone computes with all cores, one of several with its part of them."""

import psutil
import pytest
import torch

from mslt_core.jobs.child import Job
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument
from mslt_core.training import execute
from mslt_core.training.execute import Executor
from tests.jobs.support import spec

CORES = 5


@pytest.fixture
def executor(tmp_path, monkeypatch):
    """An executor on a machine with five cores."""
    monkeypatch.setattr(execute, "cores", lambda: CORES)
    before = torch.get_num_threads()
    torch.set_num_threads(CORES)
    yield Executor(Store(tmp_path))
    torch.set_num_threads(before)


def begin(executor, at_once):
    """Begins the next run, which gets no further than to be refused."""
    process = psutil.Process()
    claim = executor.store.ledger.claim("w", process.pid, process.create_time(), at_once)
    with pytest.raises(BadArgument, match="no task"):
        executor(Job(executor.store, claim))
    return claim


@pytest.mark.parametrize(("at_once", "part"), [(2, 2), (3, 1), (9, 1)])
def test_each_run_takes_the_cores_that_are_its_own(executor, monkeypatch, at_once, part):
    monkeypatch.setenv("MSLT_RUNS_AT_ONCE", str(at_once))
    ledger, threads = executor.store.ledger, []
    for names in ("ab", "c"):
        for name in names:
            ledger.enqueue(name, spec())
        claims = []
        for _ in names:
            claims.append(begin(executor, at_once))
            threads.append(torch.get_num_threads())
        for claim in claims:
            ledger.finish(claim, 1.0)
    assert threads == [part, part, CORES]
