"""How fast fine-tuning is beside `transformers.Trainer`, in how much memory, and equally good?

    .venv/bin/python -m benchmarks.train [--json] [--short]

Fine-tunes me5-small on SIB-200 (where that is not found: on the bundled task `intents`, which is
said) with this product (`ours`) and with Trainer in three settings, on the processor:

- `xnli`: as the example script run_xnli does it, padded to 128 and in float32;
- `dynamic`: each batch padded to its longest text, else the defaults;
- `best`: batches by length and in bfloat16 too, fused AdamW, evaluation in bfloat16.

`ours pair` and `best pair` are two such trainings at once with half of the threads each, as a
worker executes the runs of a study.

Each (setting, repeat) is a process of its own, one after the other and in alternating order. It
trains on the same tokens from the same weights, without checkpoints or logs, and measures: examples
and real tokens a second (padding not counted, first steps left out), the most memory that it had
resident until the end of training, and how near it comes to the fastest product of matrices that it
can do in its number format at that time, measured between steps (6 N operations a trained token, 2
N an evaluated one, N parameters without embeddings). `ours` and `best` train to the end and are
scored on 20 targets; the intervals resample seeds (one a repeat) and items. `ours` and `best` have
the settings of memory that a worker gives its child. --short trains all of them for a few steps
only, twice. How long a process takes from its start until the model is ready to train is measured
in processes of their own, once the files are in memory.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import train_report
from benchmarks.common import (
    PREFERRED_TARGETS,
    ROOT,
    Failed,
    child_json,
    environment,
    in_markdown,
    peak_bytes,
    product_peak,
    spread,
    tell,
    temporary_home,
)

# The parent stays small and starts at once: what is heavy is imported by the children.
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

    from benchmarks.meter import Lesson, Meter
    from mslt_core.training.device import Device

    Answers = Callable[[], tuple[NDArray[np.int64], float]]
    """Class indices of all test items, and the seconds that they took."""

MODEL, TASK, FALLBACK = "me5-small", "sib200", "intents"
SOURCES = ("de", "en", "zh")
PAIRS = {"ours pair": "ours", "best pair": "best"}
SETTINGS = ("ours", "ours pair", "xnli", "dynamic", "best", "best pair")
SCORED = ("ours", "best")
"""Settings that train to the end and are scored, in the full form."""
REPEATS, SHORT_REPEATS = 3, 2
STEPS = {"ours": None, "ours pair": 88, "xnli": 12, "dynamic": 24, "best": None, "best pair": 40}
SHORT_STEPS = {"ours": 40, "ours pair": 40, "xnli": 6, "dynamic": 14, "best": 30, "best pair": 30}
WARM = {"ours": 20, "ours pair": 16, "xnli": 3, "dynamic": 8, "best": 20, "best pair": 12}
SHORT_WARM = {"ours": 16, "ours pair": 16, "xnli": 2, "dynamic": 6, "best": 12, "best pair": 12}
READY_ROWS = 7000
"""Word embeddings of a model to be ready: about as many as the texts of a run meet."""
READY_REPEATS = 3


def ours(lesson: Lesson, meter: Meter, device: Device) -> tuple[nn.Module, Answers]:
    """Train as a run does; this is all that is used of the product's way of training."""
    import numpy as np
    import torch

    from benchmarks.meter import Enough
    from mslt_core.jobs import memory
    from mslt_core.spec import default_home
    from mslt_core.training.embed import predict
    from mslt_core.training.finetune import finetune
    from mslt_core.training.heads import Classifier
    from mslt_core.training.prepare import slimmed

    cache = default_home() / "cache"
    prepared = slimmed(cache, lesson.source, lesson.spec, lesson.examples, lesson.tests, {})
    torch.manual_seed(lesson.spec.seed)
    model = Classifier(prepared.encoder, len(lesson.labels), lesson.source.card.pooling)
    model.register_forward_pre_hook(
        lambda _, given: meter.batch(len(given[0].lengths), given[0].tokens)
    )
    gold = [np.array([lesson.labels.index(example.item.label)]) for example in lesson.examples]
    memory.give_back()
    with suppress(Enough):
        finetune(model, prepared.train, gold, lesson.spec, device, lambda step: meter.step())
    prepared.widen()

    def answers() -> tuple[NDArray[np.int64], float]:
        started = time.perf_counter()
        _, classes = predict(model, prepared.test, device, lambda done, total: None)
        return np.concatenate(classes), time.perf_counter() - started

    return model, answers


