"""The mixing of runs for people: tables, and what changed as the page Compare says it."""

from __future__ import annotations

from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Column, Table

from mslt_core.analysis.mixing import METRICS, SUBSETS, Subset
from mslt_core.analysis.mixing.names import NAMES, TITLES
from mslt_core.cli.mix import Mixed
from mslt_core.ui import words
from mslt_core.ui.measured_sets import marks_and_points, measured_on
from mslt_core.ui.mixing_sentence import number, span, towards

NOTE = (
    "In brackets: what a value would be about if languages, or the pairing of translations, meant "
    "nothing. Below: its 95 % interval, over seeds and sentences together."
)


def show(found: Mixed, out: Console) -> None:
    """Print a table for each subset that has values, what it was measured on if not on the task's
    own sentences, then what changed."""
    marks, _ = marks_and_points(found.sets, SUBSETS)
    runs = {one.of.name: [run for _, run, _ in one.of.runs] for one in found.sets}
    for subset in SUBSETS:
        of_subset = marks[marks["subset"] == subset]
        if of_subset["value"].notna().any():
            out.print(_table(subset, of_subset, runs))
    on = measured_on(one.of for one in found.sets)
    for text in filter(None, (NOTE, on, *found.said)):
        out.print(text, highlight=False, markup=False, soft_wrap=True)


def _table(subset: Subset, marks: pd.DataFrame, runs: dict[str, list[str]]) -> Table:
    """A column a model, under its name and its runs."""
    names = list(dict.fromkeys(marks["column"]))
    heads = ("\n".join((name, *runs.get(name, ()))) for name in names)
    table = Table(
        *("", ""),
        *(Column(head, justify="right", overflow="fold") for head in heads),
        title=TITLES[subset],
        title_justify="left",
    )
    cells = {(row.metric, row.column): _cell(row) for row in marks.itertuples()}
    for metric in METRICS:
        row = [cells.get((metric.key, name), "") for name in names]
        if any(row):
            table.add_row(NAMES[metric.key], towards(metric), *row)
    return table


def _cell(row: Any) -> str:
    """The value, its null if it has one, and below them its interval; a dash for no value."""
    if pd.isna(row.value):
        return words.MIX_NONE
    beside = "" if pd.isna(row.null) else f" ({number(row.null)})"
    return f"{number(row.value)}{beside}\n{span(row.low, row.high)}"
