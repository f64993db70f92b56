"""The mixing of runs for people: tables, a sentence for each change, and all words of both."""

from __future__ import annotations

from rich.console import Console
from rich.table import Column, Table

from mslt_core.analysis.mixing import METRICS, SUBSETS, Metric, Mixing, Subset, judge
from mslt_core.analysis.mixing.names import NAMES, TITLES
from mslt_core.catalog import parallel
from mslt_core.cli.mix import PRETRAINED, Change, Comparison, Run, Values

DIRECTIONS = {"mixing": "mingled: {way}", "alignment": "aligned: {way}", "control": "control"}
NOTE = (
    "mingled, aligned: which values mean that languages are more mingled, or their translations "
    "better aligned. In brackets: what a value would be about if languages, or the pairing of "
    "translations, meant nothing. Below: its 95 % interval, which covers the choice of sentences "
    "and not the luck of training, so train several seeds."
)
ON_MESSAGES = (
    "Measured on {number} interface messages of Django in {languages} languages, not on the task's "
    "own sentences."
)

MIXING = {
    "more": "languages are more mingled",
    "less": "languages are less mingled",
    "unclear": "no clear change in how mingled languages are",
    None: "how mingled languages are cannot be told",
}
ALIGNMENT = {
    "more": "translations are aligned better",
    "less": "translations are aligned worse",
    "unclear": "no clear change in how translations are aligned",
    None: "how translations are aligned cannot be told",
}
SEPARATION = {
    "more": "classes are separated more",
    "less": "classes are separated less",
    "unclear": "no clear change in how classes are separated",
    None: "how classes are separated cannot be told",
}
COLLAPSED = " (a space that collapses looks mingled too)"
AGAINST = (
    "{after} against {before}, over all languages: {mixing}{collapsed}, {alignment}, {separation}."
)


def show(found: Comparison, out: Console) -> None:
    """Print a table for each subset that has values, what it was measured on if not on the task's
    own sentences, then what changed, one sentence each."""
    for subset in SUBSETS:
        columns = [of for of in found.values if of.subset == subset]
        if any(of.table["value"].notna().any() for of in columns):
            out.print(_table(subset, columns, found.runs))
    out.print(NOTE, highlight=False)
    if found.runs[0].sentences == parallel.NAME:
        out.print(on_messages(found.runs[0].mixing), highlight=False)
    for change in found.changes:
        out.print(sentence(change, found.runs), highlight=False, soft_wrap=True)


def on_messages(mixing: Mixing) -> str:
    """What was measured."""
    of = mixing.after
    return ON_MESSAGES.format(number=of.items, languages=len(of.languages))


def sentence(change: Change, runs: list[Run]) -> str:
    """What changed over all languages."""
    verdict = judge(change.table)
    trained = {run.run_id: f"{run.run_id} ({', '.join(run.sources)})" for run in runs}
    return AGAINST.format(
        after=trained[change.after],
        before=trained.get(change.before, "its pretrained model"),
        mixing=MIXING[verdict.mixing],
        collapsed=COLLAPSED if verdict.maybe_collapsed else "",
        alignment=ALIGNMENT[verdict.alignment],
        separation=SEPARATION[verdict.separation],
    )


def _table(subset: Subset, columns: list[Values], runs: list[Run]) -> Table:
    heads = (Column(_head(of, runs), justify="right", overflow="fold") for of in columns)
    table = Table("", "", *heads, title=TITLES[subset], title_justify="left")
    cells = {id(of): _cells(of) for of in columns}
    for metric in METRICS:
        row = [cells[id(of)].get(metric.key, "") for of in columns]
        if any(row):
            table.add_row(NAMES[metric.key], _direction(metric), *row)
    return table


def _head(of: Values, runs: list[Run]) -> str:
    if of.run_id == PRETRAINED:
        return PRETRAINED if len(of.runs) == len(runs) else f"{PRETRAINED}\n{', '.join(of.runs)}"
    (sources,) = (run.sources for run in runs if run.run_id == of.run_id)
    return f"{of.run_id}\n{', '.join(sources)}"


def _cells(of: Values) -> dict[str, str]:
    """What a table shows of each metric."""
    rows = of.table.to_dict("records")
    return {
        str(row["metric"]): _cell(row["value"], row["low"], row["high"], row["null"])
        for row in rows
    }


def _cell(value: float | None, low: float | None, high: float | None, null: float | None) -> str:
    """The value, its null if it has one, and below them its interval; a dash for no value."""
    if value is None:
        return "—"
    beside = "" if null is None else f" ({null:.3f})"
    return f"{value:.3f}{beside}\n{low:.3f} to {high:.3f}"


def _direction(metric: Metric) -> str:
    return DIRECTIONS[metric.family].format(way=metric.more_mingled)
