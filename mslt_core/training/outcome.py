"""What a run's training gives: predicted answers, and how it changed the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch

from mslt_core.analysis.probe import fit_predict
from mslt_core.catalog.map_sentences import MapSentences
from mslt_core.catalog.resolve import ResolvedRun
from mslt_core.catalog.sampling import Example
from mslt_core.catalog.tasks import Item, Task
from mslt_core.jobs import memory
from mslt_core.jobs.child import Job
from mslt_core.spec import RunSpec
from mslt_core.training.adapt import add_lora
from mslt_core.training.answers import answer_of, classes_of, names_of, units_of
from mslt_core.training.device import Device
from mslt_core.training.embed import PretrainedEmbeddings, Vectors, embed, predict
from mslt_core.training.encoders import EncoderSource
from mslt_core.training.finetune import Step, finetune
from mslt_core.training.frozen import FrozenLayers
from mslt_core.training.heads import Classifier, Units, hidden_states
from mslt_core.training.inputs import Encoded, Ids
from mslt_core.training.layers import LayerReader, RunLayers
from mslt_core.training.prepare import Prepared, dealt, read_by, slimmed, wanted_items
from mslt_core.training.sharing import Progress
from mslt_core.training.stopwatch import Stopwatch
from mslt_core.training.tokens import TokenCache

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True, eq=False)
class Work:
    """A run under way, with all that it reads."""

    job: Job
    watch: Stopwatch
    run: ResolvedRun
    source: EncoderSource
    task: Task
    examples: list[Example]
    tests: dict[str, list[Item]]
    """Of each target."""
    shown: MapSentences
    cache: Path
    """The folder of what is kept from run to run."""
    device: Device

    @property
    def spec(self) -> RunSpec:
        return self.run.spec

    @property
    def embeddings(self) -> PretrainedEmbeddings:
        return PretrainedEmbeddings(self.cache, self.source, self.device)

    def progress(self, stage: str) -> Progress:
        """Reports how much of a stage is done. Raises as `Job.report`."""
        return partial(self.job.report, stage)

    def untouched(
        self, name: str, wanted: dict[str, list[Item]], units: Units
    ) -> dict[str, list[Vectors]]:
        """The untouched model's vectors of the units of each language's items; they are a task's,
        or the messages, by name."""
        with self.watch.stage("embedding"):
            progress = self.progress("embedding")
            return self.embeddings.vectors(name, wanted, self.spec.max_length, progress, units)


@dataclass(frozen=True)
class Outcome:
    """What training gives: predicted answers of all test items, target by target, and the tuned
    vectors of the map's sentences by language (none where the encoder was not changed)."""

    predicted: dict[str, list[str]]
    vectors: dict[str, Vectors]


def tuned(work: Work, layers: RunLayers) -> Outcome:
    """Of a fine-tuned encoder; what its layers give is read for `layers` on the way."""
    prepared = _prepared(work)
    model = _trained(work, prepared)
    read = _pairs(work.shown.messages or work.tests)
    place = {(lang, item.id): i for i, (lang, item) in enumerate(read)}
    vectors, classes = _read(work, prepared, model, layers.reader(place))
    labels = work.task.labels()
    names = [[labels[c] for c in own] for own in classes]
    picked = {
        lang: vectors[[place[lang, item.id] for item in part]]
        for lang, part in work.shown.items.items()
    }
    return Outcome(_answers(work.tests, prepared.test, names), picked)


