"""The tables of a study's report, from what is kept of its runs."""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd

from mslt_core.analysis.measured import OVER, Measured
from mslt_core.analysis.mixing import BEFORE
from mslt_core.analysis.stats import interval
from mslt_core.jobs.study_results import Results
from mslt_core.study_spec import StudySpec

SCORES = ["sources", "over", "value", "low", "high", "seeds", "targets"]
BY_SEED = ["sources", "over", "seed", "value"]
MIXING = ["sources", "space", "subset", "metric", "value", "low", "high", "null", "seeds"]
NUMBERS = ("value", "low", "high", "null")

Rows = list[tuple[object, ...]]


def scores_of(block: Measured) -> tuple[pd.DataFrame, pd.DataFrame]:
    """SCORES and BY_SEED as all pages tell them: every set with the same seeds."""
    rows, by_seed = Rows(), Rows()
    scores = block.scores()
    for s, sources in enumerate(map(",".join, block.sets)):
        for over in OVER:
            chosen = block.over(over)[s]
            if targets := int(chosen.sum()):
                ends = interval(block.mean_draws(over)[s])
                value = float(block.means(over)[s])
                rows.append((sources, over, value, *ends, len(block.seeds), targets))
                each = scores[s][:, chosen].mean(axis=1).tolist()
                by_seed += [(sources, over, *one) for one in zip(block.seeds, each, strict=True)]
    return pd.DataFrame(rows, columns=SCORES), pd.DataFrame(by_seed, columns=BY_SEED)


def means_alone(scores: pd.DataFrame, declared: StudySpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same of results that do not tell of each test item: every set with its own seeds."""
    rows, every_seed = Rows(), Rows()
    for sources in dict.fromkeys(",".join(sources) for sources in declared.sets):
        table = scores[scores["sources"] == sources]
        seen = table["target"].isin(sources.split(","))
        unseen = ~table["target"].isin(declared.pool)
        for over, part in zip(OVER, (table, table[seen], table[unseen]), strict=True):
            if len(part):
                by_seed = part.groupby("seed")["value"].mean()
                alone = len(by_seed) == 1
                ends = (nan, nan) if alone else (float(by_seed.min()), float(by_seed.max()))
                numbers = (float(by_seed.mean()), *ends, len(by_seed), part["target"].nunique())
                rows.append((sources, over, *numbers))
                every_seed += [(sources, over, *one) for one in by_seed.items()]
    return pd.DataFrame(rows, columns=SCORES), pd.DataFrame(every_seed, columns=BY_SEED)


def mixing_of(results: Results) -> pd.DataFrame:
    table = results.mixing
    before = table[table["space"] == BEFORE].assign(seeds=0)
    rows: Rows = []
    tuned = table[table["space"] != BEFORE]
    keys = ["sources", "space", "subset", "metric"]
    for key, part in tuned.groupby(keys, sort=False):
        # A value that one seed lacks the mean lacks too.
        value, low, high, null = (part[name].to_numpy() for name in NUMBERS)
        numbers = (np.mean(value), np.min(low), np.max(high), np.mean(null))
        rows.append((*key, *map(float, numbers), len(part)))
    after = pd.DataFrame(rows, columns=MIXING)
    parts = []
    for sources in dict.fromkeys(table["sources"]):
        parts += [side[side["sources"] == sources] for side in (before, after)]
    return _mixing_frame(parts)


def _mixing_frame(parts: list[pd.DataFrame]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=MIXING)
    numbers = dict.fromkeys(NUMBERS, float)
    same = [part[MIXING].astype({**numbers, "seeds": int}) for part in parts]
    return pd.concat(same, ignore_index=True)
