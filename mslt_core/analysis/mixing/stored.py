"""What is kept of a run: its mixing before and after training."""

from __future__ import annotations

from dataclasses import dataclass

from mslt_core.analysis.mixing.measured import Measured


@dataclass(frozen=True, eq=False)
class Mixing:
    """The same sentences as a model sees them before and after training, split into subsets by
    the languages that it was trained on."""

    before: Measured
    after: Measured
