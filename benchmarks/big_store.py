"""Stores with many finished runs, as workers would leave them, without any training.

Every run has its folder with all files, a sound run.json and its row in the ledger, written by the
product's own writers. 20 targets of 204 items each, as in SIB-200; several studies, each of source
sets of 1 to 7 languages with three seeds. Fine-tuned runs have all that Compare shows of mixing,
measured by the product's own measure, and its curve over layers. Three things are not as in life,
so that 10,000 runs are made in a minute or two: the results of VARIANTS runs are repeated by the
others, of each language 8 sentences have vectors, not 204 (with those the largest store would take
30 GB), and every layer has the mixing of the last.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import psutil

from mslt_core.analysis.mixing import Measured, Mixing, Space, measure
from mslt_core.analysis.scores import Means, means, score
from mslt_core.jobs import artefacts
from mslt_core.jobs.child import Job
from mslt_core.jobs.store import Store
from mslt_core.spec import TRAINING_VERSION, RunSpec, run_id

TARGETS = (
    *("ar", "bn", "de", "el", "en", "es", "fi", "fr", "hi", "id"),
    *("it", "ko", "nl", "pl", "pt", "ro", "ru", "sw", "tr", "vi"),
)
ITEMS, LABELS = 204, ("geography", "health", "politics", "science", "sports", "travel")
MEASURED, KEPT, HIDDEN = 200, 8, 384
"""Sentences of each language that mixing is measured on and that have vectors, and their size."""
LAYERS = 12
SEEDS = 3
VARIANTS = 12
SETTINGS: tuple[dict[str, Any], ...] = (
    {"budget": 700},
    {"budget": 300},
    {"budget": 700, "method": "probe"},
    {"budget": 700, "layers": 2},
    {"budget": 700, "model": "random-init"},
    {"budget": 700, "sampling": "parallel"},
)
"""What the studies differ in; the sources and seeds are alike."""
Vectors = dict[str, np.ndarray]
"""By language those of its sentences, float16 (sentences, HIDDEN)."""
OF_FINETUNES = {
    *("embeddings.safetensors", "mixing.parquet", "mixing.safetensors"),
    *("layers.parquet", "layers.safetensors"),
}
"""Files that a probe has not."""
SECONDS = {"loading": 6.0, "training": 90.0, "scoring": 20.0, "embedding": 8.0}


def specs(count: int) -> list[RunSpec]:
    """That many specs, study after study, the same ones in the same order every time."""
    sets = list(itertools.islice(_source_sets(), -(-count // (SEEDS * len(SETTINGS)))))
    every = (
        RunSpec(**{"model": "me5-small", "task": "intents", **fields}, sources=sources,
                targets=TARGETS, seed=seed)
        for fields in SETTINGS
        for sources in sets
        for seed in range(SEEDS)
    )  # fmt: skip
    return list(itertools.islice(every, count))


def make(home: Path, count: int) -> Store:
    """A store with `count` finished runs."""
    store = Store(home)
    before = _vectors(VARIANTS)
    untouched = _measured(before)
    variants = [
        _variant(store.tmp_dir / f"variant-{number}", number, untouched)
        for number in range(VARIANTS)
    ]
    process = psutil.Process()
    # Results need not outlive a loss of power here; and while a connection is open, SQLite does not
    # tidy up its files after every call.
    held = sqlite3.connect(store.ledger.path)
    held.execute("PRAGMA user_version").fetchall()
    with closing(held), mock.patch.object(artefacts, "_sync"):
        for number, spec in enumerate(specs(count)):
            store.ledger.enqueue(run_id(spec, "data", spec.model), spec)
            claim = store.ledger.claim("benchmark", process.pid, process.create_time())
            assert claim is not None
            _finish(Job(store, claim), *variants[number % VARIANTS])
    for folder, _ in variants:
        shutil.rmtree(folder)
    pretrained = store.pretrained_path("before").parent
    pretrained.mkdir()
    kept = {target: rows[:KEPT] for target, rows in before.items()}
    artefacts.write_arrays(pretrained, "before", kept)
    return store


def _source_sets() -> Iterator[tuple[str, ...]]:
    """Source sets: every language alone, then sets of 3, 5 and 7 in turn."""
    sizes = [itertools.combinations(TARGETS, k) for k in (3, 5, 7)]
    yield from ((target,) for target in TARGETS)
    while True:
        for size in sizes:
            yield next(size)


def _variant(folder: Path, number: int, untouched: Measured) -> tuple[Path, pd.DataFrame]:
    """A folder with the files of a run's results, and its scores."""
    folder.mkdir()
    rng = np.random.default_rng(number)
    gold = np.tile(rng.integers(len(LABELS), size=ITEMS), len(TARGETS))
    right = rng.random(gold.size) < np.repeat(rng.uniform(0.5, 0.9, len(TARGETS)), ITEMS)
    predicted = np.where(right, gold, rng.integers(len(LABELS), size=gold.size))
    predictions = pd.DataFrame(
        {
            "target": np.repeat(TARGETS, ITEMS),
            "item": [f"test{i}" for i in range(ITEMS)] * len(TARGETS),
            "gold": np.array(LABELS)[gold],
            "predicted": np.array(LABELS)[predicted],
        }
    )
    scores = score(predictions, "labels")
    artefacts.write_table(folder, "predictions", predictions)
    artefacts.write_table(folder, "scores", scores)
    after = _vectors(number)
    kept = {target: rows[:KEPT] for target, rows in after.items()}
    artefacts.write_arrays(folder, "embeddings", kept)
    mixing = Mixing(untouched, _measured(after))
    artefacts.write_table(folder, "mixing", mixing.table())
    artefacts.write_arrays(folder, "mixing", mixing.to_arrays())
    layers = [mixing.table().assign(pooling="mean", layer=layer) for layer in range(LAYERS + 1)]
    artefacts.write_table(folder, "layers", pd.concat(layers, ignore_index=True))
    top = {f"mean/{LAYERS}/{target}": rows for target, rows in kept.items()}
    artefacts.write_arrays(folder, "layers", top)
    for step in range(1, 176):
        artefacts.append_history(folder, step, 2.0 / (1 + step / 40), 5_000.0)
    return folder, scores


