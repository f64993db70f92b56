"""How mixing goes over the layers of the models that the mixing panel compares."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.analysis.layer_curves import curve
from mslt_core.analysis.mixing import AFTER, BEFORE, METRIC, METRICS, Subset
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import layer_chart, words, words_mixing
from mslt_core.ui.columns import Look
from mslt_core.ui.links import recall, remember, unless
from mslt_core.ui.map_choices import pooling_of_curves
from mslt_core.ui.measured_sets import MeasuredSet
from mslt_core.ui.mixing_sentence import number, towards
from mslt_core.ui.views import as_chart

USUAL = ("language_probe", "retrieval")
"""The measures that are shown first, if there are any: they say the most to most people."""


@dataclass(frozen=True, eq=False)
class Layers:
    """Of a column of the mixing panel which side of its runs it is, their tables by layer, and why
    other runs have none."""

    space: str
    tables: list[pd.DataFrame]
    missing: list[str]


def layers(
    store: Store,
    found: Iterable[MeasuredSet],
    looks: Mapping[str, Look],
    over: Subset,
    marks: pd.DataFrame,
) -> None:
    """A line for each column over the layers, of a measure that the person chooses.

    looks: of the columns of the mixing panel in their order; each model before training stands
    before the sets that came from it. marks: the values that the panel shows of them.
    """
    columns = _columns(store, {one.name: one for one in found}, list(looks))
    with_layers = {name: one for name, one in columns.items() if one.tables}
    if not with_layers:
        said = dict.fromkeys(reason for one in columns.values() for reason in one.missing)
        st.caption(words_mixing.LAYERS_NONE.format(reasons=" ".join(said)))
        return
    pooling, title = _pooling(with_layers), st.container()
    metric = _metric(_measured(with_layers, pooling, over))
    curves = {
        name: curve(one.tables, one.space, pooling, over, metric)
        for name, one in with_layers.items()
    }
    rows = layer_chart.rows(curves)
    heading = words_mixing.LAYERS.format(pooling=words.MAP_POOLINGS[pooling].lower())
    alt = words_mixing.ALT_LAYERS.format(
        metric=words_mixing.MIX_METRICS[metric], values="; ".join(_ends(curves))
    )
    with title:
        shown = as_chart(_named(rows), "layers", heading, alt)
    if shown:
        drawing = _drawing(
            tuple((name, looks[name]) for name in with_layers),
            (words_mixing.MIX_METRICS[metric], towards(METRIC[metric])),
            METRIC[metric].lowest == 0,
        )
        st.vega_lite_chart(rows, dict(drawing), alt=alt)
    without = [name for name in columns if name not in with_layers]
    missing = words_mixing.LAYERS_MISSING.format(columns="; ".join(without)) if without else ""
    last = _last(curves, marks[marks["metric"] == metric])
    st.caption(" ".join(filter(None, [words_mixing.LAYERS_CAPTION, last, missing])))


def _columns(store: Store, sets: Mapping[str, MeasuredSet], names: list[str]) -> dict[str, Layers]:
    """Each column by its name, in the order of names."""
    found: dict[str, Layers] = {}
    of_set: list[pd.DataFrame] = []
    for name in reversed(names):
        if name in sets:
            runs = sets[name].runs
            read = [_stored(str(store.home), run_id, finished) for _, run_id, finished in runs]
            of_set = [table for table, _ in read if table is not None]
            found[name] = Layers(AFTER, of_set, [reason for _, reason in read if reason])
        else:  # before training: all seeds of the set that follows have the same
            found[name] = Layers(BEFORE, of_set[:1], [])
    return {name: found[name] for name in names}


@st.cache_resource(show_spinner=False, max_entries=500)
def _stored(home: str, run_id: str, finished: float) -> tuple[pd.DataFrame | None, str]:
    """The table of a run, or why it has none."""
    store = Store(Path(home))
    try:
        table = store.layer_mixing(run_id)
        return table, "" if table is not None else store.no_layers(run_id)
    except UserError as error:
        return None, str(error)


def _pooling(columns: Mapping[str, Layers]) -> str:
    """The pooling chosen for the map, if it was measured."""
    measured = {name for one in columns.values() for table in one.tables for name in table.pooling}
    chosen = pooling_of_curves()
    return chosen if chosen in measured else min(measured, default="mean")


def _measured(columns: Mapping[str, Layers], pooling: str, over: Subset) -> list[str]:
    """The measures that have a value at any layer."""
    found: set[str] = set()
    for one in columns.values():
        for table in one.tables:
            rows = (table["pooling"] == pooling) & (table["subset"] == over)
            found |= set(table[rows & table["value"].notna()]["metric"])
    return [metric.key for metric in METRICS if metric.key in found]


def _metric(offered: list[str]) -> str:
    usual = next((key for key in USUAL if key in offered), offered[0] if offered else USUAL[0])
    recall("layer_metric", usual, str, offered.__contains__)
    metric = st.selectbox(
        words.MEASURE,
        offered or [usual],
        key="layer_metric",
        format_func=words_mixing.MIX_METRICS.__getitem__,
        width=320,
    )
    remember({"layer_metric": unless(metric, usual)})
    return str(metric)


@st.cache_resource(show_spinner=False, max_entries=60)
def _drawing(
    looks: tuple[tuple[str, Look], ...], title: tuple[str, str], from_zero: bool
) -> dict[str, Any]:
    return layer_chart.drawing(dict(looks), list(title), from_zero)


def _last(curves: Mapping[str, pd.DataFrame], marks: pd.DataFrame) -> str:
    """How far the last values are from those of the same columns that the panel above shows, in a
    sentence; empty where it shows none."""
    above = marks.set_index("column")["value"]
    ends = {name: float(table["value"].iloc[-1]) for name, table in curves.items() if len(table)}
    both = [(end, float(above[name])) for name, end in ends.items() if name in above.index]
    pairs = [(end, value) for end, value in both if not math.isnan(value)]
    if not pairs:
        return ""
    end, value = max(pairs, key=lambda pair: abs(pair[0] - pair[1]))
    if number(end) == number(value):
        return words_mixing.LAYERS_SAME
    return words_mixing.LAYERS_LAST.format(
        change=number(abs(end - value)), here=number(end), above=number(value)
    )


def _ends(curves: Mapping[str, pd.DataFrame]) -> Iterable[str]:
    """Of each column its first and last value, for those who cannot see the chart."""
    for name, table in curves.items():
        if len(table):
            first, last = (number(float(table["value"].iloc[place])) for place in (0, -1))
            yield words_mixing.ALT_LAYERS_VALUE.format(column=name, first=first, last=last)


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """The values as people read them."""
    columns = {**words_mixing.LAYER_COLUMNS}
    return rows[list(columns)].rename(columns=columns)
