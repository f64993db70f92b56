"""Intervals cover what they should, and nulls are what shuffling gives."""

import numpy as np
import pytest

from mslt_core.analysis.mixing import difference, measure
from mslt_core.analysis.mixing.centroids import centroid_distances
from mslt_core.analysis.mixing.cka import debiased_cka
from mslt_core.analysis.mixing.language_probe import language_probe
from mslt_core.analysis.mixing.neighbours import neighbour_mixing
from mslt_core.analysis.mixing.retrieval import retrieval
from mslt_core.analysis.mixing.silhouette import language_silhouette
from mslt_core.analysis.mixing.space import centred, cosines, shuffles
from tests.analysis.mixing.spaces import clouds, space, translations

TRIALS = 200


@pytest.mark.slow
def test_intervals_cover_the_truth_of_spaces_and_of_their_differences() -> None:
    """The truth is the mean of a metric over many draws of sentences."""
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for seed in range(TRIALS):
        # The same sentences in two models: in the other, languages lie nearer together.
        pair = [
            translations(apart, noise, 3, seed=seed) for apart, noise in ((0.5, 0.7), (0.3, 0.8))
        ]
        before, after = (measure(space(vectors, labels=labels)) for vectors, labels in pair)
        for (subset, metric), one in before.estimates.items():
            if subset == "all":
                found.setdefault(("value", metric), []).append((one.value, *one.interval()))
        rows = difference(after, before)
        for row in rows[rows["subset"] == "all"].itertuples():
            found.setdefault(("change", row.metric), []).append((row.value, row.low, row.high))
    assert len(found) == 20
    covered = {}
    for key, values in found.items():
        value, low, high = np.array(values).T
        covered[key] = ((low <= value.mean()) & (value.mean() <= high)).mean()
    assert min(covered.values()) >= 0.9, covered


def test_a_paired_difference_is_surer_than_that_of_two_unrelated_samples() -> None:
    vectors, labels = translations()
    before = measure(space(vectors, labels=labels))
    after = measure(space(vectors + 0.01, labels=labels))
    one = before.estimates["all", "debiased_cka"]
    row = difference(after, before).query("subset == 'all' and metric == 'debiased_cka'").iloc[0]
    assert row.high - row.low < 0.1 * (one.interval()[1] - one.interval()[0])


def test_more_sentences_make_a_value_surer() -> None:
    widths = []
    for items in (40, 160):
        one = language_probe(space(translations(items=items)[0]))
        widths.append(np.subtract(*one.interval()[::-1]))
    assert widths[1] < 0.7 * widths[0]


def dealt(vectors: np.ndarray, times: int) -> list[np.ndarray]:
    """The same with languages dealt anew within each item."""
    deals = shuffles(*vectors.shape[:2], times, seed=7)
    return [np.take_along_axis(vectors, deal[:, :, None], axis=0) for deal in deals]


@pytest.mark.parametrize("make", [clouds, lambda apart: translations(apart)[0]])
def test_nulls_of_mixing_are_what_is_measured_where_languages_mean_nothing(make) -> None:
    vectors = make(3)
    there = [space(each) for each in dealt(vectors, 10)]
    one = space(vectors)

    def near(one):
        return neighbour_mixing(one, cosines(centred(one)))

    null = near(one)
    assert null.mixing.null == pytest.approx(
        np.mean([near(x).mixing.value for x in there]), abs=0.01
    )
    assert null.share.null == pytest.approx(np.mean([near(x).share.value for x in there]), abs=0.01)
    silhouettes = [language_silhouette(x, cosines(centred(x))).value for x in there]
    null = language_silhouette(one, cosines(centred(one))).null
    assert null == pytest.approx(np.mean(silhouettes), abs=0.01)
    probes = [language_probe(x).value for x in there]
    assert language_probe(one).null == pytest.approx(np.mean(probes), abs=0.05)


def test_null_of_centroid_distance_is_what_exchanging_two_languages_gives() -> None:
    vectors = clouds(3, languages=2)
    pair = np.array([[False, True], [False, False]])
    found = [centroid_distances(space(each)).mean(pair).value for each in dealt(vectors, 40)]
    assert centroid_distances(space(vectors)).mean(pair).null == pytest.approx(
        np.mean(found), rel=0.1
    )


def test_nulls_of_alignment_are_what_pairing_at_random_gives() -> None:
    vectors = translations(languages=2, items=30)[0]
    rng = np.random.default_rng(8)
    pair = np.array([[False, True], [False, False]])
    there = [space(np.stack([vectors[0], rng.permutation(vectors[1])])) for _ in range(200)]
    for metric in (retrieval, debiased_cka):
        found = [metric(each).mean(pair).value for each in there]
        error = 3 * np.std(found) / np.sqrt(len(found))
        assert metric(space(vectors)).mean(pair).null == pytest.approx(np.mean(found), abs=error)
