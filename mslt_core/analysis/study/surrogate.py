"""How well a cheap study foretells a dear one: probes and fine-tuned models on the same sets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mslt_core.analysis.measured import Measured, Over, Sources
from mslt_core.analysis.study.judging import (
    FEWEST_SETS,
    Interval,
    of_draws,
    of_size,
    permutation_p,
    spearman,
)
from mslt_core.spec import BadArgument


@dataclass(frozen=True)
class Surrogate:
    """How a study's ranking of sets goes with another's.

    spearman: the correlation of their scores, with a 95 % bootstrap interval over the seeds and
    items of both; noise in the resamples makes it lie somewhat near 0. p: one-sided, by permuting
    languages; None where the sets are not all of their size. between_seeds: the mean correlation of
    two seeds of the foretold study, which is how well it foretells itself; None of one seed.
    """

    sets: tuple[Sources, ...]
    targets: tuple[str, ...]
    spearman: Interval
    p: float | None
    between_seeds: float | None


def surrogate(cheap: Measured, dear: Measured, size: int, over: Over = "all") -> Surrogate:
    """How the scores of the sets of one size in one study foretell those in another, over a group
    of the targets that both have.

    Raises BadArgument for fewer than FEWEST_SETS common sets, or no common target of the group.
    """
    sets = tuple(dear.sets[s] for s in of_size(dear, size) if dear.sets[s] in cheap.sets)
    targets = tuple(target for target in dear.targets if target in cheap.targets)
    if len(sets) < FEWEST_SETS:
        raise BadArgument(
            f"The studies have {len(sets)} sets of {size} languages in common: to compare them "
            f"takes at least {FEWEST_SETS}."
        )
    first, second = cheap.only(sets, targets), dear.only(sets, targets)
    if not targets or not first.over(over).any(axis=1).all():
        raise BadArgument(f"The studies have no {over} targets in common.")
    values = first.means(over), second.means(over)
    found = spearman(values[0], values[1][:, None])
    pairs = zip(first.mean_draws(over).T, second.mean_draws(over).T, strict=True)
    draws = np.array([spearman(one, other[:, None])[0] for one, other in pairs])
    p = permutation_p(values[0][None], values[1], sets)
    by_seed = np.einsum("srt,st->rs", second.scores(), second.weights(over))
    repeated = [spearman(a, b[:, None])[0] for a, b in combinations(by_seed, 2)]
    return Surrogate(
        sets,
        targets,
        of_draws(np.concatenate([found, draws])),
        None if p is None else float(p[0]),
        float(np.mean(repeated)) if repeated else None,
    )