def probed(work: Work) -> Outcome:
    """Of a classifier on the untouched encoder's vectors."""
    wanted = wanted_items(work.examples, work.tests)
    found = work.untouched(work.spec.task, wanted, units_of(work.task, work.source))
    with work.watch.stage("training"):
        work.job.report("training", 0, 1)
        train, test = dealt(found, work.examples, work.tests)
        tokens = TokenCache(work.cache, work.source, work.spec.max_length)
        read = tokens.read(work.spec.task, wanted)
        texts, test_texts = dealt(read, work.examples, work.tests)
        names = [
            name
            for example, text in zip(work.examples, texts, strict=True)
            for name in names_of(example.item, text)
        ]
        said = iter(fit_predict(np.concatenate(train), names, np.concatenate(test)).tolist())
    by_text = [[next(said) for _ in rows] for rows in test]
    return Outcome(_answers(work.tests, test_texts, by_text), {})


def _prepared(work: Work) -> Prepared:
    spec, messages = work.spec, work.shown.messages
    if spec.layers is None:
        with work.watch.stage("loading"):
            return slimmed(work.cache, work.source, spec, work.examples, work.tests, messages)
    with work.watch.stage("embedding"):
        frozen = FrozenLayers(work.cache, work.source, work.device, spec.layers)
        progress = work.progress("embedding")
        return read_by(frozen, spec, work.examples, work.tests, messages, progress)


def _trained(work: Work, prepared: Prepared) -> Classifier:
    """The encoder with a head, fine-tuned; it can read all texts."""
    spec, labels = work.spec, work.task.labels()
    with work.watch.stage("loading"):
        encoder = prepared.encoder
        torch.manual_seed(spec.seed)  # after the encoder: making it may draw random numbers
        if spec.lora_rank is not None:
            encoder = add_lora(cast("PreTrainedModel", encoder), spec.lora_rank)
        units = units_of(work.task, work.source)
        model = Classifier(encoder, len(labels), units).to(work.device.torch)
        number = {label: i for i, label in enumerate(labels)}
        pairs = zip(work.examples, prepared.train, strict=True)
        taught = [(text, classes_of(example.item, text, number)) for example, text in pairs]
        # A text of which no word is left teaches nothing.
        taught = [(text, own) for text, own in taught if len(own)]

    def on_step(step: Step) -> None:
        work.job.append_history(step.step, step.loss, step.tokens_per_second)
        work.job.report("training", step.step, step.total, step.loss, step.tokens_per_second)

    with work.watch.stage("training"):
        work.job.report("training", 0, 0)
        texts, gold = [text for text, _ in taught], [own for _, own in taught]
        memory.give_back()  # what loading took
        finetune(model, texts, gold, spec, work.device, on_step)
        memory.give_back()  # what gradients took is not needed again
        prepared.widen()
    return model


def _read(
    work: Work, prepared: Prepared, model: Classifier, reader: LayerReader
) -> tuple[Vectors, list[Ids]]:
    """The vectors of the messages, or where there are none of the tests, float32 (texts, d), and of
    each test text the class indices of its units."""
    messages, pooling = work.shown.messages, work.source.card.pooling
    with work.watch.stage("scoring"):
        progress = work.progress("scoring")
        vectors, classes = predict(
            model,
            prepared.test,
            work.device,
            progress,
            pooling,
            hidden_states if messages else reader,
        )
    if messages:
        with work.watch.stage("embedding"):
            # Apart from the tests: the company in which a text is read shows in its last bits.
            progress, texts = work.progress("embedding"), prepared.messages
            found = embed(model.encoder, texts, work.device, progress, pooling, reader)
            vectors = np.concatenate(found)
    return vectors, classes


def _answers(
    tests: dict[str, list[Item]], texts: list[Encoded], names: list[list[str]]
) -> dict[str, list[str]]:
    """Predicted answers, target by target. texts, and names of the classes of their units: of all
    test items in their order."""
    answers: dict[str, list[str]] = {target: [] for target in tests}
    for (target, item), text, own in zip(_pairs(tests), texts, names, strict=True):
        answers[target].append(answer_of(item, text, own))
    return answers


def _pairs(items: dict[str, list[Item]]) -> list[tuple[str, Item]]:
    """Each item with its language, language by language."""
    return [(lang, item) for lang, part in items.items() for item in part]
