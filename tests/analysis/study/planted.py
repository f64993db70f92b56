"""Studies whose truth is known: planted scores of sets, luck of seeds, and items that differ."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import norm

from mslt_core.analysis.measured import Measured, Sources

POOL = ("ar", "de", "en", "es", "fr", "ru", "zh")
OTHERS = ("fi", "hi", "ja", "sw", "th", "tr", "yo")
SINGLES_AND_TRIPLES: tuple[Sources, ...] = tuple(
    sources for k in (1, 3) for sources in combinations(POOL, k)
)
BASE = 0.8
ENDS = {
    "language_silhouette": (0.07, -0.01),
    "neighbour_mixing": (0.9, 1.07),
    "language_probe": (0.98, 0.05),
    "centroid_distance": (0.6, 0.08),
    "label_silhouette": (0.03, -0.01),
}
"""Of each metric of mixing the value before training and that of complete mingling."""


def main_effects(
    sets: Sequence[Sources], rng: np.random.Generator, spread: float = 0.02
) -> np.ndarray:
    """Scores to which languages alone add: a set has the mean of its languages, (sets,).

    spread: standard deviation between languages."""
    effect = dict(zip(POOL, rng.normal(0, spread, len(POOL)), strict=True))
    return np.array([np.mean([effect[language] for language in sources]) for sources in sets])


def planted(
    truth: np.ndarray,
    rng: np.random.Generator,
    sets: Sequence[Sources] = SINGLES_AND_TRIPLES,
    seeds: int = 2,
    items: int = 200,
    targets: Sequence[str] = (*POOL, *OTHERS),
    shared_luck: float = 0.01,
    own_luck: float | np.ndarray = 0.007,
) -> Measured:
    """A study in which set s scores BASE + truth[s] on every target, in expectation.

    truth: (sets,) or (sets, targets). shared_luck: standard deviation of what a seed does to all
    sets alike; own_luck: of what it does to a set, (sets,) or one for all. Items differ in
    difficulty, for all sets and targets, for a target, and for a set; the rest is luck of the run.
    """
    shape = (len(sets), seeds, len(targets), items)
    chance = BASE + np.broadcast_to(truth.T, (len(targets), len(sets))).T[:, None, :, None]
    luck = rng.normal(0, shared_luck, (1, seeds, 1, 1))
    luck = luck + np.reshape(own_luck, (-1, 1, 1, 1)) * rng.normal(size=(len(sets), seeds, 1, 1))
    parts = {
        (1, 1, 1, items): 0.4,
        (1, 1, len(targets), items): 0.25,
        (len(sets), 1, 1, items): 0.1,
        shape: 0.25,
    }
    difficulty = np.zeros(shape, dtype=np.float32)
    for part, share in parts.items():
        difficulty += np.float32(share**0.5) * rng.standard_normal(part, dtype=np.float32)
    right = (difficulty < norm.ppf(np.clip(chance + luck, 0.001, 0.999))).astype(float)
    by_target = tuple(right[:, :, t] for t in range(len(targets)))
    ones = tuple(np.ones(part.shape) for part in by_target)
    names = tuple(map(str, targets))
    return Measured(tuple(sets), tuple(range(seeds)), names, by_target, ones, True, "accuracy")


def planted_mixing(
    truth: np.ndarray,
    rng: np.random.Generator,
    sets: Sequence[Sources] = SINGLES_AND_TRIPLES,
    seeds: int = 2,
    own_luck: float = 0.05,
) -> pd.DataFrame:
    """A study's table of mixing in which set s is 0.5 + truth[s] of the way from the model before
    training to complete mingling, by every metric, in expectation; (sets,)."""
    shape = (len(sets), seeds)
    luck = rng.normal(0, own_luck, shape) + rng.normal(0, 0.05, (1, seeds))
    value = []
    for metric, (before, null) in ENDS.items():
        way = 0.5 + luck + rng.normal(0, own_luck / 2, shape)
        way += truth[:, None] * (metric != "label_silhouette")
        value += [np.full(len(sets), before), (before - way * (before - null)).ravel()]
    return _mixing_rows(tuple(sets), seeds).assign(value=np.concatenate(value))


@lru_cache
def _mixing_rows(sets: tuple[Sources, ...], seeds: int) -> pd.DataFrame:
    names = [",".join(sources) for sources in sets]
    parts = []
    for metric, (before, null) in ENDS.items():
        same = {"subset": "all", "metric": metric, "null": null}
        ends = {"low": before - 0.01, "high": before + 0.01}
        runs = {"sources": np.repeat(names, seeds), "seed": np.tile(range(seeds), len(sets))}
        parts.append(pd.DataFrame({"sources": names, "space": "pretrained", **ends, **same}))
        parts.append(pd.DataFrame({**runs, "space": "tuned", **same}))
    return pd.concat(parts, ignore_index=True).astype({"seed": "Int64"})
