"""What must not change a measurement does not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from mslt_core.analysis.mixing import METRICS, Measured, Space, matrix, measure
from mslt_core.analysis.mixing.stored import to_arrays
from tests.analysis.mixing.spaces import TAGS, rotation, translations

VECTORS, LABELS = translations(items=40)
SOURCES = frozenset({"ar", "de"})
BEFORE = measure(Space(VECTORS, TAGS[:4], SOURCES, LABELS))
ALL_BUT_THE_PROBE = [metric.key for metric in METRICS if metric.key != "language_probe"]
"""The probe standardises every dimension, so a rotation is another space to it; and which
sentences it holds out depends on their order."""

seeds = st.integers(0, 2**31 - 1)


def assert_same(after: Measured, metrics: list[str], rounding: float) -> None:
    for (subset, metric), before in BEFORE.estimates.items():
        found = after.estimates[subset, metric]
        if metric in metrics:
            assert (found is None) == (before is None)
            assert found is None or found.value == pytest.approx(before.value, abs=rounding)


@settings(max_examples=8, deadline=None)
@given(seeds)
def test_rotation(seed: int) -> None:
    turned = VECTORS @ rotation(VECTORS.shape[2], seed)
    assert_same(measure(Space(turned, TAGS[:4], SOURCES, LABELS)), ALL_BUT_THE_PROBE, 1e-3)


@settings(max_examples=8, deadline=None)
@given(st.floats(1e-3, 1e3))
def test_scale(scale: float) -> None:
    scaled = measure(Space(VECTORS * scale, TAGS[:4], SOURCES, LABELS))
    assert_same(scaled, [*ALL_BUT_THE_PROBE, "language_probe"], 1e-3)


@settings(max_examples=8, deadline=None)
@given(seeds)
def test_the_order_of_languages_changes_nothing_at_all(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(4)
    tags = tuple(TAGS[place] for place in order)
    found = measure(Space(VECTORS[order], tags, SOURCES, LABELS))
    assert_same(found, [metric.key for metric in METRICS], 0)
    assert matrix(found).equals(matrix(BEFORE))


@settings(max_examples=8, deadline=None)
@given(seeds)
def test_the_order_of_items_changes_nothing_but_the_folds_of_the_probe(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(VECTORS.shape[1])
    labels = tuple(LABELS[place] for place in order)
    found = measure(Space(VECTORS[:, order], TAGS[:4], SOURCES, labels))
    assert_same(found, ALL_BUT_THE_PROBE, 1e-3)
    before, after = (each.estimates["all", "language_probe"] for each in (BEFORE, found))
    assert after.value == pytest.approx(before.value, abs=0.15)


def test_measuring_twice_gives_the_same() -> None:
    again = measure(Space(VECTORS, TAGS[:4], SOURCES, LABELS))
    assert_same(again, [metric.key for metric in METRICS], 0)


def test_number_of_threads() -> None:
    vectors, labels = translations(languages=8, items=120, d=96)
    one = Space(vectors, TAGS, SOURCES, labels)
    with threadpool_limits(1):
        alone = to_arrays(measure(one))
    with threadpool_limits(2):
        together = to_arrays(measure(one))
    assert alone.keys() == together.keys()
    for name, array in alone.items():
        np.testing.assert_array_equal(array, together[name], err_msg=name)
