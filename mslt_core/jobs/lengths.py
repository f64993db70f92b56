"""Texts counted in tokens: where the counts are kept, and the process of its own that makes them.

A page may not load a tokenizer, so `start` starts `python -m mslt_core.training.lengths`, detached:
it goes on when the page is closed. A lock on a file, held by that process, says that it lives.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from mslt_core.catalog import models
from mslt_core.catalog.tasks import Split, task
from mslt_core.jobs.artefacts import replacing
from mslt_core.jobs.engines.local import environment
from mslt_core.jobs.store import Store

MOST_ITEMS = 1000
"""Items of a language that are counted, the first ones: enough for means of two digits."""

COUNTING_VERSION = 1
"""Part of a file's name: raise it when a change of the counting changes the counts."""


@dataclass(frozen=True)
class Counting:
    """What is counted: the texts of one split of a task, by one model's tokenizer."""

    model: str
    task: str
    split: Split


@dataclass(frozen=True)
class Progress:
    """How far a counting is."""

    state: Literal["none", "running", "failed", "done"]
    message: str = ""
    """The last line that the process wrote: `3/30` while it works, else why it ended."""


def table_path(store: Store, counting: Counting) -> Path:
    """The file in the cache that holds the counts, once they are made.

    Raises BadArgument for a model or task that there is not, WorkFailed when one of them cannot be
    looked up.
    """
    chosen = task(counting.task)
    parts = (
        str(COUNTING_VERSION),
        models.fingerprint(models.card(counting.model)),
        chosen.fingerprint(chosen.languages()),
        counting.task,
        counting.split,
    )
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return store.cache_dir / "lengths" / f"{key}.parquet"


def progress(path: Path) -> Progress:
    """How far the counting is whose table is to be at `path`."""
    if path.exists():
        return Progress("done")
    lock = _lock(path)
    if lock is None:
        return Progress("running", _last_line(_log(path)))
    os.close(lock)
    # Looked for again: it may have been finished between the two looks.
    if path.exists():
        return Progress("done")
    return Progress("failed", _last_line(_log(path))) if _log(path).exists() else Progress("none")


def start(store: Store, counting: Counting) -> None:
    """Starts to count, detached from this process, unless that is going on already. Returns at
    once. The process inherits the lock, open, and lets it go only by ending."""
    path = table_path(store, counting)
    lock = _lock(path)
    if lock is None:
        return
    try:
        command = [sys.executable, "-m", "mslt_core.training.lengths"]
        command += ["--model", counting.model, "--task", counting.task, "--split", counting.split]
        with store.open_log(_log(path), fresh=True) as log:
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(store),
                pass_fds=(lock,),
                start_new_session=True,
            )
    finally:
        os.close(lock)


def write(path: Path, table: pd.DataFrame) -> None:
    """Makes the counts the file `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False)


def _log(path: Path) -> Path:
    return path.with_suffix(".log")


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


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
