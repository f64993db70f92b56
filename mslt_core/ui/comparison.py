"""Finished runs side by side: transfer heatmap, means, embedding map, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.analysis.projection import Projection
from mslt_core.analysis.stats import FEW_SEEDS
from mslt_core.analysis.transfer import Transfer, labels
from mslt_core.catalog import models
from mslt_core.catalog.languages import language
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.ui import charts, results, words
from mslt_core.ui.charts import percent

Groups = Mapping[RunSpec, Sequence[RunRecord]]
"""Finished runs of one task by configuration."""

BESIDE = 6
"""Source sets up to which the map has room beside the heatmap."""


def comparison(store: Store, groups: Groups, baseline: RunSpec, gain: bool) -> None:
    """Heatmap and map side by side (stacked where it is narrow), means below."""
    runs = [run for group in groups.values() for run in group]
    found = results.tables(store, runs, baseline if gain else None)
    left, right = st.columns([5, 6], gap="medium") if len(groups) <= BESIDE else (st, st)
    with left.container():
        _heatmap(found, labels(groups)[baseline], gain)
    with right.container():
        _map(store, groups)
    _means(found, gain)


def sentence(store: Store, groups: Groups, baseline: RunSpec) -> str:
    """What the numbers say in one sentence: the best other set against the baseline."""
    runs = [run for group in groups.values() for run in group]
    names = labels(groups)
    level = _over_all(results.tables(store, runs))
    gains = _over_all(results.tables(store, runs, baseline))
    reference = names[baseline]
    gains.pop(reference, None)
    if not gains:
        row = level[reference]
        return words.ONE_SET.format(label=reference, value=percent(row.value), **_numbers(row))
    best = max(gains, key=lambda name: float(gains[name].value))
    row = gains[best]
    verdict = "more" if row.low > 0 else "less" if row.high < 0 else "none"
    caveats = [words.ONE_SEED] if row.seeds == 1 else []
    if len(gains) > 1:
        caveats.append(words.PICKED.format(count=len(gains)))
    return words.BETTER.format(
        best=best,
        baseline=reference,
        value=percent(level[best].value),
        gain=percent(row.value, gain=True),
        verdict=" ".join([words.VERDICT[verdict], *caveats]),
        **_numbers(row, gain=True),
    )


def default_baseline(groups: Groups) -> RunSpec:
    """English alone if it is there, else the smallest set: what most people would begin with."""
    return min(
        groups, key=lambda spec: (spec.method, spec.sources != ("en",), spec.k, spec.sources)
    )


def notes(groups: Groups) -> None:
    """What a reader must know of the models."""
    if any(models.card(spec.model).kind == "bundled" for spec in groups):
        st.caption(words.FOUR_BIT)


def chart_or_table(
    chart: charts.Chart, table: pd.DataFrame, name: str, alt: str, title: str, caption: str
) -> None:
    """A chart with the table and the CSV behind it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, width="stretch")
        view = st.segmented_control(
            words.VIEW,
            [words.CHART, words.TABLE],
            default=words.CHART,
            required=True,
            key=f"view-{name}",
            label_visibility="collapsed",
        )
        _csv(table, name)
    if view == words.TABLE:
        st.dataframe(table.round(4), hide_index=True, alt=alt)
    else:
        st.altair_chart(chart, alt=alt)
    st.caption(caption)


