"""What a study answers, in Markdown: how many languages, and the four claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from mslt_core.analysis.study.claims import Judgement, names
from mslt_core.analysis.study.how_many import HowMany
from mslt_core.jobs import markdown

OVER_TITLES = {
    "all": "all targets",
    "seen": "targets trained on",
    "unseen": "targets that no set was trained on",
}

SIZES = (
    "Means of all sets of a size, in per cent with {interval}; behind: points behind the best size "
    "on the same seeds and items, with 95 % t intervals."
)
GAIN = (
    "A doubling of the number of languages gains {gain} points over {over}; the fewest languages "
    "that are not clearly behind the best number, {best}: {enough}."
)
CLAIMS = (
    "Each by a one-sided test at 5 %, with the two-sided interval of 90 %. Not supported: the "
    "whole interval is below one point. What the paper found is of other models and tasks."
)
UNTESTED = "cannot be tested"


def how_many(found: HowMany, interval: str) -> list[str]:
    """A heading, the sizes beside the single languages, and a sentence of each group of targets;
    nothing of a study whose sets all have one size. interval: what those of means are, in words."""
    if found.gains.empty:
        return []
    rows = [_row(str(k), part, found.groups) for k, part in found.sizes.groupby("k")]
    for line, part in found.lines.groupby("line", sort=False):
        name = "en alone" if line == "english" else str(line)
        if line == "best single":
            name += f" ({', '.join(dict.fromkeys(part['sources']))})"
        rows.append(_row(name, part, found.groups))
    head = ["languages", "sets"]
    for over in found.groups:
        head += [OVER_TITLES[over], "behind"]
    gains: Iterable[Any] = found.gains.itertuples()
    said = [
        GAIN.format(
            gain=markdown.points(row.value, row.low, row.high),
            over=OVER_TITLES[row.over],
            best=row.best_k,
            enough=row.paired_k,
        )
        for row in gains
    ]
    note = SIZES.format(interval=interval)
    return ["## How many languages", note, markdown.table(head, rows), "\n".join(said)]


def claims(found: Sequence[Judgement]) -> list[str]:
    """A heading and a paragraph for each claim."""
    if not found:
        return []
    return ["## The four claims", CLAIMS, *(_claim(one) for one in found)]


def _claim(one: Judgement) -> str:
    verdict = UNTESTED if one.effect is None else one.verdict
    claim, paper = names.SAYS[one.claim].removesuffix("."), names.IN_THE_PAPER[one.claim]
    return f"**{claim}: {verdict}.** {one.sentence} In the paper: {paper}"


def _row(name: str, part: pd.DataFrame, groups: Sequence[str]) -> list[str]:
    """Of a size, or of a line, which is no mean of sets and behind none."""
    found: Iterable[Any] = part.itertuples()
    by_group = {row.over: row for row in found}
    cells = [name, str(part["sets"].max()) if "sets" in part else ""]
    for over in groups:
        row = by_group.get(over)
        behind = getattr(row, "behind", 0)
        cells += [
            markdown.percent(row.value, row.low, row.high) if row else "–",
            markdown.percent(behind, row.behind_low, row.behind_high) if row and behind else "–",
        ]
    return cells
