"""The claim that simple criteria find good combinations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mslt_core.analysis.measured import Measured, Over, Sources
from mslt_core.analysis.study.claims.judgement import (
    ONE_SEED,
    Judgement,
    decide,
    least,
    untested,
)
from mslt_core.analysis.study.contrasts import Numbers, noisy
from mslt_core.analysis.study.judging import of_size, permutation_p, spearman

Criteria = Mapping[str, Mapping[Sources, float]]
"""Of each criterion, by name, its number of each source set."""
TARGETS = {"all": "all targets", "unseen": "targets that no set was trained on"}


def choosable(
    measured: Measured, criteria: Criteria, size: int = 3, over: Over = "unseen"
) -> Judgement:
    """Some criterion goes with the measured scores of the sets of a size, and its pick is better
    than a random one.

    What is tested is Spearman's correlation of the criteria with the score, by permuting languages
    with an adjustment for their number (see `judging.permutation_p`); a criterion whose pick does
    not measure above a random one counts for nothing. The effect is what the pick of the criterion
    with the least p gains over the mean of all sets of the size, with a t interval that
    holds for the picks of all criteria at once; p is of the correlation, so this interval may reach
    below 0 where the claim is supported. How many seeds are needed is not told: p depends on the
    number of languages more than on that of seeds.

    over: `unseen`, which is `all` where there is no such target, or `all`. A criterion that lacks a
    number of some set is not tested. Not supported: no pick gains a point.
    """
    if len(measured.seeds) < 2:
        return untested("choosable", ONE_SEED)
    if size == 1:
        return untested(
            "choosable", "Only single languages can be ranked, and they do not combine."
        )
    chosen = of_size(measured, size)
    sets = [measured.sets[s] for s in chosen]
    numbers = {name: [scores.get(s, np.nan) for s in sets] for name, scores in criteria.items()}
    tested = [name for name, given in numbers.items() if np.isfinite(given).all()]
    if not sets:
        return untested("choosable", f"No set of {size} languages was measured.")
    if not tested:
        return untested("choosable", f"No criterion has a number of all measured sets of {size}.")
    given = np.array([numbers[name] for name in tested])
    over = over if measured.over(over).any() else "all"
    values = measured.means(over)[chosen]
    p = permutation_p(given, values, sets)
    if p is None:
        return untested(
            "choosable",
            f"Not all sets of {size} that the languages of the pool make were measured, or these "
            "are too few: they cannot be permuted.",
        )
    gains = noisy(measured).contrast(_gains(given, chosen, measured.weights(over)))
    p = np.where(gains.value > 0, p, 1)
    found = decide("choosable", gains, p, len(measured.seeds))
    assert found.effect is not None
    best = least(gains, p)
    correlation = spearman(given[best], values[:, None])[0]
    side = "above" if found.effect > 0 else "below"
    said = (
        f"On {TARGETS[over]}, of {len(tested)} criteria ({', '.join(tested)}) {tested[best]} does "
        f"best: its correlation with the scores of {len(sets)} sets of {size} is "
        f"{correlation:.2f} (which p is of), and its pick is {100 * abs(found.effect):.1f} points "
        f"{side} a random one ({found.numbers})."
    )
    return replace(found.saying(said), seeds_needed=None)


def _gains(given: Numbers, chosen: list[int], means: Numbers) -> Numbers:
    """Of each criterion the pick (the mean of tied ones) minus the mean of all sets of the size:
    weights (criteria, sets, targets). means: what makes the mean of each set, (sets, targets)."""
    picked = given == given.max(axis=1, keepdims=True)
    rows = np.zeros((len(given), len(means)))
    rows[:, chosen] = picked / picked.sum(axis=1, keepdims=True) - 1 / len(chosen)
    weights: Numbers = rows[:, :, None] * means
    return weights
