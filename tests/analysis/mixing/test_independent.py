"""The metrics agree with other implementations, and contributions with leaving items out."""

import numpy as np
import pandas as pd
import pytest
from harmonypy import compute_lisi
from scipy.stats import spearmanr
from sklearn.metrics import silhouette_samples, silhouette_score

from mslt_core.analysis.mixing.centroids import centroid_distances
from mslt_core.analysis.mixing.cka import debiased_cka
from mslt_core.analysis.mixing.controls import anisotropy, effective_rank
from mslt_core.analysis.mixing.neighbours import (
    expected_entropy,
    neighbour_mixing,
    pair_mixing,
)
from mslt_core.analysis.mixing.retrieval import retrieval
from mslt_core.analysis.mixing.silhouette import (
    label_silhouette,
    language_silhouette,
    pair_silhouettes,
)
from mslt_core.analysis.mixing.space import Space, centred, cosines
from tests.analysis.mixing.spaces import TAGS, clouds, space, translations


def flat(one: Space) -> tuple[np.ndarray, np.ndarray]:
    """Centred points and the language of each."""
    points = centred(one).reshape(-1, one.vectors.shape[2])
    return points, np.repeat(one.languages, one.items)


def silhouette(one: Space):
    return language_silhouette(one, cosines(centred(one)))


def mixing(one: Space):
    return neighbour_mixing(one, cosines(centred(one))).mixing


@pytest.mark.parametrize("apart", [0, 0.5, 3])
def test_language_silhouette_is_that_of_scikit_learn(apart: float) -> None:
    one = space(translations(apart)[0])
    points, languages = flat(one)
    expected = silhouette_score(points, languages, metric="cosine")
    assert silhouette(one).value == pytest.approx(expected, abs=1e-5)


def test_pair_silhouettes_are_those_of_scikit_learn() -> None:
    one = space(translations()[0])
    points, languages = flat(one)
    two = np.isin(languages, ["ar", "en"])
    expected = silhouette_score(points[two], languages[two], metric="cosine")
    assert pair_silhouettes(one)[0, 2] == pytest.approx(expected, abs=1e-5)


def test_label_silhouette_is_that_of_scikit_learn_without_translations() -> None:
    """For a point of one language: all points but its own translations, and itself."""
    vectors, labels = translations(items=30)
    one = space(vectors, labels=labels)
    points, _ = flat(one)
    item, label = np.tile(np.arange(30), 4), np.tile(labels, 4)
    expected = []
    for point in range(len(points)):
        left = (item != item[point]) | (np.arange(len(points)) == point)
        scores = silhouette_samples(points[left], label[left], metric="cosine")
        expected.append(scores[np.flatnonzero(left) == point][0])
    assert label_silhouette(one).value == pytest.approx(np.mean(expected), abs=1e-5)


def test_neighbour_mixing_ranks_spaces_as_lisi_does() -> None:
    """The local inverse Simpson index of single-cell biology, mean over points. It gives near
    neighbours more weight, so translations that all but coincide are left to other tests."""
    distances = (0, 0.1, 0.2, 0.35, 0.5, 0.8, 1.2, 2)
    related = [translations(apart, noise=1, items=80)[0] for apart in distances]
    unrelated = [clouds(3 * apart, languages=4, seed=1) for apart in distances]
    ours, theirs = [], []
    for one in map(space, related + unrelated):
        points, languages = flat(one)
        ours.append(mixing(one).value)
        tags = pd.DataFrame({"language": languages})
        theirs.append(compute_lisi(points, tags, ["language"], perplexity=30).mean())
    assert spearmanr(ours, theirs).statistic > 0.95


def test_the_nearest_neighbours_are_the_nearest() -> None:
    one = space(translations()[0])
    points, languages = flat(one)
    similar = points @ points.T
    np.fill_diagonal(similar, -1)
    near = np.argsort(-similar, axis=1)[:, :30]
    expected = (languages[near] == languages[:, None]).mean()
    share = neighbour_mixing(one, cosines(centred(one))).share
    assert share.value == pytest.approx(expected, abs=1e-3)


def test_expected_entropy_is_that_of_neighbours_drawn_at_random() -> None:
    rng = np.random.default_rng(0)
    others = np.repeat(np.arange(4), 20)[1:]
    found = []
    for _ in range(3000):
        counts = np.bincount(rng.choice(others, 10, replace=False), minlength=4) / 10
        found.append(-(counts[counts > 0] * np.log(counts[counts > 0])).sum())
    assert expected_entropy(4, 20, 10) == pytest.approx(np.mean(found), abs=0.01)


