"""The child that a worker starts: it executes one queued run after another, the model kept warm.

python -m mslt_core.training.execute --home .mslt --worker NAME
"""

from __future__ import annotations

import argparse
import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mslt_core import __version__
from mslt_core.analysis.scores import answers_of, means, metric_of, score
from mslt_core.catalog import models
from mslt_core.catalog.map_sentences import map_sentences
from mslt_core.catalog.resolve import ResolvedRun, check_model, resolve
from mslt_core.catalog.sampling import sample
from mslt_core.catalog.tasks import task
from mslt_core.jobs import memory
from mslt_core.jobs.artefacts import replace_arrays
from mslt_core.jobs.child import Job, serve
from mslt_core.jobs.machine import cores, runs_at_once
from mslt_core.jobs.store import Store
from mslt_core.spec import TRAINING_VERSION, WorkFailed
from mslt_core.training.answers import predictions_of
from mslt_core.training.device import choose_device
from mslt_core.training.embed import Vectors
from mslt_core.training.encoders import EncoderSource, load_source
from mslt_core.training.layers import RunLayers
from mslt_core.training.mixing import STEPS, measure_run
from mslt_core.training.outcome import Work, probed, tuned
from mslt_core.training.stopwatch import Stopwatch

PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "scikit-learn",
    "numpy",
    "datasets",
    "hassil",
    "home-assistant-intents",
)


class Executor:
    """Executes runs, and keeps the last model loaded from one to the next."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.device = choose_device()
        self.device.repeat_exactly()
        self.cores = min(torch.get_num_threads(), cores())
        self._warm: tuple[str, EncoderSource] | None = None

    def __call__(self, job: Job) -> None:
        """Execute one run and store its results. What goes wrong is raised."""
        self._take_cores(job.alone)
        memory.forget_peak()
        started = time.time()
        work = self._begun(job)
        layers = RunLayers(job, work.source.card, work.shown, work.embeddings)
        outcome = probed(work) if work.spec.method == "probe" else tuned(work, layers)
        with work.watch.stage("embedding"):
            layers.take_vectors(work.progress("embedding"))
        shown = work.shown
        found = work.untouched(shown.source, shown.items, work.source.card.pooling)
        before = {lang: np.concatenate(rows) for lang, rows in found.items()}
        after = {lang: rows.astype(np.float16) for lang, rows in outcome.vectors.items()}
        key = self._store_pretrained(work, before)
        mixing = self._measure(work, layers, key, before, after)
        scored, mean = _score(work, outcome.predicted)
        if after:
            job.write_arrays("embeddings", after)
        record = {
            **scored,
            "parallel": work.task.parallel,
            "sentences": asdict(shown.told()),
            "mixing": mixing,
            "engine": "local",
            "device": self.device.describe(),
            "versions": {"mslt_core": __version__, **{name: version(name) for name in PACKAGES}},
            "started": started,
            "seconds": time.time() - started,
            "seconds_by_stage": work.watch.seconds,
            "peak_bytes": memory.peak(),
            "at_once": 1 if job.alone else runs_at_once(),
            "training_version": TRAINING_VERSION,
            "fingerprints": {
                "data": work.run.data_fingerprint,
                "model": work.run.model_fingerprint,
            },
            "pretrained": key,
        }
        job.complete(record, mean)

    def _take_cores(self, alone: bool) -> None:
        """All cores for a run that is alone, else its part: the threads of two processes on one
        core wait for one another longer than they work."""
        torch.set_num_threads(self.cores if alone else max(1, self.cores // runs_at_once()))

    def _begun(self, job: Job) -> Work:
        """The run with its data and its model read."""
        watch = Stopwatch()
        with watch.stage("loading"):
            job.report("loading", 0, 0)
            # Of the one who queued the run: the worker may have been started without it.
            os.environ["MSLT_DATASETS"] = job.datasets
            run = _same_run(job)
            chosen = task(run.spec.task)
            source = self._source(run)
            check_model(source.card, chosen, run.spec)
            return Work(
                job=job,
                watch=watch,
                run=run,
                source=source,
                task=chosen,
                examples=sample(chosen, run.spec),
                tests={target: chosen.items(target, "test") for target in run.spec.targets},
                shown=map_sentences(chosen, run.spec),
                cache=self.store.cache_dir,
                device=self.device,
            )

    def _source(self, run: ResolvedRun) -> EncoderSource:
        spec = run.spec
        key = f"{spec.model}:{run.model_fingerprint}:{spec.four_bit}"
        if self._warm is None or self._warm[0] != key:
            self._warm = None  # frees the old model before the new one is loaded
            card = models.card(spec.model)
            source = load_source(card, run.model_fingerprint, spec.four_bit, self.device.name)
            self._warm = (key, source)
        return self._warm[1]

    def _measure(
        self,
        work: Work,
        layers: RunLayers,
        key: str,
        before: Mapping[str, NDArray[np.floating]],
        after: Mapping[str, NDArray[np.floating]],
    ) -> dict[str, str]:
        """Measure mixing, and that of the layers; returns what the run's record says of it. key:
        the name that the vectors from before training are stored under. before, after: of the
        map's sentences, by language, (sentences, d)."""
        with work.watch.stage("measuring"):
            memory.give_back()  # what reading took
            steps = STEPS + layers.steps
            mixing = measure_run(work.job, work.cache, work.shown, before, after, steps)
            untouched = self.store.untouched_layers_path(key)
            mixing["no_layers"] = layers.measure(work.cache, untouched, mixing["missing"])
        return mixing

    def _store_pretrained(self, work: Work, vectors: dict[str, Vectors]) -> str:
        """Store the pretrained vectors of the map's sentences, once for all runs that share them;
        returns the name they are stored under."""
        spec = work.spec
        texts = work.shown.told().fingerprint or work.task.fingerprint(spec.targets)
        parts = (work.source.fingerprint, texts, str(spec.max_length))
        key = hashlib.sha256("\n".join((*parts, *spec.targets)).encode()).hexdigest()[:16]
        # Written each time, which costs little: so a damaged file is mended.
        half = {lang: rows.astype(np.float16) for lang, rows in vectors.items()}
        replace_arrays(self.store.pretrained_path(key), half)
        return key


def _score(work: Work, predicted: dict[str, list[str]]) -> tuple[dict[str, Any], float]:
    """Write predictions and scores among the results; returns what the run's record says of them,
    and the mean over all targets."""
    answers = answers_of(work.task.kind, work.task.metric)
    metric = metric_of(answers)
    predictions = predictions_of(work.tests, predicted)
    scores = score(predictions, answers)
    mean = means(scores, work.spec.sources, metric)
    work.job.write_table("predictions", predictions)
    work.job.write_table("scores", scores)
    assert mean.all is not None  # a run has a target
    return {"metric": metric, "answers": answers, "mean": mean.to_dict()}, mean.all


def _same_run(job: Job) -> ResolvedRun:
    """The queued run, unless data or model have changed since it was queued."""
    run = resolve(job.spec)
    if run.run_id != job.run_id:
        raise WorkFailed(
            "The data, the model or the training code changed after this run was queued: "
            "queue it again."
        )
    return run


def main() -> None:
    """Serve the queue of a store until there is nothing to do or the worker is gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--worker", required=True)
    arguments = parser.parse_args()
    serve(arguments.home, arguments.worker, Executor(Store(arguments.home)))


if __name__ == "__main__":
    main()
