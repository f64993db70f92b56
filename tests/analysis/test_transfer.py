"""Known runs give known tables: levels, means over seen and unseen, paired gains, gaps."""

from dataclasses import replace

import pandas as pd
import pytest

from mslt_core.analysis.transfer import Finished, configuration, labels, transfer
from mslt_core.spec import RunSpec

EN = RunSpec(model="m", task="t", sources=("en",), targets=("de", "en", "zh"), budget=10)
MULTI = replace(EN, sources=("ar", "zh"))


def run(spec: RunSpec, right: dict[str, float], items: int = 20) -> Finished:
    """A run that is right on the first share of each target's items."""
    rows = [
        (target, str(item), "yes", "yes" if item < share * items else "no")
        for target, share in right.items()
        for item in range(items)
    ]
    return Finished(spec, pd.DataFrame(rows, columns=["target", "item", "gold", "predicted"]))


EN_RUNS = [
    run(EN, {"de": 0.5, "en": 1.0, "zh": 0.25}),
    run(replace(EN, seed=1), {"de": 0.7, "en": 1.0, "zh": 0.35}),
]
MULTI_RUN = run(MULTI, {"de": 0.5, "en": 0.5, "zh": 0.75})


def test_cells_are_means_over_seeds_and_know_what_was_seen() -> None:
    cells = transfer(EN_RUNS, shared_items=True).cells.set_index("target")
    assert cells["value"].to_dict() == pytest.approx({"de": 0.6, "en": 1.0, "zh": 0.3})
    assert cells["seen"].to_dict() == {"de": False, "en": True, "zh": False}
    assert set(cells["configuration"]) == {"en"}
    assert set(cells["seeds"]) == {2}
    assert set(cells["n"]) == {20}
    assert (cells["low"] <= cells["value"]).all()
    assert (cells["value"] <= cells["high"]).all()


def test_means_over_all_seen_and_unseen() -> None:
    means = transfer(EN_RUNS, shared_items=True).means.set_index("over")
    assert means["value"].to_dict() == pytest.approx({"all": 1.9 / 3, "seen": 1.0, "unseen": 0.45})
    assert means["targets"].to_dict() == {"all": 3, "seen": 1, "unseen": 2}


def test_points_are_the_means_of_each_seed() -> None:
    points = transfer(EN_RUNS, shared_items=True).points
    unseen = points[points["over"] == "unseen"].set_index("seed")["value"]
    assert unseen.to_dict() == pytest.approx({0: 0.375, 1: 0.525})


def test_gains_are_paired_over_common_seeds() -> None:
    found = transfer([*EN_RUNS, MULTI_RUN], shared_items=True, baseline=EN)
    gains = found.cells.set_index(["configuration", "target"])
    # Seed 0 alone is common: zh goes from 0.25 to 0.75 there, not from the mean of two seeds.
    assert gains.loc[("ar, zh", "zh"), "value"] == pytest.approx(0.5)
    assert gains.loc[("ar, zh", "zh"), "seeds"] == 1
    assert gains.loc[("ar, zh", "de"), "value"] == 0
    assert gains.loc[("ar, zh", "de"), ["low", "high"]].tolist() == [0, 0]
    own = gains.loc["en"]
    assert (own[["value", "low", "high"]] == 0).all(axis=None)


def test_paired_gains_are_surer_than_levels() -> None:
    levels = transfer([EN_RUNS[0], MULTI_RUN], shared_items=True).means
    gains = transfer([EN_RUNS[0], MULTI_RUN], shared_items=True, baseline=EN).means

    def width(means: pd.DataFrame) -> float:
        row = means.set_index(["configuration", "over"]).loc[("ar, zh", "all")]
        return float(row["high"] - row["low"])

    assert width(gains) < width(levels)


def test_what_was_not_measured_has_no_row() -> None:
    narrow = run(replace(MULTI, targets=("de",)), {"de": 1.0})
    found = transfer([EN_RUNS[0], narrow], shared_items=True)
    assert found.cells.groupby("configuration")["target"].apply(list).to_dict() == {
        "en · 3 targets": ["de", "en", "zh"],
        "ar, zh · 1 target": ["de"],
    }
    assert set(found.means["over"]) == {"all", "unseen"}


