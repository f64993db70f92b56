"""Fine-tuning: AdamW with linear warm-up and decay, clipped gradients, batches by length.

The seed fixes the head's first weights (drawn by the caller), dropout and the order of training.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
from torch import nn

from mslt_core.jobs import memory
from mslt_core.spec import RunSpec
from mslt_core.training.batching import training_order
from mslt_core.training.device import Device
from mslt_core.training.heads import Classifier
from mslt_core.training.inputs import Encoded, Ids
from mslt_core.training.optimizer import AdamW, Group, norm_of
from mslt_core.training.taught import Taught
from mslt_core.training.two_halves import TwoHalves, pays

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises to its peak."""
WEIGHT_DECAY = 0.01
HEAD_FACTOR = 20.0
"""The head's learning rate over the encoder's: it starts from nothing, and at the encoder's rate
would still be far from settled after the few hundred steps of a run."""
STEPS_KEPT = 64
"""After so many steps freed memory is given back: batches of other shapes leave holes in it that
nothing fits in."""


@dataclass(frozen=True)
class Step:
    """What one optimizer step reports."""

    step: int
    total: int
    loss: float
    tokens_per_second: float


def finetune(
    model: Classifier,
    inputs: list[Encoded],
    labels: list[Ids],
    spec: RunSpec,
    device: Device,
    report: Callable[[Step], None],
) -> None:
    """Train in place, on these texts, what of the model asks for gradients.

    labels: of each text the class indices of what the model classifies, (1,) or, without the
    words that were cut off, (words,).
    `report` is called after each step; what it raises ends the training.
    """
    taught = Taught(inputs, labels, device)
    total = spec.epochs * math.ceil(len(inputs) / spec.batch_size)
    random = np.random.default_rng(spec.seed)

    model.train()
    tokens, started, step = 0, time.perf_counter(), 0
    with trainer_of(model, taught, spec) as train:
        for _ in range(spec.epochs):
            for index in training_order(taught.lengths, spec.batch_size, random):
                loss = train(index, _warm_up(step, total))
                step += 1
                if step % STEPS_KEPT == 0:
                    memory.give_back()
                tokens += int(taught.lengths[index].sum())
                speed = tokens / (time.perf_counter() - started)
                report(Step(step, total, loss, speed))
    model.eval()


def trainer_of(
    model: Classifier, taught: Taught, spec: RunSpec
) -> AbstractContextManager[Whole | TwoHalves]:
    """What trains a model, in training mode, fastest."""
    given = model, groups_of(model, spec.learning_rate), taught
    return TwoHalves(*given) if pays(model, taught, spec.batch_size) else nullcontext(Whole(*given))


class Whole:
    """Trains a model on one batch after another."""

    def __init__(self, model: Classifier, groups: Sequence[Group], taught: Taught) -> None:
        self._model, self._taught = model, taught
        self._optimizer = AdamW(groups)

    def __call__(self, index: Ids, factor: float) -> float:
        """One step, on the texts of these numbers, with this share of the learning rates; returns
        the loss."""
        optimizer = self._optimizer
        loss = nn.functional.cross_entropy(*self._taught.answered(self._model, index))
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step(factor, norm_of(one.grad for one in optimizer.parameters))
        optimizer.forget_gradients()
        return loss.item()


def groups_of(model: Classifier, learning_rate: float) -> list[Group]:
    """With weight decay on the matrices of linear layers only and a faster head."""
    head = {id(parameter) for parameter in model.head.parameters()}
    spared = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding)}

    def group(of_head: bool, decayed: bool) -> Group:
        parameters = [
            p
            for p in model.parameters()
            if p.requires_grad
            and (id(p) in head) == of_head
            and (p.ndim >= 2 and id(p) not in spared) == decayed
        ]
        decay = WEIGHT_DECAY if decayed else 0.0
        return Group(parameters, decay, learning_rate * (HEAD_FACTOR if of_head else 1.0))

    return [group(of_head, decayed) for of_head in (False, True) for decayed in (False, True)]


def _warm_up(step: int, total: int) -> float:
    """Factor of the learning rate: rises to 1 over the warm-up, then falls to 0 at the end."""
    warm = max(1, round(WARM_UP * total))
    if step < warm:
        return (step + 1) / warm
    return (total - step) / max(1, total - warm)
