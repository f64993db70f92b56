"""Score against the number of languages: means, lines, the gain of a doubling, and enough."""

import numpy as np
import pytest

from mslt_core.analysis.study.how_many import how_many
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
