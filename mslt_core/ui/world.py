"""A map of the world with languages on it, without a request to any other host.

The outline in `land_110m.json` is Natural Earth's land at 1:110 million (public domain), a
TopoJSON file of the npm package world-atlas 2.0.2 (ISC, Copyright Michael Bostock).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from mslt_core.ui import words, words_data
from mslt_core.ui.charts import MISSING, OKABE_ITO, Chart

REGIONS = {
    "world": (10.0, 10.0, 1.0),
    "europe": (18.0, 54.0, 2.2),
    "africa": (18.0, 2.0, 1.6),
    "asia": (95.0, 28.0, 1.7),
    "america": (-85.0, 12.0, 1.1),
}
"""What a map can show: longitude and latitude of its middle, and how many times it is enlarged."""

SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down")
HEIGHT = 480
"""Pixels, the legend included."""
_ASIDE = 1.6
"""Degrees between languages that share one place."""


def beside(places: pd.DataFrame) -> pd.DataFrame:
    """The same table, in which languages that share one place stand side by side."""
    turn = places.groupby(["latitude", "longitude"]).cumcount()
    return places.assign(longitude=places["longitude"] + _ASIDE * turn)


def world_map(places: pd.DataFrame, groups: Sequence[str], region: str) -> Chart:
    """Land, and a point for each language, coloured and shaped by its group.

    places: name, tag, family, script, group, items, gib (text, "–" for none), latitude, longitude
    (degrees); the area of a point grows with the items. groups: in the order of their colours.
    """
    longitude, latitude, zoom = REGIONS[region]
    projection: dict[str, Any] = {
        "type": "mercator" if zoom > 1 else "equalEarth",
        "center": [longitude, latitude],
        "scale": alt.ExprRef(f"min(width / 5.2, height / 2.3) * {zoom}"),
        "translate": alt.ExprRef("[width / 2, height / 2]"),
    }
    # The outline goes with the chart, which would otherwise have to fetch it.
    land = alt.InlineData(
        values=_land(), format=alt.TopoDataFormat(type="topojson", feature="land")
    )
    colours = [OKABE_ITO[i % len(OKABE_ITO)] for i in range(len(groups))]
    shapes = [SHAPES[i % len(SHAPES)] for i in range(len(groups))]
    legend = alt.Legend(
        title=None,
        orient="bottom",
        columns=3,
        labelLimit=130,
        symbolSize=80,
        symbolStrokeWidth=0,
        symbolOpacity=1,
    )
    points = (
        alt.Chart(beside(places))
        .mark_point(filled=True, opacity=0.85, stroke="#ffffff", strokeWidth=0.7, clip=True)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            color=alt.Color(
                "group:N", legend=legend, scale=alt.Scale(domain=list(groups), range=colours)
            ),
            shape=alt.Shape(
                "group:N", legend=legend, scale=alt.Scale(domain=list(groups), range=shapes)
            ),
            size=alt.Size("items:Q", legend=None, scale=alt.Scale(range=[50, 160], zero=True)),
            tooltip=[
                alt.Tooltip("name:N", title=words.LANGUAGE_TITLE),
                alt.Tooltip("tag:N", title=words_data.TAG_TITLE),
                alt.Tooltip("family:N", title=words.GROUPS["family"]),
                alt.Tooltip("script:N", title=words.GROUPS["script"]),
                alt.Tooltip("items:Q", title=words_data.ITEMS_TITLE, format=","),
                alt.Tooltip("gib:N", title=words_data.GIB_TITLE),
            ],
        )
    )
    ground = alt.Chart(land).mark_geoshape(
        fill=MISSING, fillOpacity=0.22, stroke=MISSING, strokeWidth=0.5, clip=True
    )
    chart: Chart = (
        alt.layer(ground, points)
        .project(**projection)
        .properties(height=HEIGHT)
        .configure_view(strokeWidth=0)
    )
    return chart


@cache
def _land() -> dict[str, Any]:
    outline: dict[str, Any] = json.loads(Path(__file__).with_name("land_110m.json").read_text())
    return outline
