"""How long it takes to see how five models lie: all metrics of mixing, the curves over layers, and
both maps.

    .venv/bin/python -m benchmarks.maps [--json] [--short]

Vectors are made up: of each model 200 sentences in 20 languages with 384 dimensions, the sentences
in clusters by topic, and the languages as far apart as the model is said to leave them. The metrics
and the layers are measured in this process, on one thread as always; each map by a process of its
own, as a worker starts it, from its start to its end. --short: once instead of three times.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import (
    PREFERRED_TARGETS,
    Sheet,
    child,
    environment,
    in_markdown,
    missed,
    ranged,
    spread,
    tell,
    temporary_home,
)
from mslt_core.analysis.mixing import Space, measure, measure_briefly, summary
from mslt_core.analysis.projection import Method
from mslt_core.jobs.artefacts import write_arrays
from mslt_core.jobs.machine import cores_of_each
from mslt_core.jobs.map_files import MapFiles
from mslt_core.jobs.map_process import THREADS
from mslt_core.jobs.maps import MapSpec, compute
from mslt_core.jobs.store import Store
from mslt_core.training.heads import LAYER_POOLINGS
from mslt_core.training.layers import LAYER_SENTENCES, kept_layers

LAYERS = kept_layers(13)
"""Of an encoder of twelve layers, whose embeddings count as one."""
SENTENCES, DIMENSIONS, TOPICS = 200, 384, 7
APART = (1.0, 0.7, 0.5, 0.3, 0.15)
"""Of each model how far languages lie from one another, beside topics at a distance of 1."""
SOURCES = frozenset(("ar", "de", "zh"))
METHODS: tuple[Method, ...] = ("pca", "tsne")
TIMES, SHORT_TIMES = 3, 1
LIMIT_SECONDS = 60.0
"""For the metrics and the maps of all models together."""

Model = dict[str, NDArray[np.float16]]
"""Vectors by language, (sentences, dimensions)."""
Seconds = dict[str, float]


def vectors(apart: float) -> Model:
    """Of one model by language."""
    rng = np.random.default_rng(0)
    topics = np.resize(rng.normal(size=(TOPICS, DIMENSIONS)), (SENTENCES, DIMENSIONS))
    sentences = topics + 0.7 * rng.normal(size=topics.shape) + 2.0
    found = {}
    for lang in PREFERRED_TARGETS:
        place = apart * rng.normal(size=DIMENSIONS)
        noise = 0.5 * rng.normal(size=sentences.shape)
        found[lang] = (DIMENSIONS**-0.5 * (sentences + place + noise)).astype(np.float16)
    return found


def space_of(model: Model) -> Space:
    """The same as it is measured, with the topics as classes."""
    vectors = np.stack(list(model.values()))
    labels = tuple(str(number % TOPICS) for number in range(vectors.shape[1]))
    return Space(vectors, tuple(model), SOURCES, labels)


def map_seconds(store: Store, spec: MapSpec) -> float:
    """Of a process that answers a request."""
    started = time.perf_counter()
    MapFiles(store).ask(spec)
    child(
        ["mslt_core.jobs.maps", "--home", str(store.home), "--key", spec.key],
        {**environment(store.home), **THREADS},
    )
    return time.perf_counter() - started


def once(store: Store, models: Sequence[Model], specs: Mapping[Method, MapSpec]) -> Seconds:
    """Seconds of each part, with nothing there of the time before."""
    started = time.perf_counter()
    for model in models:
        measure(space_of(model))
    seconds = {"metrics": time.perf_counter() - started}
    started = time.perf_counter()
    for model in models:
        few = space_of({lang: rows[:LAYER_SENTENCES] for lang, rows in model.items()})
        for _ in product(LAYERS, LAYER_POOLINGS):
            summary(measure_briefly(few))
    seconds["layers"] = time.perf_counter() - started
    shutil.rmtree(MapFiles(store).folder, ignore_errors=True)
    for method, spec in specs.items():
        seconds[method] = map_seconds(store, spec)
    return seconds


def measured(home: Path, times: int) -> dict[str, Any]:
    """All of it, several times."""
    store = Store(home)
    models = [vectors(apart) for apart in APART]
    runs = [f"{number:016x}" for number in range(len(models))]
    for run_id, model in zip(runs, models, strict=True):
        store.folder(run_id).mkdir()
        write_arrays(store.folder(run_id), "embeddings", model)
    specs = {method: MapSpec(tuple((run, "after") for run in runs), method) for method in METHODS}
    measure(space_of(models[0]))  # imports scikit-learn
    seconds = [once(store, models, specs) for _ in range(times)]
    maps = {method: compute(store, spec) for method, spec in specs.items()}  # kept from the last
    return {
        "models": len(models),
        "languages": len(PREFERRED_TARGETS),
        "sentences": SENTENCES,
        "dimensions": DIMENSIONS,
        "layers": len(LAYERS),
        "points": len(maps["pca"].points),
        "threads": cores_of_each(),
        "seconds": {part: spread(of[part] for of in seconds) for part in seconds[0]},
        "total_seconds": spread(sum(of.values()) for of in seconds),
        "limit_seconds": LIMIT_SECONDS,
        "trustworthiness": {method: found.trustworthiness for method, found in maps.items()},
    }


def sheets(result: dict[str, Any]) -> list[Sheet]:
    """The result as a table."""
    seconds, size = result["seconds"], f"{result['points']:,} points"
    trust = {
        method: "–".join(f"{value:.2f}" for value in (min(found), max(found)))
        for method, found in result["trustworthiness"].items()
    }
    total, limit = result["total_seconds"], result["limit_seconds"]
    rows = [
        (f"all metrics of {result['models']} models", ranged(seconds["metrics"])),
        (f"{result['layers']} layers of each, both poolings", ranged(seconds["layers"])),
        (f"map, PCA, {size}", ranged(seconds["pca"])),
        (f"map, t-SNE, {size}, threads: {result['threads']}", ranged(seconds["tsne"])),
        ("together", ranged(total) + missed(total["median"] > limit)),
        ("limit", f"{limit:.0f}"),
        ("trustworthiness of the panels, PCA", trust["pca"]),
        ("trustworthiness of the panels, t-SNE", trust["tsne"]),
    ]
    title = (
        f"{result['models']} models, {result['languages']} languages × {result['sentences']} "
        f"sentences, {result['dimensions']} dimensions"
    )
    return [Sheet(title, ("what", "seconds"), rows)]


def markdown(result: dict[str, Any]) -> str:
    """The section of a report."""
    return in_markdown(sheets(result))


def main() -> None:
    """Measure, and print a table or JSON."""
    with temporary_home() as home:
        result = measured(home, SHORT_TIMES if "--short" in sys.argv else TIMES)
    tell(result, sheets(result))


if __name__ == "__main__":
    main()
