"""The charts of the page Compare as figures on white paper: Vega-Lite, and pictures of it.

They are drawn by the page's own functions. vl-convert makes the pictures, with no browser; it is
large, and nothing else needs it, so it is installed only by those who want figures.
"""

from __future__ import annotations

import json
from typing import Any

from mslt_core.analysis.mixing import METRICS
from mslt_core.catalog.languages import language
from mslt_core.cli.export_tables import Exported
from mslt_core.ui import (
    charts,
    columns,
    measured_sets,
    mixing_chart,
    words,
    words_compare,
    words_mixing,
)
from mslt_core.ui.mixing_sentence import towards

Spec = dict[str, Any]

PACKAGE = "vl-convert-python==1.9.0.post1"
MISSING = (
    "No figures were drawn: the package vl-convert-python is not installed, and "
    f"`.venv/bin/pip install {PACKAGE}` brings it."
)
COLUMN, PANEL = 84, 260
"""Pixels across of a column of the heatmap, and of a panel of the dots."""
SCALE = 3
"""Dots of a PNG for each pixel: enough for print."""
LOOK: Spec = {
    "background": "#ffffff",
    "padding": 12,
    "config": {
        "font": "sans-serif",
        "view": {"stroke": None},
        "axis": {"labelFontSize": 11, "labelColor": "#1b2430", "gridColor": "#e3e6ea"},
        "title": {"fontSize": 13, "subtitleFontSize": 11, "anchor": "start", "offset": 10},
    },
}


def figures(found: Exported) -> dict[str, Spec]:
    """The Vega-Lite of each figure, by name: `transfer`, and `mixing` where that was measured."""
    drawn = {"transfer": _transfer(found)}
    if found.mixing["value"].notna().any():
        drawn["mixing"] = _mixing(found)
    return drawn


def pictures(drawn: dict[str, Spec]) -> dict[str, bytes]:
    """PNG and SVG of each, by file name. Raises ImportError without vl-convert."""
    import vl_convert

    files = {}
    for name, spec in drawn.items():
        files[f"{name}.png"] = vl_convert.vegalite_to_png(spec, scale=SCALE)
        files[f"{name}.svg"] = vl_convert.vegalite_to_svg(spec).encode()
    return files


def _transfer(found: Exported) -> Spec:
    targets = sorted({tag for one in found.sets for tag in one.spec.targets})
    called = {tag: words.NAMED.format(name=language(tag).name, tag=tag) for tag in targets}
    shown = [one.name for one in found.sets]
    chart = charts.heatmap(found.found, shown, targets, {**called, **words.OVER_LONG}, gain=False)
    spec: Spec = chart.to_dict()
    caption = words_compare.HEATMAP_CAPTION.format(metric=words.METRICS[found.metric])
    title: Spec = {"text": words_compare.HEATMAP, "subtitle": _sentences(caption)}
    look = LOOK | {"config": spec.get("config", {}) | LOOK["config"]}
    return {**spec, **look, "title": title, "width": {"step": COLUMN}}


def _mixing(found: Exported) -> Spec:
    """A panel a measure, over all languages, two beside each other."""
    spaces = [one.spaces for one in found.sets if one.spaces]
    marks, points = measured_sets.marks_and_points(spaces, ("all",))
    looks = columns.looks_of(one.name for one in found.sets if one.spec.method == "finetune")
    shown = {name: looks.get(name, columns.BEFORE_LOOK) for name in marks["column"].unique()}
    drawing = mixing_chart.drawing(shown)
    panels = []
    for metric in METRICS:
        rows = mixing_chart.rows(
            marks[marks["metric"] == metric.key], points[points["metric"] == metric.key]
        )
        if rows["value"].notna().any():
            values = json.loads(rows.to_json(orient="records"))
            of = {"text": words_mixing.MIX_METRICS[metric.key], "subtitle": towards(metric)}
            panels.append({**drawing, "data": {"values": values}, "title": of, "width": PANEL})
    each_its_own = {"scale": dict.fromkeys(("x", "y", "color", "shape"), "independent")}
    on = measured_sets.measured_on(one.of for one in spaces)
    caption = " ".join(
        filter(None, [f"{words_mixing.MIX_OVER['all']}.", on, words_mixing.MIX_CAPTION])
    )
    title: Spec = {"text": words_mixing.MIXING, "subtitle": _sentences(caption)}
    layout = {"concat": panels, "columns": 2, "spacing": 28, "resolve": each_its_own}
    return {**LOOK, **layout, "title": title}


def _sentences(text: str) -> list[str]:
    """A line each: a subtitle is not wrapped."""
    return text.replace(". ", ".\n").split("\n")
