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
    probe: Measured | None = None,
) -> Leaderboard:
    """The criteria on the sets of one size, over a group of targets.

    table: has all languages of the study's pool. probe: what a study by probe measured. The
    criterion `probe` is its scores on the first half of the test items (see `halves`), over the
    targets that both studies have, and is judged by the second half, so that it does not do well by
    luck with the items that both share. Raises BadArgument as `judge` does.
    """
    numbers, lacking = numbers_of(measured, table, size, over, probe)
    judged = {
        name: judge(_judging(name, measured), given, size, over) for name, given in numbers.items()
    }
    return Leaderboard(numbers, judged, lacking)


def judged_one(
    criterion: Criterion,
    measured: Measured,
    table: LanguageTable,
    size: int,
    over: Over = "all",
    probe: Measured | None = None,
) -> Judged:
    """How one criterion did, as in a `leaderboard`. Raises BadArgument also where it says nothing
    of the sets."""
    numbers = _numbers(criterion, measured, table, size, over, probe)
    return judge(_judging(criterion, measured), numbers, size, over)


def numbers_of(
    measured: Measured,
    table: LanguageTable,
    size: int,
    over: Over = "all",
    probe: Measured | None = None,
) -> tuple[dict[Criterion, dict[Sources, float]], dict[Criterion, str]]:
    """The numbers and lacking of a `Leaderboard`, without judging any: arguments as there."""
    numbers: dict[Criterion, dict[Sources, float]] = {}
    lacking: dict[Criterion, str] = {}
    for criterion in CRITERIA:
        try:
            numbers[criterion] = _numbers(criterion, measured, table, size, over, probe)
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


def _judging(criterion: Criterion, measured: Measured) -> Measured:
    """What a criterion is judged by."""
    return half(measured, 1) if criterion == "probe" else measured


def _numbers(
    criterion: Criterion,
    measured: Measured,
    table: LanguageTable,
    size: int,
    over: Over,
    probe: Measured | None,
) -> dict[Sources, float]:
    """Of each set of the size. Raises BadArgument where the criterion says nothing of them."""
    sets = [measured.sets[s] for s in of_size(measured, size)]
    probed, targets = None, tuple[str, ...]()
    if criterion == "probe" and probe:
        probed, targets = mean_scores(half(probe, 0)), _shared(measured, over, probe)
    found = score(criterion, table, sets, measured.pool, targets, probed)
    # Sums differ in their last digits by the order of adding: ties are to be ties.
    return dict(zip(sets, map(float, found.round(DIGITS)), strict=True))


def _shared(measured: Measured, over: Over, probe: Measured) -> tuple[str, ...]:
    """The targets of a group that a study by probe has too. Raises BadArgument for none."""
    group = np.flatnonzero(measured.over(over).any(axis=0))
    shared = tuple(measured.targets[t] for t in group if measured.targets[t] in probe.targets)
    if not shared:
        raise BadArgument(
            f"probe: the study by probe has none of the {over} targets of this study."
        )
    return shared
