"""Panels of the embedding map: a DataFrame in, an Altair chart out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from mslt_core.ui import words
from mslt_core.ui.charts import MISSING, OKABE_ITO, Chart

LEGEND_COLUMNS = 4
SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down")
MAP_WIDTH, MAP_HEIGHT = 250, 270
"""Pixels of a panel; its width is only what it is likely to have."""


def embedding_map(points: pd.DataFrame, panel: str, groups: Sequence[str]) -> Chart:
    """One panel of the embedding map; panels that stand side by side share domain and colours.

    points: panel, language, name, group (what is coloured by), item, x, y, of *all* panels.
    groups: all groups in the order of their colours. Languages are labelled where their points
    centre, or beside it with a line to it where labels would cover one another.
    """
    domain_x, domain_y = (_padded(points[axis]) for axis in ("x", "y"))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=domain_x, nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=domain_y, nice=False))
    shown = points[points["panel"] == panel]
    centres = shown.groupby("language", as_index=False)[["x", "y"]].mean()
    size = 12 if len(centres) <= 20 else 10
    centres["label_x"], centres["label_y"] = _spread(centres, domain_x, domain_y, size)
    colour, shape = _styles(groups)
    marks = alt.Chart(shown).mark_point(filled=True, size=16, opacity=0.55)
    labels = alt.Chart(centres)
    text = {"x": alt.X("label_x:Q", axis=None), "y": alt.Y("label_y:Q", axis=None)}
    return alt.layer(
        marks.encode(
            x=x,
            y=y,
            color=colour,
            shape=shape,
            tooltip=[
                alt.Tooltip("name:N", title=words.LANGUAGE_TITLE),
                alt.Tooltip("group:N", title=words.GROUP_TITLE),
                alt.Tooltip("item:Q", title=words.SENTENCE_TITLE),
            ],
        ),
        labels.mark_rule(strokeWidth=0.8, color=MISSING).encode(
            x=x, y=y, x2="label_x:Q", y2="label_y:Q"
        ),
        # Black on a white edge is read on points, and on light and dark pages.
        labels.mark_text(
            fontSize=size, fontWeight="bold", stroke="#ffffff", strokeWidth=3, strokeJoin="round"
        ).encode(text="language:N", **text),
        labels.mark_text(fontSize=size, fontWeight="bold", color="#000000").encode(
            text="language:N", **text
        ),
    ).properties(height=MAP_HEIGHT)


def _styles(groups: Sequence[str], legend: alt.Legend | None = None) -> tuple[alt.Color, alt.Shape]:
    """A colour and a shape for each group, together unlike any other's up to 42 groups."""
    colours = [OKABE_ITO[i % len(OKABE_ITO)] for i in range(len(groups))]
    shapes = [SHAPES[i // len(OKABE_ITO) % len(SHAPES)] for i in range(len(groups))]
    return (
        alt.Color("group:N", legend=legend, scale=alt.Scale(domain=list(groups), range=colours)),
        alt.Shape("group:N", legend=legend, scale=alt.Scale(domain=list(groups), range=shapes)),
    )


def legend_chart(groups: Sequence[str]) -> Chart:
    """The colours and shapes of the map's groups, once for all its panels."""
    legend = alt.Legend(
        title=None,
        orient="top",
        columns=LEGEND_COLUMNS,
        labelLimit=110,
        symbolSize=70,
        symbolOpacity=1,
    )
    colour, shape = _styles(groups, legend)
    chart: Chart = (
        alt.Chart(pd.DataFrame({"group": list(groups)}))
        .mark_point(filled=True, opacity=0)
        .encode(color=colour, shape=shape)
        .properties(height=20 * math.ceil(len(groups) / LEGEND_COLUMNS) + 14)
    )
    return chart


def _padded(values: pd.Series[float]) -> list[float]:
    low, high = float(values.min()), float(values.max())
    pad = 0.06 * (high - low) or 1.0
    return [low - pad, high + pad]


def _spread(
    centres: pd.DataFrame, domain_x: Sequence[float], domain_y: Sequence[float], size: int
) -> tuple[list[float], list[float]]:
    """Places of labels that do not cover one another, as near to the centres as that allows.

    Labels are boxes in pixels; those that overlap are pushed apart along the shorter way out.
    """
    span = np.array([domain_x[1] - domain_x[0], domain_y[1] - domain_y[0]])
    corner = np.array([domain_x[0], domain_y[0]])
    pixels = np.array([MAP_WIDTH, MAP_HEIGHT])
    places = (centres[["x", "y"]].to_numpy(dtype=float) - corner) / span * pixels
    # A nudge by rank settles who goes where when two centres are the same.
    places += np.argsort(np.argsort(places, axis=0), axis=0) * 1e-3
    half = np.array([[len(tag) * 0.3 * size + 1, 0.55 * size] for tag in centres["language"]])
    for _ in range(200):
        gap = places[:, None] - places[None, :]
        overlap = half[:, None] + half[None, :] - np.abs(gap)
        clash = (overlap > 0).all(axis=2)
        np.fill_diagonal(clash, False)
        if not clash.any():
            break
        shorter = overlap == overlap.min(axis=2, keepdims=True)
        push = np.sign(gap) * overlap * (clash[:, :, None] & shorter)
        places += 0.3 * push.sum(axis=1)
        places = np.clip(places, half, pixels - half)
    x, y = (places / pixels * span + corner).T
    return x.tolist(), y.tolist()
