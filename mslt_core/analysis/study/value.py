"""What each language is worth as a source: its Shapley value over the measured sets.

The score of a set is taken as what its languages earn together; a language's value is what it adds
to a set, averaged over all orders in which the pool could be put together (Shapley 1953). Values
sum to v(pool) − v(∅). A model trained on nothing was not measured, and chance would only add the
same large number to every language; v(∅) is the mean of the single languages instead, that is, one
language drawn at random. So values say what is gained or lost against that, and sum to the gain of
the whole pool over a single language. Where the whole pool was not measured nobody knows that sum;
values are then told against their own mean: what a language is worth more than another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mslt_core.analysis.measured import Measured, Over
from mslt_core.analysis.stats import LEVEL
from mslt_core.analysis.study.contrasts import Numbers, noisy
from mslt_core.spec import BadArgument

VALUES = ["language", "value", "low", "high"]


@dataclass(frozen=True, eq=False)
class Worth:
    """table: VALUES, a row a language of the pool, best first, in the unit of a score, with 95 % t
    intervals over seeds and test items (see `contrasts`). exact: whether every set that the pool
    makes was measured; else values are a weighted fit to those that were, and the intervals do not
    cover which sets these are. whole: whether the whole pool is among the sets; else the values are
    centred, and their sum is 0. alone: v(∅), the mean score of the single languages."""

    table: pd.DataFrame
    exact: bool
    whole: bool
    alone: float
    sets: int


def worth(measured: Measured, over: Over = "all") -> Worth:
    """Shapley values over a group of targets, `all` or `unseen`.

    Where not every set was measured they are the least squares fit of the sets by a sum over
    their languages, with the weights by which the fit of all sets gives Shapley values exactly
    (KernelSHAP, Lundberg and Lee 2017, after Charnes et al. 1988); what a size weighs is shared by
    its measured sets. Raises BadArgument for a group that the sets do not have in common, and where
    the sets are too few to tell the languages apart.
    """
    share = measured.weights(over)
    if over == "seen" or np.isnan(share).any():
        raise BadArgument(f"All sets must have {over} targets in common to say what each is worth.")
    pool = measured.pool
    linear = shapley(np.array([[p in s for p in pool] for s in measured.sets], dtype=float))
    effects = noisy(measured).contrast(linear[:, :, None] * share)
    low, high = effects.interval(LEVEL)
    table = pd.DataFrame(
        dict(zip(VALUES, (pool, effects.value, low, high), strict=True)), columns=VALUES
    )
    single = measured.sizes == 1
    return Worth(
        table.sort_values("value", ascending=False, ignore_index=True),
        len(measured.sets) == 2 ** len(pool) - 1,
        bool((measured.sizes == len(pool)).any()),
        float(measured.means(over)[single].mean()),
        len(measured.sets),
    )


def shapley(member: Numbers) -> Numbers:
    """The matrix that takes scores of sets to values of languages: (languages, sets).

    member: 1 where a set has a language, (sets, languages). Its rows sum to 0. Without the whole
    pool among the sets values are centred. Raises BadArgument
    where there is no single language, or the sets do not tell the languages apart.
    """
    sizes, languages = member.sum(axis=1), member.shape[1]
    single, whole = sizes == 1, sizes == languages
    if not single.any() or languages < 2:
        raise BadArgument("To say what a language is worth, single languages must be measured too.")
    number = np.array([(sizes == size).sum() for size in sizes])
    with np.errstate(divide="ignore"):
        weight = np.where(whole, 0, (languages - 1) / (sizes * (languages - sizes) * number))
    over_alone = np.eye(len(member)) - single / single.sum()
    weighted = member.T * weight
    left, right = weighted @ member, weighted @ over_alone
    if whole.any():  # the fit of the whole pool is exact: a Lagrange multiplier
        ones = np.ones((languages, 1))
        left = np.block([[left, ones], [ones.T, np.zeros((1, 1))]])
        right = np.vstack([right, over_alone[whole]])
    if np.linalg.matrix_rank(left) < len(left):
        raise BadArgument(
            f"{len(member)} sets do not tell {languages} languages apart: measure more sets."
        )
    found: Numbers = np.linalg.solve(left, right)[:languages]
    return found if whole.any() else found - found.mean(axis=0)
