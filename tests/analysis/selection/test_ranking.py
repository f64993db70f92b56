"""Rankings: every set once, competition ranks, ties by name; and choices that cannot be."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import rankdata

from mslt_core.analysis.selection import Choice, Ranked, rank
from mslt_core.spec import BadArgument

POOL = ("ar", "de", "en", "es", "fr", "ru", "zh")


def test_all_sets_of_the_size_stand_once_whatever_the_pool_s_order():
    assert Choice(POOL[::-1], 3).sets() == list(combinations(POOL, 3))
    assert Choice(POOL, 7).sets() == [POOL]
    assert Choice(POOL, 2, ("zh", "ar")).sets() == [("ar", "zh")]
    with_english = [sources for sources in combinations(POOL, 3) if "en" in sources]
    assert Choice(POOL, 3, ("en",)).sets() == with_english


def test_ranks_are_one_more_than_the_strictly_better():
    sets = [("a",), ("d",), ("c",), ("b",)]
    assert rank(sets, np.array([1.0, 2.0, 3.0, 2.0])) == [
        Ranked(("c",), 3.0, 1, False),
        Ranked(("b",), 2.0, 2, True),
        Ranked(("d",), 2.0, 2, True),
        Ranked(("a",), 1.0, 4, False),
    ]


def test_ranks_are_those_of_scipy():
    scores = np.random.default_rng(0).integers(0, 8, 30) / 7
    sets = [(f"{i:02}",) for i in range(30)]
    found = {one.languages: one.rank for one in rank(sets, scores)}
    assert [found[name] for name in sets] == rankdata(-scores, method="min").tolist()


def test_sums_that_differ_by_rounding_are_ties_and_small_differences_are_none():
    scores = np.array([0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1, 0.6 - 1e-6])
    assert scores[0] != scores[1]
    found = rank([("b",), ("a",), ("c",)], scores)
    assert [(one.languages, one.rank, one.tied) for one in found] == [
        (("a",), 1, True),
        (("b",), 1, True),
        (("c",), 3, False),
    ]


def test_nothing_but_zeros_is_one_tie():
    found = rank([("b",), ("a",)], np.zeros(2))
    assert [(one.languages, one.rank, one.tied) for one in found] == [
        (("a",), 1, True),
        (("b",), 1, True),
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"pool": ()}, "pool is empty"),
        ({"pool": ("en", "de", "en")}, "pool names en twice"),
        ({"k": 0}, "k is 0: it must be from 1 to 7"),
        ({"k": 8}, "k is 8: it must be from 1 to 7"),
        ({"must_contain": ("sw",)}, "must_contain: sw is not in the pool"),
        ({"k": 1, "must_contain": ("de", "en")}, "names 2 languages, and k is 1"),
        ({"targets": ("sw", "sw")}, "targets names sw twice"),
        ({"pool": tuple(map(str, range(40))), "k": 10}, "847,660,528 sets of 10 languages"),
    ],
)
def test_a_choice_that_cannot_be_says_what_is_allowed(fields, said):
    with pytest.raises(BadArgument, match=said):
        Choice(**{"pool": POOL, "k": 3, **fields})
