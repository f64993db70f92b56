"""What `train` gives to both sides, and how it counts what they do."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.common import product_peak
from mslt_core.catalog.sampling import Example
from mslt_core.catalog.tasks import Item
from mslt_core.spec import RunSpec
from mslt_core.training.encoders import EncoderSource
from mslt_core.training.inputs import Encoded

PEAK_EVERY = 5
"""Steps from one measurement of the machine to the next."""


class Enough(Exception):
    """As many steps are done as were asked for."""


@dataclass(frozen=True)
class Lesson:
    """What is trained on what, and what is asked afterwards."""

    spec: RunSpec
    source: EncoderSource
    labels: tuple[str, ...]
    examples: list[Example]
    tests: dict[str, list[Item]]
    parallel: bool
    """Whether item i is the same in every target."""

    def test_inputs(self) -> list[Encoded]:
        """The tokens of all test items, target by target."""
        items = [item for part in self.tests.values() for item in part]
        return self.source.tokenize(items, self.spec.max_length)

    def right(self, classes: NDArray[np.int64]) -> dict[str, str]:
        """Of each target a 1 or a 0 for every item, by id: is its class right?"""
        said = iter(self.labels[i] for i in classes)
        found = {}
        for target, part in self.tests.items():
            marks = sorted((item.id, item.label == next(said)) for item in part)
            found[target] = "".join(str(int(mark)) for _, mark in marks)
        return found


@dataclass
class Meter:
    """Counts examples and real tokens of each step, and the seconds that it took; between steps it
    measures now and then how fast the machine multiplies just then."""

    bf16: bool
    most: int | None = None
    """Steps after which to raise Enough; None: never."""
    seconds: list[float] = field(default_factory=list)
    seen: list[tuple[int, int]] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    _threads: int = field(default_factory=torch.get_num_threads)
    _read: list[tuple[int, int]] = field(default_factory=list)
    _since: float = field(default_factory=time.perf_counter)

    def batch(self, examples: int, tokens: int) -> None:
        """So many examples and tokens are read, padding not counted: a step's batch or a part of
        it, by any thread."""
        self._read.append((examples, tokens))

    def step(self) -> None:
        """A step has ended."""
        self.seconds.append(time.perf_counter() - self._since)
        examples, tokens = (sum(part) for part in zip(*self._read, strict=True))
        self.seen.append((examples, tokens))
        self._read.clear()
        if self.most is not None and len(self.seconds) >= self.most:
            raise Enough
        if len(self.seconds) % PEAK_EVERY == 0:
            self.peaks.append(self._peak())
        self._since = time.perf_counter()

    def _peak(self) -> float:
        """With all threads, of which the training may have taken one for each half of a batch."""
        own = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            return product_peak(self.bf16)
        finally:
            torch.set_num_threads(own)

    def speeds(self, warm: int) -> dict[str, float]:
        """Of the steps after the first few, which warm up."""
        seconds = sum(self.seconds[warm:])
        examples, tokens = (sum(part) for part in zip(*self.seen[warm:], strict=True))
        return {
            "steps": len(self.seconds) - warm,
            "milliseconds_per_step": 1000 * seconds / (len(self.seconds) - warm),
            "examples_per_second": examples / seconds,
            "tokens_per_second": tokens / seconds,
            "product_peak": statistics.median(self.peaks),
        }