def _csv(table: pd.DataFrame, name: str) -> None:
    st.download_button(
        words.CSV,
        table.to_csv(index=False),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"csv-{name}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def _heatmap(found: Transfer, baseline: str, gain: bool) -> None:
    names = {tag: f"{language(tag).name} ({tag})" for tag in set(found.cells["target"])}
    chart = charts.heatmap(found.cells, found.means, {**names, **words.OVER}, gain)
    caption = words.HEATMAP_CAPTION_GAIN if gain else words.HEATMAP_CAPTION
    overall = {name: float(row.value) for name, row in _over_all(found).items()}
    best = max(overall, key=lambda name: overall[name], default=baseline)
    alt = words.ALT_HEATMAP.format(
        what=words.GAIN if gain else words.LEVEL,
        configurations=len(overall),
        targets=len(names),
        best=best,
        value=percent(overall.get(best, float("nan")), gain),
    )
    name = "gain" if gain else "transfer"
    means = found.means.rename(columns={"over": "target", "targets": "n"})
    table = pd.concat([found.cells, means], ignore_index=True)
    chart_or_table(chart, table, name, alt, words.HEATMAP, caption.format(baseline=baseline))


def _means(found: Transfer, gain: bool) -> None:
    few = found.means["seeds"].min() < FEW_SEEDS
    points = found.points if few else found.points.iloc[:0]
    chart = charts.means_chart(found.means, points, gain)
    alt = words.ALT_MEANS.format(configurations=found.means["configuration"].nunique())
    caption = words.MEANS_CAPTION_FEW if few else words.MEANS_CAPTION
    chart_or_table(chart, found.means, "means", alt, words.MEANS, caption)


def _map(store: Store, groups: Groups) -> None:
    """Pretrained and tuned embeddings in panels that share one projection."""
    names = labels(groups)
    tuned = [spec for spec in groups if spec.method == "finetune"]
    shown = tuned[: results.MAP_PANELS] or list(groups)[:1]
    panels = [(names[spec], groups[spec][0].run_id) for spec in shown]
    try:
        found = results.projection(store, panels, words.PRETRAINED)
    except ValueError:
        st.subheader(words.MAP)
        st.caption(words.MAP_NONE)
        return
    seen = {names[spec]: spec.sources for spec in shown}
    everywhere = {tag for sources in seen.values() for tag in sources}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(words.MAP, width="stretch")
        _csv(found.points, "map")
    by = st.segmented_control(
        words.COLOUR_BY,
        list(words.COLOURS),
        default="language",
        format_func=words.COLOURS.__getitem__,
        required=True,
        key="colour",
        label_visibility="collapsed",
    )
    points = _grouped(found.points, by or "language", seen, everywhere)
    order = sorted(set(points["group"]))
    if by != "language":
        st.altair_chart(charts.legend_chart(order), alt=", ".join(order))
    _panels(found, points, order)
    st.caption(words.MAP_CAPTION.format(variance=found.variance))
    probes = [names[spec] for spec in groups if spec.method == "probe"]
    if probes:
        st.caption(words.MAP_PROBE.format(configurations="; ".join(probes)))
    if len(tuned) > len(shown):
        st.caption(words.MAP_MORE.format(shown=len(shown), all=len(tuned)))


def _panels(found: Projection, points: pd.DataFrame, order: list[str]) -> None:
    panels = list(found.trustworthiness)
    for start in range(0, len(panels), 2):
        columns = st.columns(2)
        for column, panel in zip(columns, panels[start : start + 2], strict=False):
            part = points[points["panel"] == panel]
            alt = words.ALT_MAP.format(
                panel=panel, points=len(part), languages=part["language"].nunique()
            )
            with column:
                st.markdown(f"**{panel}**")
                st.altair_chart(charts.embedding_map(points, panel, order), alt=alt)
                st.caption(words.TRUST.format(value=found.trustworthiness[panel]))


def _grouped(
    points: pd.DataFrame, by: str, seen: Mapping[str, Sequence[str]], everywhere: set[str]
) -> pd.DataFrame:
    """Points with the language's name and the group that they are coloured by."""
    known = {tag: language(tag) for tag in set(points["language"])}

    def group(panel: str, tag: str) -> str:
        if by == "seen":
            # The pretrained panel has no training: there, seen is what any tuned one has seen.
            return words.SEEN if tag in seen.get(panel, everywhere) else words.UNSEEN
        return tag if by == "language" else str(getattr(known[tag], by))

    pairs = zip(points["panel"], points["language"], strict=True)
    return points.assign(
        name=[known[tag].name for tag in points["language"]],
        group=[group(panel, tag) for panel, tag in pairs],
    )


def _over_all(found: Transfer) -> dict[str, Any]:
    """Rows of the means over all targets, by configuration."""
    rows = found.means[found.means["over"] == "all"]
    return {str(row.configuration): row for row in rows.itertuples()}


def _numbers(row: Any, gain: bool = False) -> dict[str, object]:
    return {
        "low": percent(row.low, gain),
        "high": percent(row.high, gain),
        "seeds": row.seeds,
        "s": "" if row.seeds == 1 else "s",
        "targets": row.targets,
    }
