"""Sets that share languages are no independent evidence, and p values know it."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from mslt_core.analysis import set_orders
from mslt_core.analysis.association import FEWEST_SETS, association

POOL = ("ar", "de", "en", "es", "fr", "ru", "zh")
TRIPLES = list(combinations(POOL, 3))
RNG = np.random.default_rng(0)
SOME = [TRIPLES[i] for i in RNG.choice(len(TRIPLES), 24, replace=False)]


@pytest.fixture(autouse=True)
def fewer(monkeypatch):
    monkeypatch.setattr(set_orders, "PERMUTATIONS", 199)


def table(sets, x, y, luck: float = 0.1, seed: int = 0) -> pd.DataFrame:
    """A row a set: the mean of what its languages give, and a little luck."""
    rng = np.random.default_rng((seed, 1))
    rows = [
        (tags, *(np.mean([of[tag] for tag in tags]) + luck * rng.normal() for of in (x, y)))
        for tags in sets
    ]
    return pd.DataFrame(rows, columns=["sources", "x", "y"])


def effects(seed: int) -> tuple[dict[str, float], dict[str, float]]:
    """Two of each language that have nothing to do with each other."""
    one, other = np.random.default_rng(seed).normal(size=(2, len(POOL)))
    return dict(zip(POOL, one, strict=True)), dict(zip(POOL, other, strict=True))


@pytest.mark.parametrize("sets", [TRIPLES, [*zip(POOL, strict=True), *TRIPLES, POOL], SOME])
def test_unrelated_effects_of_languages_are_seldom_significant(sets) -> None:
    found = [association(table(sets, *effects(seed), seed=seed)).p for seed in range(60)]
    assert np.mean(np.array(found) < 0.05) <= 0.15  # were whole sets permuted: 0.45


@pytest.mark.parametrize("sets", [TRIPLES, SOME])
def test_effects_that_are_the_same_are_found(sets) -> None:
    one, _ = effects(0)
    found = association(table(sets, one, one))
    assert found.value > 0.7
    assert found.p < 0.05


def test_the_number_of_languages_alone_is_no_evidence() -> None:
    sets = [*zip(POOL, strict=True), *TRIPLES]
    noise = np.random.default_rng(2).normal(scale=0.1, size=(2, len(sets)))
    rows = [(tags, len(tags) + a, len(tags) + b) for tags, a, b in zip(sets, *noise, strict=True)]
    found = association(pd.DataFrame(rows, columns=["sources", "x", "y"]))
    assert found.value > 0.3
    assert found.p > 0.05


def test_sets_that_turn_into_no_others_have_a_correlation_and_no_p_value() -> None:
    nested = [POOL[:size] for size in range(1, 8)]
    one, other = effects(3)
    found = association(table(nested, one, other))
    shown = table(nested, one, other)
    assert found.value == pytest.approx(spearmanr(shown["x"], shown["y"]).statistic)
    assert (found.p, found.sets) == (None, len(nested))
    assert len(nested) >= FEWEST_SETS
