"""A study's table becomes a block without gaps, and means and resamples of it are paired."""

import numpy as np
import pandas as pd
import pytest

from mslt_core.analysis.measured import Measured, measured
from mslt_core.analysis.stats import RESAMPLES
from mslt_core.spec import BadArgument, WorkFailed

SETS = ("en", "ar", "ar,de,zh")
TARGETS = ("ar", "en", "fi")


def rows(runs: list[tuple[str, int]], items: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    table = [
        (sources, seed, f"{sources}{seed}", target, "accuracy", right, np.ones(items, np.uint16))
        for sources, seed in runs
        for target in TARGETS
        for right in [rng.integers(2, size=items).astype(np.uint16)]
    ]
    names = ["sources", "seed", "run_id", "target", "metric", "right", "of"]
    return pd.DataFrame(table, columns=names)


def every(seeds: list[int]) -> list[tuple[str, int]]:
    return [(sources, seed) for seed in seeds for sources in SETS]


@pytest.fixture
def block() -> Measured:
    return measured(rows(every([0, 1])), parallel=True)


def test_it_has_every_set_seed_and_target_in_the_studys_order(block: Measured) -> None:
    assert block.sets == (("en",), ("ar",), ("ar", "de", "zh"))
    assert (block.seeds, block.targets, block.left_out) == ((0, 1), TARGETS, 0)
    assert block.pool == ("ar", "de", "en", "zh")
    assert block.sizes.tolist() == [1, 1, 3]
    assert block.right[0].shape == block.of[0].shape == (3, 2, 20)


def test_a_score_is_the_ratio_of_the_sums(block: Measured) -> None:
    table = rows(every([0, 1]))
    row = table[(table["sources"] == "ar") & (table["seed"] == 1) & (table["target"] == "fi")]
    assert block.scores()[1, 1, 2] == pytest.approx(row["right"].iloc[0].mean())


def test_unseen_are_the_targets_that_no_set_was_trained_on(block: Measured) -> None:
    assert block.over("unseen").tolist() == [[False, False, True]] * 3
    seen = [[False, True, False], [True, False, False], [True, False, False]]
    assert block.over("seen").tolist() == seen
    assert block.means("unseen") == pytest.approx(block.scores()[:, :, 2].mean(axis=1))
    assert block.means("seen")[0] == pytest.approx(block.scores()[0, :, 1].mean())


def test_a_set_without_such_a_target_has_no_mean() -> None:
    found = measured(rows([("zh", 0), ("en", 0)]), parallel=True).means("seen")
    assert np.isnan(found[0]) and not np.isnan(found[1])


@pytest.mark.parametrize("parallel", [True, False])
def test_resamples_are_paired_between_sets_and_centred(parallel: bool) -> None:
    table = rows(every([0, 1]))
    first = table[table["sources"] == "en"].set_index(["seed", "target"])["right"]
    keys = table[["seed", "target"]].itertuples(index=False, name=None)
    table["right"] = [first[key] for key in keys]
    block = measured(table, parallel)
    draws = block.mean_draws("all")
    assert draws.shape == (3, RESAMPLES)
    assert (draws[0] == draws[2]).all()
    assert draws.mean(axis=1) == pytest.approx(block.means("all"), abs=0.01)


def test_resamples_of_some_sets_are_those_of_all(block: Measured) -> None:
    assert (block.mean_draws("unseen", [2, 0]) == block.mean_draws("unseen")[[2, 0]]).all()


def test_answers_stay_as_small_as_they_are_kept(block: Measured) -> None:
    assert {part.dtype for part in (*block.right, *block.of)} == {np.dtype(np.uint16)}


def test_a_part_has_the_same_scores(block: Measured) -> None:
    part = block.only([("ar", "de", "zh"), ("en",)], ["fi"])
    assert (part.sets, part.targets) == ((("ar", "de", "zh"), ("en",)), ("fi",))
    assert (part.scores() == block.scores()[[2, 0]][:, :, [2]]).all()


def test_of_a_study_partly_done_the_seeds_that_all_sets_have() -> None:
    block = measured(rows([*every([0, 2]), ("en", 1), ("ar", 1)]), parallel=True)
    assert (block.seeds, len(block.sets), block.left_out) == ((0, 2), 3, 2)


def test_without_such_a_seed_the_sets_that_have_the_first() -> None:
    block = measured(rows([("en", 0), ("ar", 0), ("ar,de,zh", 1)]), parallel=True)
    assert (block.seeds, block.left_out) == ((0,), 1)
    assert block.sets == (("en",), ("ar",))


def test_one_run_that_failed_costs_its_set_or_its_seed_whichever_is_less() -> None:
    many = [(sources, seed) for seed in (0, 1) for sources in (*SETS, "de", "zh")]
    block = measured(rows([run for run in many if run != ("ar", 1)]), parallel=True)
    assert (block.seeds, len(block.sets), block.left_out) == ((0, 1), 4, 1)
    few = [(sources, seed) for seed in (0, 1, 2) for sources in SETS[:2]]
    block = measured(rows(few[:-1]), parallel=True)
    assert (block.seeds, len(block.sets), block.left_out) == ((0, 1), 2, 1)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(BadArgument, match="no results yet"):
        measured(rows([]), parallel=True)
    mixed = pd.concat([rows([("en", 0)]), rows([("ar", 0)], items=10)])
    with pytest.raises(WorkFailed, match="different numbers of items of ar"):
        measured(mixed, parallel=True)
