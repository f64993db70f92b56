"""The words that every wing shares: a run's specification and identity, errors, and the home.

A `RunSpec` says everything that changes a result and nothing else. Equal specs are the same run.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Method = Literal["finetune", "probe"]
Sampling = Literal["disjoint", "parallel"]

METHODS: tuple[Method, ...] = ("finetune", "probe")
SAMPLINGS: tuple[Sampling, ...] = ("disjoint", "parallel")

TRAINING_VERSION = 5
"""Part of every run_id: to be raised when a change of the training code changes results by more
than rounding, which already differs from one processor and number of threads to the next."""

FINETUNE_ONLY = ("epochs", "learning_rate", "batch_size", "layers", "lora_rank", "four_bit")
"""A probe freezes the encoder, so these change nothing in it and stay out of its identity."""


def datasets_folder() -> str:
    """The folder with local data sets, $MSLT_DATASETS as an absolute path; "" if it is not set."""
    named = os.environ.get("MSLT_DATASETS")
    return str(Path(named).expanduser().absolute()) if named else ""


def default_home() -> Path:
    """Where results, queue, caches and logs are kept: $MSLT_HOME, or .mslt in this folder."""
    return Path(os.environ.get("MSLT_HOME") or ".mslt").expanduser().absolute()


class UserError(Exception):
    """An error told to a person in one sentence: what, where, what is allowed, what to do."""

    exit_code = 1


class BadArgument(UserError):
    """What was asked for is wrong; nothing was done (exit status 2)."""

    exit_code = 2


class WorkFailed(UserError):
    """What was asked for is right, but the work failed (exit status 1)."""


@dataclass(frozen=True)
class RunSpec:
    """One model trained once on one source set with one seed, then scored on every target.

    Raises BadArgument, naming the field and what is allowed, when a field is out of range.
    """

    model: str
    """A name from the model catalogue, a hub id `owner/name`, or a local folder."""
    task: str
    """A name from the task registry."""
    sources: tuple[str, ...]
    """Languages trained on (BCP 47, shortest form). Kept sorted."""
    targets: tuple[str, ...]
    """Languages tested on (BCP 47, shortest form). Kept sorted."""
    method: Method = "finetune"
    """`finetune` trains the encoder; `probe` fits a logistic regression on frozen embeddings."""
    budget: int = 700
    """Total number of training examples, shared evenly by the sources."""
    sampling: Sampling = "disjoint"
    """`disjoint`: sources get different items; `parallel`: the same items in translation."""
    epochs: int = 4
    """Passes over the training examples."""
    learning_rate: float = 5e-5
    """Peak learning rate of the encoder; a new head learns 20 times as fast."""
    batch_size: int = 16
    """Examples in one optimizer step."""
    max_length: int = 128
    """Sub-words after which a text is cut."""
    layers: int | None = None
    """Train the top n layers and the head only; None trains everything. The layers below stay as
    they are, without dropout."""
    lora_rank: int | None = None
    """Train low-rank adapters of this rank beside the frozen weights; None trains the weights."""
    four_bit: bool = False
    """Keep the frozen weights in 4 bit under the adapters, which takes an eighth of the memory."""
    seed: int = 0
    """Fixes the sample, the head's initial weights and the order of training."""

    def __post_init__(self) -> None:
        # Sorted here, once, so that the order in which a person ticks boxes is not part of a run.
        object.__setattr__(self, "sources", tuple(sorted(self.sources)))
        object.__setattr__(self, "targets", tuple(sorted(self.targets)))
        _check_languages("sources", self.sources)
        _check_languages("targets", self.targets)
        for field in ("model", "task"):
            if not getattr(self, field):
                raise BadArgument(f"{field} is empty: name one.")
        _check_choice("method", self.method, METHODS)
        _check_choice("sampling", self.sampling, SAMPLINGS)
        _check_integer("budget", self.budget, 1, 1_000_000)
        _check_integer("epochs", self.epochs, 1, 1_000)
        _check_integer("batch_size", self.batch_size, 1, 4_096)
        _check_integer("max_length", self.max_length, 8, 8_192)
        _check_integer("seed", self.seed, 0, 2**31 - 1)
        if self.layers is not None:
            _check_integer("layers", self.layers, 0, 1_000)
        if self.lora_rank is not None:
            _check_integer("lora_rank", self.lora_rank, 1, 1_024)
        rate = self.learning_rate
        if not isinstance(rate, (int, float)) or not (math.isfinite(rate) and 0 < rate <= 1):
            raise BadArgument(f"learning_rate is {rate}: it must be above 0 and at most 1.")
        object.__setattr__(self, "learning_rate", float(rate))
        if self.method == "probe":
            # What changes nothing is not part of the run: equal probes are equal specs.
            for field in FINETUNE_ONLY:
                object.__setattr__(self, field, getattr(type(self), field))
        if self.layers is not None and self.lora_rank is not None:
            raise BadArgument(
                "layers and lora_rank are both set: train either the top layers or adapters."
            )
        if self.four_bit and self.lora_rank is None:
            raise BadArgument(
                "four_bit is set without lora_rank: weights in 4 bit cannot be trained themselves, "
                "so give the adapters a rank."
            )
        if self.budget < len(self.sources):
            raise BadArgument(
                f"budget is {self.budget} for {len(self.sources)} sources: "
                "each source needs at least one example, so raise the budget or take fewer sources."
            )

    @property
    def k(self) -> int:
        """Number of source languages."""
        return len(self.sources)

    def shares(self) -> dict[str, int]:
        """Examples of the budget that each source gets; remainders go to the first in order."""
        each, rest = divmod(self.budget, self.k)
        return {lang: each + (i < rest) for i, lang in enumerate(self.sources)}

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON-ready values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> RunSpec:
        """The inverse of `to_dict`; raises BadArgument for a field that is not one of a run's."""
        known = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise BadArgument(f"{', '.join(unknown)}: not a field of a run.")
        lists = {key: tuple(values[key]) for key in ("sources", "targets")}
        return cls(**{**values, **lists})

    def canonical(self) -> str:
        """The JSON text that stands for this run's result: sorted keys, no unused field."""
        values = self.to_dict()
        if self.method == "probe":
            for field in FINETUNE_ONLY:
                del values[field]
        return json.dumps(values, sort_keys=True, separators=(",", ":"))


def run_id(spec: RunSpec, data_fingerprint: str, model_fingerprint: str) -> str:
    """Name of a run's result: 16 hex digits of SHA-256 over spec, data, model and code version."""
    parts = (spec.canonical(), data_fingerprint, model_fingerprint, str(TRAINING_VERSION))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _check_languages(field: str, tags: tuple[str, ...]) -> None:
    if not tags:
        raise BadArgument(f"{field} is empty: name at least one language, such as en.")
    repeated = sorted({tag for tag in tags if tags.count(tag) > 1})
    if repeated:
        raise BadArgument(f"{field} names {', '.join(repeated)} twice: name each language once.")


def _check_choice(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise BadArgument(f"{field} is {value!r}: it must be one of {', '.join(allowed)}.")


def _check_integer(field: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise BadArgument(f"{field} is {value}: it must be a whole number from {low} to {high}.")
