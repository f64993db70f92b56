"""Studies whose truth is known: planted scores of sets, luck of seeds, and items that differ."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.stats import norm

from mslt_core.analysis.measured import Measured, Sources

POOL = ("ar", "de", "en", "es", "fr", "ru", "zh")
OTHERS = ("fi", "hi", "ja", "sw", "th", "tr", "yo")
SINGLES_AND_TRIPLES: tuple[Sources, ...] = tuple(
    sources for k in (1, 3) for sources in combinations(POOL, k)
)
BASE = 0.8


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
