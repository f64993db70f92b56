"""Shapley values of games with known answers, exact and from some of the sets."""

from collections.abc import Callable, Iterable
from itertools import combinations, permutations

import numpy as np
import pytest

from mslt_core.analysis.study.value import shapley, worth
from mslt_core.spec import BadArgument
from tests.analysis.study.planted import OTHERS, planted

Players = tuple[str, ...]


def sets_of(players: str, sizes: Iterable[int] = ()) -> list[Players]:
    sizes = sizes or range(1, len(players) + 1)
    return [chosen for k in sizes for chosen in combinations(players, k)]


def values(sets: list[Players], game: Callable[[Players], float]) -> np.ndarray:
    players = sorted({player for chosen in sets for player in chosen})
    member = np.array([[player in chosen for player in players] for chosen in sets], dtype=float)
    return shapley(member) @ np.array([game(chosen) for chosen in sets])


def by_definition(players: str, game: Callable[[Players], float]) -> np.ndarray:
    """Mean over all orders of what a player adds to those before; nobody is worth the mean of the
    singles."""
    alone = float(np.mean([game((player,)) for player in players]))
    added = dict.fromkeys(players, 0.0)
    for order in permutations(players):
        for i, player in enumerate(order):
            before = game(tuple(sorted(order[:i]))) if i else alone
            added[player] += game(tuple(sorted(order[: i + 1]))) - before
    return np.array([added[player] for player in players]) / len(list(permutations(players)))


def test_the_glove_game() -> None:
    """Two left gloves and a right one; a pair is worth 1, and a single glove nothing: the right
    one is worth 2/3, each left one 1/6."""

    def pairs(chosen: Players) -> float:
        return float("r" in chosen and len(chosen) > 1)

    assert values(sets_of("klr"), pairs) == pytest.approx([1 / 6, 1 / 6, 2 / 3])


def test_any_game_has_the_values_of_the_definition_and_they_sum_to_the_gain_of_the_pool() -> None:
    rng = np.random.default_rng(1)
    scores = {chosen: rng.random() for chosen in sets_of("abcde")}
    found = values(list(scores), scores.__getitem__)
    assert found == pytest.approx(by_definition("abcde", scores.__getitem__))
    alone = np.mean([scores[(player,)] for player in "abcde"])
    assert found.sum() == pytest.approx(scores[tuple("abcde")] - alone)


@pytest.mark.parametrize("sizes", [(1, 2, 3, 4, 5), (1, 3), (1, 3, 5)])
def test_where_players_add_up_some_sets_do(sizes: tuple[int, ...]) -> None:
    """A game that is a sum, less what one drawn at random brings."""
    pays = dict(zip("abcde", (0.1, 0.2, 0.05, -0.1, -0.25), strict=True))
    found = values(sets_of("abcde", sizes), lambda chosen: sum(pays[one] for one in chosen))
    assert found == pytest.approx(list(pays.values()))


@pytest.mark.parametrize("sizes", [(1, 2), (1, 3), (1, 2, 3, 4)])
def test_without_the_whole_pool_a_concave_game_tells_players_apart_and_no_sum(
    sizes: tuple[int, ...],
) -> None:
    """Each further player adds less: a fit would take the first steps for all that follow."""
    pays = dict(zip("abcde", (0.02, 0.01, 0.0, -0.01, -0.02), strict=True))

    def game(chosen: Players) -> float:
        return 0.8 - 0.1 / len(chosen) ** 2 + sum(pays[one] for one in chosen)

    found = values(sets_of("abcde", sizes), game)
    assert found == pytest.approx(list(pays.values()))
    true = by_definition("abcde", game)
    assert found == pytest.approx(true - true.mean())
    with_pool = values(sets_of("abcde", (*sizes, 5)), game)
    assert with_pool == pytest.approx(true)


def test_a_player_that_changes_nothing_is_worth_what_it_lacks_alone() -> None:
    found = values(sets_of("abc"), lambda chosen: float("a" in chosen))
    assert found[1] == pytest.approx(found[2])
    assert found == pytest.approx([1 - 1 / 9, -1 / 9, -1 / 9])


def test_of_a_study_it_says_whether_it_is_exact_and_how_sure() -> None:
    every = sets_of("abcd")
    pays = dict(zip("abcd", (0.02, 0.0, 0.0, -0.02), strict=True))
    truth = np.array([np.mean([pays[one] for one in chosen]) for chosen in every])
    covered = []
    for i in range(40):
        measured = planted(truth, np.random.default_rng(i), every, targets=OTHERS[:3])
        found = worth(measured, "unseen")
        true = shapley(np.array([[p in s for p in "abcd"] for s in every], float)) @ truth
        table = found.table.set_index("language").loc[list("abcd")]
        covered += list((table["low"] <= true) & (true <= table["high"]))
    assert found.exact and found.whole and found.sets == 15
    assert np.mean(covered) >= 0.9
    assert found.alone == pytest.approx(0.8, abs=0.05)
    assert found.table["value"].is_monotonic_decreasing
    some = worth(planted(truth[:10], np.random.default_rng(1), every[:10], targets=OTHERS[:3]))
    assert not some.exact and not some.whole
    assert some.table["value"].sum() == pytest.approx(0)


def test_too_few_sets_are_refused() -> None:
    with pytest.raises(BadArgument, match="do not tell 4 languages apart"):
        values([("a",), ("b",), ("a", "c", "d")], lambda _: 0.5)
    with pytest.raises(BadArgument, match="single languages must be measured"):
        values(sets_of("abc", [2]), lambda _: 0.5)
    measured = planted(np.zeros(3), np.random.default_rng(2), sets_of("ab"), targets=("a", "b"))
    with pytest.raises(BadArgument, match="unseen targets in common"):
        worth(measured, "unseen")
