"""The embedding map: the same sentences before and after training, in one shared projection.

The projection is computed by a process that the worker starts; here it is asked for and drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mslt_core.jobs import maps, worker
from mslt_core.jobs.maps import Map, MapSpec, MapState
from mslt_core.jobs.store import Store
from mslt_core.ui import frame, map_chart, words_compare
from mslt_core.ui.map_choices import Choices, choices, pooling_of_curves
from mslt_core.ui.map_columns import Column, MapColumns, map_columns
from mslt_core.ui.map_points import Sentences, drawn, sentences
from mslt_core.ui.sets import Sets, told, translated
from mslt_core.ui.views import as_chart

ACROSS = 4
"""Panels that stand in a row, at most."""
TABLE = ["panel", "language", "item", "id", "label", "said", "twin", "x", "y"]


def embedding_map(store: Store, sets: Sets) -> None:
    """A panel for each model before training and each source set, in one projection."""
    # A fragment: other colours draw the map alone. It looks again while the map is waited for.
    waits, _ = st.session_state.get("map_drawn", (False, None))
    st.fragment(_map, run_every=frame.refresh(waits))(store, sets)


@frame.told()
def _map(store: Store, sets: Sets) -> None:
    found = map_columns(store, sets)
    if not found.columns:
        st.subheader(words_compare.MAP)
        st.caption(words_compare.MAP_NONE)
        return
    columns = found.columns
    languages = tuple(sorted({tag for column in columns for tag in column.run.spec.targets}))
    known = [sentences(store, column, languages) for column in columns]
    title = st.container()
    chosen = choices(
        store,
        found,
        classes=any(one.labels for one in known),
        translated=translated(store, columns[0].run),
    )
    state = _asked(store, chosen.spec, found.finished)
    waiting = state.map is None and not state.failed
    _redraw_the_page(waiting)
    if state.map is not None:
        points, rows = _drawn(store, state.map, found, known, chosen)
        _show(title, state.map, points, rows, columns, chosen)
        of_map = told(store, columns[0].run)
        if of_map and of_map.messages:
            st.caption(words_compare.MAP_MESSAGES)
        if not any(one.texts for one in known):
            st.caption(words_compare.MAP_NO_TEXTS)
    else:
        title.subheader(words_compare.MAP)
        if state.failed:
            st.caption(words_compare.MAP_FAILED.format(reason=state.failed))
        else:
            worker.ensure_worker(store.home)
            _placeholder(columns, chosen.spec)
    _say_what_is_missing(sets, found)


def _redraw_the_page(waiting: bool) -> None:
    """Draws the page anew where more than the map depends on what became of it: how often it looks
    again, and the curves over layers."""
    now = (waiting, pooling_of_curves())
    before = st.session_state.get("map_drawn", (False, now[1]))
    st.session_state.map_drawn = now
    if now != before:
        st.rerun()


def _asked(store: Store, spec: MapSpec, finished: tuple[float, ...]) -> MapState:
    """The map, or what became of asking for it."""
    try:
        return MapState(_kept(str(store.home), spec.key, finished, spec), "")
    except _NotThere as state:
        return state.state


class _NotThere(Exception):
    """There is no map, at least not yet: what is raised is not kept."""

    def __init__(self, state: MapState) -> None:
        super().__init__(state.failed)
        self.state = state


@st.cache_resource(show_spinner=False, max_entries=30)
def _kept(home: str, key: str, finished: tuple[float, ...], _spec: MapSpec) -> Map:
    """A map that was computed stays as it is."""
    state = maps.ask(Store(Path(home)), _spec)
    if state.map is None:
        raise _NotThere(state)
    return state.map


def _drawn(
    store: Store, found: Map, of: MapColumns, known: list[Sentences], chosen: Choices
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """The map's points, and the rows of each panel's drawing."""
    texts = tuple(one.texts for one in known)
    names = tuple(column.name for column in of.columns)
    key = (str(store.home), chosen.spec.key, of.finished, names, texts, chosen.colour)
    return _tables(*key, found, of.columns, known)


@st.cache_resource(show_spinner=False, max_entries=30)
def _tables(
    home: str,
    key: str,
    finished: tuple[float, ...],
    names: tuple[str, ...],
    texts: tuple[bool, ...],
    colour: str,
    _found: Map,
    _columns: tuple[Column, ...],
    _known: list[Sentences],
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    points = drawn(_found, _columns, _known, colour)
    axes, across = map_chart.domains(points), _across(len(names))
    parts = (points[points["panel"] == name] for name in names)
    return points, [map_chart.rows(part, axes, across) for part in parts]


def _show(
    title: DeltaGenerator,
    found: Map,
    points: pd.DataFrame,
    rows: list[pd.DataFrame],
    columns: tuple[Column, ...],
    chosen: Choices,
) -> None:
    names = [column.name for column in columns]
    with title:
        alt = _alt(", ".join(names), points)
        shown = as_chart(points[TABLE], "map", words_compare.MAP, alt)
    if shown:
        _panels(points, rows, columns, found.trustworthiness, chosen)
    said = [_how_to_read(found, chosen)]
    if chosen.join:
        said.append(words_compare.MAP_JOINED)
    st.caption(" ".join(said))


def _panels(
    points: pd.DataFrame,
    rows: list[pd.DataFrame],
    columns: tuple[Column, ...],
    trustworthiness: tuple[float, ...],
    chosen: Choices,
) -> None:
    axes, across = map_chart.domains(points), _across(len(columns))
    groups = tuple(sorted(set(points["group"])))
    by_language = chosen.colour == "language"
    if not by_language:
        st.vega_lite_chart(spec=dict(_legend(groups)), alt=", ".join(groups))
    # Where classes or lines are what is looked at, tags of languages would be in the way.
    tagged = by_language or not (chosen.join or chosen.colour == "label")
    labels = map_chart.font(points["language"].nunique(), across) if tagged else 0
    spec = _drawing(axes, groups, chosen.colour, chosen.join, labels, across)
    panels = zip(columns, rows, trustworthiness, _places(len(columns)), strict=True)
    for column, shown, trust, place in panels:
        with place:
            st.markdown(_title(column))
            st.vega_lite_chart(
                shown,
                map_chart.framed(spec, column.look.colour),
                alt=_alt(column.name, points[points["panel"] == column.name]),
            )
            st.caption(words_compare.TRUST.format(value=trust))


@st.cache_resource(show_spinner=False, max_entries=60)
def _drawing(*how: Any) -> dict[str, Any]:
    return map_chart.drawing(*how)


@st.cache_resource(show_spinner=False, max_entries=60)
def _legend(groups: tuple[str, ...]) -> dict[str, Any]:
    return map_chart.legend(groups)


def _title(column: Column) -> str:
    said = words_compare.MAP_PANEL if column.seed is None else words_compare.MAP_PANEL_SEED
    return said.format(name=column.name, seed=column.seed)


def _across(panels: int) -> int:
    """How many panels stand in a row."""
    return min(panels, ACROSS)


def _places(number: int) -> Iterator[DeltaGenerator]:
    """Where panels stand: equally wide in all rows, and never wider than half the page."""
    across = max(2, _across(number))
    for start in range(0, number, across):
        yield from st.columns(across, gap="small")[: number - start]


def _placeholder(columns: tuple[Column, ...], spec: MapSpec) -> None:
    """What stands in the place of the panels while they are computed."""
    height = map_chart.SIZES[_across(len(columns))][1]
    for column, place in zip(columns, _places(len(columns)), strict=True):
        with place:
            st.markdown(_title(column))
            box = st.container(
                border=True,
                height=height,
                horizontal_alignment="center",
                vertical_alignment="center",
            )
            box.caption(words_compare.MAP_WAITS[spec.method])


def _how_to_read(found: Map, chosen: Choices) -> str:
    if chosen.spec.method == "tsne" or found.variance is None:
        said = words_compare.MAP_CAPTION_TSNE
    else:
        said = words_compare.MAP_CAPTION.format(variance=found.variance)
    return f"{said} {words_compare.MAP_CAPTION_ALL}"


def _say_what_is_missing(sets: Sets, found: MapColumns) -> None:
    probes = [sets.names[spec] for spec in sets.groups if spec.method == "probe"]
    if probes:
        st.caption(words_compare.MAP_PROBE.format(configurations="; ".join(probes)))
    if found.other_sentences:
        names = "; ".join(found.other_sentences)
        st.caption(words_compare.MAP_OTHER_SENTENCES.format(configurations=names))
    if found.other_space:
        st.caption(
            words_compare.MAP_OTHER_SPACE.format(configurations="; ".join(found.other_space))
        )
    if found.no_before:
        st.caption(words_compare.MAP_NO_BEFORE.format(models=", ".join(found.no_before)))
    if found.left_over:
        shown = sum(column.when == "after" for column in found.columns)
        st.caption(words_compare.MAP_MORE.format(shown=shown, all=shown + found.left_over))


def _alt(panel: str, points: pd.DataFrame) -> str:
    return words_compare.ALT_MAP.format(
        panel=panel, points=len(points), languages=points["language"].nunique()
    )
