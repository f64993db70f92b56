"""The chart of How many: score against the number of languages, a dot a set."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from mslt_core.analysis.stats import FEW_SEEDS
from mslt_core.analysis.study.how_many import HowMany
from mslt_core.catalog.languages import language
from mslt_core.ui import words
from mslt_core.ui import words_how_many as said
from mslt_core.ui.charts import MISSING, OKABE_ITO, Chart, percent
from mslt_core.ui.how_many_sentence import span

HEIGHT, PLOT = 400, 325
"""Pixels of the whole, and about what the axis leaves of them."""
LABEL, LABEL_WIDTH, TEXT = 30, 14, 13
"""Pixels from one label to the next, at least; signs in a line of its text, and their pixels."""
SPREAD = 0.22
"""How far the dots of one size stand to the sides, in languages."""
MEAN = OKABE_ITO[0]
LINES = {
    "english": (OKABE_ITO[1], [8, 4]),
    "best single": (OKABE_ITO[2], [2, 3]),
    "mean single": (OKABE_ITO[3], [8, 3, 2, 3]),
}
"""Colour and dashes of each line."""


def chart(part: HowMany, seeds: int, y: str) -> Chart:
    """part: the tables of one group of targets; seeds: how many; y: title of the scores."""
    sizes = _described(part.sizes, seeds)
    sizes["behind"] = [percent(value) for value in sizes["behind"]]
    over = [
        said.MEAN_OVER.format(targets=targets, s="s" * (targets > 1), items=items)
        for targets, items in zip(part.points["targets"], part.points["items"], strict=True)
    ]
    points = _described(part.points, seeds).assign(place=_spread(part.points["k"]), over=over)
    ends = _ends(part)
    ks = sorted(set(part.sizes["k"]))
    place = alt.X(
        "place:Q",
        title=said.X,
        scale=alt.Scale(domain=[ks[0] - 0.5, ks[-1] + 0.5], nice=False),
        axis=alt.Axis(values=ks, format="d", grid=False),
    )
    at_k = place.copy()
    at_k.shorthand = "k:Q"
    axis = alt.Axis(format=".0%", tickCount=6)
    scale = alt.Scale(domain=ends, nice=False)
    value = alt.Y("value:Q", title=y, scale=scale, axis=axis)
    mean = alt.Chart(sizes).encode(
        x=at_k,
        tooltip=[
            alt.Tooltip("k:Q", title=said.K),
            alt.Tooltip("sets:Q", title=said.SETS),
            *_numbers(),
            alt.Tooltip("behind:N", title=said.BEHIND),
        ],
    )
    interval = {"y": alt.Y("low:Q", title=y, scale=scale, axis=axis), "y2": "high:Q"}
    layers = [
        mean.mark_area(color=MEAN, opacity=0.13).encode(**interval),
        mean.mark_rule(color=MEAN, opacity=0.5).encode(**interval),
        *_lines(part.lines, seeds, value, y, ends),
        alt.Chart(points)
        .mark_circle(color=MISSING, size=45, opacity=0.75)
        .encode(
            x=place,
            y=value,
            tooltip=[
                alt.Tooltip("names:N", title=said.SET_LANGUAGES),
                *_numbers(),
                alt.Tooltip("over:N", title=words.BEHIND),
            ],
        ),
        mean.mark_line(color=MEAN, strokeWidth=2).encode(y=value),
    ]
    if 1 < seeds < FEW_SEEDS:
        layers.append(
            alt.Chart(_described(part.seeds, 1))
            .mark_tick(color=MEAN, thickness=2, size=22, orient="horizontal")
            .encode(
                x=at_k,
                y=value,
                tooltip=[
                    alt.Tooltip("k:Q", title=said.K),
                    alt.Tooltip("seed:Q", title=words.SEED_TITLE),
                    alt.Tooltip("mean:N", title=words.MEAN_PERCENT),
                ],
            )
        )
    layers.append(
        mean.mark_point(color=MEAN, filled=True, shape="diamond", size=130, opacity=1).encode(
            y=value
        )
    )
    return alt.layer(*layers).properties(height=HEIGHT)


def named_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines with name, what people call it; those of one and the same set are one line."""
    names = [
        said.LINES[line].format(name=language(sources.split(",")[0]).name)
        for line, sources in zip(lines["line"], lines["sources"], strict=True)
    ]
    named = lines.assign(name=names)
    together = named.groupby("sources", sort=False, as_index=False)
    return together.agg(
        {"line": "first", "name": said.ALSO.join, "value": "first", "low": "first", "high": "first"}
    )


