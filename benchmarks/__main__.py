"""What vocabulary slimming, bf16 and batches by length are worth on this machine.

    make bench

Trains the same sentences (task `intents`, bundled model) with each of them left out, in turn within
one process, and prints the time of a step as a multiple of the product's own setting, so that the
numbers can be compared between machines.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from mslt_core.catalog import models
from mslt_core.catalog.sampling import sample
from mslt_core.catalog.tasks import task
from mslt_core.spec import RunSpec
from mslt_core.training.device import Device, choose_device
from mslt_core.training.encoders import EncoderSource, load_source
from mslt_core.training.finetune import Step, finetune
from mslt_core.training.heads import Classifier
from mslt_core.training.inputs import Encoded, Ids
from mslt_core.training.slim import rows_met

SPEC = RunSpec("me5-small", "intents", ("de", "en", "zh"), ("en",), budget=128, epochs=1)
ROUNDS = 3
SETTINGS = ("ours", "full vocabulary", "fp32", "padded to 128")


def step_times(
    setting: str, source: EncoderSource, inputs: list[Encoded], labels: list[Ids], device: Device
) -> list[float]:
    """Seconds of each step of one epoch after the first two, which warm up."""
    rows = rows_met((text.ids for text in inputs), source.pad_id)
    if setting == "full vocabulary":
        encoder = source.build(None)
    else:
        encoder = source.build(rows)
        inputs = [text.renumbered(rows) for text in inputs]
    if setting == "padded to 128":
        # Real tokens, so that attention has as much to do as on padding.
        inputs = [
            replace(text, ids=np.resize(text.ids, 128), types=np.zeros(128, dtype=np.int64))
            for text in inputs
        ]
    if setting == "fp32":
        device = replace(device, bf16=False)
    torch.manual_seed(0)
    model = Classifier(encoder, classes=1 + max(int(label[0]) for label in labels)).to(device.torch)
    ends: list[float] = []

    def tick(step: Step) -> None:
        ends.append(time.perf_counter())

    finetune(model, inputs, labels, SPEC, source.pad_id, device, tick)
    return list(np.diff(ends)[2:])


def main() -> None:
    """Run every setting in each round, in alternating order, and print ratios of medians."""
    chosen, device = task(SPEC.task), choose_device()
    source = load_source(models.card(SPEC.model))
    examples = sample(chosen, SPEC)
    inputs = source.tokenize([example.item for example in examples], SPEC.max_length)
    names = sorted({example.item.label for example in examples})
    labels = [np.array([names.index(example.item.label)]) for example in examples]
    times: dict[str, list[float]] = {setting: [] for setting in SETTINGS}
    for number in range(ROUNDS):
        for setting in SETTINGS if number % 2 == 0 else reversed(SETTINGS):
            print(f"round {number + 1} of {ROUNDS}: {setting}", file=sys.stderr)
            times[setting] += step_times(setting, source, inputs, labels, device)
    medians = {setting: statistics.median(found) for setting, found in times.items()}
    table = Table("setting", "times the step of ours", title=device.describe())
    for setting, median in medians.items():
        table.add_row(setting, f"{median / medians['ours']:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
