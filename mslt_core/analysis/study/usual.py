"""What criteria are judged by on a study where nobody chooses: the same wherever one is told."""

from __future__ import annotations

from math import comb
from typing import Literal

import numpy as np

from mslt_core.analysis.measured import Measured
from mslt_core.analysis.study.judging import FEWEST_RANKED, of_size

USUAL_SIZE = 3
"""The size of set that the paper chooses."""
FEWEST_UNSEEN = 3
"""Targets trained on by none that make a mean to begin with."""


def judged_sizes(measured: Measured) -> list[int]:
    """The sizes of which enough sets were measured to judge a criterion, smallest first."""
    sizes, numbers = np.unique(measured.sizes, return_counts=True)
    return [int(size) for size in sizes[numbers >= FEWEST_RANKED]]


def usual_size(measured: Measured) -> int:
    """The size of sets to begin with: one of several languages, if possible one of which all sets
    that the pool makes were measured, as languages can be permuted only then; of several such the
    paper's, else that of most sets. The paper's too where no size can be judged."""

    def preferred(size: int) -> tuple[bool, bool, bool, int]:
        number = len(of_size(measured, size))
        whole = number == comb(len(measured.pool), size)
        return size > 1, whole, size == USUAL_SIZE, number

    return max(judged_sizes(measured), key=preferred, default=USUAL_SIZE)


def usual_over(measured: Measured) -> Literal["all", "unseen"]:
    """The targets to begin with: those that no set was trained on, where there are some. A larger
    set was trained on more of all targets, which says little of transfer."""
    return "unseen" if measured.over("unseen")[0].sum() >= FEWEST_UNSEEN else "all"
