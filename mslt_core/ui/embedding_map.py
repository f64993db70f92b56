"""The embedding map: the same sentences before and after training, in one shared projection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from mslt_core.analysis.projection import Panel, Projection, project
from mslt_core.catalog import models
from mslt_core.catalog.languages import language
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec, UserError
from mslt_core.ui import map_chart, results, words
from mslt_core.ui.charts import Chart
from mslt_core.ui.sets import Sets
from mslt_core.ui.views import as_chart

PANELS = 3
"""Tuned models that the map shows at most, beside those before training."""


@dataclass(frozen=True)
class Map:
    """Panels in one projection, and what could not be among them."""

    projection: Projection
    tuned: tuple[str, ...]
    """Panels of tuned models; the others are of models before training."""
    no_before: tuple[str, ...]
    """Models whose vectors from before training are not stored."""
    other_space: tuple[str, ...]
    """Source sets whose vectors have another size than those of the first."""


def embedding_map(store: Store, sets: Sets) -> None:
    """Embeddings before and after training, coloured by what the person chooses."""
    tuned = [spec for spec in sets.groups if spec.method == "finetune"]
    shown = tuned[:PANELS] or list(sets.groups)[:1]
    found = _drawn(store, sets, shown)
    if found is None:
        st.subheader(words.MAP)
        st.caption(words.MAP_NONE)
        return
    points = found.projection.points
    panels = list(found.projection.trustworthiness)
    alt = words.ALT_MAP.format(
        panel=", ".join(panels), points=len(points), languages=points["language"].nunique()
    )
    if as_chart(points, "map", words.MAP, alt):
        _chart(found, {sets.names[spec]: spec.sources for spec in shown})
    st.caption(words.MAP_CAPTION.format(variance=found.projection.variance))
    probes = [sets.names[spec] for spec in sets.groups if spec.method == "probe"]
    if probes:
        st.caption(words.MAP_PROBE.format(configurations="; ".join(probes)))
    if found.other_space:
        st.caption(words.MAP_OTHER_SPACE.format(configurations="; ".join(found.other_space)))
    if found.no_before:
        st.caption(words.MAP_NO_BEFORE.format(models=", ".join(found.no_before)))
    if len(tuned) > len(shown):
        st.caption(words.MAP_MORE.format(shown=len(shown), all=len(tuned)))


def before_name(model: str, alone: bool) -> str:
    """What the panel of a model before training is called."""
    untrained = model in models.CARDS and models.CARDS[model].kind == "random"
    name = words.UNTRAINED if untrained else words.PRETRAINED
    return name if alone else words.BEFORE.format(before=name, model=model)


def _drawn(store: Store, sets: Sets, shown: Sequence[RunSpec]) -> Map | None:
    """The map of the first runs of these sets; None where no vectors are stored."""
    runs = [sets.groups[spec][0] for spec in shown]
    readable = []
    for run in runs:
        try:
            _vectors(str(store.home), run.run_id)
        except UserError as error:
            results.leave_out(store, run, error)
        else:
            readable.append((sets.names[shown[runs.index(run)]], run))
    ids = tuple((name, run.run_id, run.spec.model) for name, run in readable)
    return _map(str(store.home), ids, _stored(store, [run for _, run in readable]))


def _stored(store: Store, runs: Sequence[RunRecord]) -> tuple[bool, ...]:
    """Which runs' vectors from before training are stored: unlike results, these come and go."""
    keys = (str(results.run_json(store, run).get("pretrained", "")) for run in runs)
    return tuple(store.pretrained_path(key).is_file() for key in keys)


@st.cache_data(show_spinner=False, max_entries=20)
def _vectors(home: str, run_id: str) -> Panel:
    return Store(Path(home)).embeddings(run_id)


