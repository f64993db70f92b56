"""Criteria: known answers, aims, and gaps that are told rather than counted as nothing."""

import numpy as np
import pandas as pd
import pytest

from mslt_core.analysis.selection import (
    CRITERIA,
    Choice,
    Facts,
    distances,
    language_table,
    score,
)
from mslt_core.spec import BadArgument

POOL = ("ar", "de", "en", "es", "fr", "ru", "zh")
FACTS = Facts(
    subwords={
        "de": np.array([1, 2, 3, 4], dtype=np.int32),
        "en": np.array([3, 4, 5], dtype=np.int32),
        "fr": np.array([6], dtype=np.int32),
    },
    embeddings={
        "de": np.array([1.0, 0.0], dtype=np.float32),
        "en": np.array([2.0, 0.0], dtype=np.float32),
        "fr": np.array([0.0, 3.0], dtype=np.float32),
    },
)
THREE = ("de", "en", "fr")
PAIRS = [("de", "en"), ("de", "fr"), ("en", "fr")]


def study(rows):
    return pd.DataFrame(rows, columns=["sources", "seed", "target", "value"])


def test_coverage_is_the_share_of_the_sub_words_of_the_pool():
    table = language_table(THREE, facts=FACTS)
    found = score("vocabulary", table, [*PAIRS, THREE], THREE)
    assert found == pytest.approx([5 / 6, 5 / 6, 4 / 6, 1])


def test_coverage_aims_at_the_sub_words_of_the_targets():
    table = language_table(THREE, facts=FACTS)
    found = score("vocabulary", table, [("de",), ("fr",), ("en",)], ("de", "fr"), ("en",))
    assert found == pytest.approx([2 / 3, 0, 1])


def test_diversity_of_sentence_vectors_is_summed_over_pairs():
    table = language_table(THREE, facts=FACTS)
    assert score("embedding", table, [*PAIRS, THREE], THREE) == pytest.approx([0, 1, 1, 2])
    assert score("embedding", table, [("de",)], THREE) == pytest.approx([0])


def test_near_sources_are_better_for_targets():
    table = language_table((*POOL, "uk", "pt"))
    sets = [("ru",), ("es",), ("es", "ru"), ("zh",)]
    for criterion in ("syntax", "family"):
        ukrainian = score(criterion, table, sets, POOL, ("uk",))
        assert ukrainian.argmax() == 0
        assert ukrainian[2] == pytest.approx((ukrainian[0] + ukrainian[1]) / 2)
        both = score(criterion, table, sets, POOL, ("uk", "pt"))
        portuguese = score(criterion, table, sets, POOL, ("pt",))
        assert both == pytest.approx((ukrainian + portuguese) / 2)
    assert score("scripts", table, sets, POOL, ("uk",)) == pytest.approx([1, 0, 0.5, 0])
    assert score("syntax", table, [("ru",)], POOL, ("ru",)) == pytest.approx([1])


def test_distances_are_symmetric_and_know_their_gaps():
    apart = distances(language_table(("eu", *POOL)), "family")
    assert np.isnan(apart[0]).all() and np.isnan(apart[:, 0]).all()
    rest = apart[1:, 1:]
    assert np.array_equal(rest, rest.T)
    assert (np.diag(rest) == 0).all()
    assert ((rest >= 0) & (rest <= 1)).all()


@pytest.mark.parametrize(
    ("criterion", "languages", "named"),
    [
        ("family", ("de", "en", "eu", "nn"), r"family vector in lang2vec for eu \(Basque\), nn"),
        ("pretraining", ("ace", "en"), r"pretraining corpus for ace \(Acehnese\)"),
        ("vocabulary", ("de", "es"), r"count of sub-words for es \(Spanish\)"),
        ("embedding", ("de", "es"), r"mean sentence vector for es \(Spanish\)"),
    ],
)
def test_a_language_that_lacks_what_is_needed_is_named(criterion, languages, named):
    table = language_table(languages, facts=FACTS)
    with pytest.raises(BadArgument, match=named):
        score(criterion, table, [languages], languages)


def test_what_nobody_chooses_may_have_gaps():
    table = language_table(("de", "en", "eu"))
    assert score("family", table, [("de", "en")], ("de", "en"))[0] > 0


def test_the_pretraining_data_may_be_wikipedia():
    table = language_table(("en", "zh"), "wikipedia")
    sizes = score("pretraining", table, [("en",), ("zh",)], ("en", "zh"))
    assert sizes[0] > 10 > sizes[1] > 0


def test_the_probe_is_averaged_over_the_seeds_that_all_sets_have():
    probed = study(
        [
            ("de", 0, "sw", 0.5),
            ("de", 0, "th", 0.7),
            ("de", 1, "sw", 0.1),
            ("de", 1, "th", 0.1),
            ("de,en", 0, "sw", 0.6),
            ("de,en", 0, "th", 0.4),
            ("fr", 2, "sw", 0.9),
        ]
    )
    table = language_table(THREE)
    sets = [("de",), ("en", "de")]
    assert score("probe", table, sets, THREE, probed=probed) == pytest.approx([0.6, 0.5])
    aimed = score("probe", table, sets, THREE, ("sw",), probed)
    assert aimed == pytest.approx([0.5, 0.6])
    with pytest.raises(BadArgument, match="no result of 1 of the 2 sets, such as en,fr"):
        score("probe", table, [("de",), ("en", "fr")], THREE, probed=probed)
    with pytest.raises(BadArgument, match=r"tested nothing on vi \(Vietnamese\)"):
        score("probe", table, sets, THREE, ("vi",), probed)
    with pytest.raises(BadArgument, match="no seed that all these sets"):
        score("probe", table, [("de",), ("fr",)], THREE, probed=probed)


def test_at_random_all_sets_are_equal():
    sets = Choice(POOL, 3).sets()
    assert score("random", language_table(POOL), sets, POOL) == pytest.approx([1 / 35] * 35)


@pytest.mark.parametrize("criterion", ["pretraining", "random"])
def test_what_cannot_aim_says_so(criterion):
    with pytest.raises(BadArgument, match=f"{criterion} cannot aim at targets"):
        score(criterion, language_table((*POOL, "sw")), [("ar",)], POOL, ("sw",))


@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_order_of_sets_and_languages_is_no_matter(criterion):
    table = language_table(THREE, facts=FACTS)
    probed = study([(",".join(pair), 0, "sw", i / 10) for i, pair in enumerate(PAIRS)])
    straight = score(criterion, table, PAIRS, THREE, probed=probed)
    turned = [pair[::-1] for pair in PAIRS[::-1]]
    other = language_table(THREE[::-1], facts=FACTS)
    again = score(criterion, other, turned, THREE[::-1], probed=probed)
    assert again[::-1] == pytest.approx(straight)
