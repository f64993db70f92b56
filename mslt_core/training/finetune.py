"""Fine-tuning: AdamW with linear warm-up and decay, clipped gradients, batches by length.

The seed fixes the head's first weights (drawn by the caller), dropout and the order of training.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from mslt_core.jobs import memory
from mslt_core.spec import RunSpec
from mslt_core.training.batching import collate, training_order
from mslt_core.training.device import Device
from mslt_core.training.heads import Classifier
from mslt_core.training.inputs import Encoded, Ids
from mslt_core.training.optimizer import AdamW, Group

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises to its peak."""
WEIGHT_DECAY = 0.01
HEAD_FACTOR = 20.0
"""The head's learning rate over the encoder's: it starts from nothing, and at the encoder's rate
would still be far from settled after the few hundred steps of a run."""
CLIP = 1.0
"""Largest norm of a step's gradient."""
STEPS_KEPT = 16
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
    optimizer = make_optimizer(model, spec.learning_rate)
    lengths = np.array([len(text.ids) for text in inputs])
    total = spec.epochs * math.ceil(len(inputs) / spec.batch_size)
    random = np.random.default_rng(spec.seed)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]

    model.train()
    tokens, started, step = 0, time.perf_counter(), 0
    for _ in range(spec.epochs):
        for index in training_order(lengths, spec.batch_size, random):
            batch = collate(inputs, index, device.torch)
            with device.autocast():
                logits = model(batch)
            gold = torch.from_numpy(np.concatenate([labels[i] for i in index])).to(device.torch)
            loss = nn.functional.cross_entropy(logits, gold)
            loss.backward()  # type: ignore[no-untyped-call]
            clip(trained)
            optimizer.step(_warm_up(step, total))
            optimizer.forget_gradients()
            step += 1
            if step % STEPS_KEPT == 0:
                memory.give_back()
            tokens += batch.tokens
            speed = tokens / (time.perf_counter() - started)
            report(Step(step, total, loss.item(), speed))
    model.eval()


def make_optimizer(model: Classifier, learning_rate: float) -> AdamW:
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

    return AdamW(
        [group(of_head, decayed) for of_head in (False, True) for decayed in (False, True)]
    )


def clip(trained: list[nn.Parameter]) -> None:
    """Scale the gradient of all parameters together down to the norm CLIP if it is longer."""
    gradients = [parameter.grad for parameter in trained if parameter.grad is not None]
    if gradients[0].device.type == "cpu":
        # Row by row, on all cores: the norm of a whole tensor is taken on one.
        rows = [torch.linalg.vector_norm(gradient, dim=-1).flatten() for gradient in gradients]
        norm = torch.linalg.vector_norm(torch.cat(rows))
    else:
        norm = nn.utils.get_total_norm(gradients)
    nn.utils.clip_grads_with_norm_(trained, CLIP, norm)


def _warm_up(step: int, total: int) -> float:
    """Factor of the learning rate: rises to 1 over the warm-up, then falls to 0 at the end."""
    warm = max(1, round(WARM_UP * total))
    if step < warm:
        return (step + 1) / warm
    return (total - step) / max(1, total - warm)
