"""The child that a worker starts: it executes one queued run after another, the model kept warm.

python -m mslt_core.training.execute --home .mslt --worker NAME
"""

from __future__ import annotations

import argparse
import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch

from mslt_core import __version__
from mslt_core.analysis.probe import fit_predict
from mslt_core.analysis.scores import answers_of, means, metric_of, score
from mslt_core.catalog import models
from mslt_core.catalog.map_sentences import MapSentences, map_sentences
from mslt_core.catalog.resolve import ResolvedRun, check_model, resolve
from mslt_core.catalog.sampling import Example, sample
from mslt_core.catalog.tasks import Item, Task, task
from mslt_core.jobs import memory
from mslt_core.jobs.artefacts import replace_arrays
from mslt_core.jobs.child import Job, serve
from mslt_core.jobs.machine import cores, runs_at_once
from mslt_core.jobs.store import Store
from mslt_core.spec import TRAINING_VERSION, WorkFailed
from mslt_core.training.adapt import add_lora
from mslt_core.training.answers import (
    answer_of,
    classes_of,
    names_of,
    predictions_of,
    units_of,
)
from mslt_core.training.device import choose_device
from mslt_core.training.embed import PretrainedEmbeddings, Vectors, embed, predict
from mslt_core.training.encoders import EncoderSource, load_source
from mslt_core.training.finetune import Step, finetune
from mslt_core.training.frozen import FrozenLayers
from mslt_core.training.heads import Classifier, Units, hidden_states
from mslt_core.training.layers import RunLayers
from mslt_core.training.mixing import STEPS, measure_run
from mslt_core.training.prepare import dealt, read_by, slimmed, wanted_items
from mslt_core.training.stopwatch import Stopwatch
from mslt_core.training.tokens import TokenCache

if TYPE_CHECKING:
    from transformers import PreTrainedModel

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


Pretrained = Callable[[str, dict[str, list[Item]], Units], dict[str, list[Vectors]]]
"""Gives the untouched model's vectors of the units of each language's items; they are a task's, or
the messages, by name."""


