"""Every metric gives the answer that is known where one is."""

import numpy as np
import pytest

from mslt_core.analysis.mixing import Measured, difference, judge, measure
from mslt_core.analysis.mixing.space import shuffles
from tests.analysis.mixing.spaces import clouds, rotation, space, translations


def value(measured: Measured, metric: str, subset: str = "all") -> float:
    found = measured.estimates[subset, metric]
    assert found is not None
    return found.value


@pytest.fixture(scope="module")
def equal() -> Measured:
    return measure(space(clouds(0, items=200)))


@pytest.fixture(scope="module")
def far() -> Measured:
    return measure(space(clouds(100)))


def test_silhouette_of_equal_clouds_is_about_0_and_of_far_ones_about_1(equal, far) -> None:
    assert value(equal, "language_silhouette") == pytest.approx(0, abs=0.02)
    assert value(far, "language_silhouette") > 0.99


def test_neighbours_are_of_all_languages_in_equal_clouds_and_of_one_in_far_ones(equal, far) -> None:
    assert value(equal, "neighbour_mixing") == pytest.approx(1, abs=0.01)
    assert value(equal, "same_language_share") == pytest.approx(1 / 3, abs=0.02)
    assert value(far, "neighbour_mixing") == 0
    assert value(far, "same_language_share") == 1


def test_shuffled_languages_mix_neighbours_perfectly_and_leave_the_probe_at_chance() -> None:
    vectors = clouds(5, items=200)
    (deal,) = shuffles(3, 200, times=1, seed=5)
    found = measure(space(np.take_along_axis(vectors, deal[:, :, None], axis=0)))
    assert value(found, "neighbour_mixing") == pytest.approx(1, abs=0.02)
    assert value(found, "language_probe") == pytest.approx(1 / 3, abs=0.06)
    assert value(found, "language_silhouette") == pytest.approx(0, abs=0.02)


def test_the_probe_knows_far_languages(far) -> None:
    assert value(far, "language_probe") == 1


def test_identical_languages_have_one_centroid_and_retrieve_each_other() -> None:
    found = measure(space(np.repeat(clouds(0)[:1], 3, axis=0)))
    assert value(found, "centroid_distance") == pytest.approx(0, abs=1e-6)
    assert value(found, "retrieval") == 1
    assert value(found, "debiased_cka") == pytest.approx(1)


def test_centroid_distance_is_measured_by_the_spread_within() -> None:
    """Two lines of points on a circle: within each a spread that is known."""
    angle = np.radians(np.tile([-10.0, 10.0], 20))
    line = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    found = measure(space(np.stack([line, -line])))
    expected = 2 * np.cos(np.radians(10)) / np.sin(np.radians(10))
    assert value(found, "centroid_distance") == pytest.approx(expected, rel=1e-4)


def test_retrieval_of_shuffled_pairs_is_chance() -> None:
    vectors, _ = translations(items=100)
    rng = np.random.default_rng(1)
    found = measure(space(np.stack([rng.permutation(part) for part in vectors])))
    assert value(found, "retrieval") == pytest.approx(1 / 100, abs=0.01)


def test_cka_knows_a_rotated_copy_and_unrelated_vectors_of_many_dimensions() -> None:
    rng = np.random.default_rng(2)
    one = rng.normal(size=(50, 200))
    turned = measure(space(np.stack([one, one @ rotation(200)])))
    unrelated = measure(space(np.stack([one, rng.normal(size=(50, 200))])))
    assert value(turned, "debiased_cka") == pytest.approx(1, abs=1e-5)
    assert value(unrelated, "debiased_cka") == pytest.approx(0, abs=0.05)


def test_label_silhouette_sees_classes_that_lie_apart_and_none_where_labels_are_shuffled() -> None:
    vectors = clouds(0, items=60)
    labels = tuple("abc"[i % 3] for i in range(60))
    classes = vectors + 100 * np.eye(3, 16)[[i % 3 for i in range(60)]]
    found = measure(space(classes, labels=labels))
    assert value(found, "label_silhouette") > 0.99
    shuffled = tuple(np.random.default_rng(3).permutation(labels))
    assert value(measure(space(classes, labels=shuffled)), "label_silhouette") < 0.05


def test_translations_alone_do_not_make_a_class() -> None:
    """One class a pair of unrelated items, whose translations are all but equal."""
    vectors = np.repeat(clouds(0)[:1], 3, axis=0) + 0.01 * clouds(0, seed=1)
    labels = tuple(f"{i // 2}" for i in range(80))
    assert value(measure(space(vectors, labels=labels)), "label_silhouette") < 0


def test_effective_rank_of_a_hand_made_spectrum() -> None:
    """Points on the axes, two to an axis: the singular values are the distances from 0."""
    d = 6
    axes = np.concatenate([np.eye(d), -np.eye(d)])
    flat = measure(space(np.stack([axes, axes])))
    assert value(flat, "effective_rank") == pytest.approx(d, rel=1e-5)
    # Of unit length always, so unequal singular values come from unequal numbers on the axes.
    often = np.repeat(axes, [4] + [1] * 5 + [4] + [1] * 5, axis=0)
    singular = np.sqrt([4, 1, 1, 1, 1, 1])
    shares = singular / singular.sum()
    expected = np.exp(-(shares * np.log(shares)).sum())
    found = measure(space(np.stack([often, often])))
    assert value(found, "effective_rank") == pytest.approx(expected, rel=1e-5)


def test_anisotropy_is_0_around_the_origin_and_near_1_far_from_it(equal) -> None:
    assert value(equal, "anisotropy") == pytest.approx(0, abs=0.01)
    assert value(measure(space(clouds(0) + 50)), "anisotropy") > 0.99


def test_a_collapsed_space_looks_mingled_but_the_controls_tell() -> None:
    vectors, labels = translations(apart=2, noise=0.3)
    rng = np.random.default_rng(4)
    direction, along = rng.normal(size=(2, vectors.shape[2]))
    where = rng.normal(size=(*vectors.shape[:2], 1))
    collapsed = 5 * direction + where * along + 1e-3 * rng.normal(size=vectors.shape)
    before, after = (measure(space(each, labels=labels)) for each in (vectors, collapsed))
    assert value(after, "language_silhouette") < 0.02 < value(before, "language_silhouette")
    assert value(after, "neighbour_mixing") > 0.95 > value(before, "neighbour_mixing")
    assert value(after, "label_silhouette") < 0.02 < value(before, "label_silhouette")
    assert value(after, "effective_rank") < 2 < value(before, "effective_rank")
    verdict = judge(difference(after, before))
    assert (verdict.mixing, verdict.alignment, verdict.separation) == ("more", "less", "less")
    assert verdict.maybe_collapsed
