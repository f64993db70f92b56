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
    """A finished run and the seconds of its stages: loading, training, scoring, embedding,
    measuring."""

    spec: RunSpec
    seconds_by_stage: Mapping[str, float]


_ORDER = {
    "finetune": ("loading", "training", "scoring", "embedding", "measuring"),
    "probe": ("loading", "embedding", "training"),
}
"""Stages in the order in which a run goes through them."""


def seconds(spec: RunSpec, finished: Iterable[Timed]) -> float | None:
    """Estimated seconds of a run; None while no run like it has finished.

    Like it: of the same model, task, method and trained layers. finished comes newest first.
    Training grows with the examples seen, scoring with the number of targets; the rest is taken
    as it was.
    """
    by_stage = _by_stage(spec, finished)
    return sum(by_stage.values()) if by_stage else None


def remaining(
    spec: RunSpec,
    stage: str,
    step: int,
    total: int,
    elapsed: float,
    training: float | None,
    finished: Iterable[Timed],
) -> float | None:
    """Estimated seconds until a run in progress is done; None while there is nothing to go by.

    elapsed: seconds since it started. training: seconds since its first training step, None
    before it: while a run trains its own pace tells what training takes, and loading, which is
    long, must not count as training.
    """
    known = _by_stage(spec, finished)
    order = _ORDER[spec.method]
    after = order[order.index(stage) + 1 :] if stage in order else ()
    later = sum(known.get(name, 0.0) for name in after)
    if stage == "training" and training is not None and step > 1:
        return training * (total - step) / (step - 1) + later
    if not known:
        return None
    if stage not in order:
        return sum(known.values())
    this = known.get(stage, 0.0)
    left = max(0.0, this - elapsed) if stage == "loading" else this * (1 - step / max(total, 1))
    return left + later


def _by_stage(spec: RunSpec, finished: Iterable[Timed]) -> dict[str, float]:
    """Estimated seconds of each stage; empty while no run like it has finished."""
    like = [run for run in finished if _kind(run.spec) == _kind(spec)][:RECENT]
    return {
        stage: _amount(stage, spec)
        * median(run.seconds_by_stage.get(stage, 0.0) / _amount(stage, run.spec) for run in like)
        for stage in sorted({stage for run in like for stage in run.seconds_by_stage})
    }


def _kind(spec: RunSpec) -> tuple[object, ...]:
    return spec.model, spec.task, spec.method, spec.layers, spec.lora_rank, spec.four_bit


def _amount(stage: str, spec: RunSpec) -> int:
    if stage == "training":
        return spec.budget * (spec.epochs if spec.method == "finetune" else 1)
    if stage == "scoring":
        return len(spec.targets)
    return 1
