"""How long a run will take, judged by the finished runs of this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from mslt_core.spec import RunSpec

RECENT = 5
"""Runs that an estimate stands on, at most: the machine may have become busier or faster."""


@dataclass(frozen=True)
class Timed:
    """A finished run and the seconds of its stages: loading, training, scoring, embedding."""

    spec: RunSpec
    seconds_by_stage: Mapping[str, float]


def seconds(spec: RunSpec, finished: Iterable[Timed]) -> float | None:
    """Estimated seconds of a run; None while no run like it has finished.

    Like it: of the same model, task, method and trained layers. finished comes newest first.
    Training grows with the examples seen, scoring with the number of targets; the rest is taken
    as it was.
    """
    like = [run for run in finished if _kind(run.spec) == _kind(spec)][:RECENT]
    if not like:
        return None
    total = 0.0
    for stage in {stage for run in like for stage in run.seconds_by_stage}:
        rates = [run.seconds_by_stage.get(stage, 0.0) / _amount(stage, run.spec) for run in like]
        total += median(rates) * _amount(stage, spec)
    return total


def _kind(spec: RunSpec) -> tuple[object, ...]:
    return spec.model, spec.task, spec.method, spec.layers


def _amount(stage: str, spec: RunSpec) -> int:
    if stage == "training":
        return spec.budget * (spec.epochs if spec.method == "finetune" else 1)
    if stage == "scoring":
        return len(spec.targets)
    return 1


def remaining(
    spec: RunSpec, stage: str, step: int, total: int, elapsed: float, finished: Iterable[Timed]
) -> float | None:
    """Estimated seconds until a run in progress is done; None while there is nothing to go by.

    elapsed: seconds since it started. While it trains, its own pace tells what training takes.
    """
    known = list(finished)
    whole = seconds(spec, known)
    if stage == "training" and step > 0:
        training = elapsed * (total - step) / step
        return training + (_after_training(spec, known) if whole is not None else 0.0)
    return None if whole is None else max(0.0, whole - elapsed)


def _after_training(spec: RunSpec, finished: Iterable[Timed]) -> float:
    later = [
        Timed(run.spec, {"scoring": run.seconds_by_stage.get("scoring", 0.0)}) for run in finished
    ]
    return seconds(spec, later) or 0.0