def trainers(
    setting: str, lesson: Lesson, meter: Meter, steps: int | None
) -> tuple[nn.Module, Answers]:
    """Train by Trainer in one of its settings."""
    from benchmarks.trainer import predict, train

    trainer = train(setting, lesson, meter, steps)
    return trainer.model, lambda: predict(trainer, lesson)


def measure(setting: str, seed: int, steps: int | None, warm: int, scored: bool) -> dict[str, Any]:
    """What a child does: train in one setting, and say what that took."""
    import torch

    from benchmarks.meter import Meter
    from mslt_core.training.device import choose_device

    device = replace(choose_device(), name="cpu")
    bf16 = device.bf16 and setting in SCORED
    lesson, meter = prepare(seed), Meter(bf16)
    if setting == "ours":
        meter.most = steps
        model, answers = ours(lesson, meter, device)
    else:
        model, answers = trainers(setting, lesson, meter, steps)
    memory = peak_bytes()
    found = {
        "setting": setting,
        "seed": seed,
        "task": lesson.spec.task,
        "parallel": lesson.parallel,
        "format": "bf16" if bf16 else "fp32",
        "threads": torch.get_num_threads(),
        "peak_bytes": memory,
        **meter.speeds(warm),
    }
    # Counted before the evaluation, which may change the model's number format.
    tables = {id(part.weight) for part in model.modules() if isinstance(part, torch.nn.Embedding)}
    parameters = sum(p.numel() for p in model.parameters() if id(p) not in tables)
    share = 6 * parameters * found["tokens_per_second"] / found["product_peak"]
    found |= {"parameters": parameters, "share_of_peak": share}
    if scored:
        before = product_peak(bf16)
        classes, seconds = answers()
        peak = (before + product_peak(bf16)) / 2
        tokens = sum(len(text.ids) for text in lesson.test_inputs())
        found |= {
            "evaluation_tokens_per_second": tokens / seconds,
            "evaluation_share_of_peak": 2 * parameters * tokens / seconds / peak,
            "right": lesson.right(classes),
        }
    return found


def ready() -> None:
    """What a worker's child imports, and all that it makes before it trains."""
    import numpy as np

    import mslt_core.training.execute  # noqa: F401 (what a child begins with)
    from mslt_core.catalog import models
    from mslt_core.spec import RunSpec
    from mslt_core.training.device import choose_device
    from mslt_core.training.encoders import load_source
    from mslt_core.training.finetune import trainer_of
    from mslt_core.training.heads import Classifier
    from mslt_core.training.taught import Taught

    device = replace(choose_device(), name="cpu")
    card = models.card(MODEL)
    source = load_source(card, models.fingerprint(card))
    assert card.vocabulary  # our own cards are complete
    rows = np.unique(np.linspace(0, card.vocabulary - 1, READY_ROWS).astype(np.int64))
    spec = RunSpec(MODEL, TASK, SOURCES, SOURCES)
    with trainer_of(Classifier(source.encoder(rows), 7).train(), Taught([], [], device), spec):
        pass


def seconds_until_ready(env: dict[str, str]) -> float:
    """From the start of a process until its model and optimizer can begin to train."""
    from mslt_core.jobs.engines.local import MEMORY

    started = time.time()
    return float(child_json(["benchmarks.train", "--ready"], {**MEMORY, **env})["at"]) - started


