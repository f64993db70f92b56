"""The charts of the page Compare as figures on white paper: Vega-Lite, and pictures of it.

They are drawn by the page's own functions. vl-convert makes the pictures, with no browser; it is
large, and nothing else needs it, so it is installed only by those who want figures.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from mslt_core.analysis.mixing import METRICS, Metric
from mslt_core.analysis.stats import FEW_SEEDS
from mslt_core.catalog import parallel
from mslt_core.catalog.languages import language
from mslt_core.cli.export_tables import AFTER, BEFORE, Exported, SourceSet
from mslt_core.ui import charts, columns, mixing_chart, words

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
    chart = charts.heatmap(found.found, shown, targets, {**called, **words.OVER}, gain=False)
    spec: Spec = chart.to_dict()
    caption = words.HEATMAP_CAPTION.format(metric=words.METRICS[found.metric])
    title: Spec = {"text": words.HEATMAP, "subtitle": _sentences(caption)}
    look = LOOK | {"config": spec.get("config", {}) | LOOK["config"]}
    return {**spec, **look, "title": title, "width": {"step": COLUMN}}


def _mixing(found: Exported) -> Spec:
    """A panel a measure, over all languages, two beside each other."""
    marks, points = _marks(found), _points(found)
    looks = columns.looks_of(one.name for one in found.sets if one.spec.method == "finetune")
    shown = {name: looks.get(name, columns.BEFORE) for name in marks["column"].unique()}
    drawing = mixing_chart.drawing(shown)
    panels = []
    for metric in METRICS:
        rows = mixing_chart.rows(
            marks[marks["metric"] == metric.key], points[points["metric"] == metric.key]
        )
        if rows["value"].notna().any():
            values = json.loads(rows.to_json(orient="records"))
            of = {"text": words.MIX_METRICS[metric.key], "subtitle": _towards(metric)}
            panels.append({**drawing, "data": {"values": values}, "title": of, "width": PANEL})
    each_its_own = {"scale": dict.fromkeys(("x", "y", "color", "shape"), "independent")}
    caption = f"{words.MIX_OVER['all']}. {_measured_on(found)}{words.MIX_CAPTION}"
    title: Spec = {"text": words.MIXING, "subtitle": _sentences(caption)}
    layout = {"concat": panels, "columns": 2, "spacing": 28, "resolve": each_its_own}
    return {**LOOK, **layout, "title": title}


def _measured_on(found: Exported) -> str:
    """What was measured, if that is not the task's own sentences."""
    numbers = {
        mixing.after.items
        for one in found.sets
        for mixing in one.mixing.values()
        if one.sentences == parallel.NAME
    }
    said = " or ".join(map(str, sorted(numbers)))
    return f"{words.MIX_MESSAGES.format(number=said, without='')} " if numbers else ""


def _marks(found: Exported) -> pd.DataFrame:
    """What the drawing of mixing shows: the models before training, then the sets."""
    table = found.mixing[found.mixing["subset"] == "all"]
    named = {name: (one.name, BEFORE) for name, one in _before(found).items()}
    named |= {one.name: (one.name, AFTER) for one in found.sets}
    parts = []
    for name, (configuration, space) in named.items():
        rows = table[(table["configuration"] == configuration) & (table["space"] == space)]
        parts.append(rows.assign(column=name))
    return pd.concat(parts, ignore_index=True)


def _before(found: Exported) -> dict[str, SourceSet]:
    """By the name of each model before training one of the sets that came from it."""
    spaces: dict[tuple[str, str, str], list[SourceSet]] = {}
    for one in found.sets:
        if one.mixing:
            spaces.setdefault((one.spec.model, *one.space), []).append(one)
    names: dict[str, SourceSet] = {}
    models = [model for model, *_ in spaces]
    for model, sets in zip(models, spaces.values(), strict=True):
        name = columns.before_name(model, alone=len(set(models)) == 1)
        if models.count(model) > 1:
            of = "; ".join(one.name for one in sets)
            name = words.MIX_BEFORE_OF.format(before=name, sets=of)
        names[name] = sets[0]
    return names


def _points(found: Exported) -> pd.DataFrame:
    """The seeds of the sets that have few."""
    rows = [
        (one.name, metric, seed, estimate.value)
        for one in found.sets
        if 2 <= len(one.mixing) < FEW_SEEDS
        for seed, mixing in one.mixing.items()
        for (subset, metric), estimate in mixing.after.estimates.items()
        if subset == "all" and estimate
    ]
    return pd.DataFrame(rows, columns=["column", "metric", "seed", "value"])


def _towards(metric: Metric) -> str:
    what = words.MIX_TOWARDS.get(metric.key) or words.MIX_TOWARDS[metric.family]
    lower = metric.more_mingled == "lower"
    return (words.MIX_LOWER if lower else words.MIX_HIGHER).format(what=what)


def _sentences(text: str) -> list[str]:
    """A line each: a subtitle is not wrapped."""
    return text.replace(". ", ".\n").split("\n")