def test_pair_mixing_is_the_mixing_of_two_languages() -> None:
    one = space(translations(languages=2)[0])
    compared = cosines(centred(one))
    assert pair_mixing(one, compared)[0, 1] == pytest.approx(
        neighbour_mixing(one, compared).mixing.value, abs=1e-6
    )


def hsic_1(x: np.ndarray, y: np.ndarray) -> float:
    """Equation 5 of Song et al. (2012), term by term."""
    n = len(x)
    k, m = x @ x.T, y @ y.T
    trace = rows = 0.0
    for i in range(n):
        for j in range(n):
            if i != j:
                trace += k[i, j] * m[j, i]
                rows += sum(k[i, j] * m[j, q] for q in range(n) if q != j)
    sums = [sum(g[i, j] for i in range(n) for j in range(n) if i != j) for g in (k, m)]
    total = trace + sums[0] * sums[1] / ((n - 1) * (n - 2)) - 2 / (n - 2) * rows
    return total / (n * (n - 3))


def test_debiased_cka_is_the_formula_term_by_term() -> None:
    one = space(translations(items=15, languages=2)[0])
    x, y = one.vectors.astype(float)
    expected = hsic_1(x, y) / np.sqrt(hsic_1(x, x) * hsic_1(y, y))
    assert debiased_cka(one).values[0, 1] == pytest.approx(expected, abs=1e-6)


def test_retrieval_counts_both_directions() -> None:
    one = space(translations(noise=1.5, languages=2)[0])
    x, y = centred(one, by_language=True)
    similar = x @ y.T
    own = np.arange(one.items)
    expected = ((similar.argmax(axis=1) == own).mean() + (similar.argmax(axis=0) == own).mean()) / 2
    assert retrieval(one).values[0, 1] == pytest.approx(expected)
    assert 0 < expected < 1


def test_effective_rank_is_that_of_singular_values() -> None:
    one = space(translations()[0])
    points = one.points - one.points.mean(axis=0)
    singular = np.linalg.svd(points, compute_uv=False)
    shares = singular / singular.sum()
    expected = np.exp(-(shares * np.log(shares)).sum())
    assert effective_rank(one).value == pytest.approx(expected, rel=1e-4)


def test_anisotropy_is_the_mean_over_all_pairs_of_different_sentences() -> None:
    one = space(clouds(2, items=20))
    item = np.tile(np.arange(20), 3)
    others = item[:, None] != item
    expected = (one.points @ one.points.T)[others].mean()
    assert anisotropy(one).value == pytest.approx(expected, abs=1e-6)


VECTORS, LABELS = translations(noise=1, items=64)
PAIRS = np.triu(np.ones((4, 4), dtype=bool), k=1)
METRICS = {
    "silhouette": silhouette,
    "mixing": mixing,
    "labels": label_silhouette,
    "rank": effective_rank,
    "anisotropy": anisotropy,
    "centroids": lambda one: centroid_distances(one).mean(PAIRS),
    "cka": lambda one: debiased_cka(one).mean(PAIRS),
}
EXACT = {"anisotropy", "centroids", "cka"}
"""Others keep the centre of all points where an item is left out, or take a derivative."""


@pytest.mark.parametrize("metric", METRICS)
def test_contributions_are_what_leaving_out_items_shows(metric: str) -> None:
    measure = METRICS[metric]
    found = measure(space(VECTORS, labels=LABELS))
    without = []
    for item in range(64):
        left = np.arange(64) != item
        rest = tuple(label for label, stays in zip(LABELS, left, strict=True) if stays)
        without.append(measure(Space(VECTORS[:, left], TAGS[:4], labels=rest)).value)
    expected = found.value + 63 * (np.mean(without) - np.array(without))
    assert found.contributions.mean() == pytest.approx(found.value)
    if metric in EXACT:
        np.testing.assert_allclose(found.contributions, expected, atol=1e-3)
    assert np.corrcoef(found.contributions, expected)[0, 1] > 0.9
    assert found.contributions.std() == pytest.approx(expected.std(), rel=0.15)


def test_contributions_to_retrieval_are_what_leaving_out_items_shows() -> None:
    """The centres of languages are kept, as questions that are nearly undecided hang on them."""
    found = retrieval(space(VECTORS)).mean(PAIRS)
    x = centred(space(VECTORS), by_language=True)
    without = []
    for item in range(64):
        rest = np.delete(x, item, axis=1)
        best = np.einsum("aid,bjd->abij", rest, rest).argmax(axis=3)
        right = (best == np.arange(63)).mean(axis=2)
        without.append(right[PAIRS | PAIRS.T].mean())
    expected = found.value + 63 * (np.mean(without) - np.array(without))
    np.testing.assert_allclose(found.contributions, expected, atol=1e-6)
