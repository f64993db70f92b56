"""The charts of the page Which: a DataFrame in, an Altair chart out."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from mslt_core.ui import words, words_which
from mslt_core.ui.charts import MISSING, OKABE_ITO, Chart
from mslt_core.ui.columns import Look

MARKS = {
    "other": Look(MISSING, "circle"),
    "pick": Look(OKABE_ITO[0], "diamond"),
    "best": Look(OKABE_ITO[1], "triangle-up"),
    "guess": Look(OKABE_ITO[2], "square"),
}
_QUIET: dict[str, Any] = {"title": None, "ticks": False, "domain": False, "labelOverlap": False}


def scatter(points: pd.DataFrame, mean: float, x: str, y: str) -> Chart:
    """A point a set: what a criterion says of it, and its measured score with the interval.

    points: sources, criterion, value, low, high (scores in per cent), mark (`pick`, `best`,
    `guess`, or empty), label, and said_criterion, said_value, interval, seeds, targets for a
    pointer. mean: of all sets, which is what a random pick gives. x, y: titles.
    """
    looks = {mark: look for mark, look in MARKS.items() if mark in set(points["mark"])}
    base = alt.Chart(points).encode(
        x=alt.X("criterion:Q", title=x, scale=alt.Scale(zero=False, padding=18)),
        tooltip=[
            alt.Tooltip("sources:N", title=words.TRAINED_ON),
            alt.Tooltip("said_criterion:N", title=words_which.CRITERION),
            alt.Tooltip("said_value:N", title=words.MEAN_PERCENT),
            alt.Tooltip("interval:N", title=words.INTERVAL),
            alt.Tooltip("seeds:Q", title=words.SEEDS),
            alt.Tooltip("targets:Q", title=words.BEHIND_COUNT),
        ],
    )
    value = alt.Y("value:Q", title=y, scale=alt.Scale(zero=False, padding=18))
    styles: dict[str, Any] = {
        "color": alt.Color(
            "mark:N",
            title=None,
            scale=alt.Scale(domain=list(looks), range=[look.colour for look in looks.values()]),
            legend=alt.Legend(orient="top", labelExpr=_called(words_which.MARKS), symbolOpacity=1),
        ),
        "shape": alt.Shape(
            "mark:N",
            title=None,
            scale=alt.Scale(domain=list(looks), range=[look.shape for look in looks.values()]),
        ),
    }
    labelled = alt.datum.label != ""
    return alt.layer(
        alt.Chart(pd.DataFrame({"mean": [mean]}))
        .mark_rule(strokeDash=[4, 4], color=MISSING)
        .encode(y="mean:Q", tooltip=alt.Tooltip("mean:Q", title=words_which.MEAN, format=".1f")),
        base.mark_rule(opacity=0.3, color=MISSING).encode(y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_point(filled=True, size=75, opacity=0.9).encode(y=value, **styles),
        base.mark_text(dy=-12, fontSize=11, fontWeight="bold", color=MISSING)
        .encode(y=value, text="label:N")
        .transform_filter(labelled),
    ).properties(height=340)


def matrix(cells: pd.DataFrame, languages: list[str], digits: int) -> Chart:
    """Distances of each two languages, those of the pick outlined.

    cells: one, other (names), distance (NaN on the diagonal), picked, said. languages: the names in
    their order.
    """
    most = float(cells["distance"].max()) or 1.0
    shown = cells.assign(dark=cells["distance"] < 0.45 * most)
    axis: dict[str, Any] = {"scale": alt.Scale(domain=languages, padding=0.05)}
    base = alt.Chart(shown).encode(
        x=alt.X("other:N", axis=alt.Axis(orient="top", labelAngle=-40, **_QUIET), **axis),
        y=alt.Y("one:N", axis=alt.Axis(labelLimit=150, **_QUIET), **axis),
        tooltip=[
            alt.Tooltip("one:N", title=words.LANGUAGE_TITLE),
            alt.Tooltip("other:N", title=words.LANGUAGE_TITLE),
            alt.Tooltip("said:N", title=words_which.DISTANCE),
            alt.Tooltip("within:N", title=words_which.IN_PICK),
        ],
    )
    known = alt.datum.distance != None  # noqa: E711
    inset = alt.RelativeBandSize(band=0.9)
    ink = alt.when(alt.datum.dark).then(alt.value("#ffffff")).otherwise(alt.value("#000000"))
    return alt.layer(
        base.mark_rect()
        .encode(
            color=alt.Color(
                "distance:Q",
                legend=None,
                scale=alt.Scale(scheme="viridis", domain=[0, most]),
            )
        )
        .transform_filter(known),
        base.mark_rect(filled=False, strokeWidth=3, width=inset, height=inset)
        .encode(stroke=ink)
        .transform_filter(alt.datum.picked),
        base.mark_text(fontSize=11)
        .encode(text=alt.Text("distance:Q", format=f".{digits}f"), color=ink)
        .transform_filter(known),
    ).properties(height=alt.Step(34))


def values(table: pd.DataFrame) -> Chart:
    """What each language is worth, with intervals, best first.

    table: name, value, low, high (points), said, interval.
    """
    base = alt.Chart(table).encode(
        y=alt.Y("name:N", sort=list(table["name"]), axis=alt.Axis(labelLimit=160, **_QUIET)),
        tooltip=[
            alt.Tooltip("name:N", title=words.LANGUAGE_TITLE),
            alt.Tooltip("said:N", title=words_which.WORTH_POINTS),
            alt.Tooltip("interval:N", title=words.INTERVAL),
        ],
    )
    x = alt.X("value:Q", title=words_which.WORTH_AXIS, scale=alt.Scale(padding=12))
    return alt.layer(
        alt.Chart(pd.DataFrame({"zero": [0]}))
        .mark_rule(strokeDash=[4, 4], color=MISSING)
        .encode(x="zero:Q"),
        base.mark_rule(strokeWidth=2, color=OKABE_ITO[0]).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_point(filled=True, size=80, opacity=1, color=OKABE_ITO[0]).encode(x=x),
        base.mark_text(align="left", dx=6, fontSize=11, color=MISSING).encode(
            x=alt.value("width"), text="said:N"
        ),
    ).properties(height=alt.Step(26))


def _called(names: dict[str, str]) -> str:
    """A Vega expression that puts names in the place of keys."""
    said = ", ".join(f"'{key}': '{name}'" for key, name in names.items())
    return f"({{{said}}})[datum.label]"
