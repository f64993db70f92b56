"""The Mantel test agrees with SciPy's correlation, and its p values mean what they say."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from mslt_core.analysis.mantel import mantel
from mslt_core.spec import BadArgument


def matrix(seed: int, languages: int = 8, symmetric: bool = True) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=(languages, languages))
    return values + values.T if symmetric else values


@pytest.mark.parametrize("symmetric", [True, False])
def test_the_correlation_is_that_of_scipy_without_the_diagonal(symmetric: bool) -> None:
    one, other = (matrix(seed, symmetric=symmetric) for seed in (1, 2))
    cells = ~np.eye(8, dtype=bool)
    expected = spearmanr(one[cells], other[cells]).statistic
    assert mantel(one, other).value == pytest.approx(expected)
    triangle = np.triu_indices(8, k=1)
    if symmetric:
        assert expected == pytest.approx(spearmanr(one[triangle], other[triangle]).statistic)


def test_the_same_matrix_correlates_fully_and_as_unlikely_as_can_be() -> None:
    found = mantel(matrix(3), np.exp(matrix(3)))
    assert found.value == pytest.approx(1)
    assert found.p == pytest.approx(2 / 10_000)
    assert mantel(matrix(3), -matrix(3)).value == pytest.approx(-1)


def test_unrelated_matrices_whose_cells_share_languages_are_seldom_significant() -> None:
    """Each cell is a sum of what its two languages have: an ordinary test is far too sure."""
    ours, naive = [], []
    for seed in range(100):
        of_language = np.random.default_rng(seed).normal(size=(2, 8))
        one, other = (each[:, None] + each for each in of_language)
        ours.append(mantel(one, other).p < 0.05)
        triangle = np.triu_indices(8, k=1)
        naive.append(spearmanr(one[triangle], other[triangle]).pvalue < 0.05)
    assert np.mean(ours) <= 0.1 < 0.2 < np.mean(naive)


def test_few_languages_are_put_in_every_order() -> None:
    found = mantel(matrix(4, languages=4), matrix(5, languages=4))
    assert found.p * 24 == pytest.approx(round(found.p * 24))


def test_equal_cells_have_no_correlation() -> None:
    assert mantel(np.ones((5, 5)), matrix(6, languages=5)) is None


def gap() -> np.ndarray:
    values = matrix(7)
    values[1, 2] = np.nan
    return values


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (matrix(7, languages=7), "same languages"),
        (np.ones((8, 7)), "same languages"),
        (gap(), "without a number"),
    ],
)
def test_matrices_that_do_not_fit_are_refused(one: np.ndarray, said: str) -> None:
    with pytest.raises(BadArgument, match=said):
        mantel(one, matrix(8))


def test_three_languages_are_too_few() -> None:
    with pytest.raises(BadArgument, match="at least 4"):
        mantel(matrix(1, languages=3), matrix(2, languages=3))
