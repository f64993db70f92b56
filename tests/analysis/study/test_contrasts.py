"""Differences of sets: known answers, and standard errors that are what values scatter by."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from mslt_core.analysis.measured import Measured
from mslt_core.analysis.study.contrasts import (
    noisy,
    noisy_values,
    own_singles,
    unseen_by_both,
)
from tests.analysis.study.planted import OTHERS, SINGLES_AND_TRIPLES, main_effects, planted


def block(right: np.ndarray, of: np.ndarray | None = None, parallel: bool = True) -> Measured:
    """right: (sets, seeds, targets, items)."""
    of = np.ones(right.shape) if of is None else of
    sets, seeds, targets = right.shape[:3]
    names = tuple(("aa", "ab", "ac", "ad")[:sets])
    parts = (tuple(np.moveaxis(part, 2, 0)) for part in (right, of))
    return Measured(
        tuple((name,) for name in names),
        tuple(range(seeds)),
        ("fi", "sw", "th")[:targets],
        *parts,
        parallel,
        "accuracy",
    )


def test_of_one_seed_it_is_the_paired_t_test_over_items() -> None:
    right = (np.random.default_rng(1).random((2, 1, 1, 100)) < [[[[0.7]]], [[[0.5]]]]).astype(float)
    found = noisy(block(right)).contrast(np.array([[[1.0], [-1.0]]]))
    theirs = ttest_rel(*right[:, 0, 0], alternative="greater")
    assert found.p()[0] == pytest.approx(theirs.pvalue)
    assert found.df[0] == pytest.approx(99)
    low, high = found.interval(0.95)
    inside = ttest_rel(*right[:, 0, 0]).confidence_interval(0.95)
    assert (low[0], high[0]) == pytest.approx((inside.low, inside.high))


def test_of_values_of_runs_it_is_the_paired_t_test_over_seeds() -> None:
    values = np.random.default_rng(2).normal(size=(2, 6))
    found = noisy_values(values, np.array([1, 1])).contrast(np.array([[[1.0], [-1.0]]]))
    theirs = ttest_rel(*values, alternative="greater")
    assert found.p()[0] == pytest.approx(theirs.pvalue)
    assert found.df[0] == pytest.approx(5)


def test_targets_with_other_items_are_surer_than_targets_that_share_them() -> None:
    same = np.repeat(np.random.default_rng(3).random((2, 1, 1, 50)).round(), 3, axis=2)
    weights = np.array([np.full((3,), 1 / 3), np.full((3,), -1 / 3)])[None]
    shared = noisy(block(same)).contrast(weights)
    separate = noisy(block(same, parallel=False)).contrast(weights)
    assert shared.value == pytest.approx(separate.value)
    assert shared.se[0] == pytest.approx(separate.se[0] * 3**0.5)


@pytest.mark.parametrize("parallel", [True, False])
def test_the_standard_error_of_a_ratio_is_what_ratios_scatter_by(parallel: bool) -> None:
    """Words of sentences of unequal length, seeds that differ, items that all sets share."""
    values, errors = [], []
    weights = np.zeros((1, 4, 2))
    weights[0, :2] = [[0.5, 0.5], [-0.5, -0.5]]
    for i in range(400):
        rng = np.random.default_rng(i)
        item = rng.normal(0, 0.1, (1, 1, 1 if parallel else 2, 40))
        luck = rng.normal(0, 0.02, (4, 3, 1, 1)) + rng.normal(0, 0.05, (1, 3, 1, 1))
        chance = np.clip(0.7 + item + luck, 0, 1)
        of = np.broadcast_to(rng.integers(2, 30, (1, 1, 2, 40)), (4, 3, 2, 40)).astype(float)
        right = rng.binomial(of.astype(int), np.broadcast_to(chance, of.shape)).astype(float)
        found = noisy(block(right, of, parallel)).contrast(weights)
        values.append(found.value[0])
        errors.append(found.se[0])
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(values), rel=0.12)


def test_own_singles_and_unseen_targets() -> None:
    sets = (("ar",), ("de",), ("ar", "de"), ("ar", "zh"))
    rows = own_singles(sets)
    assert rows.tolist() == [[-0.5, -0.5, 1, 0]]  # zh was not measured alone
    measured = planted(np.zeros(4), np.random.default_rng(5), sets, targets=("ar", "fi", "zh"))
    weights = unseen_by_both(measured, rows)
    assert weights.sum(axis=1)[0] == pytest.approx([0, 0, 0])
    assert weights[0, 2].tolist() == [0, 0.5, 0.5]
    alone = planted(np.zeros(4), np.random.default_rng(5), sets, targets=("ar", "de"))
    assert np.isnan(unseen_by_both(alone, rows)).any()


def test_main_effects_of_languages_cancel_out() -> None:
    rng = np.random.default_rng(6)
    effects = main_effects(SINGLES_AND_TRIPLES, rng)
    assert own_singles(SINGLES_AND_TRIPLES) @ effects == pytest.approx(np.zeros(35))


def test_runs_without_any_noise_have_no_p_between() -> None:
    values = np.array([[0.5, 0.5], [0.4, 0.4], [0.5, 0.5]])
    weights = np.array([[[1.0], [-1.0], [0.0]], [[1.0], [0.0], [-1.0]]])
    assert noisy_values(values, np.ones(3, int)).contrast(weights).p().tolist() == [0, 1]


def test_more_items_make_a_contrast_surer_by_the_items_alone() -> None:
    rng = np.random.default_rng(7)
    row = own_singles(SINGLES_AND_TRIPLES).mean(axis=0, keepdims=True)
    few, many = (
        noisy(m).contrast(unseen_by_both(m, row))
        for items in (100, 1600)
        for m in [planted(np.zeros(42), rng, items=items, targets=OTHERS[:3], own_luck=0.03)]
    )
    assert many.by_item[0] < few.by_item[0] / 4
    assert many.by_run[0] > few.by_run[0] / 4
