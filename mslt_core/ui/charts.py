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

from mslt_core.analysis.measured import OVER
from mslt_core.analysis.transfer import Transfer
from mslt_core.ui import words

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C")
MISSING = "#767676"

Chart = alt.Chart | alt.LayerChart | alt.FacetChart

NARROW, LETTER = 200, 6
"""Pixels of all columns of a heatmap on a telephone, and of a letter above them."""
_GAP = "\u2007"  # a column of its own, as blank as it looks
_PART = ", | · "
_LINES = f"split(datum.label, /{_PART}/)"


def heatmap(
    found: Transfer,
    configurations: Sequence[str],
    targets: Sequence[str],
    names: dict[str, str],
    gain: bool,
) -> Chart:
    """Source sets across, targets down, and above a gap the means over all, seen and unseen.

    Targets go down because a task has dozens of them, and beside a map there is room for few
    columns. configurations and targets: all that are to stand there; a pair that was not measured
    is a grey cell with a dash. names says what people call the targets and `all`, `seen`,
    `unseen`. gain: values are differences.
    """
    cells, means = found.cells, found.means
    groups = [over for over in OVER if over in set(means["over"])]
    targets = sorted(targets, key=lambda tag: names.get(tag, tag))
    grid = _grid(cells, means, configurations, [*groups, *targets])
    grid["name"] = grid["row"].map(names).fillna(grid["row"])
    _describe(grid, gain)
    low, high = _domain(grid["value"], gain)
    grid["dark"] = [_is_dark(value, low, high, gain) for value in grid["value"]]
    gap = [_GAP] if groups else []
    rows = [names.get(row, row) for row in (*groups, *gap, *targets)]

    quiet: dict[str, Any] = {"title": None, "ticks": False, "domain": False, "labelFlush": False}
    quiet["labelOverlap"] = False  # a column without its name cannot be read
    across = alt.Axis(orient="top", **_heads(configurations), **quiet)
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
        alt.Tooltip("configuration:N", title=words.TRAINED_ON),
        alt.Tooltip("name:N", title=words.TARGET),
        alt.Tooltip("trained:N", title=words.IN_TRAINING),
        alt.Tooltip("mean:N", title=words.GAIN_POINTS if gain else words.MEAN_PERCENT),
        alt.Tooltip("interval:N", title=words.INTERVAL),
        alt.Tooltip("seeds:Q", title=words.SEEDS),
        alt.Tooltip("behind:N", title=words.BEHIND),
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


def _heads(configurations: Sequence[str]) -> dict[str, Any]:
    """How names stand above columns: in lines, a part each, for which they need room; or upright,
    where lines side by side would cover one another on a narrow page."""
    parts = [re.split(_PART, name) for name in configurations]
    widest = max((len(part) for name in parts for part in name), default=0)
    if widest * LETTER * len(configurations) > NARROW:
        return {"labelAngle": -90, "labelLimit": 260, "labelPadding": 4}
    lines = max(map(len, parts), default=1)
    return {"labelAngle": 0, "labelExpr": _LINES, "labelPadding": 13 * lines - 7}


def _grid(
    cells: pd.DataFrame, means: pd.DataFrame, configurations: Sequence[str], rows: list[str]
) -> pd.DataFrame:
    """One row a cell of the heatmap, the ones never measured too."""
    measured = pd.concat(
        [
            cells.rename(columns={"target": "row"}),
            means.rename(columns={"over": "row"}).assign(seen=False),
        ]
    )
    index = pd.MultiIndex.from_product([configurations, rows], names=["configuration", "row"])
    grid = measured.set_index(["configuration", "row"]).reindex(index).reset_index()
    grid["seen"] = grid["seen"].eq(True)
    numbers = ["value", "low", "high", "n", "targets"]
    grid[numbers] = grid[numbers].astype(float)  # where a table was empty they are objects
    return grid


