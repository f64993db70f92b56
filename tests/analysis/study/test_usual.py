"""The size of sets and the targets that a study is judged by where nobody chooses."""

from itertools import combinations

import numpy as np
import pytest

from mslt_core.analysis.selection import language_table
from mslt_core.analysis.study.claims import choosable, judge
from mslt_core.analysis.study.leaderboard import numbers_of
from mslt_core.analysis.study.usual import judged_sizes, usual_over, usual_size
from tests.analysis.study.planted import POOL, planted, planted_mixing

EIGHT = (*POOL, "ja")
ONES, PAIRS, TRIPLES = (list(combinations(POOL, k)) for k in (1, 2, 3))


def study(sets, targets=("fi",)):
    rng = np.random.default_rng(0)
    return planted(np.zeros(len(sets)), rng, sets, items=9, targets=targets)


@pytest.mark.parametrize(
    ("sets", "usual"),
    [
        (ONES + TRIPLES, 3),
        (list(combinations(POOL, 3)) + list(combinations(POOL, 4)), 3),
        (list(combinations(EIGHT, 3)) + list(combinations(EIGHT, 4)), 3),  # of 4 there are more
        (PAIRS + TRIPLES[:20], 2),  # languages can be permuted over the pairs alone
        (ONES + PAIRS[:10] + TRIPLES[:8], 3),
        (ONES + PAIRS[:10], 2),
        (ONES + TRIPLES[:2], 1),
        (TRIPLES[:2], 3),
    ],
)
def test_the_usual_size_is_one_whose_sets_were_all_measured_then_the_paper_s(sets, usual):
    assert usual_size(study(sets)) == usual


def test_sizes_of_three_sets_or_more_can_be_judged():
    assert judged_sizes(study(ONES + PAIRS[:2] + TRIPLES[:3])) == [1, 3]


def test_few_targets_trained_on_by_none_do_not_make_the_usual_mean():
    for targets, usual in (("en fi sw", "all"), ("en fi sw tr", "unseen")):
        assert usual_over(study(ONES, targets.split())) == usual


def test_the_claim_that_sets_can_be_chosen_is_judged_by_them():
    measured = study(PAIRS + TRIPLES[:20], ("en", "fi", "sw"))
    numbers, _ = numbers_of(measured, language_table(measured.pool), 2)
    simple = {name: found for name, found in numbers.items() if name != "random"}
    mixing = planted_mixing(np.zeros(42), np.random.default_rng(0)).iloc[:0]
    *_, judged = judge(measured, mixing, "cc100", None)
    assert judged == choosable(measured, simple, 2, "all")
    assert "On all targets" in judged.sentence and "21 sets of 2" in judged.sentence
