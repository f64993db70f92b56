"""The claim that simple criteria find good combinations."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.measured import Measured, Sources
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


def choosable(measured: Measured, criteria: Criteria, size: int = 3) -> Judgement:
    """Some criterion goes with the measured scores of the sets of a size, and its pick is better
    than a random one.

    What is tested is Spearman's correlation of the criteria with the score, by permuting languages
    with an adjustment for their number (see `judging.permutation_p`); a criterion whose pick does
    not measure above a random one counts for nothing. The effect is what the pick of the criterion
    with the least p gains over the mean of all sets of the size, with a t interval; p is of the
    correlation, so this interval may reach below 0 where the claim is supported. Over targets that
    no set was trained on, or over all where there is none. A criterion that lacks a number of some
    set is not tested. Not supported: no pick gains a point.
    """
    if len(measured.seeds) < 2:
        return untested("choosable", ONE_SEED)
    chosen = of_size(measured, size)
    sets = [measured.sets[s] for s in chosen]
    numbers = {name: [scores.get(s, np.nan) for s in sets] for name, scores in criteria.items()}
    tested = [name for name, given in numbers.items() if np.isfinite(given).all()]
    if not sets or not tested:
        return untested("choosable", f"No criterion has a number of all measured sets of {size}.")
    given = np.array([numbers[name] for name in tested])
    over = measured.over("unseen")[0]
    over = over if over.any() else ~over
    values = measured.scores()[chosen][:, :, over].mean(axis=(1, 2))
    p = permutation_p(given, values, sets)
    if p is None:
        return untested(
            "choosable",
            f"Not all sets of {size} that the languages of the pool make were measured, or these "
            "are too few: they cannot be permuted.",
        )
    gains = noisy(measured).contrast(_gains(given, chosen, len(measured.sets), over))
    p = np.where(gains.value > 0, p, 1)
    found = decide("choosable", gains, p, len(measured.seeds), together=False)
    assert found.effect is not None
    best = least(gains, p)
    correlation = spearman(given[best], values[:, None])[0]
    return found.saying(
        f"Of {len(tested)} criteria {tested[best]} does best: its correlation with the scores of "
        f"{len(sets)} sets of {size} is {correlation:.2f} (p is of this), and its pick is "
        f"{100 * abs(found.effect):.1f} points {'above' if found.effect > 0 else 'below'} a random "
        f"one ({found.numbers})."
    )


def _gains(given: Numbers, chosen: list[int], sets: int, over: NDArray[np.bool_]) -> Numbers:
    """Of each criterion the pick (the mean of tied ones) minus the mean of all sets of the size:
    weights (criteria, sets, targets)."""
    picked = given == given.max(axis=1, keepdims=True)
    rows = np.zeros((len(given), sets))
    rows[:, chosen] = picked / picked.sum(axis=1, keepdims=True) - 1 / len(chosen)
    weights: Numbers = rows[:, :, None] * (over / over.sum())
    return weights
