"""The claim that more source languages make the embedding spaces of languages mingle more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.analysis.measured import Sources, complete
from mslt_core.analysis.mixing import BEFORE
from mslt_core.analysis.mixing.metrics import METRICS
from mslt_core.analysis.study.claims.judgement import (
    NOT_OWN,
    ONE_SEED,
    SIZE,
    Judgement,
    decide,
    named_singles,
    plural,
    sets_of_several,
    untested,
)
from mslt_core.analysis.study.contrasts import Numbers, all_singles, noisy_values, own_singles

JUDGED = tuple(m.key for m in METRICS if m.family == "mixing" and m.judged)
SEPARATION = "label_silhouette"
AWAY = {
    True: " All the same they moved away from it in training.",
    False: " They moved away from it in training.",
}
NO_MIXING = (
    "No mixing is kept of the study. Only fine-tuning changes it; of a fine-tuned study `study "
    "run` keeps it in a file NAME.mixing.parquet beside the declaration."
)
OWN = "its own single ones", "their own single ones"
ANY = "the single ones", "the single ones"
NOTHING = (
    "No set of several languages has mixing measured together with single ones, by a metric that "
    "leaves room to mingle more."
)


@dataclass(frozen=True)
class _Start:
    """A metric before training: its value with its interval, and under complete mingling."""

    value: float
    low: float
    high: float
    null: float

    @property
    def can_mingle(self) -> bool:
        """Whether the value differs from complete mingling by more than its noise."""
        return bool(np.isfinite(self.null)) and not self.low <= self.null <= self.high

    def way(self, values: Numbers) -> Numbers:
        """How far values are on the way from here to complete mingling, at most 1: further than
        languages that cannot be told apart is chance, or another way of being told apart."""
        way: Numbers = np.minimum((self.value - values) / (self.value - self.null), 1)
        return way


def mingling(mixing: pd.DataFrame) -> Judgement:
    """Sets of several languages make languages mingle more than single ones do.

    mixing: columns sources, seed, space, subset, metric, value, low, high, null, as a study keeps
    it. What is tested is one number of each run, over all languages: the mean, over the mixing
    metrics that have a say in a verdict, of how far training went from the model before it (0) to
    languages that cannot be told apart, as with shuffled names (1, and no more; below 0 where they
    mingle less than before). So the effect is in points of the way; where sets of several end below
    0 the sentence says so. Sets are compared with single languages as in `helps`, by a t test with
    the luck of a run estimated from all sets (see `contrasts`); the sentences that are embedded are
    taken as fixed. A metric by which the model already mingles languages fully before training is
    left out. A space that collapses looks mingled too: where classes are separated less, the
    sentence says so.
    """
    table = mixing[mixing["subset"] == "all"]
    tuned = table[table["space"] != BEFORE].dropna(subset="seed").astype({"seed": int})
    before = table[table["space"] == BEFORE].groupby("metric")[["value", "low", "high", "null"]]
    if tuned.empty or not before.ngroups:
        return untested("mingling", NO_MIXING)
    starts = {str(row[0]): _Start(*row[1:]) for row in before.mean().itertuples()}
    keys = [key for key in JUDGED if key in starts and starts[key].can_mingle]
    names, seeds = complete(tuned[["sources", "seed"]].drop_duplicates())
    sets = tuple(tuple(name.split(",")) for name in names)
    if len(seeds) < 2:
        return untested("mingling", ONE_SEED)
    rows, singles = own_singles(sets), OWN
    if not len(rows):
        rows, singles = all_singles(sets), ANY
    if not keys or not len(rows):
        return untested("mingling", NOTHING)

    wide = tuned.set_index(["metric", "sources", "seed"])["value"].unstack("seed")

    def values(key: str) -> Numbers:
        """(sets, seeds); NaN of a metric that the task does not have."""
        rows = pd.MultiIndex.from_product([[key], names])
        return wide.reindex(index=rows, columns=seeds).to_numpy(dtype=float)

    way = np.array([starts[key].way(values(key)) for key in keys])
    weights = rows.mean(axis=0)[None, :, None]
    effects = noisy_values(way.mean(axis=0), _sizes(sets)).contrast(weights)
    more = int((np.einsum("s,msr->m", weights[0, :, 0], way) > 0).sum())
    found = decide("mingling", effects, effects.p(), len(seeds))
    several = int((_sizes(sets) > 1).sum())
    moved = float(np.maximum(weights[0, :, 0], 0) @ way.mean(axis=(0, 2)))
    assert found.effect is not None
    collapsed = found.effect > 0 and _separates_less(values(SEPARATION), sets, weights)
    metrics = f"by the mean of {len(keys)} metrics, of which {more} by "
    by = metrics + plural(more, "itself says", "themselves say") + " nearer"
    if len(keys) == 1:
        by = "by the one metric that leaves room"
    far = "nearer to" if found.effect > 0 else "farther from"
    return found.saying(
        f"After training on {sets_of_several(len(rows), several)}, languages are "
        f"{100 * abs(found.effect):.1f} points of the way {far} complete mingling than after "
        f"{plural(len(rows), *singles)} ({named_singles(sets, rows)}), {by} ({found.numbers})."
        + NOT_OWN * (singles == ANY)
        + (AWAY[found.effect > 0] if moved < 0 else "")
        + " Classes are separated less, too: the space may have collapsed." * collapsed
    )


def _separates_less(separation: Numbers, sets: tuple[Sources, ...], weights: Numbers) -> bool:
    """Whether classes are clearly separated less, by the same test; not where there are none."""
    if np.isnan(separation).any():
        return False
    return bool(noisy_values(-separation, _sizes(sets)).contrast(weights).p()[0] < SIZE)


def _sizes(sets: tuple[Sources, ...]) -> NDArray[np.int64]:
    return np.array([len(sources) for sources in sets])
