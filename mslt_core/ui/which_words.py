"""Numbers of the page Which in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from mslt_core.analysis.measured import Sources
from mslt_core.analysis.study.judging import Interval
from mslt_core.ui import words, words_which
from mslt_core.ui.charts import percent


def name_of(sources: Sources) -> str:
    """A set as people read it."""
    return ", ".join(sources)


def picks_of(picks: Sequence[Sources]) -> str:
    """A pick, and how many are tied with it."""
    if len(picks) == 1:
        return name_of(picks[0])
    return words_which.TIED.format(pick=name_of(picks[0]), others=len(picks) - 1)


def rank(found: Interval, sets: int | None = None) -> str:
    """Whole numbers, but for the mean of ties. sets: how many it is among, where that is told."""
    return _with(found, _number, sets)


def points(found: Interval) -> str:
    """A difference of scores in points."""
    return _with(found, percent)


def correlation(found: Interval) -> str:
    """Two decimals; a dash where it is not defined."""
    return _with(found, lambda value: f"{value:.2f}".replace("-", "−"))


def _with(found: Interval, said: Callable[[float], str], sets: int | None = None) -> str:
    if math.isnan(found.value):
        return words.MIX_NONE
    value = said(found.value)
    if sets:
        value = words_which.RANK_OF.format(rank=value, sets=sets)
    if found.low == found.high == found.value:
        return value
    return words_which.WITH_INTERVAL.format(value=value, low=said(found.low), high=said(found.high))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
