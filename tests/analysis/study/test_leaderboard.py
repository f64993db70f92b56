"""Criteria are found good where the truth follows them, and what cannot be said has a reason."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import spearmanr

from mslt_core.analysis.selection import language_table, score
from mslt_core.analysis.study.halves import half
from mslt_core.analysis.study.leaderboard import judged_one, leaderboard
from mslt_core.spec import BadArgument
from tests.analysis.study.planted import POOL, planted

TRIPLES = tuple(combinations(POOL, 3))


@pytest.fixture(scope="module")
def table():
    return language_table(POOL)


@pytest.fixture(scope="module")
def by_syntax(table):
    """A study in which sets of diverse syntax do better, by up to seven points."""
    diverse = score("syntax", table, TRIPLES, POOL)
    truth = 0.08 * (diverse - diverse.mean())
    rng = np.random.default_rng(0)
    return planted(truth, rng, TRIPLES, items=200, targets=("fi", "sw", "en"))


def test_the_criterion_that_the_truth_follows_does_best(by_syntax, table):
    found = leaderboard(by_syntax, table, 3)
    assert found.judged["syntax"].picks == (("ar", "de", "zh"),)
    spearman = {name: one.spearman.value for name, one in found.judged.items()}
    del spearman["random"]
    assert max(spearman, key=spearman.get) == "syntax"
    assert found.judged["syntax"].rank.value <= 5


def test_random_has_the_middle_rank_and_picks_any(by_syntax, table):
    random = leaderboard(by_syntax, table, 3).judged["random"]
    assert random.picks == by_syntax.sets
    assert random.rank.value == random.random_rank == 18
    assert random.regret.value == pytest.approx(random.random_regret.value)


def test_what_lacks_its_data_says_so(by_syntax, table):
    found = leaderboard(by_syntax, table, 3)
    assert set(found.lacking) == {"vocabulary", "embedding", "probe"}
    assert "study by probe" in found.lacking["probe"]


def test_a_study_that_foretells_itself_picks_the_best_on_one_half_of_the_items_by_the_other(
    by_syntax, table
):
    judged = leaderboard(by_syntax, table, 3, "unseen", by_syntax).judged["probe"]
    even, odd = (half(by_syntax, i).means("unseen") for i in (0, 1))
    assert judged.picks == tuple(by_syntax.sets[s] for s in np.flatnonzero(even == even.max()))
    assert judged.spearman.value == pytest.approx(spearmanr(even.round(9), odd).statistic)
    assert 0.3 < judged.spearman.value < 0.9
    assert [score.value for score in judged.scores] == pytest.approx(odd)


def test_a_criterion_alone_is_judged_as_it_is_among_all(by_syntax, table):
    found = leaderboard(by_syntax, table, 3, "unseen", by_syntax)
    for name, judged in found.judged.items():
        assert judged_one(name, by_syntax, table, 3, "unseen", by_syntax) == judged
    with pytest.raises(BadArgument, match="study by probe"):
        judged_one("probe", by_syntax, table, 3)


def test_a_probe_of_other_targets_says_nothing_rather_than_something_of_these(by_syntax, table):
    seen_alone = by_syntax.only(TRIPLES, ["en"])
    found = leaderboard(by_syntax, table, 3, "unseen", seen_alone)
    assert found.lacking["probe"] == (
        "probe: the study by probe has none of the unseen targets of this study."
    )
    assert "probe" in leaderboard(by_syntax, table, 3, "all", seen_alone).judged
