"""The panel "Do the languages mix?": what training did to the space that the languages share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.analysis.mixing import METRIC, METRICS, Metric, Subset, changes
from mslt_core.analysis.mixing.metrics import Family
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.ui import frame, layers, mixing_chart, pairs, words, words_mixing
from mslt_core.ui.caveats import of_chart
from mslt_core.ui.columns import BEFORE_LOOK, Look, looks
from mslt_core.ui.links import recall, remember, unless
from mslt_core.ui.measured_sets import SHOWN_SUBSETS, Comparison, MeasuredSet, measured_on
from mslt_core.ui.mixing_runs import measured
from mslt_core.ui.mixing_sentence import number, sentence, span, towards
from mslt_core.ui.mixing_tables import Tables, tables
from mslt_core.ui.sets import Sets
from mslt_core.ui.views import csv


def mixing(store: Store, sets: Sets, baseline: RunSpec) -> None:
    """Mixing, alignment and controls of the source sets, and what changed in them."""
    st.subheader(words_mixing.MIXING)
    found, reasons = measured(store, sets)
    if found:
        # A fragment: another choice of languages draws this panel alone.
        st.caption(measured_on(found))
        drawn = tables(str(store.home), found, sets.names[baseline])
        st.fragment(_panel)(store, found, drawn, looks(sets))
    if reasons:
        st.caption(words_mixing.MIX_MISSING.format(reasons=" ".join(reasons)))


@frame.told()
def _panel(
    store: Store, sets: tuple[MeasuredSet, ...], found: Tables, known: dict[str, Look]
) -> None:
    over = _over()
    for comparison in filter(None, (found.between, *found.trainings)):
        said = sentence(comparison, over)
        if said:
            st.markdown(said)
            break
    if found.apart:
        st.caption(found.apart)
    if over != "all" and not found.same_seen:
        st.caption(words_mixing.MIX_OTHER_SEEN)
    marks = found.marks[found.marks["subset"] == over]
    without = marks.groupby("column", sort=False)["value"].count() == 0
    if without.any():
        st.caption(words_mixing.MIX_NO_VALUE.format(columns="; ".join(without.index[without])))
    if without.all():
        return
    columns = {name: known.get(name, BEFORE_LOOK) for name in dict.fromkeys(marks["column"])}
    _charts(marks, found.points[found.points["subset"] == over], columns)
    seeds = marks[marks["tuned"]]["seeds"]
    st.caption(" ".join([words_mixing.MIX_CAPTION, *of_chart(seeds)]))
    with st.expander(words_mixing.MIX_VALUES):
        st.dataframe(_named(marks), hide_index=True, alt=words_mixing.ALT_MIX_VALUES)
        csv(found.marks, "mixing")
    pairs.pairs(str(store.home), sets)
    _changes(found, over)
    layers.layers(store, sets, columns, over, marks)


def _over() -> Subset:
    """Over which languages values are shown."""
    recall("mix_over", "all", str, SHOWN_SUBSETS.__contains__)
    chosen: Subset | None = st.segmented_control(
        words_mixing.MIX_OVER_LABEL,
        SHOWN_SUBSETS,
        key="mix_over",
        format_func=words_mixing.MIX_OVER.__getitem__,
        required=True,
        label_visibility="collapsed",
    )
    over: Subset = chosen or "all"
    remember({"mix_over": unless(over, "all")})
    return over


def _charts(marks: pd.DataFrame, points: pd.DataFrame, columns: dict[str, Look]) -> None:
    """The two families side by side, and the controls beside them."""
    drawing = _drawing(tuple(columns.items()))
    left, right = st.columns(2, gap="medium")
    for place, families in ((left, ("mixing",)), (right, ("alignment", "control"))):
        with place:
            for family in families:
                st.markdown(
                    words_mixing.MIX_FAMILY_HEADING.format(family=words_mixing.MIX_FAMILIES[family])
                )
                for metric in (metric for metric in METRICS if metric.family == family):
                    _chart(metric, drawing, marks, points)


@st.cache_resource(show_spinner=False, max_entries=60)
def _drawing(columns: tuple[tuple[str, Look], ...]) -> dict[str, Any]:
    return mixing_chart.drawing(dict(columns))


def _chart(
    metric: Metric, drawing: Mapping[str, Any], marks: pd.DataFrame, points: pd.DataFrame
) -> None:
    marks, points = (table[table["metric"] == metric.key] for table in (marks, points))
    name, way = words_mixing.MIX_METRICS[metric.key], towards(metric)
    st.markdown(
        words_mixing.MIX_METRIC.format(metric=name, towards=way),
        help=words_mixing.MIX_HELP[metric.key],
    )
    if marks["value"].isna().all():
        st.caption(words_mixing.MIX_UNDEFINED)
        return
    rows = mixing_chart.rows(marks, points)
    shown = rows[rows["seed"].isna()]
    values = "; ".join(
        words_mixing.MIX_ALT_VALUE.format(column=row.column, value=row.said, interval=row.interval)
        for row in shown.itertuples()
    )
    alt = words_mixing.MIX_ALT.format(metric=name, towards=way, values=values)
    st.vega_lite_chart(rows, dict(drawing), alt=alt)


def _changes(found: Tables, over: Subset) -> None:
    """A table with a row a measure and a column a comparison, and the CSV of its numbers."""
    comparisons = [*found.trainings, *filter(None, [found.between])]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{words_mixing.MIX_CHANGES}**", width="stretch")
        csv(_tidy(comparisons), "mixing-changes")
    cells = {_step(one): _cells(one, over) for one in comparisons}
    table = pd.DataFrame(cells, index=[metric.key for metric in METRICS], dtype=object)
    table = table.rename(index=words_mixing.MIX_METRICS).rename_axis(
        words_mixing.MIX_COLUMNS["metric"]
    )
    st.dataframe(table.fillna(words.MIX_NONE), alt=words_mixing.ALT_MIX_CHANGES)
    st.caption(words_mixing.MIX_CHANGES_CAPTION)


def _step(comparison: Comparison) -> str:
    return words_mixing.MIX_STEP.format(before=comparison.before, after=comparison.after)


def _cells(comparison: Comparison, over: Subset) -> dict[str, str]:
    """By measure its change in words."""
    said = changes(comparison.table, over)
    rows: Iterable[Any] = comparison.table[comparison.table["subset"] == over].itertuples()
    return {
        row.metric: words_mixing.MIX_CELL.format(
            change=number(row.value, signed=True),
            interval=span(row.low, row.high, signed=True),
            said=words_mixing.MIX_CELL_SAID[METRIC[row.metric].family, said[row.metric]],
        )
        for row in rows
        if row.metric in said
    }


def _tidy(comparisons: Iterable[Comparison]) -> pd.DataFrame:
    return pd.concat(
        [one.table.assign(step=_step(one), seeds=one.seeds) for one in comparisons],
        ignore_index=True,
    )


def _named(marks: pd.DataFrame) -> pd.DataFrame:
    """Marks as people read them."""
    family: dict[str, Family] = {key: metric.family for key, metric in METRIC.items()}
    named = marks.assign(
        family=marks["metric"].map(family).map(words_mixing.MIX_FAMILY),
        metric=marks["metric"].map(words_mixing.MIX_METRICS),
    )
    return named[list(words_mixing.MIX_COLUMNS)].rename(columns=words_mixing.MIX_COLUMNS).round(4)
