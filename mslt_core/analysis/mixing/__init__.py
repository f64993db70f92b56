"""How far a model mingles languages: measured in a `Space`."""

from mslt_core.analysis.mixing.metrics import METRIC, METRICS, Metric
from mslt_core.analysis.mixing.space import SUBSETS, Space, Subset
from mslt_core.analysis.mixing.verdict import Verdict, judge

__all__ = [
    "METRIC",
    "METRICS",
    "SUBSETS",
    "Metric",
    "Space",
    "Subset",
    "Verdict",
    "judge",
]
