"""Tables of what was measured, for pages, files and the command line.

A value that does not exist is None in every table: of a subset with fewer than two languages, of a
label silhouette without labels, of a ratio in a space whose points are all one.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from mslt_core.analysis.mixing.estimate import Estimate
from mslt_core.analysis.mixing.measured import Measured
from mslt_core.analysis.mixing.metrics import METRIC, METRICS
from mslt_core.analysis.mixing.space import SUBSETS, Subset
from mslt_core.spec import BadArgument

SUMMARY = ["subset", "metric", "value", "low", "high", "null"]
DIFFERENCE = ["subset", "metric", "value", "low", "high"]
MATRIX = ["language_a", "language_b", "metric", "value"]
NAMES = {"subset", "metric", "language_a", "language_b"}


def summary(measured: Measured) -> pd.DataFrame:
    """One row a subset and metric: the columns SUMMARY. low and high: 95 % bootstrap interval over
    items, within the metric's range; null: what the value would be about if languages, or the
    pairing of translations, meant nothing. Mixed pairs have the pairwise metrics only."""
    rows: list[tuple[object, ...]] = []
    for subset, metric, found in _in_order(measured):
        if found is None:
            rows.append((subset, metric, None, None, None, None))
        else:
            ends = np.clip(found.interval(), METRIC[metric].lowest, METRIC[metric].highest)
            rows.append((subset, metric, found.value, *map(float, ends), found.null))
    return _table(rows, SUMMARY)


def difference(after: Measured, before: Measured) -> pd.DataFrame:
    """What changed from one space to another of the same sentences: the columns DIFFERENCE.

    low and high: 95 % interval of the paired difference, the same items drawn for both. Where the
    two were split by different sources only `all` has values: to compare the other subsets,
    measure both spaces with the sources of both together. Raises BadArgument for spaces that
    differ in their languages or in the number of items.
    """
    if (after.languages, after.items) != (before.languages, before.items):
        raise BadArgument(
            f"One space has {after.items} items in {', '.join(after.languages)}, the other "
            f"{before.items} in {', '.join(before.languages)}: their difference needs the same "
            "sentences in the same languages."
        )
    rows: list[tuple[object, ...]] = []
    for subset, metric, new in _in_order(after):
        old = before.estimates[subset, metric]
        if new and old and (subset == "all" or after.seen == before.seen):
            changed = new.minus(old)
            rows.append((subset, metric, changed.value, *changed.interval()))
        else:
            rows.append((subset, metric, None, None, None))
    return _table(rows, DIFFERENCE)


def matrix(measured: Measured) -> pd.DataFrame:
    """One row a metric and pair of languages, each pair once: the columns MATRIX. The value of a
    mixing metric is that of the two languages alone."""
    tags = measured.languages
    rows: list[tuple[object, ...]] = [
        (tags[a], tags[b], metric, float(values[a, b]) if np.isfinite(values[a, b]) else None)
        for metric, values in measured.matrices.items()
        for a, b in combinations(range(len(tags)), 2)
    ]
    return _table(rows, MATRIX)


def _in_order(measured: Measured) -> list[tuple[Subset, str, Estimate | None]]:
    """Subset, metric and estimate: by subset, and within it as the metrics are listed."""
    keys = [(subset, metric.key) for subset in SUBSETS for metric in METRICS]
    found = measured.estimates
    return [(*key, found[key]) for key in keys if key in found]


def _table(rows: list[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    """Columns of numbers hold Python objects, for only these can be None."""
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    return table.astype({name: str for name in columns if name in NAMES})
