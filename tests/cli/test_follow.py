"""Waiting for a run: what ends it, and what is said then."""

import pytest

from mslt_core.cli import follow as following
from mslt_core.cli.follow import Interrupted, follow
from mslt_core.jobs.ledger import State
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec, WorkFailed

SPEC = RunSpec("tiny-random", "intents", ("en",), ("de",))
RUN = "0123456789abcdef"


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store that no worker serves."""
    monkeypatch.setattr(following, "ensure_worker", lambda home: None)
    return Store(tmp_path / "home")


def during_the_wait(monkeypatch, act):
    """Let `act` happen while the command waits."""
    monkeypatch.setattr(following.time, "sleep", lambda seconds: act())


def press_ctrl_c():
    raise KeyboardInterrupt


def test_ctrl_c_cancels_what_this_command_queued(store, monkeypatch):
    during_the_wait(monkeypatch, press_ctrl_c)
    with pytest.raises(Interrupted, match=f"run {RUN} is cancelled"):
        follow(store, RUN, SPEC, quiet=True)
    assert store.ledger.get(RUN).state is State.CANCELLED


def test_ctrl_c_leaves_alone_what_somebody_else_queued(store, monkeypatch):
    store.ledger.enqueue(RUN, SPEC)
    during_the_wait(monkeypatch, press_ctrl_c)
    with pytest.raises(Interrupted, match=f"run {RUN} goes on"):
        follow(store, RUN, SPEC, quiet=True)
    assert store.ledger.get(RUN).state is State.QUEUED


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (lambda ledger: ledger.request_cancel(RUN), "was cancelled"),
        (lambda ledger: ledger.delete(RUN), "was deleted"),
        (lambda ledger: ledger.fail_next("The disk is full: free some."), "The disk is full"),
    ],
)
def test_each_end_is_told_as_it_was(store, monkeypatch, end, words):
    during_the_wait(monkeypatch, lambda: end(store.ledger))
    with pytest.raises(WorkFailed, match=words):
        follow(store, RUN, SPEC, quiet=True)
