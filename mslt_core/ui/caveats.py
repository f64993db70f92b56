"""What is said beside every difference of two models, wherever it stands: what its interval does
not cover, and that more than the languages may differ."""

from __future__ import annotations

from mslt_core.analysis.stats import FEW_SEEDS
from mslt_core.ui import words


def caveats(seeds: int, budgets_differ: bool) -> list[str]:
    """A sentence each; none where there are many seeds and one budget."""
    said = []
    if seeds == 1:
        said.append(words.MEANS_ONE_SEED)
    elif seeds < FEW_SEEDS:
        said.append(words.FEW_SEEDS.format(seeds=seeds))
    if budgets_differ:
        said.append(words.BUDGETS_DIFFER)
    return said
