"""What each set of several languages gains over training on one language."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mslt_core.analysis.measured import Measured
from mslt_core.analysis.study.contrasts import Numbers, noisy, unseen_by_both

GAINS = ["sources", "than", "single", "value", "low", "high", "targets"]
ENGLISH, BEST, MEAN = "english", "best single", "mean single"
THAN = (ENGLISH, BEST, MEAN)


def gains(measured: Measured) -> pd.DataFrame:
    """How far each set of several languages is above `english` alone, above the `best single` of
    its own languages (single says which; it is lucky too, since it was chosen by these scores), and
    above the `mean single` of them. Columns GAINS, a row a set and comparison, without those that
    were not measured.

    Each is a mean over the targets that neither of the two was trained on, so many, on the same
    seeds and items, with a 95 % t interval (see `contrasts`), NaN with one seed.
    """
    place = {sources[0]: s for s, sources in enumerate(measured.sets) if len(sources) == 1}
    scores = measured.scores().mean(axis=1)
    rows: list[Numbers] = []
    named: list[tuple[str, str, str]] = []
    for s in np.flatnonzero(measured.sizes > 1).tolist():
        for than, singles in _compared(measured, scores, place, s).items():
            row = np.zeros(len(measured.sets))
            row[s] = 1
            row[[place[tag] for tag in singles]] = -1 / len(singles)
            rows.append(row)
            named.append((",".join(measured.sets[s]), than, ",".join(singles)))
    weights = unseen_by_both(measured, np.array(rows).reshape(-1, len(measured.sets)))
    known = np.flatnonzero(~np.isnan(weights).any(axis=(1, 2))).tolist()
    found = noisy(measured).contrast(weights[known]).told()
    targets = (weights[known] != 0).any(axis=1).sum(axis=1).tolist()
    told = [named[row] for row in known]
    return pd.DataFrame(
        [(*names, *ends, n) for names, ends, n in zip(told, found, targets, strict=True)],
        columns=GAINS,
    )


def _compared(
    measured: Measured, scores: Numbers, place: dict[str, int], s: int
) -> dict[str, list[str]]:
    """The single languages that set s is compared with. scores: (sets, targets)."""
    sources = measured.sets[s]
    found = {ENGLISH: ["en"]} if "en" in place else {}
    unseen = [t not in sources for t in measured.targets]
    if all(tag in place for tag in sources) and any(unseen):
        means = {tag: float(scores[place[tag], unseen].mean()) for tag in sources}
        found |= {BEST: [max(means, key=means.__getitem__)], MEAN: list(sources)}
    return found
