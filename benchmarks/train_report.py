"""What the children of `train` measured, put together: spreads, ratios, accuracies, tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.common import Sheet, missed, ranged, spread
from mslt_core.analysis.stats import FEW_SEEDS, bootstrap, interval

MEASURES = (
    "milliseconds_per_step",
    "examples_per_second",
    "tokens_per_second",
    "peak_bytes",
    "product_peak",
    "share_of_peak",
    "evaluation_tokens_per_second",
    "evaluation_share_of_peak",
)
RATIOS = ("examples_per_second", "tokens_per_second", "peak_bytes")
COMPARED = {
    "ours": ("xnli", "dynamic", "best"),
    "ours pair": ("xnli", "dynamic", "best", "best pair", "ours"),
}
"""Whose ratios are shown: a run beside a run, and what a study makes of the machine beside Trainer
in a loop, and beside two loops at once."""
LEAST_TIMES = {"xnli": 8.0, "dynamic": 3.5, "best": 1.8}
"""Limits: examples a second of `ours` as a multiple of each setting of Trainer."""
LEAST_SHARE, LEAST_EVALUATION_SHARE, MOST_MEMORY = 0.55, 0.60, 0.5
"""Limits: of the fastest product in training and in evaluation, and of Trainer's memory."""
MOST_READY = 3.0
"""Limit: seconds from the start of a process until the model is ready to train."""
Child = dict[str, Any]


def summary(children: Sequence[Child]) -> dict[str, Any]:
    """The result as one JSON object. Ratios are of the same repeat: what slows the machine for a
    while slows both."""
    by_setting: dict[str, list[Child]] = {}
    for child in sorted(children, key=lambda child: child["seed"]):
        by_setting.setdefault(child["setting"], []).append(child)
    own = by_setting["ours"]
    ratios = {
        mine: {
            other: {
                measure: spread(
                    a[measure] / b[measure]
                    for a, b in zip(by_setting[mine], by_setting[other], strict=True)
                )
                for measure in RATIOS
            }
            for other in others
        }
        for mine, others in COMPARED.items()
    }
    return {
        "task": own[0]["task"],
        "threads": own[0]["threads"],
        "repeats": len(own),
        "settings": {name: _setting(found) for name, found in by_setting.items()},
        "over": ratios,
        "accuracy": _accuracy(by_setting),
        "children": [{k: v for k, v in child.items() if k != "right"} for child in children],
    }


def sheets(result: dict[str, Any]) -> list[Sheet]:
    """The result as tables: medians, with least and most in brackets."""
    settings, ready = result["settings"], result["ready"]
    made = [
        Sheet(
            f"Training on {result['task']}, {result['threads']} threads, {result['repeats']} "
            f"repeat{'s' * (result['repeats'] > 1)}: median (least–most); memory is that of "
            "training alone, of whole runs see Studies. Limits of `ours`: "
            f"{LEAST_SHARE:.0%} and {LEAST_EVALUATION_SHARE:.0%} of the product",
            (
                "setting",
                "examples/s",
                "tokens/s",
                "peak MB",
                "format",
                "product GFLOP/s",
                "share of it",
                "evaluated tokens/s",
                "share of it",
            ),
            [_row(name, found, limited=name == "ours") for name, found in settings.items()],
        ),
        *(
            Sheet(
                f"`{mine}` as a multiple of",
                ("setting", "examples/s", "tokens/s", "peak memory"),
                [
                    (name, *(_ratio(mine, name, measure, found[measure]) for measure in RATIOS))
                    for name, found in others.items()
                ],
            )
            for mine, others in result["over"].items()
        ),
        Sheet(
            f"From the start of a process until the model is ready; limit: {MOST_READY:.0f} s",
            ("what", "seconds"),
            [("ours", ranged(ready, ".2f") + missed(ready["median"] > MOST_READY))],
        ),
    ]
    accuracy = result["accuracy"]
    if accuracy:
        seeds = result["repeats"]
        few = f" of {seeds} seeds, which are few" if seeds < FEW_SEEDS else f" of {seeds} seeds"
        rows = [
            (name, f"{found['mean']:.3f}", f"{found['low']:.3f} to {found['high']:.3f}")
            for name, found in accuracy["of"].items()
        ]
        made.append(
            Sheet(
                f"Accuracy over {accuracy['targets']} targets, mean{few}",
                ("setting", "accuracy", "95 % interval"),
                rows,
            )
        )
    return made


def _setting(found: Sequence[Child]) -> dict[str, Any]:
    first = found[0]
    spreads = {
        measure: spread(child[measure] for child in found)
        for measure in MEASURES
        if measure in first
    }
    same = {name: first[name] for name in ("format", "steps", "parameters")}
    return {**same, **spreads}


def _ratio(mine: str, other: str, measure: str, found: dict[str, float]) -> str:
    misses = mine == "ours" and (
        (measure == "examples_per_second" and found["median"] < LEAST_TIMES[other])
        or (measure == "peak_bytes" and found["median"] > MOST_MEMORY)
    )
    return ranged(found, ".2f") + missed(misses)


def _row(name: str, found: dict[str, Any], limited: bool) -> tuple[str, ...]:
    def part(measure: str, scale: float, form: str, least: float = 0.0) -> str:
        if measure not in found:
            return "—"
        said = ranged({key: value * scale for key, value in found[measure].items()}, form)
        return said + missed(limited and found[measure]["median"] < least)

    return (
        name,
        part("examples_per_second", 1, ".1f"),
        part("tokens_per_second", 1, ",.0f"),
        part("peak_bytes", 1e-6, ",.0f"),
        found["format"],
        part("product_peak", 1e-9, ",.0f"),
        part("share_of_peak", 1, ".0%", LEAST_SHARE),
        part("evaluation_tokens_per_second", 1, ",.0f"),
        part("evaluation_share_of_peak", 1, ".0%", LEAST_EVALUATION_SHARE),
    )


def _accuracy(by_setting: dict[str, list[Child]]) -> dict[str, Any] | None:
    """Mean accuracies with intervals, and the paired difference of ours and the other; None where
    nothing was scored."""
    scored = {name: found for name, found in by_setting.items() if "right" in found[0]}
    if not scored:
        return None
    means, draws = {}, {}
    for name, found in scored.items():
        cells = []
        for target in found[0]["right"]:
            marks = np.array([[int(mark) for mark in child["right"][target]] for child in found])
            cells.append((marks.astype(float), np.ones(marks.shape)))
        means[name] = float(np.mean([right.mean() for right, _ in cells]))
        # Both calls draw the same seeds and items, so the difference is that of a paired test.
        draws[name] = bootstrap(cells, found[0]["parallel"]).mean(axis=0)
    for other in [name for name in scored if name != "ours"]:
        means[f"ours − {other}"] = means["ours"] - means[other]
        draws[f"ours − {other}"] = draws["ours"] - draws[other]
    of = {
        name: dict(zip(("mean", "low", "high"), (mean, *interval(draws[name])), strict=True))
        for name, mean in means.items()
    }
    return {"targets": len(by_setting["ours"][0]["right"]), "of": of}
