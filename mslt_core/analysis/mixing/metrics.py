"""What is measured of a space, and how each value is to be read. Names for people are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal["mixing", "alignment", "control"]
"""`mixing` ignores which sentence is which; `alignment` needs translations; a `control` tells a
space that has mingled from one that has collapsed."""


@dataclass(frozen=True)
class Metric:
    """A metric: its key, its family, and how to read a value of it."""

    key: str
    family: Family
    more_mingled: Literal["higher", "lower"] | None
    """Which values mean that languages are mingled more, or aligned better; None of a control."""
    lowest: float
    highest: float | None
    """The range of possible values; None where there is no end."""
    pairwise: bool = False
    """Whether a value is the mean of those of all pairs of languages."""
    judged: bool = True
    """Whether it has a say in a verdict; not if another of its family asks the same."""


METRICS: tuple[Metric, ...] = (
    Metric("language_silhouette", "mixing", "lower", -1, 1),
    Metric("neighbour_mixing", "mixing", "higher", 0, None),
    Metric("same_language_share", "mixing", "lower", 0, 1, judged=False),
    Metric("language_probe", "mixing", "lower", 0, 1),
    Metric("centroid_distance", "mixing", "lower", 0, None, pairwise=True),
    Metric("retrieval", "alignment", "higher", 0, 1, pairwise=True),
    Metric("debiased_cka", "alignment", "higher", -1, 1, pairwise=True),
    Metric("label_silhouette", "control", None, -1, 1),
    Metric("effective_rank", "control", None, 1, None),
    Metric("anisotropy", "control", None, -1, 1),
)

METRIC = {metric.key: metric for metric in METRICS}
"""The metrics by key."""
