"""The verdict on two spaces: are languages more mingled, and aligned better, in one of them?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from mslt_core.analysis.mixing.metrics import METRIC, METRICS, Family, Metric
from mslt_core.analysis.mixing.space import Subset

Change = Literal["more", "less", "unclear"]

COLLAPSE: dict[str, Change] = {
    "label_silhouette": "less",
    "effective_rank": "less",
    "anisotropy": "more",
}
"""Which change of each control goes with a collapse."""


@dataclass(frozen=True)
class Verdict:
    """What changed: how mingled languages are, how well translations are aligned, how well classes
    are separated. None where nothing was measured in both spaces.

    collapsed_by: the controls that tell of a collapse, if languages mingle more: classes separated
    less, a lower effective rank, a higher anisotropy (unless the effective rank is higher as well:
    a common direction then, and more room beside it). A space that collapses looks mingled too, and
    where it does so onto its classes, these are separated more.
    """

    mixing: Change | None
    alignment: Change | None
    separation: Change | None
    collapsed_by: tuple[str, ...] = ()

    @property
    def maybe_collapsed(self) -> bool:
        """Whether a control tells of a collapse."""
        return bool(self.collapsed_by)


def judge(differences: pd.DataFrame, subset: Subset = "all") -> Verdict:
    """The verdict on one subset of a table of differences (as `tables.difference` gives it).

    A metric's change is clear where its interval leaves out 0. A family has changed where half of
    its metrics or more clearly have in one direction and none has in the other: metrics of a
    family ask nearly the same, so one alone among many is likely chance.
    """
    found = changes(differences, subset)

    def family(name: Family) -> Change | None:
        judged = (metric.key for metric in METRICS if metric.family == name and metric.judged)
        return _together(found[key] for key in judged if key in found)

    mixing = family("mixing")
    signs = tuple(key for key, change in COLLAPSE.items() if found.get(key) == change)
    if found.get("effective_rank") == "more":
        signs = tuple(key for key in signs if key != "anisotropy")
    return Verdict(
        mixing,
        family("alignment"),
        found.get("label_silhouette"),
        signs if mixing == "more" else (),
    )


def changes(differences: pd.DataFrame, subset: Subset = "all") -> dict[str, Change]:
    """By metric, whether languages are clearly more or less mingled, or aligned better or less
    well, by that metric alone; of a control, whether it is clearly higher (`more`) or lower."""
    rows = differences[(differences["subset"] == subset) & differences["value"].notna()]
    return {
        str(key): _change(METRIC[key], float(low), float(high))
        for key, low, high in zip(rows["metric"], rows["low"], rows["high"], strict=True)
    }


def _change(metric: Metric, low: float, high: float) -> Change:
    return _clear(-high, -low) if metric.more_mingled == "lower" else _clear(low, high)


def _clear(low: float, high: float) -> Change:
    """What an interval of a difference says."""
    if low > 0:
        return "more"
    return "less" if high < 0 else "unclear"


def _together(changes: Iterable[Change]) -> Change | None:
    """What several changes say together; None if there are none."""
    found = list(changes)
    more, less = found.count("more"), found.count("less")
    if not found:
        return None
    if less == 0 and more * 2 >= len(found):
        return "more"
    return "less" if more == 0 and less * 2 >= len(found) else "unclear"
