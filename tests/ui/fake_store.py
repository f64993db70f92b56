"""Stores filled through the jobs API, as a worker would fill them, without any training."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import psutil
from safetensors.numpy import save_file

from mslt_core.analysis.mixing import Mixing
from mslt_core.analysis.scores import means, score
from mslt_core.catalog.resolve import resolve
from mslt_core.jobs.child import Job
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec

ITEMS, HIDDEN = 60, 32
LABELS = ("a", "b", "c")


def spec(sources: Iterable[str] = ("en",), **fields: object) -> RunSpec:
    """A small run of the fake task that `conftest` registers."""
    values = {"model": "tiny-random", "task": "fake", "targets": TARGETS, "budget": 40}
    return RunSpec(sources=tuple(sources), **{**values, **fields})


TARGETS = ("ar", "de", "en", "es", "fi", "ja", "ru", "sw", "zh")


def queued(store: Store, spec: RunSpec) -> RunRecord:
    return store.ledger.enqueue(resolve(spec).run_id, spec)


def running(store: Store, spec: RunSpec, step: int = 40, total: int = 100) -> Job:
    """A run in progress, claimed by this process, with some history."""
    queued(store, spec)
    claim = _claim(store)
    job = Job(store, claim)
    for i in range(1, step + 1):
        job.append_history(i, 2.0 / (1 + i / 20) + 0.1 * np.sin(i), 5_000 + 10 * i)
    job.report("training", step, total, 0.9, 5_200.0)
    return job


def failed(store: Store, spec: RunSpec, message: str = "The memory ran out.") -> RunRecord:
    queued(store, spec)
    claim = _claim(store)
    store.log_path(claim.run_id).write_text("epoch 1\nMemoryError\n")
    store.ledger.fail(claim, message)
    return store.ledger.get(claim.run_id)


def done(
    store: Store, spec: RunSpec, hidden: int = HIDDEN, mixing: Mixing | None = None
) -> RunRecord:
    """A finished run whose scores grow with the number of sources and with having been seen;
    hidden: size of its sentence vectors; mixing: what was measured of it, if anything."""
    resolved = resolve(spec)
    job = running(store, spec)
    predictions, scores = _scored(spec)
    mean = means(scores, spec.sources, "accuracy")
    job.write_table("predictions", predictions)
    job.write_table("scores", scores)
    if spec.method == "finetune":
        job.write_arrays("embeddings", _vectors(spec, 2.0 / spec.k, hidden))
    if mixing:
        job.write_table("mixing", mixing.table())
        job.write_arrays("mixing", mixing.to_arrays())
    key = f"{spec.model.replace('/', '-')}-{len(spec.targets)}"
    path = store.pretrained_path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(_vectors(replace(spec, seed=0), 3.0, hidden), path)
    job.complete(
        {
            "metric": "accuracy",
            "answers": "labels",
            "parallel": True,
            "mean": mean.to_dict(),
            "device": "CPU, 2 threads, bf16",
            "versions": {},
            "started": time.time() - 40,
            "seconds": 40.0,
            "seconds_by_stage": {"loading": 4.0, "training": 30.0, "scoring": 6.0},
            "at_once": 1,
            "training_version": 1,
            "fingerprints": {
                "data": resolved.data_fingerprint,
                "model": resolved.model_fingerprint,
            },
            "pretrained": key,
        },
        mean.all,
    )
    return store.ledger.get(job.run_id)


def comparison(store: Store, seeds: Iterable[int] = (0, 1, 2)) -> list[RunRecord]:
    """Three source sets with a few seeds each."""
    sets = (("en",), ("ar", "de", "zh"), ("ar", "de", "en", "es", "ru", "zh"))
    return [done(store, spec(sources, seed=seed)) for sources in sets for seed in seeds]


def _claim(store: Store) -> RunRecord:
    process = psutil.Process(os.getpid())
    claim = store.ledger.claim("fake-worker", process.pid, process.create_time())
    assert claim is not None
    return claim


@cache
def _scored(spec: RunSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predictions and scores, which take longer than all else: many tests make the same run."""
    rng = np.random.default_rng((spec.seed, spec.k, len(spec.sources[0])))
    predictions = _predictions(spec, rng)
    return predictions, score(predictions, "labels")


def _predictions(spec: RunSpec, rng: np.random.Generator) -> pd.DataFrame:
    difficulty = np.random.default_rng(7).random(ITEMS)
    rows = []
    for t, target in enumerate(spec.targets):
        skill = 0.62 + 0.05 * np.log2(spec.k) + 0.15 * (target in spec.sources) - 0.01 * (t % 5)
        right = difficulty + rng.normal(0, 0.1, ITEMS) < skill
        for i in range(ITEMS):
            gold = LABELS[i % 3]
            rows.append((target, f"test{i}", gold, gold if right[i] else LABELS[(i + 1) % 3]))
    return pd.DataFrame(rows, columns=["target", "item", "gold", "predicted"])


def _vectors(spec: RunSpec, apart: float, hidden: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(spec.seed)
    topic = rng.normal(0, 1, (ITEMS, hidden))
    return {
        target: (
            4 + topic + apart * rng.normal(0, 1, hidden) + rng.normal(0, 0.5, topic.shape)
        ).astype(np.float16)
        for target in spec.targets
    }