def apart(places: Sequence[float], least: float, top: float) -> list[float]:
    """Places on 0 to top, moved as little as it takes to be `least` apart (least squares)."""
    from scipy.optimize import isotonic_regression

    order = np.argsort(places)
    steps = least * np.arange(len(places))
    moved = isotonic_regression(np.asarray(places, float)[order] - steps).x
    found = np.empty(len(places))
    found[order] = np.clip(moved, 0, top - steps[-1]) + steps
    return [float(place) for place in found]


def _lines(
    lines: pd.DataFrame, seeds: int, value: alt.Y, y: str, ends: tuple[float, float]
) -> list[alt.Chart]:
    """Each line from side to side, and its label at the right, joined to it where it had to move
    from another one."""
    if lines.empty:
        return []
    low, high = ends
    shown = _described(named_lines(lines), seeds)
    pixels = [PLOT * (place - low) / (high - low) for place in shown["value"]]
    moved = apart(pixels, LABEL, PLOT)
    shown["label_at"] = [low + place / PLOT * (high - low) for place in moved]
    shown["label"] = [
        "\n".join(textwrap.wrap(said.LINE_LABEL.format(name=name, value=mean), LABEL_WIDTH))
        for name, mean in zip(shown["name"], shown["mean"], strict=True)
    ]
    known = [line for line in LINES if line in set(shown["line"])]
    colours, dashes = zip(*(LINES[line] for line in known), strict=True)
    colour = alt.Color("line:N", scale=alt.Scale(domain=known, range=list(colours)), legend=None)
    dash = alt.StrokeDash("line:N", scale=alt.Scale(domain=known, range=list(dashes)), legend=None)
    base = alt.Chart(shown)
    return [
        base.mark_rule(strokeWidth=2).encode(
            y=value,
            color=colour,
            strokeDash=dash,
            tooltip=[alt.Tooltip("name:N", title=said.LINE), *_numbers()],
        ),
        base.mark_rule(strokeWidth=1.5, x2Offset=12).encode(
            x=alt.value("width"), x2=alt.value("width"), y=value, y2="label_at:Q", color=colour
        ),
        base.mark_text(
            align="left", dx=15, dy=-TEXT / 2, lineBreak="\n", lineHeight=TEXT, color=MISSING
        ).encode(x=alt.value("width"), y=alt.Y("label_at:Q", title=y), text="label:N"),
    ]


def _described(table: pd.DataFrame, seeds: int) -> pd.DataFrame:
    """With what a pointer is told: mean, interval, seeds, and the languages by name."""
    told = table.assign(mean=[percent(value) for value in table["value"]], seeds=seeds)
    if "low" in told:
        told["interval"] = [span(*ends) for ends in zip(told["low"], told["high"], strict=True)]
    if "sources" in told:
        told["names"] = [
            ", ".join(language(tag).name for tag in sources.split(","))
            for sources in told["sources"]
        ]
    return told


def _numbers() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("mean:N", title=words.MEAN_PERCENT),
        alt.Tooltip("interval:N", title=words.INTERVAL),
        alt.Tooltip("seeds:Q", title=words.SEEDS),
    ]


def _spread(k: pd.Series[int]) -> list[float]:
    """Where each set stands: those of one size side by side, in their order, which says nothing."""
    number, place = k.map(k.value_counts()), k.groupby(k).cumcount()
    steps = 2 * place / (number - 1).clip(lower=1) - (number > 1)
    return [float(x) for x in k + SPREAD * steps]


def _ends(part: HowMany) -> tuple[float, float]:
    """Of the axis: all values, and the intervals of the means."""
    values = [*part.points["value"], *part.lines["value"], *part.sizes["low"], *part.sizes["high"]]
    low, high = min(values), max(values)
    room = 0.04 * max(high - low, 0.01)
    return low - room, high + room
