"""Intervals cover what they should, agree with SciPy, and keep their invariants."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import bootstrap as scipy_bootstrap

from mslt_core.analysis.stats import RESAMPLES, bootstrap, interval

right_or_wrong = arrays.arrays(
    float, st.tuples(st.integers(1, 4), st.integers(1, 30)), elements=st.sampled_from([0.0, 1.0])
)


class Estimate(NamedTuple):
    value: float
    low: float
    high: float


def sums(cells: list[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cells of right and wrong as the two sums of an accuracy."""
    return [(cell, np.ones(cell.shape)) for cell in cells]


def mean(cells: list[np.ndarray], shared_items: bool) -> Estimate:
    """Mean over targets with its interval, as the pages state it."""
    value = float(np.mean([cell.mean() for cell in cells]))
    return Estimate(value, *interval(bootstrap(sums(cells), shared_items).mean(axis=0)))


def test_of_one_seed_it_is_the_bootstrap_of_scipy() -> None:
    items = (np.random.default_rng(1).random(200) < 0.8).astype(float)
    ours = mean([items[None, :]], shared_items=True)
    theirs = scipy_bootstrap(
        (items,), np.mean, n_resamples=5000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert ours.value == pytest.approx(items.mean())
    assert ours.low == pytest.approx(theirs.low, abs=0.01)
    assert ours.high == pytest.approx(theirs.high, abs=0.01)


def test_the_interval_of_simulated_runs_covers_the_truth() -> None:
    rng = np.random.default_rng(3)
    truth, covered, trials = 0.7, 0, 200
    for _ in range(trials):
        # Items differ in difficulty, which all seeds and all targets share, and seeds in luck.
        item = rng.normal(0, 0.15, 80)
        luck = rng.normal(0, 0.01, (5, 1))
        chance = np.clip(truth + item + luck, 0, 1)
        cells = [(rng.random(chance.shape) < chance).astype(float) for _ in range(3)]
        found = mean(cells, shared_items=True)
        covered += found.low <= truth <= found.high
    assert covered / trials >= 0.9


def test_of_three_seeds_that_spread_like_items_the_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(5)
    cases, items = 200, 204
    item = rng.normal(size=(cases, 1, items))
    luck = rng.normal(size=(cases, 3, 1)) / np.sqrt(items)
    differences = list(item + luck)  # around a truth of 0
    draws = bootstrap(sums(differences), shared_items=True)
    ends = np.array([interval(of_case) for of_case in draws])
    assert np.mean((ends[:, 0] <= 0) & (ends[:, 1] >= 0)) >= 0.9


def test_shared_items_make_the_mean_over_targets_less_sure() -> None:
    rng = np.random.default_rng(4)
    row = (rng.random((1, 100)) < 0.6).astype(float)
    same = [row] * 8
    shared = mean(same, shared_items=True)
    independent = mean(same, shared_items=False)
    assert shared.high - shared.low > 2 * (independent.high - independent.low)


def test_seeds_that_disagree_widen_the_interval() -> None:
    alike = np.tile([1.0, 0.0], (3, 50))
    apart = np.vstack([np.ones(100), np.zeros(100), np.tile([1.0, 0.0], 50)])
    narrow, wide = mean([alike], True), mean([apart], True)
    assert narrow.value == wide.value
    assert wide.high - wide.low > narrow.high - narrow.low


@settings(max_examples=25, deadline=None)
@given(right_or_wrong, st.booleans())
def test_the_interval_lies_within_the_values_and_repeats(
    cell: np.ndarray, shared_items: bool
) -> None:
    cells = [cell, 1 - cell]
    found = mean(cells, shared_items)
    assert 0 <= found.low <= found.high <= 1
    assert found == mean(cells, shared_items)
    assert mean([cell - cell], shared_items).high == 0.0


@settings(max_examples=25, deadline=None)
@given(right_or_wrong)
def test_a_difference_turned_round_is_its_mirror_image(cell: np.ndarray) -> None:
    other = np.roll(cell, 1)
    there, back = mean([cell - other], True), mean([other - cell], True)
    assert there.value == pytest.approx(-back.value)
    assert there.low == pytest.approx(-back.high)


def test_draws_have_a_row_a_target_and_are_centred_on_its_mean() -> None:
    cells = [np.ones((3, 20)), np.tile([1.0, 0.0], (3, 10))]
    draws = bootstrap(sums(cells), shared_items=True)
    assert draws.shape == (2, RESAMPLES)
    assert interval(draws[0]) == (pytest.approx(1), pytest.approx(1))
    assert draws[1].mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    "cells",
    [[np.ones((2, 3)), np.ones((1, 3))], [np.ones((2, 3)), np.ones((2, 4))], [np.ones((0, 3))]],
)
def test_cells_that_do_not_fit_are_refused(cells: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="equal numbers of seeds"):
        bootstrap(sums(cells), shared_items=True)


def test_a_ratio_is_resampled_as_a_ratio() -> None:
    """Sentences of unequal length: the interval is that of the words' accuracy."""
    rng = np.random.default_rng(5)
    of = rng.integers(1, 40, 150).astype(float)
    right = rng.binomial(of.astype(int), 0.8).astype(float)
    low, high = interval(bootstrap([(right[None], of[None])], shared_items=True)[0])
    theirs = scipy_bootstrap(
        (right, of),
        lambda r, o, axis: r.sum(axis) / o.sum(axis),
        paired=True,
        n_resamples=5000,
        method="percentile",
        rng=np.random.default_rng(6),
    ).confidence_interval
    assert low == pytest.approx(theirs.low, abs=0.004)
    assert high == pytest.approx(theirs.high, abs=0.004)
