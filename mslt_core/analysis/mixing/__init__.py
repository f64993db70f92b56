"""How far a model mingles languages: `measure` a `Space`, and read the tables."""

from mslt_core.analysis.mixing.measured import Measured, measure, measure_briefly
from mslt_core.analysis.mixing.metrics import METRIC, METRICS, Metric
from mslt_core.analysis.mixing.seeds import pooled
from mslt_core.analysis.mixing.space import SUBSETS, Space, Subset
from mslt_core.analysis.mixing.stored import AFTER, BEFORE, Mixing
from mslt_core.analysis.mixing.tables import difference, matrix, summary
from mslt_core.analysis.mixing.verdict import Change, Verdict, changes, judge

__all__ = [
    "AFTER",
    "BEFORE",
    "METRIC",
    "METRICS",
    "SUBSETS",
    "Change",
    "Measured",
    "Metric",
    "Mixing",
    "Space",
    "Subset",
    "Verdict",
    "changes",
    "difference",
    "judge",
    "matrix",
    "measure",
    "measure_briefly",
    "pooled",
    "summary",
]
