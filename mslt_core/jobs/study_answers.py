"""What a study answers, in Markdown: what each set gains, how many languages do, and the four
claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isnan
from typing import Any

import pandas as pd

from mslt_core.analysis.study.claims import Judgement, names
from mslt_core.analysis.study.gains import THAN
from mslt_core.analysis.study.how_many import HowMany, few_sets
from mslt_core.jobs import markdown

OVER_TITLES = {
    "all": "all targets",
    "seen": "targets trained on",
    "unseen": "targets that no set was trained on",
}

SHORT = {"all": "all", "seen": "trained on", "unseen": "trained on by none"}
THAN_TITLES = {
    "english": "than en alone",
    "best single": "than the best of its languages alone",
    "mean single": "than the mean of its languages alone",
}
DIFFERENCES = "in square brackets 95 % t intervals"
ONE_SEED = "without intervals, for one seed does not tell the luck of training"
GAINS = (
    "Points that each set scores higher, over targets that neither of the two was trained on, on "
    "the same seeds and items; {ends}. The best of its languages is lucky, too: it was chosen by "
    "these scores."
)
SIZES = (
    "Means of all sets of a size, in per cent with {interval}. Behind: points behind the best "
    "size. Above its own: points that sets score above the mean of their own single languages, "
    "which leaves out how good the languages are by themselves; in round brackets how many sets "
    "have these measured. Both are on the same seeds and items; {ends}."
)
GAIN = (
    "Over {over} a doubling of the number of languages changes the score by {gain} points{enough}."
)
ENOUGH = "; the best number is {best}, and the fewest not clearly behind it {enough}"
NOT_AS_GOOD = (
    "Not to be clearly behind does not show that fewer languages are as good, and the best of "
    "several numbers is partly the luckiest."
)
OTHER_LANGUAGES = (
    "Intervals say how sure the scores of these sets are, not what other languages would give."
)
FEW_SETS = (
    "Where fewer than three of the possible sets were measured (number of languages: {sizes}), "
    "which languages they have shows in the mean as much as how many."
)
SEEN = (
    "Over all targets a larger set was trained on more of them, so what it gains is not transfer "
    "alone; over targets trained on every size has the same ones with the same weight, of which "
    "each set counts for its own."
)
CLAIMS = (
    "Each by a one-sided test at 5 %, with the two-sided interval of 90 %, of several comparisons "
    "for all at once. Not supported: no comparison's own interval reaches one point. What the "
    "paper found is of other models and tasks."
)
UNTESTED = "cannot be tested"


def how_many(found: HowMany, interval: str) -> list[str]:
    """A heading, the sizes beside the single languages, and a sentence of each group of targets;
    nothing of a study whose sets all have one size. interval: what those of means are, in words."""
    if found.gains.empty:
        return []
    rows = [_row(str(k), part, found.groups) for k, part in found.sizes.groupby("k")]
    for line, part in found.lines.groupby("line", sort=False):
        rows.append(_row("en alone" if line == "english" else str(line), part, found.groups))
    head = ["languages", "sets"]
    for over in found.groups:
        of = SHORT[over]
        head += [OVER_TITLES[over], f"behind, {of}", *[f"above its own, {of}"] * (over != "seen")]
    note = SIZES.format(interval=interval, ends=_ends(found.gains))
    few = few_sets(found)
    caveats = [
        *[NOT_AS_GOOD] * bool(found.gains["low"].notna().any()),
        OTHER_LANGUAGES,
        *[SEEN] * ("seen" in found.groups),
        *[FEW_SETS.format(sizes=", ".join(map(str, few)))] * bool(few),
    ]
    gains = "\n".join(map(_gain, found.gains.itertuples()))
    table = markdown.table(head, rows)
    return ["## How many languages", note, table, gains, " ".join(caveats)]


def gains(found: pd.DataFrame) -> list[str]:
    """A heading, and a row for each set of several languages; nothing where there is none. found:
    as `analysis.study.gains` has it."""
    if found.empty:
        return []
    rows = []
    for sources, part in found.groupby("sources", sort=False):
        told: Iterable[Any] = part.itertuples()
        cells = {row.than: markdown.points(row.value, row.low, row.high) for row in told}
        best = part[part["than"] == "best single"]["single"]
        if len(best):
            cells["best single"] += f" ({best.iloc[0]})"
        rows.append([str(sources).replace(",", ", "), *(cells.get(than, "–") for than in THAN)])
    table = markdown.table(["trained on", *(THAN_TITLES[than] for than in THAN)], rows)
    return ["## What each set gains", GAINS.format(ends=_ends(found)), table]


def claims(found: Sequence[Judgement]) -> list[str]:
    """A heading and a paragraph for each claim."""
    if not found:
        return []
    return ["## The four claims", CLAIMS, *(_claim(one) for one in found)]


def _claim(one: Judgement) -> str:
    verdict = UNTESTED if one.verdict == "untested" else one.verdict
    claim, paper = names.SAYS[one.claim].removesuffix("."), names.IN_THE_PAPER[one.claim]
    return f"**{claim}: {verdict}.** {one.sentence} In the paper: {paper}"


def _row(name: str, part: pd.DataFrame, groups: Sequence[str]) -> list[str]:
    """Of a size, or of a line, which is no mean of sets, behind none and above none."""
    found: Iterable[Any] = part.itertuples()
    by_group = {row.over: row for row in found}
    sets = f"{part['sets'].max()} of {part['possible'].max()}" if "sets" in part else ""
    cells = [name, sets]
    for over in groups:
        row = by_group.get(over)
        score = markdown.percent(row.value, row.low, row.high) if row else "–"
        best = f" ({row.sources})" if row and name == "best single" else ""
        cells += [f"{score}{best}", _behind(row), *[_above(row)] * (over != "seen")]
    return cells


def _behind(row: Any) -> str:
    if not getattr(row, "behind", 0):
        return "–"
    return markdown.percent(row.behind, row.behind_low, row.behind_high)


def _above(row: Any) -> str:
    if not getattr(row, "above_sets", 0):
        return "–"
    return f"{markdown.points(row.above, row.above_low, row.above_high)} ({row.above_sets})"


def _gain(row: Any) -> str:
    enough = ENOUGH.format(best=row.best_k, enough=row.paired_k)
    return GAIN.format(
        over=OVER_TITLES[row.over],
        gain=markdown.points(row.value, row.low, row.high),
        enough="" if isnan(row.low) else enough,
    )


def _ends(table: pd.DataFrame) -> str:
    """What the ends of differences are, in words."""
    return ONE_SEED if table["low"].isna().all() else DIFFERENCES
