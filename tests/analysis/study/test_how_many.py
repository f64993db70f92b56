"""Score against the number of languages: means, lines, the gain of a doubling, and enough."""

import numpy as np
import pytest

from mslt_core.analysis.study.how_many import few_sets, how_many
from tests.analysis.study.planted import OTHERS, POOL, SINGLES_AND_TRIPLES, planted

SETS = (*SINGLES_AND_TRIPLES, POOL)
DOUBLINGS = np.log2([len(sources) for sources in SETS])
TRUTH = 0.03 * DOUBLINGS + 0.05 * np.array([sources == ("en",) for sources in SETS])
TARGETS = ("ar", "zh", *OTHERS[:3])


@pytest.fixture(scope="module")
def measured():
    return planted(TRUTH, np.random.default_rng(1), SETS, seeds=3, targets=TARGETS)


@pytest.fixture(scope="module")
def found(measured):
    return how_many(measured)


def test_every_set_is_a_point_and_every_size_their_mean(measured, found) -> None:
    points = found.points[found.points["over"] == "all"]
    assert points["value"].tolist() == pytest.approx(measured.means("all"))
    assert set(zip(points["targets"], points["items"], strict=True)) == {(5, 1000)}
    sizes = found.sizes[found.sizes["over"] == "all"].set_index("k")
    assert sizes["sets"].to_dict() == {1: 7, 3: 35, 7: 1}
    for k, row in sizes.iterrows():
        assert row["value"] == pytest.approx(points[points["k"] == k]["value"].mean())
        assert row["low"] < row["value"] < row["high"]


def test_seen_are_each_sets_own_targets_and_unseen_the_same_for_all(measured, found) -> None:
    seen = found.points[found.points["over"] == "seen"].set_index("sources")
    assert {"ar", "zh"} == {s for s in seen.index if "," not in s}
    assert seen.loc["ar", "value"] == pytest.approx(measured.scores()[0, :, 0].mean())
    unseen = found.points[found.points["over"] == "unseen"]["value"]
    assert unseen.tolist() == pytest.approx(measured.scores()[:, :, 2:].mean(axis=(1, 2)))


def test_lines_are_of_single_languages(found) -> None:
    lines = found.lines[found.lines["over"] == "unseen"].set_index("line")
    assert lines.loc["english", "sources"] == lines.loc["best single", "sources"] == "en"
    assert lines.loc["mean single", "sources"] == ",".join(POOL)
    assert lines.loc["english", "value"] > lines.loc["mean single", "value"] + 0.02
    without = planted(
        np.zeros(2), np.random.default_rng(2), [("ar",), ("ar", "zh")], targets=["fi"]
    )
    assert set(how_many(without).lines["line"]) == {"best single", "mean single"}


def test_there_are_no_lines_over_targets_trained_on(found) -> None:
    """There each single language is tested on itself alone, and larger sets on others too."""
    assert set(found.lines["over"]) == {"all", "unseen"}


def test_sets_are_above_their_own_single_languages_by_what_their_number_adds() -> None:
    """However good their languages are: only sets with the best one are measured here."""
    good = np.array([0.1 * ("en" in sources) / len(sources) for sources in SETS])
    sets = [s for s, sources in enumerate(SETS) if len(sources) == 1 or "en" in sources]
    truth = (good + 0.02 * (DOUBLINGS > 0))[sets]
    chosen = [SETS[s] for s in sets]
    block = planted(truth, np.random.default_rng(6), chosen, targets=OTHERS)
    sizes = how_many(block).part("all").sizes.set_index("k")
    assert sizes["above_sets"].to_dict() == {1: 0, 3: 15, 7: 1}
    assert sizes["possible"].to_dict() == {1: 7, 3: 35, 7: 1}
    assert 0.005 < sizes.loc[3, "above_low"] <= 0.02 <= sizes.loc[3, "above_high"] < 0.04
    values = block.means("all")
    place = {sources: s for s, sources in enumerate(chosen)}
    own = [
        values[s] - np.mean([values[place[tag,]] for tag in sources])
        for sources, s in place.items()
        if len(sources) == 3
    ]
    assert sizes.loc[3, "above"] == pytest.approx(np.mean(own))


