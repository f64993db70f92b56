"""Scores against values worked out by hand."""

import pandas as pd
import pytest

from mslt_core.analysis.scores import means, score

PREDICTIONS = pd.DataFrame(
    [
        ("de", "a", "a"),
        ("de", "a", "a"),
        ("de", "b", "a"),
        ("de", "b", "b"),
        ("en", "a", "a"),
        ("en", "b", "b"),
        ("zh", "a", "b"),
        ("zh", "b", "b"),
    ],
    columns=["target", "gold", "predicted"],
)


def test_accuracy_and_macro_f1():
    scores = score(PREDICTIONS).set_index(["target", "metric"])
    assert scores.loc[("de", "accuracy"), "value"] == 0.75
    # F1 of a: precision 2/3, recall 1, so 0.8; of b: precision 1, recall 1/2, so 2/3.
    assert scores.loc[("de", "macro_f1"), "value"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert scores.loc[("en", "macro_f1"), "value"] == 1
    assert scores.loc[("zh", "macro_f1"), "value"] == pytest.approx((0 + 2 / 3) / 2)
    assert scores.loc[("de", "accuracy"), "n"] == 4


def test_means_over_all_seen_and_unseen_targets():
    found = means(score(PREDICTIONS), sources=("de", "fr"))
    assert found.all == pytest.approx((0.75 + 1 + 0.5) / 3)
    assert found.seen == 0.75
    assert found.unseen == pytest.approx(0.75)
    assert means(score(PREDICTIONS), sources=("fr",)).seen is None
