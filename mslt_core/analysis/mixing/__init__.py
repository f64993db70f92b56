"""How far a model mingles languages: measured in a `Space`."""

from mslt_core.analysis.mixing.space import SUBSETS, Space, Subset

__all__ = ["SUBSETS", "Space", "Subset"]
