"""Panels of the embedding map: a table in, Vega-Lite out.

All panels share one drawing but for their frame, and differ in the rows that they are given: making
a chart takes longer than anything else in a redraw.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from mslt_core.ui import words, words_compare
from mslt_core.ui.charts import MISSING, OKABE_ITO

LEGEND_COLUMNS = 4
SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down")
SIZES = {1: (340, 320), 2: (340, 320), 3: (280, 280), 4: (205, 240)}
"""Pixels of a panel by how many stand in a row; widths are the least they are likely to have, on a
telephone too, where panels stand below one another."""
FRAME = 2
"""Pixels of the line around a panel, which has the colour of its column."""
SHOWN = ["language", "name", "group", "said", "twin", "x", "y", "join_x", "join_y"]

Domain = tuple[float, float]


def domains(points: pd.DataFrame) -> tuple[Domain, Domain]:
    """The axes that all panels share, of all their points."""
    return _padded(points["x"]), _padded(points["y"])


def rows(points: pd.DataFrame, axes: tuple[Domain, Domain], across: int) -> pd.DataFrame:
    """What the drawing of one panel shows: SHOWN of each of its points, and a row for each
    language, which alone has a place of a label: label_x, label_y, beside the middle of its points
    where labels would cover one another.

    across: how many panels stand in a row.
    """
    centres = points.groupby("language", as_index=False)[["x", "y"]].mean()
    size = font(len(centres), across)
    centres["label_x"], centres["label_y"] = _spread(centres, *axes, size, SIZES[across])
    texts = dict.fromkeys(("name", "group", "said", "twin"), "")
    together = pd.concat([points[SHOWN], centres.assign(**texts)], ignore_index=True)
    return together[[*SHOWN, "label_x", "label_y"]]


def drawing(
    axes: tuple[Domain, Domain],
    groups: Sequence[str],
    by: str,
    join: bool,
    labels: int,
    across: int,
) -> dict[str, Any]:
    """The Vega-Lite of any panel, without its data, which `rows` makes, and without its frame.

    groups: all groups in the order of their colours. by: what they are. join: whether lines join
    the translations of some sentences. labels: pixels
    of the languages' labels, 0 for none.
    """
    x, y = (
        alt.X("x:Q", axis=None, scale=alt.Scale(domain=axes[0], nice=False)),
        alt.Y("y:Q", axis=None, scale=alt.Scale(domain=axes[1], nice=False)),
    )
    colour, shape = _styles(groups)
    of_point = alt.Chart().transform_filter("!isValid(datum.label_x)")
    of_language = alt.Chart().transform_filter("isValid(datum.label_x)")
    opacity: Any = alt.value(0.6)
    layers = []
    if join:
        joined = of_point.transform_filter("isValid(datum.join_x)")
        layers.append(
            joined.mark_rule(strokeWidth=0.9, opacity=0.8, color=MISSING).encode(
                x=x, y=y, x2="join_x:Q", y2="join_y:Q"
            )
        )
        opacity = alt.condition("isValid(datum.join_x)", alt.value(0.9), alt.value(0.15))
    tooltip = [
        alt.Tooltip("said:N", title=words.SENTENCE_TITLE),
        alt.Tooltip("twin:N", title=words.TWIN_TITLE),
        alt.Tooltip("name:N", title=words.LANGUAGE_TITLE),
    ]
    if by != "language":
        tooltip.append(alt.Tooltip("group:N", title=words_compare.COLOURS[by]))
    layers.append(
        of_point.mark_point(filled=True, size=16).encode(
            x=x, y=y, color=colour, shape=shape, opacity=opacity, tooltip=tooltip
        )
    )
    if labels:
        layers += _labels(of_language, x, y, labels)
    spec: dict[str, Any] = alt.layer(*layers).properties(height=SIZES[across][1]).to_dict()
    for layer in spec["layer"]:
        layer.pop("data", None)  # an empty one, in place of that of the whole
    return {key: spec[key] for key in ("layer", "height")}


def font(languages: int, across: int) -> int:
    """Pixels of the label of a language."""
    return 12 if languages <= 20 and across <= 2 else 10


def framed(spec: dict[str, Any], colour: str) -> dict[str, Any]:
    """The same drawing in a frame of the colour of its column."""
    return {**spec, "view": {"stroke": colour, "strokeWidth": FRAME, "cornerRadius": 4}}


def legend(groups: Sequence[str]) -> dict[str, Any]:
    """The Vega-Lite of the colours and shapes of the map's groups, once for all its panels."""
    entries = alt.Legend(
        title=None,
        orient="top",
        columns=LEGEND_COLUMNS,
        labelLimit=140,
        symbolSize=70,
        symbolOpacity=1,
    )
    colour, shape = _styles(groups, entries)
    chart = (
        alt.Chart(alt.InlineData([{"group": group} for group in groups]))
        .mark_point(filled=True, opacity=0)
        .encode(color=colour, shape=shape)
        .properties(height=26 * math.ceil(len(groups) / LEGEND_COLUMNS) + 14)
    )
    spec: dict[str, Any] = chart.to_dict()
    return {key: spec[key] for key in ("data", "mark", "encoding", "height")}


def _labels(of_language: alt.Chart, x: alt.X, y: alt.Y, size: int) -> list[alt.Chart]:
    """Languages by their tags, with lines to where their points centre."""
    text = {"x": alt.X("label_x:Q", axis=None), "y": alt.Y("label_y:Q", axis=None)}
    mark: dict[str, Any] = {"fontSize": size, "fontWeight": "bold"}
    return [
        of_language.mark_rule(strokeWidth=0.8, color=MISSING).encode(
            x=x, y=y, x2="label_x:Q", y2="label_y:Q"
        ),
        # Black on a white edge is read on points, and on light and dark pages.
        of_language.mark_text(
            stroke="#ffffff", strokeWidth=size / 4, strokeJoin="round", **mark
        ).encode(text="language:N", **text),
        of_language.mark_text(color="#000000", **mark).encode(text="language:N", **text),
    ]


def _styles(groups: Sequence[str], legend: alt.Legend | None = None) -> tuple[alt.Color, alt.Shape]:
    """A colour and a shape for each group, together unlike any other's up to 42 groups; the shapes
    of the first few differ too."""
    colours = [OKABE_ITO[i % len(OKABE_ITO)] for i in range(len(groups))]
    shapes = [
        SHAPES[(i % len(OKABE_ITO) + i // len(OKABE_ITO)) % len(SHAPES)] for i in range(len(groups))
    ]
    return (
        alt.Color("group:N", legend=legend, scale=alt.Scale(domain=list(groups), range=colours)),
        alt.Shape("group:N", legend=legend, scale=alt.Scale(domain=list(groups), range=shapes)),
    )


def _padded(values: pd.Series[float]) -> Domain:
    low, high = float(values.min()), float(values.max())
    pad = 0.06 * (high - low) or 1.0
    return low - pad, high + pad


def _spread(
    centres: pd.DataFrame, domain_x: Domain, domain_y: Domain, size: int, panel: tuple[int, int]
) -> tuple[list[float], list[float]]:
    """Places of labels that do not cover one another, as near to the centres as that allows.

    Labels are boxes in pixels; those that overlap are pushed apart along the shorter way out.
    """
    span = np.array([domain_x[1] - domain_x[0], domain_y[1] - domain_y[0]])
    corner = np.array([domain_x[0], domain_y[0]])
    pixels = np.array(panel)
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
