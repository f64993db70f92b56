"""The chart of a measure over the layers of models: a line each, with its interval as a band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from mslt_core.ui import words, words_mixing
from mslt_core.ui.charts import MISSING
from mslt_core.ui.columns import Look
from mslt_core.ui.mixing_chart import styles
from mslt_core.ui.mixing_sentence import number, span

HEIGHT = 300
VALUES = ["value", "low", "high", "null"]


def rows(curves: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row a column and layer: column, layer, VALUES, and said, interval, nothing in words.

    curves: of each column what `analysis.layer_curves.curve` gives.
    """
    parts = [table.reset_index().assign(column=name) for name, table in curves.items()]
    found = pd.concat(parts, ignore_index=True)[["column", "layer", *VALUES]]
    return found.assign(
        layer=found["layer"].astype(int),
        said=[number(value) for value in found["value"]],
        interval=[span(*ends) for ends in zip(found["low"], found["high"], strict=True)],
        nothing=[number(value) for value in found["null"]],
    )


def drawing(looks: Mapping[str, Look], title: Sequence[str], from_zero: bool) -> dict[str, Any]:
    """The Vega-Lite without its data, which `rows` makes. looks: of each column in its order;
    title: lines of that of the axis of values; from_zero: whether that begins at 0."""
    legend = alt.Legend(title=None, orient="top", labelLimit=220, symbolOpacity=1, columns=2)
    colour, shape = styles(looks, legend)
    x = alt.X(
        "layer:Q",
        title=words_mixing.LAYER_AXIS,
        axis=alt.Axis(tickMinStep=1, format="d", grid=False),
        scale=alt.Scale(nice=False, padding=8),
    )
    axis = alt.Axis(title=list(title), tickCount=5)
    base = alt.Chart().encode(x=x)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(zero=from_zero, padding=6), axis=axis)

    tooltip = [
        alt.Tooltip("column:N", title=words.MODEL_TITLE),
        alt.Tooltip("layer:Q", title=words.LAYER_TITLE),
        alt.Tooltip("said:N", title=words.VALUE_TITLE),
        alt.Tooltip("interval:N", title=words.INTERVAL),
        alt.Tooltip("nothing:N", title=words.NULL_TITLE),
    ]
    chart = alt.layer(
        base.mark_area(opacity=0.15).encode(y=y("low"), y2="high:Q", color=colour),
        # What chance gives hardly differs between columns: one line for all.
        base.transform_filter("isValid(datum.null)")
        .transform_aggregate(null="mean(null)", groupby=["layer"])
        .mark_line(strokeDash=[4, 4], strokeWidth=1.5, color=MISSING)
        .encode(y=y("null")),
        base.mark_line(strokeWidth=2).encode(y=y("value"), color=colour),
        base.mark_point(filled=True, size=55, opacity=1).encode(
            y=y("value"), color=colour, shape=shape, tooltip=tooltip
        ),
    ).properties(height=HEIGHT)
    spec: dict[str, Any] = chart.to_dict()
    for layer in spec["layer"]:
        layer.pop("data", None)  # an empty one, in place of that of the whole
    return {key: spec[key] for key in ("layer", "height")}