@dataclass(frozen=True)
class Outcome:
    """What training gives: predicted answers of all test items, target by target, and the tuned
    vectors of the map's sentences by language (none where the encoder was not changed)."""

    predicted: dict[str, list[str]]
    vectors: dict[str, Vectors]


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
        watch = Stopwatch()
        started = time.time()
        with watch.stage("loading"):
            job.report("loading", 0, 0)
            # Of the one who queued the run: the worker may have been started without it.
            os.environ["MSLT_DATASETS"] = job.datasets
            run = _same_run(job)
            chosen = task(run.spec.task)
            source = self._source(run)
            check_model(source.card, chosen, run.spec)
            examples = sample(chosen, run.spec)
            tests = {target: chosen.items(target, "test") for target in run.spec.targets}
            shown = map_sentences(chosen, run.spec)
        cache = PretrainedEmbeddings(self.store.cache_dir, source, self.device)
        layers = RunLayers(job, source.card, shown, cache)

        def pretrained(
            name: str, wanted: dict[str, list[Item]], units: Units
        ) -> dict[str, list[Vectors]]:
            with watch.stage("embedding"):
                return cache.vectors(
                    name,
                    wanted,
                    run.spec.max_length,
                    lambda done, total: job.report("embedding", done, total),
                    units,
                )

        if run.spec.method == "probe":
            outcome = self._probe(job, watch, source, chosen, pretrained, examples, tests)
        else:
            outcome = self._finetune(job, watch, source, chosen, examples, tests, shown, layers)
        with watch.stage("embedding"):
            layers.take_vectors(lambda done, total: job.report("embedding", done, total))
        found = pretrained(shown.source, shown.items, source.card.pooling)
        before = {lang: np.concatenate(rows) for lang, rows in found.items()}
        key = self._store_pretrained(run, source, chosen, shown, before)
        after = {lang: rows.astype(np.float16) for lang, rows in outcome.vectors.items()}
        with watch.stage("measuring"):
            steps = STEPS + layers.steps
            mixing = measure_run(job, self.store.cache_dir, shown, before, after, steps)
            mixing["no_layers"] = layers.measure(
                self.store.cache_dir, self.store.untouched_layers_path(key), mixing["missing"]
            )
        answers = answers_of(chosen.kind, chosen.metric)
        metric = metric_of(answers)
        predictions = predictions_of(tests, outcome.predicted)
        scores = score(predictions, answers)
        mean = means(scores, run.spec.sources, metric)
        job.write_table("predictions", predictions)
        job.write_table("scores", scores)
        if after:
            job.write_arrays("embeddings", after)
        record = {
            "metric": metric,
            "answers": answers,
            "parallel": chosen.parallel,
            "mean": mean.to_dict(),
            "sentences": asdict(shown.told()),
            "mixing": mixing,
            "engine": "local",
            "device": self.device.describe(),
            "versions": {"mslt_core": __version__, **{name: version(name) for name in PACKAGES}},
            "started": started,
            "seconds": time.time() - started,
            "seconds_by_stage": watch.seconds,
            "peak_bytes": memory.peak(),
            "at_once": 1 if job.alone else runs_at_once(),
            "training_version": TRAINING_VERSION,
            "fingerprints": {"data": run.data_fingerprint, "model": run.model_fingerprint},
            "pretrained": key,
        }
        assert mean.all is not None  # a run has a target
        job.complete(record, mean.all)

    def _take_cores(self, alone: bool) -> None:
        """All cores for a run that is alone, else its part: the threads of two processes on one
        core wait for one another longer than they work."""
        torch.set_num_threads(self.cores if alone else max(1, self.cores // runs_at_once()))

    def _source(self, run: ResolvedRun) -> EncoderSource:
        spec = run.spec
        key = f"{spec.model}:{run.model_fingerprint}:{spec.four_bit}"
        if self._warm is None or self._warm[0] != key:
            self._warm = None  # frees the old model before the new one is loaded
            card = models.card(spec.model)
            source = load_source(card, run.model_fingerprint, spec.four_bit, self.device.name)
            self._warm = (key, source)
        return self._warm[1]

    def _finetune(
        self,
        job: Job,
        watch: Stopwatch,
        source: EncoderSource,
        chosen: Task,
        examples: list[Example],
        tests: dict[str, list[Item]],
        shown: MapSentences,
        layers: RunLayers,
    ) -> Outcome:
        spec, labels = job.spec, chosen.labels()
        units = units_of(chosen, source)
        items = _pairs(tests)
        if spec.layers is None:
            with watch.stage("loading"):
                cache = self.store.cache_dir
                prepared = slimmed(cache, source, spec, examples, tests, shown.messages)
        else:
            with watch.stage("embedding"):
                frozen = FrozenLayers(self.store.cache_dir, source, self.device, spec.layers)
                prepared = read_by(
                    frozen,
                    spec,
                    examples,
                    tests,
                    shown.messages,
                    lambda done, total: job.report("embedding", done, total),
                )
        with watch.stage("loading"):
            encoder, test_inputs = prepared.encoder, prepared.test
            torch.manual_seed(spec.seed)  # after the encoder: making it may draw random numbers
            if spec.lora_rank is not None:
                encoder = add_lora(cast("PreTrainedModel", encoder), spec.lora_rank)
            model = Classifier(encoder, len(labels), units).to(self.device.torch)
            number = {label: i for i, label in enumerate(labels)}
            pairs = zip(examples, prepared.train, strict=True)
            taught = [(text, classes_of(example.item, text, number)) for example, text in pairs]
            # A text of which no word is left teaches nothing.
            taught = [(text, own) for text, own in taught if len(own)]

        def on_step(step: Step) -> None:
            job.append_history(step.step, step.loss, step.tokens_per_second)
            job.report("training", step.step, step.total, step.loss, step.tokens_per_second)

        with watch.stage("training"):
            job.report("training", 0, 0)
            texts, gold = [text for text, _ in taught], [own for _, own in taught]
            finetune(model, texts, gold, spec, self.device, on_step)
            prepared.widen()
        memory.give_back()  # what gradients took is not needed again
        read = _pairs(shown.messages or tests)
        place = {(lang, item.id): i for i, (lang, item) in enumerate(read)}
        reader, pooling = layers.reader(place), source.card.pooling
        with watch.stage("scoring"):
            vectors, classes = predict(
                model,
                test_inputs,
                self.device,
                lambda done, total: job.report("scoring", done, total),
                pooling,
                hidden_states if shown.messages else reader,
            )
        if shown.messages:
            with watch.stage("embedding"):
                # Apart from the tests: the company in which a text is read shows in its last bits.
                found = embed(
                    model.encoder,
                    prepared.messages,
                    self.device,
                    lambda done, total: job.report("embedding", done, total),
                    pooling,
                    reader,
                )
                vectors = np.concatenate(found)
        predicted: dict[str, list[str]] = {target: [] for target in tests}
        for i, (target, item) in enumerate(items):
            names = [labels[c] for c in classes[i]]
            predicted[target].append(answer_of(item, test_inputs[i], names))
        picked = {
            lang: vectors[[place[lang, item.id] for item in part]]
            for lang, part in shown.items.items()
        }
        return Outcome(predicted, picked)

    def _probe(
        self,
        job: Job,
        watch: Stopwatch,
        source: EncoderSource,
        chosen: Task,
        pretrained: Pretrained,
        examples: list[Example],
        tests: dict[str, list[Item]],
    ) -> Outcome:
        wanted = wanted_items(examples, tests)
        units = units_of(chosen, source)
        found = pretrained(job.spec.task, wanted, units)
        with watch.stage("training"):
            job.report("training", 0, 1)
            train, test = dealt(found, examples, tests)
            tokens = TokenCache(self.store.cache_dir, source, job.spec.max_length)
            texts, test_texts = dealt(tokens.read(job.spec.task, wanted), examples, tests)
            names = [
                name
                for example, text in zip(examples, texts, strict=True)
                for name in names_of(example.item, text)
            ]
            said = fit_predict(np.concatenate(train), names, np.concatenate(test)).tolist()
        predicted: dict[str, list[str]] = {lang: [] for lang in tests}
        given, read = iter(said), zip(test_texts, test, strict=True)
        for lang, items in tests.items():
            for item in items:
                text, rows = next(read)
                predicted[lang].append(answer_of(item, text, [next(given) for _ in rows]))
        return Outcome(predicted, {})

    def _store_pretrained(
        self,
        run: ResolvedRun,
        source: EncoderSource,
        chosen: Task,
        shown: MapSentences,
        vectors: dict[str, Vectors],
    ) -> str:
        """Store the pretrained vectors of the map's sentences, once for all runs that share them;
        returns the name they are stored under."""
        spec = run.spec
        texts = shown.told().fingerprint or chosen.fingerprint(spec.targets)
        parts = (source.fingerprint, texts, str(spec.max_length))
        key = hashlib.sha256("\n".join((*parts, *spec.targets)).encode()).hexdigest()[:16]
        # Written each time, which costs little: so a damaged file is mended.
        half = {lang: rows.astype(np.float16) for lang, rows in vectors.items()}
        replace_arrays(self.store.pretrained_path(key), half)
        return key


def _pairs(items: dict[str, list[Item]]) -> list[tuple[str, Item]]:
    """Each item with its language, language by language."""
    return [(lang, item) for lang, part in items.items() for item in part]


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
