"""Studies by probe: a child embeds all texts once, and this process fits the probes of all runs.

Each run gives what it would have given from the queue, in a fraction of a second. So the runs have
no folders in the store: what they gave is kept beside the study's declaration alone.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.analysis.sweep import Embedded, Sweep
from mslt_core.catalog.resolve import ResolvedRun
from mslt_core.catalog.tasks import Split, Task, task
from mslt_core.jobs.engines.local import MEMORY, environment, launch
from mslt_core.jobs.map_process import THREADS
from mslt_core.jobs.processes import how_ended, last_line
from mslt_core.jobs.store import Store, tail
from mslt_core.jobs.study import Study
from mslt_core.jobs.study_results import SCORES, Results, keep, key_of, no_mixing
from mslt_core.spec import RunSpec, WorkFailed

KEEP_SECONDS = 30.0
"""What the runs of a study gave is kept beside its declaration not more often than this, and at
the end."""
MODULE = "mslt_core.training.vectors"

Tell = Callable[[str, int, int], None]
"""Called with what is counted (`texts` or `runs`), how many of them are done, and how many there
are."""


def in_place(settings: RunSpec) -> bool:
    """Whether a study with these settings is of probes of items with one label each. Probes of
    words go the way of all other runs, through the queue."""
    return settings.method == "probe" and task(settings.task).kind != "token"


def probe(store: Store, study: Study, runs: Sequence[ResolvedRun], tell: Tell) -> None:
    """Fits these runs of a study one after another and keeps what they gave beside it.

    What interrupts it, Ctrl-C too, leaves what is done kept. Raises WorkFailed where the texts
    cannot be embedded, BadArgument where a source has too few items.
    """
    chosen = task(study.declared.settings.task)
    sweep = _sweep(store, chosen, runs, tell)
    order = {
        target: np.argsort([item.id for item in chosen.items(target, "test")])
        for target in study.declared.settings.targets
    }
    done: list[pd.DataFrame] = []
    kept, kept_at = 0, time.monotonic()
    try:
        for number, run in enumerate(runs):
            tell("runs", number, len(runs))
            done.append(_scores(run, sweep.right(run.spec), order))
            if time.monotonic() - kept_at > KEEP_SECONDS:
                _keep(study, done)
                kept, kept_at = len(done), time.monotonic()
    finally:
        if len(done) > kept:
            _keep(study, done)


def _keep(study: Study, done: list[pd.DataFrame]) -> None:
    keep(study, Results(pd.concat(done, ignore_index=True), no_mixing()))


def _scores(
    run: ResolvedRun, right: dict[str, NDArray[np.bool_]], order: dict[str, NDArray[np.intp]]
) -> pd.DataFrame:
    """Rows with the columns SCORES."""
    said = (*key_of(run.spec), run.run_id)
    rows = []
    for target, answers in right.items():
        by_item = answers[order[target]].astype(np.uint16)
        n, correct = len(by_item), int(by_item.sum())
        ones = np.ones_like(by_item)
        rows.append((*said, target, "accuracy", correct / n, n, correct, by_item, ones))
    return pd.DataFrame(rows, columns=list(SCORES))


def _sweep(store: Store, chosen: Task, runs: Sequence[ResolvedRun], tell: Tell) -> Sweep:
    sources = sorted({language for run in runs for language in run.spec.sources})
    targets = runs[0].spec.targets
    with tempfile.TemporaryDirectory(dir=store.cache_dir, prefix="vectors-") as folder:
        path = Path(folder) / "vectors.safetensors"
        _embed(store, runs[0], sources, path, tell)
        arrays = _read(path)

    def embedded(language: str, split: Split) -> Embedded:
        return Embedded(chosen.items(language, split), arrays[f"{split}/{language}"])

    train = {language: embedded(language, "train") for language in sources}
    return Sweep(chosen, train, {language: embedded(language, "test") for language in targets})


def _embed(store: Store, run: ResolvedRun, sources: list[str], path: Path, tell: Tell) -> None:
    """Has a child embed the training items of the sources and the test items of the targets."""
    spec, log = run.spec, store.logs_dir / "vectors.log"
    options = {
        "home": str(store.home),
        "model": spec.model,
        "task": spec.task,
        "sources": ",".join(sources),
        "targets": ",".join(spec.targets),
        "max-length": str(spec.max_length),
        "to": str(path),
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    env = {**MEMORY, **THREADS, **environment(store)}
    child = launch(store, log, [MODULE, *words], env, pipe=True)
    try:
        _follow(child, tell)
    finally:
        child.kill()
        status = child.wait()
    if status:
        raise WorkFailed(
            f"The texts were not embedded, since the process for it {how_ended(status)} and said "
            f"at last: {last_line(tail(log, lines=5))}. The same command tries it again."
        )


def _follow(child: subprocess.Popen[bytes], tell: Tell) -> None:
    """Until it has ended."""
    assert child.stdout is not None
    with child.stdout as lines:
        for line in lines:
            counted = re.fullmatch(rb"(\d+) (\d+)\n", line)
            if counted:  # a library may have printed something too
                tell("texts", *map(int, counted.groups()))
    child.wait()


def _read(path: Path) -> dict[str, NDArray[np.float32]]:
    from safetensors.numpy import load_file

    arrays: dict[str, NDArray[np.float32]] = load_file(path)
    return arrays