def prepare(seed: int) -> Lesson:
    """The sample of that seed, of SIB-200 if it is here."""
    from benchmarks.meter import Lesson
    from mslt_core.catalog import models
    from mslt_core.catalog.resolve import testable
    from mslt_core.catalog.sampling import sample
    from mslt_core.catalog.tasks import task
    from mslt_core.spec import RunSpec, UserError
    from mslt_core.training.encoders import load_source

    try:
        chosen = task(TASK)
        chosen.items(SOURCES[0], "train")
    except UserError as error:
        print(f"{error} Taking {FALLBACK} instead.", file=sys.stderr)
        chosen = task(FALLBACK)
    targets = tuple(lang for lang in PREFERRED_TARGETS if lang in testable(chosen))
    spec = RunSpec(
        model=MODEL,
        task=chosen.name,
        sources=SOURCES,
        targets=targets,
        budget=700,
        epochs=4,
        learning_rate=5e-5,
        batch_size=16,
        max_length=128,
        seed=seed,
    )
    card = models.card(MODEL)
    source = load_source(card, models.fingerprint(card))
    tests = {lang: chosen.items(lang, "test") for lang in spec.targets}
    return Lesson(spec, source, chosen.labels(), sample(chosen, spec), tests, chosen.parallel)


def single(given: dict[str, Any], env: dict[str, str]) -> dict[str, Any]:
    """What one child measures."""
    from mslt_core.jobs.engines.local import MEMORY

    # Anybody can set it; who uses Trainer as usual does not.
    own = MEMORY if given["setting"] in SCORED else {}
    return child_json(["benchmarks.train", "--child", json.dumps(given)], {**own, **env})


def pair(given: dict[str, Any], env: dict[str, str]) -> dict[str, Any]:
    """What two of a setting do at once, each with half of the threads: their speeds, memories and
    products are added up. They begin together and train the same, so that they end together."""
    half = {**env, "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // 2))}
    with ThreadPoolExecutor() as both:
        one = {**given, "setting": PAIRS[given["setting"]]}
        found = list(both.map(single, [one] * 2, [half] * 2))
    added = ("threads", "examples_per_second", "tokens_per_second", "peak_bytes", "product_peak")
    share = statistics.mean(child["share_of_peak"] for child in found)
    sums = {name: sum(child[name] for child in found) for name in added}
    return {**found[0], **sums, "setting": given["setting"], "share_of_peak": share}


def measure_all(short: bool, home: Path) -> dict[str, Any]:
    """Every setting in each repeat, one after the other, in alternating order."""
    steps, warm = (SHORT_STEPS, SHORT_WARM) if short else (STEPS, WARM)
    repeats = SHORT_REPEATS if short else REPEATS
    # Trainer is told to use the processor; so must ours be.
    env = {**environment(home), "CUDA_VISIBLE_DEVICES": "", "TOKENIZERS_PARALLELISM": "true"}
    children = []
    for number in range(repeats):
        for setting in SETTINGS if number % 2 == 0 else reversed(SETTINGS):
            print(f"repeat {number + 1} of {repeats}: {setting}", file=sys.stderr)
            given = {
                "setting": setting,
                "seed": number,
                "steps": steps[setting],
                "warm": warm[setting],
                "scored": not short and setting in SCORED,
            }
            children.append(pair(given, env) if setting in PAIRS else single(given, env))
    print("how soon the model is ready", file=sys.stderr)
    soon = spread(seconds_until_ready(env) for _ in range(READY_REPEATS))
    return {**train_report.summary(children), "ready": soon}


def markdown(result: dict[str, Any]) -> str:
    """The section of a report."""
    return in_markdown(train_report.sheets(result))


def main() -> None:
    """Measure, and print tables or JSON."""
    if "--child" in sys.argv:
        print(json.dumps(measure(**json.loads(sys.argv[-1]))))
        return
    if "--ready" in sys.argv:
        ready()
        print(json.dumps({"at": time.time()}))
        return
    os.chdir(ROOT)
    with temporary_home() as home:
        result = measure_all("--short" in sys.argv, home)
    tell(result, train_report.sheets(result))


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        raise SystemExit(str(error)) from None
