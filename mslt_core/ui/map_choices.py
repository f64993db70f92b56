"""What a person can choose of the embedding map, in one row of controls, kept in the address."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from mslt_core.catalog import models
from mslt_core.jobs.maps import MapSpec
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import words, words_compare
from mslt_core.ui.links import recall, remember, unless
from mslt_core.ui.map_columns import MapColumns

Pooling = Literal["mean", "first"]


@dataclass(frozen=True)
class Choices:
    """spec: the map that is asked for. colour: what points are coloured by. join: whether
    translations are joined by lines."""

    spec: MapSpec
    colour: str
    join: bool


def choices(store: Store, found: MapColumns, classes: bool, translated: bool) -> Choices:
    """Draws the controls. classes: whether sentences have classes to colour them by; translated:
    whether they are translations of one another."""
    layers = _layers(store, found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = _method()
        pooling, layer = _depth(found, layers) if layers else (None, None)
        colour = _colour(classes)
        join = _join() if translated else False
    panels = tuple((column.run.run_id, column.when) for column in found.columns)
    return Choices(MapSpec(panels, method, pooling, layer), colour, join)


def pooling_of_curves() -> Pooling:
    """The pooling that was chosen, for what else is drawn of a model's layers."""
    return "first" if st.session_state.get("map_pooling") == "first" else "mean"


def _method() -> Literal["pca", "tsne"]:
    recall("map_method", "pca", str, words_compare.MAP_METHODS.__contains__)
    chosen = st.segmented_control(
        words_compare.MAP_METHOD,
        list(words_compare.MAP_METHODS),
        key="map_method",
        format_func=words_compare.MAP_METHODS.__getitem__,
        required=True,
        help=words_compare.MAP_METHOD_HELP,
    )
    remember({"map_method": unless(chosen, "pca")})
    return "tsne" if chosen == "tsne" else "pca"


def _depth(found: MapColumns, layers: tuple[int, ...]) -> tuple[Pooling | None, int | None]:
    """Pooling and layer; none for both where these would give the vectors that scores stand on,
    of which there are more sentences."""
    own = _own_pooling(found)
    usual = "first" if own == "first" else "mean"
    last = layers[-1]
    recall("map_layer", last, int, layers.__contains__)
    layer: int = st.select_slider(
        words_compare.MAP_LAYER,
        layers,
        key="map_layer",
        format_func=lambda layer: words_compare.LAYER_NAMES.get(layer, str(layer)),
        help=words_compare.MAP_LAYER_HELP,
        width=220,
    )
    recall("map_pooling", usual, str, words.MAP_POOLINGS.__contains__)
    chosen = st.segmented_control(
        words_compare.MAP_POOLING,
        list(words.MAP_POOLINGS),
        key="map_pooling",
        format_func=words.MAP_POOLINGS.__getitem__,
        required=True,
        help=words_compare.MAP_POOLING_HELP,
    )
    remember({"map_layer": unless(layer, last), "map_pooling": unless(chosen, usual)})
    pooling: Pooling = "first" if chosen == "first" else "mean"
    return (None, None) if (layer, pooling) == (last, own) else (pooling, layer)


def _colour(classes: bool) -> str:
    offered = [name for name in words_compare.COLOURS if classes or name != "label"]
    recall("colour", "language", str, offered.__contains__)
    chosen = st.selectbox(
        words.COLOUR_BY,
        offered,
        key="colour",
        format_func=words_compare.COLOURS.__getitem__,
        width=150,
    )
    remember({"colour": unless(chosen, "language")})
    return str(chosen or "language")


def _join() -> bool:
    recall("join", False, lambda said: said == "yes", lambda said: isinstance(said, bool))
    join = st.toggle(words_compare.MAP_JOIN, key="join", help=words_compare.MAP_JOIN_HELP)
    remember({"join": "yes" if join else ""})
    return join


def _own_pooling(found: MapColumns) -> str:
    """How the vectors that scores stand on are pooled, as far as the models' cards say."""
    used = {column.run.spec.model for column in found.columns}
    poolings = {models.CARDS[name].pooling if name in models.CARDS else "mean" for name in used}
    return poolings.pop() if len(poolings) == 1 else ""


def _layers(store: Store, found: MapColumns) -> tuple[int, ...]:
    """The layers of which every column has vectors, ascending."""
    stored = [
        set(_stored(str(store.home), column.run.run_id, column.run.finished or 0.0))
        for column in found.columns
    ]
    return tuple(sorted(set.intersection(*stored))) if stored else ()


@st.cache_data(show_spinner=False, max_entries=500)
def _stored(home: str, run_id: str, finished: float) -> tuple[int, ...]:
    try:
        return Store(Path(home)).layers(run_id)
    except UserError:
        return ()  # a damaged file: the map of the run's own vectors is still there
