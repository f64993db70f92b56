"""A measured value that knows what each item adds to it, and hence how sure it is.

The independent unit is the sentence in all its languages, not the point. Where a value is a plain
mean over items, what an item adds is its term. All other values are taken apart by the jackknife:
leave one item out of all languages, and see how the value changes (Tukey 1958). Either way a value
is a mean over items, so that intervals, and paired differences of two models, are a bootstrap of
such means. The jackknife errs on the wide side (Efron and Stein 1981), also for neighbours, whose
terms depend on one another. Of several seeds taken together every seed has its own contributions,
and the bootstrap draws seeds as well as items.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.mixing.space import Numbers
from mslt_core.analysis.stats import bootstrap, interval


@dataclass(frozen=True, eq=False)
class Estimate:
    """A value, what each item adds to it, (items,) or (seeds, items), whose mean it is, and what it
    would be about if languages, or the pairing of translations, meant nothing; None where that has
    no meaning."""

    value: float
    contributions: Numbers
    null: float | None = None

    def interval(self) -> tuple[float, float]:
        """95 % bootstrap interval over items, and over seeds where there are several."""
        terms = np.atleast_2d(self.contributions)
        return interval(bootstrap([(terms, np.ones(terms.shape))], shared_items=True)[0])

    def minus(self, other: Estimate) -> Estimate:
        """The paired difference: the same items, and seeds, are drawn for both."""
        return Estimate(self.value - other.value, self.contributions - other.contributions)


@dataclass(frozen=True, eq=False)
class Pairs:
    """A value of each pair of languages: values and null (languages, languages), contributions
    (items, languages, languages). The diagonal is not used."""

    values: Numbers
    contributions: Numbers
    null: Numbers

    def mean(self, chosen: NDArray[np.bool_]) -> Estimate | None:
        """Mean over pairs; None over no pair, or where a value is undefined."""
        if not chosen.any():
            return None
        contributions = self.contributions[:, chosen].mean(axis=1)
        return estimate(
            float(self.values[chosen].mean()), contributions, float(self.null[chosen].mean())
        )


def estimate(value: float, contributions: Numbers, null: float | None = None) -> Estimate | None:
    """An Estimate; None where the value is undefined, as a ratio is in a space of one point."""
    defined = np.isfinite(value) and np.isfinite(contributions).all()
    return Estimate(value, contributions, null) if defined else None


def jackknife(value: Numbers, without: Numbers) -> Numbers:
    """What each item adds to a value, (items, ...), from the value without each, (items, ...).

    value: of any shape (...). Its pseudo-values, shifted so that their mean over items is the value
    and not the one that the jackknife would correct for bias.
    """
    items = len(without)
    terms: Numbers = value + (items - 1) * (without.mean(axis=0) - without)
    return terms
