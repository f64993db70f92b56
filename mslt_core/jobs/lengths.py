"""Texts counted in tokens: where the counts are kept, and the process of its own that makes them.

A page may not load a tokenizer, so `start` starts `python -m mslt_core.training.lengths`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mslt_core.catalog import models
from mslt_core.catalog.tasks import Split, task
from mslt_core.jobs import detached
from mslt_core.jobs.artefacts import replacing
from mslt_core.jobs.detached import Progress as Progress
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
    return detached.progress(path, path.exists)


def start(store: Store, counting: Counting) -> None:
    """Starts to count, unless that is going on already. Returns at once."""
    command = ["mslt_core.training.lengths", "--model", counting.model]
    command += ["--task", counting.task, "--split", counting.split]
    detached.start(store, table_path(store, counting), command)


def write(path: Path, table: pd.DataFrame) -> None:
    """Makes the counts the file `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False)
