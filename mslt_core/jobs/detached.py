"""Work that a page starts and does not wait for: a process of its own, which goes on when the page
is closed. A page learns how far it is from files beside what it makes: a lock, which that process
holds and so says that it lives, and a log.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mslt_core.jobs.engines.local import environment
from mslt_core.jobs.store import Store, tail

INHERITED = "MSLT_LOCK"
"""Tells a process that `start` started which open file is its lock."""


@dataclass(frozen=True)
class Progress:
    """How far some work is."""

    state: Literal["none", "running", "failed", "done"]
    message: str = ""
    """The last line that the process wrote: `3/30` while it works, else why it ended."""


def progress(path: Path, done: Callable[[], bool]) -> Progress:
    """How far the work is whose lock and log are beside `path`; done tells whether what it makes
    is there."""
    if done():
        return Progress("done")
    if running(path):
        return Progress("running", _last_line(path))
    # Looked for again: it may have been finished between the two looks.
    if done():
        return Progress("done")
    return Progress("failed", _last_line(path)) if log(path).exists() else Progress("none")


def start(store: Store, path: Path, command: Sequence[str]) -> None:
    """Starts `python -m <command>`, detached from this process, unless the work beside `path` is
    going on already. Returns at once. The process inherits the lock, open, and lets it go only by
    ending."""
    lock = _lock(path)
    if lock is None:
        return
    try:
        with store.open_log(log(path), fresh=True) as output:
            subprocess.Popen(
                [sys.executable, "-m", *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**environment(store), INHERITED: str(lock)},
                pass_fds=(lock,),
                start_new_session=True,
            )
    finally:
        os.close(lock)


def running(path: Path) -> bool:
    """Whether a process is at the work beside `path`."""
    lock = _lock(path)
    if lock is None:
        return True
    os.close(lock)
    return False


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Holds the lock of the work beside `path` meanwhile; gives whether this process has it, which
    `start` may have handed down to it."""
    if _handed_down(path):
        yield True
        return
    lock = _lock(path)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            os.close(lock)


def log(path: Path) -> Path:
    """What the last process that was started for the work beside `path` wrote."""
    return path.with_suffix(".log")


def _handed_down(path: Path) -> bool:
    try:
        lock = os.fstat(int(os.environ[INHERITED]))
        return os.path.samestat(lock, path.with_suffix(".lock").stat())
    except (KeyError, ValueError, OSError):
        return False


def _lock(path: Path) -> int | None:
    """The lock as an open file; None while a process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _last_line(path: Path) -> str:
    lines = tail(log(path), lines=5).splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