def test_means_stand_side_by_side_over_common_targets_only() -> None:
    narrow = run(replace(MULTI, targets=("de", "zh")), {"de": 0.8, "zh": 1.0})
    found = transfer([*EN_RUNS, narrow], shared_items=True)
    assert found.shared == ("de", "zh")
    means = found.means.query("over == 'all'").set_index("configuration")
    assert means["value"].to_dict() == pytest.approx(
        {"en · 3 targets": 0.45, "ar, zh · 2 targets": 0.9}
    )
    assert set(means["targets"]) == {2}
    points = found.points.query("over == 'all' and seed == 0").set_index("configuration")
    assert points.loc["en · 3 targets", "value"] == pytest.approx(0.375)
    gains = transfer([*EN_RUNS, narrow], shared_items=True, baseline=EN)
    assert set(gains.means.query("over == 'all'")["targets"]) == {2}


def test_without_common_targets_there_are_no_means() -> None:
    other = run(replace(MULTI, targets=("fi",)), {"fi": 1.0})
    found = transfer([EN_RUNS[0], other], shared_items=True)
    assert found.shared == ()
    assert found.means.empty
    assert found.points.empty
    assert len(found.cells) == 4


@pytest.mark.parametrize("baseline", [None, EN])
def test_unseen_are_the_targets_that_none_was_trained_on(baseline) -> None:
    found = transfer([EN_RUNS[0], MULTI_RUN], shared_items=True, baseline=baseline)
    means = found.means.query("configuration == 'ar, zh'").set_index("over")
    # English is seen by the baseline alone, Chinese by the set alone: German is left.
    assert means["targets"].to_dict() == {"all": 3, "seen": 1, "unseen": 1}
    assert means.loc["unseen", "value"] == (0 if baseline else 0.5)
    german = replace(EN, sources=("de",))
    third = run(german, {"de": 0.9, "en": 0.5, "zh": 0.5})
    more = transfer([EN_RUNS[0], MULTI_RUN, third], shared_items=True, baseline=baseline)
    assert set(more.means["over"]) == {"all", "seen"}


def test_no_common_seed_gives_no_gain_rather_than_zero() -> None:
    found = transfer(
        [EN_RUNS[0], run(replace(MULTI, seed=5), {"de": 1.0})], shared_items=True, baseline=EN
    )
    assert "ar, zh" not in set(found.cells["configuration"])


def test_targets_may_have_different_items_where_the_task_is_not_parallel() -> None:
    uneven = Finished(
        EN,
        pd.concat([run(EN, {"de": 0.5}, 10).predictions, run(EN, {"zh": 0.25}, 40).predictions]),
    )
    means = transfer([uneven], shared_items=False).means.set_index("over")
    assert means.loc["all", "value"] == pytest.approx(0.375)


def test_no_runs_give_empty_tables() -> None:
    found = transfer([], shared_items=True)
    assert found.cells.empty
    assert list(found.means.columns)[:2] == ["configuration", "over"]


def test_labels_say_only_what_differs() -> None:
    assert list(labels([EN, replace(EN, seed=4), MULTI]).values()) == ["en", "ar, zh"]
    cheap = replace(EN, budget=50)
    assert list(labels([EN, cheap]).values()) == ["en · budget 10", "en · budget 50"]
    probe = replace(EN, method="probe")
    assert list(labels([EN, probe]).values()) == ["en · finetune", "en · probe"]
    fewer = replace(EN, targets=("de",))
    assert list(labels([EN, fewer]).values()) == ["en · 3 targets", "en · 1 target"]
    trained = [EN, replace(EN, layers=2), replace(EN, lora_rank=4)]
    assert [name.split(" · ")[1] for name in labels(trained).values()] == [
        "all layers",
        "top 2 layers",
        "LoRA 4",
    ]
    mixed = [replace(EN, epochs=1), replace(EN, method="probe", epochs=4)]
    assert list(labels(mixed).values()) == ["en · finetune · 1 epoch", "en · probe"]
    folders = [replace(EN, model="/a/mine"), replace(EN, model="/b/mine")]
    assert [name[:11] for name in labels(folders).values()] == ["en · mine #"] * 2
    assert len(set(labels(folders).values())) == 2
    others = [replace(EN, targets=("de",)), replace(EN, targets=("zh",))]
    there, back = labels(others), labels(reversed(others))
    assert there == back
    assert len(set(there.values())) == 2
    assert all(name.startswith("en · 1 target #") for name in there.values())
    assert configuration(replace(EN, seed=9)) == EN
