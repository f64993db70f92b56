"""The chart of mixing against transfer: a point a run, in Vega-Lite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from mslt_core.ui import words, words_mixing
from mslt_core.ui.charts import MISSING

HEIGHT = 300


def drawing(x: Sequence[str], y: str) -> dict[str, Any]:
    """The drawing without its data: a row a run with x, y (per cent), k, chosen (whether it is
    compared on this page), and what a pointer is told. x: lines of the title
    of that axis, y: title of the other."""
    k = alt.Legend(title=words_mixing.LINK_K, orient="right", symbolSize=100, symbolOpacity=1)
    base = alt.Chart().encode(
        x=alt.X(
            "x:Q",
            title=list(x),
            scale=alt.Scale(zero=False, padding=12),
            axis=alt.Axis(tickCount=5),
        ),
        y=alt.Y(
            "y:Q", title=y, scale=alt.Scale(zero=False, padding=12), axis=alt.Axis(tickCount=5)
        ),
        # More languages are a larger point too: colours alone are not seen by everybody.
        size=alt.Size("k:Q", legend=None, scale=alt.Scale(range=[50, 220])),
        tooltip=[
            alt.Tooltip("said_sources:N", title=words.TRAINED_ON),
            alt.Tooltip("seed:N", title=words.SEED_TITLE),
            alt.Tooltip("said_x:N", title=words.VALUE_TITLE),
            alt.Tooltip("said_y:N", title=words.MEAN_PERCENT),
        ],
    )
    chart = alt.layer(
        base.mark_point(filled=True, opacity=0.85).encode(
            color=alt.Color("k:O", legend=k, scale=alt.Scale(scheme="viridis"))
        ),
        base.mark_point(filled=False, opacity=1, strokeWidth=2, color=MISSING).transform_filter(
            "datum.chosen"
        ),
    ).properties(height=HEIGHT)
    spec: dict[str, Any] = chart.to_dict()
    for layer in spec["layer"]:
        layer.pop("data", None)  # an empty one, in place of that of the whole
    return {key: spec[key] for key in ("layer", "height")}