def _measured(vectors: Vectors) -> Measured:
    sources = frozenset({"ar", "de", "en"})
    return measure(Space(np.stack(list(vectors.values())).astype(np.float32), TARGETS, sources))


def _vectors(number: int) -> Vectors:
    """Of each variant the languages are another distance apart, and overlap in all."""
    rng = np.random.default_rng(number)
    centres = (0.2 + 0.02 * number) * rng.normal(size=(len(TARGETS), 1, HIDDEN))
    vectors = centres + rng.normal(size=(len(TARGETS), MEASURED, HIDDEN))
    return dict(zip(TARGETS, vectors.astype(np.float16), strict=True))


def _finish(job: Job, variant: Path, scores: pd.DataFrame) -> None:
    """Stores a run whose results are those of a variant."""
    for file in variant.iterdir():
        if file.name not in OF_FINETUNES or job.spec.method == "finetune":
            shutil.copyfile(file, job.folder / file.name)
    mean = _means(scores, job.spec.sources)
    job.complete(
        {
            "metric": "accuracy",
            "answers": "labels",
            "parallel": True,
            "mean": mean.to_dict(),
            "engine": "local",
            "device": "CPU, 2 threads, bf16",
            "versions": {"mslt_core": "0.1.0"},
            "started": 0.0,
            "seconds": sum(SECONDS.values()),
            "seconds_by_stage": SECONDS,
            "training_version": TRAINING_VERSION,
            "fingerprints": {"data": "data", "model": job.spec.model},
            "pretrained": "before",
            "mixing": {"basis": "these", "missing": "", "no_layers": ""},
        },
        mean.all or 0.0,
    )


def _means(scores: pd.DataFrame, sources: tuple[str, ...]) -> Means:
    return means(scores, sources, "accuracy")
