"""Every test has a store of its own, and leaves no worker behind."""

import os
import shutil
import signal
from contextlib import suppress

import psutil
import pytest
from hypothesis import settings

from mslt_core.catalog.tasks.intents import IntentsTask

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # no test may depend on the network
# Tests compute so little that several threads wait for one another longer than they work. This is
# read when libraries are loaded, here and in the processes that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("patient", deadline=None)  # of a busy machine's clock
settings.load_profile("patient")


@pytest.fixture(scope="session")
def intents_cache(tmp_path_factory):
    """The sentences of the bundled task, drawn once for all tests."""
    folder = tmp_path_factory.mktemp("intents")
    IntentsTask(folder).sizes()
    return folder


@pytest.fixture(scope="session")
def one_tokenizer():
    """The bundled model's tokenizer is made once for all runs that this process executes: it takes
    longer than all else in a tiny run."""
    from mslt_core.catalog.models import bundled_path
    from mslt_core.training.bundled import E5File

    make, made = E5File.tokenizer, []

    def tokenizer(file):
        if file.path != bundled_path():
            return make(file)
        if not made:
            made.append(make(file))
        (kept,) = made
        kept.no_truncation()  # as a new one: who had it last may have told it to cut texts
        return kept

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(E5File, "tokenizer", tokenizer)
        yield


@pytest.fixture
def home(tmp_path, monkeypatch, intents_cache):
    """A fresh store; the worker that a test started there is ended with its child."""
    path = tmp_path / "home"
    shutil.copytree(intents_cache, path / "cache" / "intents")
    monkeypatch.setenv("MSLT_HOME", str(path))
    yield path
    kill_worker(path)


def kill_worker(path):
    """End the worker that serves this store, and what it started."""
    lock = path / "worker.lock"
    if not lock.is_file() or not (text := lock.read_text().strip()):
        return
    with suppress(psutil.NoSuchProcess):
        supervisor = psutil.Process(int(text))
        family = [supervisor, *supervisor.children(recursive=True)]
        if "mslt_core" not in " ".join(supervisor.cmdline()):
            return
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=10)
