"""A space says in one sentence what is wrong with it, and knows its subsets."""

import numpy as np
import pytest

from mslt_core.analysis.mixing import Space
from mslt_core.spec import BadArgument, WorkFailed
from tests.analysis.mixing.spaces import clouds, space


@pytest.mark.parametrize(
    ("vectors", "languages", "labels", "said"),
    [
        (np.ones((3, 20)), ("ar", "de", "en"), None, "2 axes"),
        (np.ones((3, 20, 4)), ("ar", "de"), None, "3 languages"),
        (np.ones((2, 20, 4)), ("ar", "ar"), None, "name of its own"),
        (np.ones((0, 20, 4)), (), None, "0 languages"),
        (np.ones((2, 9, 4)), ("ar", "de"), None, "at least 10"),
        (np.ones((2, 20, 0)), ("ar", "de"), None, "0 dimensions"),
        (np.ones((2, 6000, 1)), ("ar", "de"), None, "at most 10000"),
        (np.ones((2, 20, 4)), ("ar", "de"), ("a",) * 19, "labels are of 19"),
    ],
)
def test_what_does_not_fit_is_refused(vectors, languages, labels, said: str) -> None:
    with pytest.raises(BadArgument, match=said):
        Space(vectors, languages, labels=labels)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_vector_without_a_direction_is_refused_by_its_language(bad: float) -> None:
    vectors = clouds(1)
    vectors[1, 4] = bad
    with pytest.raises(WorkFailed, match="vectors of de"):
        space(vectors)


def test_languages_are_sorted_together_with_their_vectors() -> None:
    vectors = clouds(1)
    one = Space(vectors, ("zh", "ar", "en"), frozenset({"en"}))
    assert one.languages == ("ar", "en", "zh")
    np.testing.assert_array_equal(one.vectors[2], space(vectors).vectors[0])


def test_subsets_and_their_pairs() -> None:
    one = space(clouds(1, languages=4), sources=("de", "fr", "sw"))
    assert one.members("all") == ("ar", "de", "en", "fr")
    assert one.members("seen") == ("de", "fr")
    assert one.members("unseen") == ("ar", "en")
    pairs = {subset: one.pairs(subset).sum() for subset in ("all", "seen", "unseen", "mixed")}
    assert pairs == {"all": 6, "seen": 1, "unseen": 1, "mixed": 4}
    part = one.only(("de", "fr"))
    np.testing.assert_allclose(part.vectors, one.vectors[[1, 3]], atol=1e-6)


def test_half_precision_is_enough() -> None:
    assert space(clouds(1).astype(np.float16)).vectors.dtype == np.float32