def test_with_one_seed_differences_have_no_interval_and_no_number_is_enough() -> None:
    found = how_many(planted(TRUTH, np.random.default_rng(7), SETS, seeds=1, targets=TARGETS))
    assert found.sizes[["behind_low", "above_high"]].isna().all(axis=None)
    assert found.sizes["behind"].notna().all()
    assert found.gains[["low", "high", "paired_k"]].isna().all(axis=None)


def test_few_sets_are_fewer_than_the_pool_makes(found) -> None:
    assert few_sets(found) == []
    some = planted(np.zeros(5), np.random.default_rng(8), [*SETS[:3], SETS[7], SETS[-1]])
    assert few_sets(how_many(some)) == [3]


def test_the_gain_of_a_doubling_is_the_slope(found) -> None:
    gains = found.gains.set_index("over")
    points = found.points[found.points["over"] == "unseen"]
    slope = np.polyfit(np.log2(points["k"].to_numpy(float)), points["value"], 1)[0]
    assert gains.loc["unseen", "value"] == pytest.approx(slope)
    true = np.polyfit(DOUBLINGS, TRUTH, 1)[0]
    assert 0 < gains.loc["unseen", "low"] <= true <= gains.loc["unseen", "high"]


def test_enough_is_the_smallest_size_whose_interval_touches_that_of_the_best() -> None:
    steep = np.where(DOUBLINGS == 0, -0.2, 0.01 * DOUBLINGS)
    found = how_many(planted(steep, np.random.default_rng(3), SETS, targets=OTHERS))
    row = found.gains.iloc[0]
    assert (row["best_k"], row["enough_k"], row["paired_k"]) == (7, 3, 3)
    one_size = planted(np.zeros(7), np.random.default_rng(4), SETS[:7], targets=OTHERS)
    assert how_many(one_size).gains.empty


def test_a_size_is_compared_with_the_best_on_the_same_seeds_and_items() -> None:
    """That finds differences which intervals that overlap hide."""
    truth = np.where(DOUBLINGS == 0, -0.02, 0.002 * DOUBLINGS)
    found = how_many(planted(truth, np.random.default_rng(5), SETS, targets=OTHERS))
    sizes = found.part("all").sizes.set_index("k")
    assert sizes["behind"].tolist() == pytest.approx(sizes["value"].max() - sizes["value"])
    assert sizes.loc[7, ["behind_low", "behind_high"]].tolist() == [0, 0]
    assert 0 < sizes.loc[1, "behind_low"] <= truth[-1] - truth[0] <= sizes.loc[1, "behind_high"]
    assert sizes.loc[1, "high"] > sizes.loc[7, "low"]
    row = found.gains.iloc[0]
    assert (row["enough_k"], row["paired_k"]) == (1, 3)


def test_means_by_seed_are_those_of_their_size(found) -> None:
    assert found.groups == ["all", "seen", "unseen"]
    for over in found.groups:
        by_seed = found.part(over).seeds.groupby("k")["value"]
        assert by_seed.count().eq(3).all()
        assert by_seed.mean().tolist() == pytest.approx(found.part(over).sizes["value"].tolist())


@pytest.mark.parametrize("sign", [1, -1])
def test_seen_targets_that_are_easy_do_not_look_like_a_gain(sign: int) -> None:
    """Pairs were trained on the hard (or the easy) targets more often, and that is all."""
    pairs = [("ar", "zh"), ("ar", "ru"), ("ar", "fr"), ("ru", "zh"), ("de", "es")]
    sets = [*((one,) for one in POOL), *pairs]
    hard = {"ar": -0.2, "zh": -0.2, "ru": -0.1}
    truth = np.array([[sign * hard.get(target, 0.08) for target in POOL]] * len(sets))
    part = how_many(planted(truth, np.random.default_rng(6), sets, targets=POOL)).part("seen")
    gain = part.gains.iloc[0]
    assert gain["low"] < 0 < gain["high"] and gain["paired_k"] == 1
    assert "en" not in set(part.points["sources"])  # no pair was trained on English
    assert part.sizes["value"].std() < 0.02 < part.points.groupby("k")["value"].mean().std()
