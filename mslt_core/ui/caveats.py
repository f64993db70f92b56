"""What is said beside intervals and differences, wherever they stand: what an interval does not
cover, and that more than the languages may differ."""

from __future__ import annotations

import pandas as pd

from mslt_core.analysis.stats import FEW_SEEDS, seeds_caveat
from mslt_core.ui import words


def caveats(seeds: int, budgets_differ: bool) -> list[str]:
    """Of the difference of two models, a sentence each; none where there are many seeds and one
    budget."""
    return list(filter(None, [seeds_caveat(seeds), words.BUDGETS_DIFFER * budgets_differ]))


def of_chart(seeds: pd.Series) -> list[str]:
    """Of a chart with intervals over so many seeds, a tick for each seed where they are few: a
    sentence each."""
    said = [words.MEANS_SEEDS if seeds.max() > 1 else words.MEANS_ITEMS]
    if seeds.min() == 1:
        said.append(seeds_caveat(1))
    if seeds.between(2, FEW_SEEDS - 1).any():
        said.append(words.MEANS_FEW)
    return said
