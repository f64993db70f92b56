"""All criteria on one study: what each says of the measured sets of a size, and how it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mslt_core.analysis.measured import Measured, Over, Sources
from mslt_core.analysis.selection import CRITERIA, Criterion, LanguageTable, score
from mslt_core.analysis.study.halves import half
from mslt_core.analysis.study.judging import Judged, judge, of_size
from mslt_core.spec import BadArgument

DIGITS = 9


@dataclass(frozen=True, eq=False)
class Leaderboard:
    """numbers: of each criterion that says something of the sets, its number of each; judged: how
    it did, `random` among them, which picks all sets alike; lacking: why the others say nothing,
    in a sentence."""

    numbers: Mapping[Criterion, Mapping[Sources, float]]
    judged: Mapping[Criterion, Judged]
    lacking: Mapping[Criterion, str]


def leaderboard(
    measured: Measured,
    table: LanguageTable,
    size: int,
    over: Over = "all",
    probed: pd.DataFrame | None = None,
) -> Leaderboard:
    """The criteria on the sets of one size, over a group of targets.

    table: has all languages of the study's pool. probed: the scores of a study by probe, which are
    taken over the targets that both have. It is to be of the first half of the test items (see
    `halves`): the criterion `probe` is judged by the second, so that it does not do well by luck
    with the items that both share. Raises BadArgument as `judge` does.
    """
    numbers, lacking = numbers_of(measured, table, size, over, probed)
    judged = {
        name: judge(half(measured, 1) if name == "probe" else measured, given, size, over)
        for name, given in numbers.items()
    }
    return Leaderboard(numbers, judged, lacking)


def numbers_of(
    measured: Measured,
    table: LanguageTable,
    size: int,
    over: Over = "all",
    probed: pd.DataFrame | None = None,
) -> tuple[dict[Criterion, dict[Sources, float]], dict[Criterion, str]]:
    """The numbers and lacking of a `Leaderboard`, without judging any: arguments as there."""
    sets = [measured.sets[s] for s in of_size(measured, size)]
    numbers: dict[Criterion, dict[Sources, float]] = {}
    lacking: dict[Criterion, str] = {}
    for criterion in CRITERIA:
        targets = _shared(measured, over, probed) if criterion == "probe" else ()
        try:
            found = score(criterion, table, sets, measured.pool, targets, probed)
            # Sums differ in their last digits by the order of adding: ties are to be ties.
            numbers[criterion] = dict(zip(sets, map(float, found.round(DIGITS)), strict=True))
        except BadArgument as error:
            lacking[criterion] = str(error)
    return numbers, lacking


def mean_scores(measured: Measured) -> pd.DataFrame:
    """A row a set, seed and target: columns sources (`ar,de,zh`), seed, target, value. What the
    criterion `probe` reads of a study."""
    sets = [",".join(sources) for sources in measured.sets]
    index = pd.MultiIndex.from_product(
        [sets, measured.seeds, measured.targets], names=["sources", "seed", "target"]
    )
    return pd.Series(measured.scores().ravel(), index, name="value").reset_index()


def _shared(measured: Measured, over: Over, probed: pd.DataFrame | None) -> tuple[str, ...]:
    """The targets of a group that a study by probe has too; none where there is no such study."""
    if probed is None:
        return ()
    tested = set(probed["target"])
    chosen = np.flatnonzero(measured.over(over).any(axis=0))
    return tuple(measured.targets[t] for t in chosen if measured.targets[t] in tested)
