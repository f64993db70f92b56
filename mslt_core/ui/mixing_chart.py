"""The chart of one measure of mixing: a row a model, with its value, interval and null.

All measures share one drawing, made once, and differ in the rows that it is given: making a chart
takes longer than anything else in a redraw, and there are ten measures.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from mslt_core.ui import words
from mslt_core.ui.charts import MISSING
from mslt_core.ui.columns import Look
from mslt_core.ui.mixing_sentence import number, span

NAME_WIDTH, NAME_LINES = 26, 2
"""Signs in a line of a model's name, and how many lines it may have."""
ROW, LINE = 22, 13
"""Pixels of a row, at least, and of a line of text."""

OF_MODEL = {
    "column": words.MODEL_TITLE,
    "said": words.VALUE_TITLE,
    "interval": words.INTERVAL,
    "nothing": words.NULL_TITLE,
    "trainings": words.SEEDS,
}
OF_SEED = {"column": words.MODEL_TITLE, "seed": words.SEED_TITLE, "said": words.VALUE_TITLE}
"""What a pointer is told of a model, and of one of its seeds: columns of `rows`, and titles."""


def rows(marks: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """What the drawing of one measure shows: a row a model, and one for each of the points, which
    alone has a seed.

    marks and points: those of this measure, as `measured_sets.marks_and_points` has them.
    """
    shown = marks.assign(
        said=[number(value) for value in marks["value"]],
        interval=[span(*ends) for ends in zip(marks["low"], marks["high"], strict=True)],
        nothing=[number(value) for value in marks["null"]],
        trainings=[str(seeds) if seeds else words.MIX_NONE for seeds in marks["seeds"]],
    )
    seeds = points.assign(said=[number(value) for value in points["value"]])
    together = pd.concat([shown, seeds], ignore_index=True)
    return together[[*dict.fromkeys((*OF_MODEL, *OF_SEED, "value", "low", "high", "null"))]]


def drawing(looks: Mapping[str, Look]) -> dict[str, Any]:
    """The Vega-Lite of any measure, without its data, which `rows` makes.

    looks: of each model, in the order of their rows.
    """
    lines = {name: _lines(name) for name in looks}
    colour, shape = styles(looks)
    row = alt.Chart().encode(y=_y(lines))
    model = row.transform_filter("!isValid(datum.seed)").encode(tooltip=_tooltip(OF_MODEL))
    mean = model.transform_filter("isValid(datum.value)")
    chart = alt.layer(
        mean.mark_point(shape="circle", filled=False, size=45, opacity=1, color=MISSING)
        .encode(x=_x("null"))
        .transform_filter("isValid(datum.null)"),
        mean.mark_rule(strokeWidth=2).encode(x=_x("low"), x2="high:Q", color=colour),
        row.mark_tick(thickness=1.5, size=10, opacity=0.7)
        .encode(x=_x("value"), color=colour, tooltip=_tooltip(OF_SEED))
        .transform_filter("isValid(datum.seed)"),
        mean.mark_point(filled=True, size=70, opacity=1).encode(
            x=_x("value"), color=colour, shape=shape
        ),
        # The value itself, for a finger that cannot point at a dot; a dash where there is none.
        model.mark_text(align="left", dx=6, fontSize=11, opacity=1, color=MISSING).encode(
            x=alt.value("width"), text="said:N"
        ),
    ).properties(height=alt.Step(max(ROW, LINE * max(map(len, lines.values())) + 4)))
    spec: dict[str, Any] = chart.to_dict()
    for layer in spec["layer"]:
        del layer["data"]  # an empty one, in place of that of the whole
    return {key: spec[key] for key in ("layer", "height")}


def _x(field: str) -> alt.X:
    axis = alt.Axis(title=None, tickCount=4)
    return alt.X(f"{field}:Q", scale=alt.Scale(zero=False, padding=10), axis=axis)


def _y(lines: Mapping[str, list[str]]) -> alt.Y:
    """A row for each model, beside its name, whose lines are centred on the row."""
    said = json.dumps(lines, ensure_ascii=False)
    second: dict[str, Any] = {"test": f"{said}[datum.value].length > 1", "value": -LINE / 2}
    axis = alt.Axis(
        title=None,
        ticks=False,
        domain=False,
        grid=False,
        labelExpr=f"{said}[datum.label]",
        labelOffset={"condition": second, "value": 0},
        labelLimit=170,
        labelOverlap=False,
        labelPadding=8,
        labelLineHeight=LINE,
        labelBaseline="middle",
    )
    return alt.Y("column:N", scale=alt.Scale(domain=list(lines)), axis=axis)


def _tooltip(titles: Mapping[str, str]) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def _lines(name: str) -> list[str]:
    return textwrap.wrap(name, NAME_WIDTH, max_lines=NAME_LINES, placeholder=" …")


def styles(
    looks: Mapping[str, Look], legend: alt.Legend | None = None
) -> tuple[alt.Color, alt.Shape]:
    """The colour and the shape of each model."""
    domain = list(looks)
    colours = [look.colour for look in looks.values()]
    shapes = [look.shape for look in looks.values()]
    return (
        alt.Color("column:N", legend=legend, scale=alt.Scale(domain=domain, range=colours)),
        alt.Shape("column:N", legend=legend, scale=alt.Scale(domain=domain, range=shapes)),
    )
