"""Charts: a DataFrame in, an Altair chart out. Nothing is computed here but places and inks.

Colours say levels (viridis) and differences (blue to orange, centred on 0); groups take the
colours of Okabe and Ito (2008), told apart by colour-blind readers, and shapes once those run out.
Whatever a colour says is also said by a number, an outline, a label or a shape.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

LEGEND_COLUMNS = 4
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C")
SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down")
MISSING = "#767676"
MAP_WIDTH, MAP_HEIGHT = 250, 270
"""Pixels of a panel; its width is only what it is likely to have."""

Chart = alt.Chart | alt.LayerChart | alt.FacetChart

_GAP = "\u2007"  # a column of its own, as blank as it looks
_PART = ", | · "
_LINES = f"split(datum.label, /{_PART}/)"


def heatmap(cells: pd.DataFrame, means: pd.DataFrame, names: dict[str, str], gain: bool) -> Chart:
    """Source sets across, targets down, and above a gap the means over all, seen and unseen.

    Targets go down because a task has dozens of them, and beside a map there is room for few
    columns. cells and means are those of `analysis.transfer.Transfer`; names says what people
    call the targets and `all`, `seen`, `unseen`. gain: values are differences. A pair that was
    not measured is a grey cell with a dash.
    """
    configurations = list(dict.fromkeys(means["configuration"]))
    groups = list(dict.fromkeys(means["over"]))
    targets = sorted(set(cells["target"]), key=lambda tag: names.get(tag, tag))
    grid = _grid(cells, means, configurations, [*groups, *targets])
    grid["name"] = grid["row"].map(names).fillna(grid["row"])
    _describe(grid, gain)
    low, high = _domain(grid["value"], gain)
    grid["dark"] = [_is_dark(value, low, high, gain) for value in grid["value"]]
    rows = [names.get(row, row) for row in (*groups, _GAP, *targets)]

    quiet: dict[str, Any] = {"title": None, "ticks": False, "domain": False, "labelFlush": False}
    # A long label across the top stands in lines, for which it needs room.
    lines = max((len(re.split(_PART, name)) for name in configurations), default=1)
    across = alt.Axis(
        orient="top", labelAngle=0, labelExpr=_LINES, labelPadding=13 * lines - 7, **quiet
    )
    encoding: dict[str, Any] = {
        "x": alt.X(
            "configuration:N", sort=configurations, scale=alt.Scale(padding=0.04), axis=across
        ),
        "y": alt.Y(
            "name:N",
            scale=alt.Scale(domain=rows, padding=0.04),
            axis=alt.Axis(labelLimit=180, labelPadding=6, **quiet),
        ),
    }
    tooltip = [
        alt.Tooltip("configuration:N", title="Trained on"),
        alt.Tooltip("name:N", title="Target"),
        alt.Tooltip("trained:N", title="In training"),
        alt.Tooltip("mean:N", title="Gain, points" if gain else "Mean, %"),
        alt.Tooltip("interval:N", title="95 % interval"),
        alt.Tooltip("seeds:Q", title="Seeds"),
        alt.Tooltip("n:Q", title="Items or targets"),
    ]
    base = alt.Chart(grid).encode(tooltip=tooltip, **encoding)
    measured, missing = alt.datum.value != None, alt.datum.value == None  # noqa: E711
    colour = alt.Color(
        "value:Q",
        legend=None,
        scale=alt.Scale(domain=[low, high], scheme="blueorange", domainMid=0)
        if gain
        else alt.Scale(domain=[low, high], scheme="viridis"),
    )
    inset = alt.RelativeBandSize(band=0.88)
    # Values, not a scale: layers of one chart share their colour scale.
    ink = alt.when(alt.datum.dark).then(alt.value("#ffffff")).otherwise(alt.value("#000000"))
    size = 10 if len(configurations) > 6 else 12
    return alt.layer(
        base.mark_rect(color=MISSING, opacity=0.25).transform_filter(missing),
        base.mark_rect().encode(color=colour).transform_filter(measured),
        base.mark_rect(filled=False, strokeWidth=1.6, width=inset, height=inset)
        .encode(stroke=ink)
        .transform_filter(alt.datum.seen),
        base.mark_text(fontSize=size).encode(text="mean:N", color=ink).transform_filter(measured),
        base.mark_text(fontSize=size, color=MISSING)
        .encode(text="mean:N")
        .transform_filter(missing),
    ).properties(height=alt.Step(22))


def _grid(
    cells: pd.DataFrame, means: pd.DataFrame, configurations: list[str], rows: list[str]
) -> pd.DataFrame:
    """One row a cell of the heatmap, the ones never measured too."""
    measured = pd.concat(
        [
            cells.rename(columns={"target": "row"}),
            means.rename(columns={"over": "row", "targets": "n"}).assign(seen=False),
        ]
    )
    index = pd.MultiIndex.from_product([configurations, rows], names=["configuration", "row"])
    grid = measured.set_index(["configuration", "row"]).reindex(index).reset_index()
    grid["seen"] = grid["seen"].eq(True)
    return grid


def _describe(grid: pd.DataFrame, gain: bool) -> None:
    """Adds what is printed: mean, interval, whether the target was trained on."""
    grid["mean"] = [percent(value, gain) for value in grid["value"]]
    grid["interval"] = [
        f"{percent(low, gain)} to {percent(high, gain)}"
        for low, high in zip(grid["low"], grid["high"], strict=True)
    ]
    grid["trained"] = np.where(grid["seen"], "yes", "no")


def percent(value: float, gain: bool = False) -> str:
    """A share as per cent with one decimal; signed as a gain; a dash when it is missing."""
    if value is None or math.isnan(value):
        return "–"
    text = f"{100 * value:+.1f}" if gain else f"{100 * value:.1f}"
    return text.replace("-", "−")


def _domain(values: pd.Series[float], gain: bool) -> tuple[float, float]:
    known = values.dropna()
    if gain:
        most = max(0.01, float(known.abs().max())) if len(known) else 0.01
        return -most, most
    if known.empty:
        return 0.0, 1.0
    low, high = math.floor(known.min() * 20) / 20, math.ceil(known.max() * 20) / 20
    return low, max(high, low + 0.05)


def _is_dark(value: float, low: float, high: float, gain: bool) -> bool:
    """Whether white is read more easily than black on the colour of a value."""
    if math.isnan(value):
        return False
    place = (value - low) / (high - low)
    return place < 0.1 or place > 0.93 if gain else place < 0.42


def means_chart(means: pd.DataFrame, points: pd.DataFrame, gain: bool) -> Chart:
    """Means over all, seen and unseen targets by configuration, with intervals; where there are
    few seeds, a tick for each (points, empty where they are many)."""
    shown = means.assign(
        mean=[percent(value, gain) for value in means["value"]],
        interval=[
            f"{percent(low, gain)} to {percent(high, gain)}"
            for low, high in zip(means["low"], means["high"], strict=True)
        ],
    )
    over = list(dict.fromkeys(means["over"]))
    colour = alt.Color(
        "over:N",
        sort=over,
        scale=alt.Scale(domain=over, range=list(OKABE_ITO[: len(over)])),
        legend=alt.Legend(title=None, orient="top"),
    )
    encoding: dict[str, Any] = {
        "y": alt.Y(
            "configuration:N",
            sort=list(dict.fromkeys(means["configuration"])),
            axis=alt.Axis(title=None, labelLimit=180, ticks=False, domain=False),
        ),
        "yOffset": alt.YOffset("over:N", sort=over),
        "color": colour,
    }
    title = "Gain in accuracy" if gain else "Accuracy"
    scale = alt.Scale(zero=False, padding=12)
    axis = alt.Axis(format="+.1%" if gain else ".0%", title=title, tickCount=5)
    tooltip = [
        alt.Tooltip("configuration:N", title="Trained on"),
        alt.Tooltip("over:N", title="Targets"),
        alt.Tooltip("mean:N", title="Gain, points" if gain else "Mean, %"),
        alt.Tooltip("interval:N", title="95 % interval"),
        alt.Tooltip("seeds:Q", title="Seeds"),
        alt.Tooltip("targets:Q", title="Number of targets"),
    ]
    base = alt.Chart(shown).encode(tooltip=tooltip, **encoding)
    seed = alt.Chart(points).encode(**encoding)
    layers = [
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"),
        seed.mark_tick(thickness=1.5, size=9, opacity=0.7).encode(
            x="value:Q",
            tooltip=[
                alt.Tooltip("seed:Q", title="Seed"),
                alt.Tooltip("value:Q", title=title, format=".1%"),
            ],
        ),
        base.mark_point(filled=True, size=70, opacity=1).encode(
            x="value:Q", shape=alt.Shape("over:N", sort=over, legend=None)
        ),
    ]
    if gain:
        zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(strokeDash=[3, 3], color=MISSING)
        layers.insert(0, zero.encode(x="zero:Q"))
    return alt.layer(*layers).properties(height=alt.Step(18))


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
                alt.Tooltip("name:N", title="Language"),
                alt.Tooltip("group:N", title="Group"),
                alt.Tooltip("item:Q", title="Sentence"),
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


def loss_curve(history: pd.DataFrame, total: int) -> Chart:
    """Training loss by step; the axis reaches to the last step to come."""
    last = max(total, int(history["step"].max()) if len(history) else 1, 1)
    chart: Chart = (
        alt.Chart(history)
        .mark_line(strokeWidth=2, color=OKABE_ITO[0])
        .encode(
            x=alt.X(
                "step:Q",
                title="Step",
                scale=alt.Scale(domain=[0, last], nice=False),
                axis=alt.Axis(tickCount=5, grid=False),
            ),
            y=alt.Y("loss:Q", title="Loss", axis=alt.Axis(tickCount=4)),
            tooltip=[
                alt.Tooltip("step:Q", title="Step"),
                alt.Tooltip("loss:Q", title="Loss", format=".3f"),
                alt.Tooltip("tokens_per_second:Q", title="Tokens a second", format=",.0f"),
            ],
        )
        .properties(height=180)
    )
    return chart