@st.cache_data(show_spinner=words.PROJECTING, max_entries=20)
def _map(home: str, runs: tuple[tuple[str, str, str], ...], stored: tuple[bool, ...]) -> Map | None:
    """runs: name, run_id and model of each; stored: see `_stored`."""
    store = Store(Path(home))
    before: dict[str, Panel] = {}
    after: dict[str, tuple[str, Panel]] = {}
    used = list(dict.fromkeys(model for _, _, model in runs))
    for name, run_id, model in runs:
        panel = _before(store, run_id)
        if panel:
            before.setdefault(model, panel)
        tuned = _vectors(home, run_id)
        if tuned:
            after[name] = (model, tuned)
    spaces = {}
    for model in used:
        if model in before:
            spaces[before_name(model, alone=len(used) == 1)] = before[model]
        spaces |= {name: panel for name, (of, panel) in after.items() if of == model}
    if not spaces:
        return None
    width = _width(next(iter(spaces.values())))
    fitting = {name: panel for name, panel in spaces.items() if _width(panel) == width}
    # The same sentences in all panels: languages that one of them lacks are left out.
    common = set.intersection(*(set(panel) for panel in fitting.values()))
    fitting = {
        name: {lang: rows for lang, rows in panel.items() if lang in common}
        for name, panel in fitting.items()
    }
    try:
        projection = project(fitting)
    except ValueError:  # fewer than two sentences a language
        return None
    return Map(
        projection,
        tuned=tuple(name for name in after if name in fitting),
        no_before=tuple(model for model in used if model not in before),
        other_space=tuple(name for name in after if name not in fitting),
    )


def _before(store: Store, run_id: str) -> Panel:
    """Vectors from before training; none where their file in the cache is gone or damaged."""
    try:
        return store.pretrained(run_id)
    except (UserError, OSError, ValueError):
        return {}


def _width(panel: Panel) -> int:
    return int(next(iter(panel.values())).shape[1])


def _chart(found: Map, sources: Mapping[str, Sequence[str]]) -> None:
    by = st.segmented_control(
        words.COLOUR_BY,
        list(words.COLOURS),
        default="language",
        format_func=words.COLOURS.__getitem__,
        required=True,
        key="colour",
        label_visibility="collapsed",
    )
    points = _grouped(found, by or "language", sources)
    order = sorted(set(points["group"]))
    if by != "language":
        st.altair_chart(map_chart.legend_chart(order), alt=", ".join(order))
    panels = list(found.projection.trustworthiness)
    for start in range(0, len(panels), 2):
        columns = st.columns(2)
        for column, panel in zip(columns, panels[start : start + 2], strict=False):
            part = points[points["panel"] == panel]
            alt = words.ALT_MAP.format(
                panel=panel, points=len(part), languages=part["language"].nunique()
            )
            with column:
                st.markdown(f"**{panel}**")
                st.altair_chart(_panel(points, panel, order), alt=alt)
                st.caption(words.TRUST.format(value=found.projection.trustworthiness[panel]))


@st.cache_resource(show_spinner=False, max_entries=60)
def _panel(points: pd.DataFrame, panel: str, order: list[str]) -> Chart:
    """Building a chart takes longer than any other part of a redraw, and these seldom change."""
    return map_chart.embedding_map(points, panel, order)


def _grouped(found: Map, by: str, sources: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Points with the language's name and the group that they are coloured by."""
    points = found.projection.points
    known = {tag: language(tag) for tag in set(points["language"])}
    # Before training nothing was seen: there, seen is what any tuned one has seen.
    everywhere = {tag for tags in sources.values() for tag in tags}

    def group(panel: str, tag: str) -> str:
        if by == "seen":
            seen = sources[panel] if panel in found.tuned else everywhere
            return words.SEEN if tag in seen else words.UNSEEN
        return tag if by == "language" else str(getattr(known[tag], by))

    pairs = zip(points["panel"], points["language"], strict=True)
    return points.assign(
        name=[known[tag].name for tag in points["language"]],
        group=[group(panel, tag) for panel, tag in pairs],
    )
