"""The chart of the claims: effects with intervals, in points."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from mslt_core.analysis.study.claims.judgement import SMALLEST
from mslt_core.ui import words_studies as said
from mslt_core.ui.charts import MISSING, OKABE_ITO, Chart

LABELS = 90
"""Pixels for the names, so that charts one below the other share their left edge."""
LOOK = {
    "supported": (OKABE_ITO[0], "circle"),
    "not supported": (OKABE_ITO[1], "cross"),
    "undecided": (MISSING, "diamond"),
}
"""Colour and shape of each verdict, whose word stands beside it too."""


def chart(effects: pd.DataFrame, title: str, threshold: bool) -> Chart:
    """A row a claim. effects: name, effect, low, high (points), verdict, said, interval, p.
    threshold: whether the smallest effect of interest is drawn."""
    verdicts = list(LOOK)
    colours, shapes = (list(part) for part in zip(*LOOK.values(), strict=True))
    styles: dict[str, Any] = {
        "color": alt.Color(
            "verdict:N", scale=alt.Scale(domain=verdicts, range=colours), legend=None
        ),
        "shape": alt.Shape(
            "verdict:N", scale=alt.Scale(domain=verdicts, range=shapes), legend=None
        ),
    }
    base = alt.Chart(effects).encode(
        y=alt.Y(
            "name:N",
            sort=list(effects["name"]),
            axis=alt.Axis(title=None, ticks=False, domain=False, minExtent=LABELS),
        ),
        tooltip=[
            alt.Tooltip("name:N", title=said.CLAIM_COLUMN),
            alt.Tooltip("verdict:N", title=said.VERDICT_COLUMN),
            alt.Tooltip("said:N", title=said.EFFECT),
            alt.Tooltip("interval:N", title=said.INTERVAL),
            alt.Tooltip("p:N", title=said.P),
        ],
    )
    x: dict[str, Any] = {"scale": alt.Scale(padding=16), "axis": alt.Axis(title=title, tickCount=6)}
    lines = [(0.0, [4, 4])] + [(100 * SMALLEST, [1, 3])] * threshold
    at = [
        alt.Chart(pd.DataFrame({"at": [place]}))
        .mark_rule(strokeDash=dash, color=MISSING)
        .encode(x=alt.X("at:Q", **x))
        for place, dash in lines
    ]
    colour = {"color": styles["color"]}
    return alt.layer(
        *at,
        base.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q", **x), x2="high:Q", **colour),
        base.mark_point(filled=True, size=110, opacity=1).encode(
            x=alt.X("effect:Q", **x), **styles
        ),
        base.mark_text(dy=-11, fontSize=11, color=MISSING).encode(
            x=alt.X("effect:Q", **x), text="verdict:N"
        ),
    ).properties(height=alt.Step(40))
