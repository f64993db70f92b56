"""What sets gain over one language, on targets that neither was trained on."""

import numpy as np
import pytest

from mslt_core.analysis.study.gains import GAINS, gains
from tests.analysis.study.planted import planted

SETS = (("ar",), ("en",), ("zh",), ("ar", "zh"), ("de", "zh"))
TARGETS = ("ar", "en", "zh", "fi", "yo")


@pytest.fixture(scope="module")
def measured():
    truth = np.array([-0.1, 0.05, 0.0, 0.08, 0.1])
    return planted(truth, np.random.default_rng(1), SETS, seeds=3, targets=TARGETS)


@pytest.fixture(scope="module")
def found(measured):
    return gains(measured).set_index(["sources", "than"])


def test_a_set_is_compared_on_targets_that_neither_was_trained_on(measured, found) -> None:
    scores = measured.scores().mean(axis=1)
    ours, english, zh = scores[3], scores[1], scores[2]
    assert found.loc[("ar,zh", "english"), "value"] == pytest.approx((ours - english)[3:].mean())
    assert found.loc[("ar,zh", "english"), "targets"] == 2
    assert found.loc[("ar,zh", "best single"), "single"] == "zh"
    unseen = [1, 3, 4]
    assert found.loc[("ar,zh", "best single"), "value"] == pytest.approx((ours - zh)[unseen].mean())
    both = (scores[0] + scores[2]) / 2
    assert found.loc[("ar,zh", "mean single"), "value"] == pytest.approx(
        (ours - both)[unseen].mean()
    )


def test_what_was_not_measured_is_left_out(found) -> None:
    assert [than for sources, than in found.index if sources == "de,zh"] == ["english"]


def test_the_planted_gain_is_in_its_interval(found) -> None:
    row = found.loc[("ar,zh", "mean single")]
    assert row["low"] <= 0.08 + 0.05 <= row["high"]
    assert row["low"] > 0


def test_with_one_seed_there_is_no_interval() -> None:
    table = gains(planted(np.zeros(5), np.random.default_rng(2), SETS, seeds=1, targets=TARGETS))
    assert table["value"].notna().all()
    assert table[["low", "high"]].isna().all(axis=None)


def test_without_sets_of_several_there_is_nothing() -> None:
    alone = planted(np.zeros(3), np.random.default_rng(3), SETS[:3], targets=TARGETS)
    assert gains(alone).empty
    assert list(gains(alone).columns) == GAINS
