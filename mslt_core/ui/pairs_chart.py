"""The chart of a measure of each pair of languages: a square that is its own mirror image."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from mslt_core.ui import words, words_mixing

CELL, LABELLED = 26, 12
"""Pixels of a cell, and languages up to which there is room for the values in the cells."""


def drawing(cells: pd.DataFrame, low: float, high: float, title: str) -> dict[str, Any]:
    """cells: columns a, b (what people call the languages), tag_a, tag_b, value, said, a row a pair
    and direction; low and high: ends of the colours; title: of their legend."""
    order = sorted(cells["a"].unique())
    tags = cells.drop_duplicates("tag_a").set_index("a")["tag_a"]
    axis = alt.Axis(
        title=None, ticks=False, domain=False, labelAngle=0, labelOverlap=False, labelFlush=False
    )
    base = alt.Chart(cells).encode(
        x=alt.X("tag_b:N", sort=[tags[name] for name in order], axis=axis),
        y=alt.Y("a:N", sort=order, axis=axis),
        tooltip=[
            alt.Tooltip("a:N", title=words.LANGUAGE_TITLE),
            alt.Tooltip("b:N", title=words_mixing.PAIRS_OTHER),
            alt.Tooltip("said:N", title=words.VALUE_TITLE),
        ],
    )
    colour = alt.Color(
        "value:Q",
        scale=alt.Scale(domain=[low, high], scheme="viridis"),
        legend=alt.Legend(title=title),
    )
    layers = [base.mark_rect().encode(color=colour)]
    if len(order) <= LABELLED:
        middle = low + 0.42 * (high - low)
        ink = (
            alt.when(alt.datum.value < middle)
            .then(alt.value("#ffffff"))
            .otherwise(alt.value("#000000"))
        )
        layers.append(base.mark_text(fontSize=10).encode(text="said:N", color=ink))
    chart = alt.layer(*layers).properties(width=alt.Step(CELL + 10), height=alt.Step(CELL))
    spec: dict[str, Any] = chart.to_dict(validate=False)
    return spec
