"""A source set counts once, however many seeds repeat it, and p values mean what they say."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from mslt_core.analysis.association import FEWEST_SETS, association


def runs(x, y, seeds: int = 1, luck: float = 0.0) -> pd.DataFrame:
    """A row a run: what a set gives, and a little luck of each seed."""
    rng = np.random.default_rng(0)
    rows = [
        ((f"set {number}",), *(value + luck * rng.normal() for value in pair))
        for number, pair in enumerate(zip(x, y, strict=True))
        for _ in range(seeds)
    ]
    return pd.DataFrame(rows, columns=["sources", "x", "y"])


def test_the_correlation_is_that_of_scipy_over_the_means_of_sets() -> None:
    x, y = np.random.default_rng(1).normal(size=(2, 12))
    found = association(runs(x, y, seeds=3, luck=0.3))
    means = runs(x, y, seeds=3, luck=0.3).groupby("sources").mean()
    assert found.value == pytest.approx(spearmanr(means["x"], means["y"]).statistic)
    assert found.sets == 12


def test_a_perfect_order_is_as_unlikely_as_can_be() -> None:
    found = association(runs(range(12), np.exp(range(12))))
    assert found.value == pytest.approx(1)
    assert found.p < 0.001
    assert association(runs(range(12), range(12, 0, -1))).value == pytest.approx(-1)


def test_few_sets_are_put_in_every_order() -> None:
    found = association(runs(range(5), range(5)))
    assert found.p == pytest.approx(2 / 120)


def test_more_seeds_of_the_same_sets_are_no_more_evidence() -> None:
    x, y = np.random.default_rng(3).normal(size=(2, 6))
    assert association(runs(x, y, seeds=10)) == association(runs(x, y))


def test_unrelated_sets_are_seldom_significant_whatever_the_number_of_seeds() -> None:
    ours, naive = [], []
    for seed in range(100):
        x, y = np.random.default_rng(seed).normal(size=(2, 6))
        table = runs(x, y, seeds=5, luck=0.1)
        ours.append(association(table).p < 0.05)
        naive.append(spearmanr(table["x"], table["y"]).pvalue < 0.05)
    assert np.mean(ours) <= 0.1 < 0.3 < np.mean(naive)


def test_too_few_sets_have_no_correlation_however_many_runs_there_are() -> None:
    few = FEWEST_SETS - 1
    assert association(runs(range(few), range(few), seeds=9)) is None


def test_equal_values_have_no_correlation() -> None:
    assert association(runs([1] * 8, range(8))) is None


def test_rows_with_a_gap_are_left_out() -> None:
    table = runs(range(8), range(8))
    table.loc[2, "y"] = np.nan
    assert association(table).sets == 7
