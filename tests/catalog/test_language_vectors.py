"""Typological vectors: of the right language, whole, and told apart from guesses and gaps."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from mslt_core.catalog.language_vectors import FEATURE_SETS, TABLE, imputed, vector
from mslt_core.catalog.languages import known
from mslt_core.spec import BadArgument

LENGTHS = {"syntax": 103, "phonology": 28, "inventory": 158, "geography": 299}


def test_the_table_says_where_it_is_from_and_under_which_licence():
    said = pq.read_schema(TABLE).metadata
    assert b"lang2vec 1.1.2" in said[b"source"]
    assert said[b"licence"] == b"CC BY-SA 4.0"


@pytest.mark.parametrize("features", FEATURE_SETS)
def test_vectors_are_whole_and_of_one_length(features):
    vectors = [found for tag in known() if (found := vector(tag, features)) is not None]
    assert {len(found) for found in vectors} == {LENGTHS.get(features, len(vectors[0]))}
    stacked = np.stack(vectors)
    assert np.isfinite(stacked).all()
    assert (stacked.min(), stacked.max()) == pytest.approx((0, 1), abs=0.01)
    assert stacked.any(axis=1).all()  # a gap would be a row of zeros


def test_a_language_without_a_family_has_no_vector_rather_than_zeros():
    assert [tag for tag in ("eu", "nn", "qu", "vo") if vector(tag, "family") is not None] == []
    assert vector("eu", "syntax") is not None


def test_a_macro_language_is_the_one_that_its_tag_stands_for():
    # Standard Arabic, Mandarin, Tosk Albanian, Norwegian and Tagalog have several ancestors each.
    assert {tag: vector(tag, "family").sum() for tag in ("ar", "zh", "sq", "nb", "fil")} == {
        "ar": 6,
        "zh": 4,
        "sq": 3,
        "nb": 5,
        "fil": 7,
    }


def test_script_is_no_matter():
    for features in FEATURE_SETS:
        assert np.array_equal(vector("sr-Latn", features), vector("sr", features))
    assert imputed("zh-Hant", "syntax") == imputed("zh", "syntax")


def test_guesses_are_told():
    assert imputed("en", "syntax") == 0
    assert imputed("es", "phonology") == 0
    assert imputed("ar", "syntax") == pytest.approx(37 / 103)
    assert imputed("ar", "phonology") == imputed("ar", "inventory") == 1
    assert {imputed(tag, "geography") for tag in known()} == {0.0}


def test_a_tag_that_is_no_language_is_told():
    with pytest.raises(BadArgument, match="is not a language"):
        vector("xx", "syntax")
