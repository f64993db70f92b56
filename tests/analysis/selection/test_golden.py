"""The criteria's picks among all triples of the usual pool of seven, as they are known."""

from collections import Counter

import pytest

from mslt_core.analysis.selection import Choice, language_table, rank, score

POOL = ("ar", "de", "en", "es", "fr", "ru", "zh")


def ranked(criterion, must_contain=()):
    sets = Choice(POOL, 3, must_contain).sets()
    return rank(sets, score(criterion, language_table(POOL), sets, POOL))


@pytest.mark.parametrize(
    ("criterion", "best", "value", "with_english"),
    [
        ("syntax", "ar de zh", 1.193, "ar en zh"),
        ("phonology", "ar fr zh", 0.899, "ar en zh"),
        ("inventory", "ar ru zh", 1.184, "en ru zh"),
        ("geography", "es fr zh", 0.256, "en es zh"),
    ],
)
def test_best_triples_by_lang2vec(criterion, best, value, with_english):
    first, second, *rest = ranked(criterion)
    assert first.languages == tuple(best.split())
    assert first.score == pytest.approx(value, abs=0.0005)
    assert (first.rank, first.tied, second.rank) == (1, False, 2)
    assert len(rest) == 33
    chosen = ranked(criterion, ("en",))
    assert chosen[0].languages == tuple(with_english.split())
    assert len(chosen) == 15


def test_the_second_by_inventory_is_close_and_no_tie():
    _, second, *_ = ranked("inventory")
    assert second.languages == ("de", "es", "zh")
    assert second.score == pytest.approx(1.183, abs=0.0005)
    assert (second.rank, second.tied) == (2, False)


def test_by_family_five_triples_tie_and_are_told_by_name():
    found = ranked("family")
    assert [one.languages for one in found[:5]] == [
        ("ar", third, "zh") if third < "zh" else ("ar", "zh", third)
        for third in ("de", "en", "es", "fr", "ru")
    ]
    assert [(one.rank, one.tied) for one in found[:5]] == [(1, True)] * 5
    assert [one.score for one in found[:5]] == pytest.approx([3.0] * 5)
    assert found[5].rank == 6
    assert ranked("family", ("en",))[0].languages == ("ar", "en", "zh")


def test_scripts_of_the_triples():
    found = ranked("scripts")
    assert Counter(one.score for one in found) == {1: 4, 2: 18, 3: 13}
    assert Counter(one.rank for one in found) == {1: 13, 14: 18, 32: 4}
    assert all(one.tied for one in found)


def test_by_size_of_pretraining_data():
    first = ranked("pretraining")[0]
    assert first.languages == ("de", "en", "ru")
    assert first.score == pytest.approx(300.8 + 278.0 + 66.6)
    assert not first.tied
