"""Charts of the Data page: a DataFrame in, an Altair chart out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from mslt_core.ui import words, words_data
from mslt_core.ui.charts import MISSING, OKABE_ITO, Chart

ASLANT = 8
"""Labels up to which their names stand aslant; more stand upright, or a phone has no room."""
PRINTED = 20
"""Labels up to which the shares are printed in the cells."""

_QUIET: dict[str, Any] = {"title": None, "ticks": False, "domain": False, "labelFlush": False}


def balance(counts: pd.DataFrame, labels: Sequence[str]) -> Chart:
    """Labels across, languages down, the share of each label as a colour, printed if they are few.

    counts: name (of the language), label, count, share (of the language's labels, 0 to 1;
    NaN, a grey cell, where the language has none).
    """
    shares = counts["share"]
    shown = counts.assign(
        percent=["–" if pd.isna(share) else f"{100 * share:.0f}" for share in shares]
    )
    most = float(shown["share"].max()) or 1.0
    shown["dark"] = shown["share"] < 0.5 * most
    names = sorted(shown["name"].unique())
    base = alt.Chart(shown).encode(
        x=alt.X(
            "label:N",
            scale=alt.Scale(domain=list(labels), padding=0.04),
            axis=alt.Axis(
                orient="top",
                labelAngle=-45 if len(labels) <= ASLANT else -90,
                labelFontSize=11 if len(labels) <= ASLANT else 9,
                labelLimit=170,
                labelOverlap=False if len(labels) <= PRINTED else "greedy",
                **_QUIET,
            ),
        ),
        y=alt.Y(
            "name:N",
            scale=alt.Scale(domain=names, padding=0.04),
            axis=alt.Axis(labelLimit=180, labelOverlap=False, **_QUIET),
        ),
        tooltip=[
            alt.Tooltip("name:N", title=words.LANGUAGE_TITLE),
            alt.Tooltip("label:N", title=words_data.LABEL),
            alt.Tooltip("count:Q", title=words_data.COUNT_TITLE, format=","),
            alt.Tooltip("share:Q", title=words_data.SHARE_TITLE, format=".1%"),
        ],
    )
    measured, missing = alt.datum.share != None, alt.datum.share == None  # noqa: E711
    cells = base.mark_rect().encode(
        color=alt.Color(
            "share:Q",
            scale=alt.Scale(scheme="viridis", domain=[0, most]),
            legend=alt.Legend(
                title=words_data.SHARE_TITLE, format=".0%", orient="bottom", gradientLength=160
            ),
        )
    )
    layers = [
        cells.transform_filter(measured),
        base.mark_rect(color=MISSING, opacity=0.25).transform_filter(missing),
    ]
    if len(labels) <= PRINTED:
        ink = alt.when(alt.datum.dark).then(alt.value("#ffffff")).otherwise(alt.value("#000000"))
        numbers = base.mark_text(fontSize=10).encode(text="percent:N")
        layers += [
            numbers.encode(color=ink).transform_filter(measured),
            numbers.encode(color=alt.value(MISSING)).transform_filter(missing),
        ]
    return alt.layer(*layers).properties(height=alt.Step(18))


def sizes(items: pd.DataFrame, splits: Sequence[str]) -> Chart:
    """Numbers of items by language, its splits side by side in one bar.

    items: name (of the language), split, count.
    """
    longest = items.groupby("name")["count"].sum().sort_values(ascending=False)
    chart: Chart = (
        alt.Chart(items)
        .mark_bar()
        .encode(
            y=alt.Y(
                "name:N",
                sort=list(longest.index),
                axis=alt.Axis(labelLimit=180, labelOverlap=False, **_QUIET),
            ),
            x=alt.X("count:Q", title=words_data.ITEMS_TITLE),
            color=alt.Color(
                "split:N",
                scale=alt.Scale(domain=list(splits), range=list(OKABE_ITO[: len(splits)])),
                legend=alt.Legend(title=None, orient="top"),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("name:N", title=words.LANGUAGE_TITLE),
                alt.Tooltip("split:N", title=words_data.SPLIT),
                alt.Tooltip("count:Q", title=words_data.ITEMS_TITLE, format=","),
            ],
        )
        .transform_calculate(rank=f"indexof({list(splits)!r}, datum.split)")
        .properties(height=alt.Step(16))
    )
    return chart


def lengths(
    table: pd.DataFrame, measure: str, title: str, format: str, rule: float | None
) -> Chart:
    """A dot a language at the end of a line from 0, the largest value above, with its number.

    table: name, script, and the measure, without languages that lack it. rule: where a dashed
    line stands, the value of English, None for none.
    """
    ranked = table.sort_values([measure, "name"], ascending=[False, True])
    base = alt.Chart(ranked).encode(
        y=alt.Y(
            "name:N",
            sort=list(ranked["name"]),
            axis=alt.Axis(labelLimit=180, labelOverlap=False, **_QUIET),
        ),
        x=alt.X(
            f"{measure}:Q",
            title=None,
            scale=alt.Scale(zero=True, domainMax=1.15 * float(ranked[measure].max()) or 1.0),
            axis=alt.Axis(format=format.replace("2", "1"), tickCount=5, orient="top"),
        ),
        tooltip=[
            alt.Tooltip("name:N", title=words.LANGUAGE_TITLE),
            alt.Tooltip("script:N", title=words.GROUPS["script"]),
            alt.Tooltip(f"{measure}:Q", title=title, format=format),
            alt.Tooltip("items:Q", title=words_data.ITEMS_TITLE, format=","),
        ],
    )
    layers = [
        base.mark_rule(color=MISSING, opacity=0.5).encode(x2=alt.datum(0)),
        base.mark_point(filled=True, size=60, opacity=1, color=OKABE_ITO[0]),
        base.mark_text(align="left", dx=8, fontSize=11, color=MISSING).encode(
            text=alt.Text(f"{measure}:Q", format=format)
        ),
    ]
    if rule is not None:
        line = alt.Chart(pd.DataFrame({"rule": [rule]}))
        layers.insert(0, line.mark_rule(strokeDash=[4, 3], color=MISSING).encode(x="rule:Q"))
    return alt.layer(*layers).properties(height=alt.Step(17))