def _describe(grid: pd.DataFrame, gain: bool) -> None:
    """Adds what is printed: mean, interval, whether the target was trained on."""
    grid["mean"] = [percent(value, gain) for value in grid["value"]]
    grid["interval"] = _intervals(grid, gain)
    grid["trained"] = np.where(grid["seen"], words.YES, words.NO)
    grid["behind"] = [
        words.BEHIND_TARGETS.format(count=int(targets), s="" if targets == 1 else "s")
        if targets > 0
        else words.BEHIND_ITEMS.format(count=int(items))
        if items > 0
        else ""
        for items, targets in zip(grid["n"], grid["targets"], strict=True)
    ]


def _intervals(table: pd.DataFrame, gain: bool) -> list[str]:
    return [
        words.FROM_TO.format(low=percent(low, gain), high=percent(high, gain))
        for low, high in zip(table["low"], table["high"], strict=True)
    ]


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


def means_chart(means: pd.DataFrame, points: pd.DataFrame, gain: bool, title: str) -> Chart:
    """Means over all, seen and unseen targets by configuration, with intervals; where there are
    few seeds, a tick for each (points, empty where they are many). title: what is measured."""
    called = words.OVER_SHORT
    shown = means.assign(
        mean=[percent(value, gain) for value in means["value"]],
        interval=_intervals(means, gain),
        over=means["over"].map(called),
    )
    points = points.assign(over=points["over"].map(called))
    over = list(dict.fromkeys(shown["over"]))
    colour = alt.Color(
        "over:N",
        sort=over,
        scale=alt.Scale(domain=over, range=list(OKABE_ITO[: len(over)])),
        # Two columns, so that nothing is cut off where the page is narrow.
        legend=alt.Legend(title=None, orient="top", columns=2),
    )
    encoding: dict[str, Any] = {
        "y": alt.Y(
            "configuration:N",
            sort=list(dict.fromkeys(means["configuration"])),
            axis=alt.Axis(title=None, labelLimit=260, ticks=False, domain=False),
        ),
        "yOffset": alt.YOffset("over:N", sort=over),
        "color": colour,
    }
    scale = alt.Scale(zero=False, padding=12)
    axis = alt.Axis(format="+.1%" if gain else ".0%", title=title, tickCount=5)
    tooltip = [
        alt.Tooltip("configuration:N", title=words.TRAINED_ON),
        alt.Tooltip("over:N", title=words.TARGETS_TITLE),
        alt.Tooltip("mean:N", title=words.GAIN_POINTS if gain else words.MEAN_PERCENT),
        alt.Tooltip("interval:N", title=words.INTERVAL),
        alt.Tooltip("seeds:Q", title=words.SEEDS),
        alt.Tooltip("targets:Q", title=words.BEHIND_COUNT),
    ]
    base = alt.Chart(shown).encode(tooltip=tooltip, **encoding)
    seed = alt.Chart(points).encode(**encoding)
    layers = [
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"),
        seed.mark_tick(thickness=1.5, size=9, opacity=0.7).encode(
            x="value:Q",
            tooltip=[
                alt.Tooltip("seed:Q", title=words.SEED_TITLE),
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


def loss_curve(history: pd.DataFrame, total: int) -> Chart:
    """Training loss by step; the axis reaches to the last step to come."""
    last = max(total, int(history["step"].max()) if len(history) else 1, 1)
    chart: Chart = (
        alt.Chart(history)
        .mark_line(strokeWidth=2, color=OKABE_ITO[0])
        .encode(
            x=alt.X(
                "step:Q",
                title=words.STEP_TITLE,
                scale=alt.Scale(domain=[0, last], nice=False),
                axis=alt.Axis(tickCount=5, grid=False),
            ),
            y=alt.Y("loss:Q", title=words.LOSS_TITLE, axis=alt.Axis(tickCount=4)),
            tooltip=[
                alt.Tooltip("step:Q", title=words.STEP_TITLE),
                alt.Tooltip("loss:Q", title=words.LOSS_TITLE, format=".3f"),
                alt.Tooltip("tokens_per_second:Q", title=words.TOKENS_TITLE, format=",.0f"),
            ],
        )
        .properties(height=180)
    )
    return chart
