"""A curve is the mean over runs of one measure by layer."""

import pandas as pd
import pytest

from mslt_core.analysis.layer_curves import CURVE, curve

ASKED = ("tuned", "mean", "all", "retrieval")


def table(values: dict[int, float], **fields: str) -> pd.DataFrame:
    """What a run keeps: one measure by layer, and others beside it that are not asked for."""
    named = dict(zip(("space", "pooling", "subset", "metric"), ASKED, strict=True))
    rows = [
        {
            **named,
            **fields,
            "layer": layer,
            "value": value,
            "low": value - 1,
            "high": value + 1,
            "null": 0.1,
        }
        for layer, value in values.items()
    ]
    others = [
        {**row, field: "another", "value": 99.0}
        for row in rows
        for field in ("space", "pooling", "subset", "metric")
    ]
    return pd.DataFrame(others + rows)


def test_it_is_the_mean_over_runs_by_layer() -> None:
    found = curve([table({2: 4.0, 0: 1.0}), table({0: 3.0, 2: 6.0})], *ASKED)
    assert list(found.index) == [0, 2]
    assert list(found.columns) == CURVE
    assert list(found["value"]) == [2.0, 5.0]
    assert list(found["low"]) == [1.0, 4.0]
    assert list(found["null"]) == pytest.approx([0.1, 0.1])


def test_layers_that_a_run_lacks_or_has_no_value_of_are_left_out() -> None:
    found = curve([table({0: 1.0, 2: 2.0, 4: 3.0}), table({0: 1.0, 2: float("nan")})], *ASKED)
    assert list(found.index) == [0]


@pytest.mark.parametrize("tables", [[], [table({0: 1.0}, metric="another")]])
def test_without_a_value_it_is_empty(tables: list[pd.DataFrame]) -> None:
    found = curve(tables, *ASKED)
    assert found.empty
    assert list(found.columns) == CURVE
