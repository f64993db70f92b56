"""A store in which tiny runs are made as they are asked for."""

import os

import psutil
import pytest

from mslt_core.catalog import map_sentences, parallel
from mslt_core.cli import follow
from mslt_core.jobs import child
from mslt_core.jobs.store import Store
from mslt_core.training.execute import Executor
from tests.executed import on_sib200

FOLDERS = {"deu_Latn": "Deutsch", "eng_Latn": "English", "fra_Latn": "French", "zho_Hans": "Hanyu"}


@pytest.fixture(scope="module")
def parallel_executor(tmp_path_factory, intents_cache, one_tokenizer):
    """What executes runs of the store that MSLT_HOME names, on SIB-200 in four languages, or on
    tasks that are measured on messages: a few of them, for each takes its time."""
    with (
        on_sib200(tmp_path_factory.mktemp("parallel"), FOLDERS, intents_cache) as executor,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(parallel, "MOST", 12)
        patch.setattr(map_sentences, "FEWEST_MESSAGES", 12)
        yield executor


@pytest.fixture
def worker_here(one_tokenizer, monkeypatch):
    """Where a command would start a worker for what it queued, this process executes it."""
    monkeypatch.setenv("MSLT_DATASETS", os.environ.get("MSLT_DATASETS", ""))  # runs set it

    def ensure(home):
        store, process = Store(home), psutil.Process()
        executor = Executor(store)
        while claim := store.ledger.claim("test", process.pid, process.create_time()):
            child._execute(store, claim, executor)

    monkeypatch.setattr(follow, "ensure_worker", ensure)
