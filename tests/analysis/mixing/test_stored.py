"""What is kept of a run comes back as it was, and broken arrays are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from safetensors.numpy import load, save

from mslt_core.analysis.mixing import (
    METRICS,
    SUBSETS,
    Measured,
    Mixing,
    difference,
    matrix,
    measure,
    summary,
)
from mslt_core.analysis.mixing.estimate import Estimate
from mslt_core.analysis.mixing.stored import from_arrays, to_arrays
from tests.analysis.mixing.spaces import TAGS, clouds, space, translations

VECTORS, LABELS = translations(items=20)
NUMBERS = st.floats(allow_nan=False)


def made(apart: float = 0.0) -> Measured:
    return measure(space(VECTORS + clouds(apart, 4, 20), ("ar", "de"), LABELS))


@st.composite
def measurements(draw) -> Measured:
    languages = TAGS[: draw(st.integers(1, len(TAGS)))]
    items = draw(st.integers(1, 5))
    estimate = st.builds(
        Estimate, NUMBERS, arrays_of.arrays(float, items, elements=NUMBERS), st.none() | NUMBERS
    )
    keys = st.tuples(st.sampled_from(SUBSETS), st.sampled_from([metric.key for metric in METRICS]))
    square = arrays_of.arrays(float, (len(languages),) * 2, elements=st.floats())
    matrices = st.dictionaries(st.sampled_from([metric.key for metric in METRICS]), square)
    return Measured(
        languages,
        tuple(tag for tag in languages if draw(st.booleans())),
        items,
        draw(st.dictionaries(keys, st.none() | estimate)),
        draw(matrices),
    )


def check_equal(one: Measured, other: Measured) -> None:
    for field in ("languages", "seen", "items"):
        assert getattr(one, field) == getattr(other, field)
    assert one.estimates.keys() == other.estimates.keys()
    for key, estimate in one.estimates.items():
        again = other.estimates[key]
        assert (again is None) == (estimate is None)
        if estimate and again:
            assert (again.value, again.null) == (estimate.value, estimate.null)
            np.testing.assert_array_equal(again.contributions, estimate.contributions)
    assert one.matrices.keys() == other.matrices.keys()
    for key, values in one.matrices.items():
        np.testing.assert_array_equal(other.matrices[key], values)


@given(measured=measurements())
def test_anything_measured_comes_back_from_a_file_as_it_was(measured: Measured) -> None:
    check_equal(measured, from_arrays(load(save(to_arrays(measured)))))


def test_the_mixing_of_a_run_gives_the_same_tables_after_a_file_as_before() -> None:
    mixing = Mixing(made(), made(apart=2))
    again = Mixing.from_arrays(load(save(mixing.to_arrays())))
    for one, other in ((mixing.before, again.before), (mixing.after, again.after)):
        check_equal(one, other)
        assert summary(one).equals(summary(other))
        assert matrix(one).equals(matrix(other))
    assert difference(mixing.after, mixing.before).equals(difference(again.after, again.before))


def test_the_table_has_both_spaces_and_agrees_with_their_summaries() -> None:
    mixing = Mixing(made(), made(apart=2))
    table = mixing.table()
    assert list(table) == ["space", "subset", "metric", "value", "low", "high", "null"]
    assert set(table["space"]) == {"pretrained", "tuned"}
    tuned = table[table["space"] == "tuned"]["value"].to_numpy()
    np.testing.assert_array_equal(tuned, summary(mixing.after)["value"].astype(float))


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("after/languages", None),
        ("before/seen", np.ones(3, dtype=bool)),
        ("before/items", np.array([19])),
        ("after/estimate/all/retrieval", np.ones(3)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name: str, array) -> None:
    arrays = Mixing(made(), made()).to_arrays()
    del arrays[name]
    if array is not None:
        arrays[name] = array
    with pytest.raises((KeyError, ValueError)):
        Mixing.from_arrays(arrays)
