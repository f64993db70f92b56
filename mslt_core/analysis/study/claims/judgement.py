"""The verdict on a claim, and the rule that gives it.

Every claim is that something is above 0, so every test is one-sided, at 5 %; the interval that goes
with it is the two-sided one of 90 %, whose lower end is above 0 where a t test finds the claim
supported. That nothing was found is no evidence that nothing is there: a claim is called not
supported only where the upper end is below the smallest effect that anybody would care for; where
there are several comparisons, that of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.measured import Sources
from mslt_core.analysis.stats import p_value
from mslt_core.analysis.study.contrasts import Effects

Claim = Literal["mingling", "helps", "not always", "choosable"]
Verdict = Literal["supported", "not supported", "undecided", "untested"]

CLAIMS: tuple[Claim, ...] = ("mingling", "helps", "not always", "choosable")
SIZE = 0.05
SMALLEST = 0.01
"""The smallest effect of interest: one point."""
SMALL = " An effect of less than a point is too small to matter much."
SOUGHT = 0.03
"""The effect that `seeds_needed` says is found."""
POWER = 0.8
MOST_SEEDS = 100


@dataclass(frozen=True)
class Judgement:
    """What a study says of one claim. effect, low, high: in the unit of a score (0.01 is a point),
    above 0 where the claim is right; None where it is untested, and the sentence says why."""

    claim: Claim
    verdict: Verdict
    sentence: str
    """What was found, from the numbers."""
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    """Ends of the 90 % interval; of several comparisons one that holds for all at once."""
    p: float | None = None
    """One-sided, adjusted for the number of comparisons."""
    comparisons: int = 1
    seeds_needed: int | None = None
    """With how many seeds an effect of SOUGHT would be found in POWER of all cases; None where
    MOST_SEEDS do not do, since more of them leave the luck of the items as it is, and of a test by
    permutation."""
    highest: float | None = None
    """The upper end that reaches highest of the comparisons' own intervals: what a verdict of not
    supported rests on. That of the one comparison is `high`."""

    def saying(self, sentence: str) -> Judgement:
        """The same with a sentence."""
        small = self.verdict == "supported" and self.effect is not None and self.effect < SMALLEST
        return replace(self, sentence=sentence + SMALL * small)

    @property
    def numbers(self) -> str:
        """Interval and p value for a sentence."""
        assert self.low is not None and self.high is not None and self.p is not None
        span = f"90 % interval {100 * self.low:+.1f} to {100 * self.high:+.1f} points"
        if self.comparisons == 1:
            return f"{span}, {p_value(self.p)}"
        said = f"{span}, {p_value(self.p)}, for all {self.comparisons} comparisons at once"
        if self.verdict != "not supported" or self.highest is None:
            return said
        return f"{said}; no comparison’s own interval reaches above {100 * self.highest:+.1f}"


def untested(claim: Claim, why: str) -> Judgement:
    """A claim of which a study says nothing. why: a sentence."""
    return Judgement(claim, "untested", why)


def sets_of_several(number: int, of: int | None = None) -> str:
    """For sentences. of: how many such sets there are, where only some of them can be compared."""
    sets = f"{number} set{'s' * (number != 1)} of several languages"
    if of is None or of == number:
        return sets
    which = "the one" if number == 1 else "those"
    return f"{number} of {of} sets of several languages ({which} that can be compared)"


def plural(number: int, one: str, many: str) -> str:
    """For sentences."""
    return one if number == 1 else many


def named_singles(sets: Sequence[Sources], weights: NDArray[np.float64]) -> str:
    """For sentences: the single languages that others are compared with. weights: of contrasts,
    (contrasts, sets)."""
    lowest = np.min(weights, axis=0).tolist()
    return ", ".join(sources[0] for sources, low in zip(sets, lowest, strict=True) if low < 0)


NOT_OWN = " These are not the sets’ own languages alone, so which they are counts, too."
ONE_SEED = "With one seed the luck of training is unknown: run the study with two or more."


def decide(claim: Claim, effects: Effects, p: NDArray[np.float64], seeds: int) -> Judgement:
    """The verdict where a claim holds if any of several effects is above 0.

    p: of each effect, adjusted for their number, (effects,). Supported: the least is below SIZE.
    Not supported: of every effect the upper end of its own interval is below SMALLEST, so that none
    is as large. What is told is the effect with the least p, with an interval that holds for all
    effects at once (Bonferroni), since it is the extreme of them. An effect may be supported and
    yet be smaller than SMALLEST.
    """
    best = least(effects, p)
    low, high = effects.interval(1 - 2 * SIZE / len(p))
    highest = float(effects.interval(1 - 2 * SIZE)[1].max())
    verdict: Verdict = "undecided"
    if p[best] < SIZE:
        verdict = "supported"
    elif highest < SMALLEST:
        verdict = "not supported"
    return Judgement(
        claim,
        verdict,
        "",
        float(effects.value[best]),
        float(low[best]),
        float(high[best]),
        float(p[best]),
        len(p),
        seeds_needed(effects, seeds, len(p)),
        highest,
    )


def least(effects: Effects, p: NDArray[np.float64]) -> int:
    """Which effect has the least p value; of several, the one that is surest to be above 0."""
    return int(np.lexsort((effects.p(), p))[0])


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """P values adjusted for their number by Holm (1979), same order."""
    order = np.argsort(p)
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    return np.minimum(adjusted, 1)


def seeds_needed(effects: Effects, seeds: int, tests: int) -> int | None:
    """How many seeds find an effect of SOUGHT in POWER of all cases.

    effects: of a study with so many seeds; the one whose error is the median is taken. tests: how
    many the p values are adjusted for. More seeds make the luck of training small, not that of the
    items: None where MOST_SEEDS are too few.
    """
    from scipy.stats import norm, t

    middle = int(np.argsort(effects.se)[len(effects.se) // 2])
    number = np.arange(2, MOST_SEEDS + 1)
    se = np.sqrt(effects.by_run[middle] * seeds / number + effects.by_item[middle])
    df = np.maximum(1, effects.df[middle] * (number - 1) / (seeds - 1))
    enough = (t.ppf(1 - SIZE / tests, df) + norm.ppf(POWER)) * se <= SOUGHT
    return int(number[enough][0]) if enough.any() else None
