"""Does it matter more in which number format a run is trained and scored, or with which seed?

    .venv/bin/python -m benchmarks.formats [--json] [--short]

Trains me5-small on the sample of `train` with several seeds, each in bfloat16 and in float32, on
the processor, one after the other. Two runs are compared by the share of all test items that they
answer differently, and by how far their accuracies over all targets are apart: runs of one seed in
two formats, beside runs of two seeds in one format. Runs that learned nothing would show nothing:
the accuracy of always giving the commonest class stands beside theirs. --short takes one epoch and
five targets.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from benchmarks.common import (
    ROOT,
    Failed,
    Sheet,
    child_json,
    environment,
    in_markdown,
    ranged,
    spread,
    tell,
    temporary_home,
)

if TYPE_CHECKING:
    from benchmarks.meter import Lesson

SEEDS, SHORT_SEEDS = 2, 2
SHORT_TARGETS = 5
FORMATS = ("bf16", "fp32")


def measure(seed: int, number_format: str, short: bool) -> dict[str, Any]:
    """What a child does: train and score one run."""
    from benchmarks.meter import Meter
    from benchmarks.train import ours, prepare
    from mslt_core.training.device import Device

    lesson: Lesson = prepare(seed)
    if short:
        few = lesson.spec.targets[:SHORT_TARGETS]
        lesson = replace(
            lesson,
            spec=replace(lesson.spec, epochs=1, targets=few),
            tests={target: lesson.tests[target] for target in few},
        )
    bf16 = number_format == "bf16"
    _, answers = ours(lesson, Meter(bf16), Device("cpu", bf16))
    classes, _ = answers()
    return {
        "seed": seed,
        "format": number_format,
        "task": lesson.spec.task,
        "budget": lesson.spec.budget,
        "epochs": lesson.spec.epochs,
        "classes": classes.tolist(),
        "commonest": _commonest(lesson),
        "right": lesson.right(classes),
    }


def measure_all(short: bool) -> dict[str, Any]:
    """Every seed in both formats, and what the pairs of them have in common."""
    children = []
    with temporary_home() as home:
        for seed in range(SHORT_SEEDS if short else SEEDS):
            for number_format in FORMATS:
                print(f"seed {seed}, {number_format}", file=sys.stderr)
                given = {"seed": seed, "number_format": number_format, "short": short}
                arguments = ["benchmarks.formats", "--child", json.dumps(given)]
                env = {**environment(home), "CUDA_VISIBLE_DEVICES": ""}
                children.append(child_json(arguments, env))
    return summary(children)


def summary(children: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares of items answered differently, and differences of accuracy, by what differs."""
    found: dict[str, list[tuple[float, float]]] = {"format": [], "seed": []}
    for one, other in combinations(children, 2):
        differ = [name for name in found if one[name] != other[name]]
        if len(differ) == 1:
            pairs = list(zip(one["classes"], other["classes"], strict=True))
            changed = sum(a != b for a, b in pairs) / len(pairs)
            found[differ[0]].append((changed, abs(_accuracy(one) - _accuracy(other))))
    first = children[0]
    return {
        **{name: first[name] for name in ("task", "budget", "epochs", "commonest")},
        "targets": len(first["right"]),
        "accuracy": {
            name: spread(_accuracy(child) for child in children if child["format"] == name)
            for name in FORMATS
        },
        "another": {
            name: {
                "pairs": len(pairs),
                "answered_differently": spread(changed for changed, _ in pairs),
                "accuracy_apart": spread(apart for _, apart in pairs),
            }
            for name, pairs in found.items()
        },
    }


def _commonest(lesson: Lesson) -> float:
    """The accuracy of always giving the commonest class, mean over targets."""
    shares = [
        Counter(item.label for item in part).most_common(1)[0][1] / len(part)
        for part in lesson.tests.values()
    ]
    return sum(shares) / len(shares)


def _accuracy(child: dict[str, Any]) -> float:
    """Mean over targets."""
    means = [marks.count("1") / len(marks) for marks in child["right"].values()]
    return sum(means) / len(means)


def sheets(result: dict[str, Any]) -> list[Sheet]:
    """The result as a table."""
    accuracies = ", ".join(
        f"{name} {ranged(found, '.3f')}" for name, found in result["accuracy"].items()
    )
    return [
        Sheet(
            f"{result['task']}, budget {result['budget']}, {result['epochs']} epochs, "
            f"{result['targets']} targets. Accuracy: {accuracies}; of always giving the commonest "
            f"class: {result['commonest']:.3f}. Between two runs that differ in",
            ("what differs", "pairs", "items answered differently", "accuracies apart"),
            [
                (
                    name,
                    str(found["pairs"]),
                    ranged(found["answered_differently"], ".1%"),
                    ranged(found["accuracy_apart"], ".3f"),
                )
                for name, found in result["another"].items()
            ],
        )
    ]


def markdown(result: dict[str, Any]) -> str:
    """The section of a report."""
    return in_markdown(sheets(result))


def main() -> None:
    """Measure, and print a table or JSON."""
    if "--child" in sys.argv:
        print(json.dumps(measure(**json.loads(sys.argv[-1]))))
        return
    os.chdir(ROOT)
    result = measure_all("--short" in sys.argv)
    tell(result, sheets(result))


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        raise SystemExit(str(error)) from None
