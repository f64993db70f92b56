"""How a measure of mixing goes from the embeddings of a model up to its last layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

CURVE = ["value", "low", "high", "null"]


def curve(
    tables: Sequence[pd.DataFrame], space: str, pooling: str, subset: str, metric: str
) -> pd.DataFrame:
    """One measure by layer (the index, ascending): columns CURVE, means over runs.

    tables: of each run what `Store.layer_mixing` gives, columns space, pooling, layer, subset,
    metric, value, low, high, null. Only layers are there that every run has a value of. low and
    high are the means of the runs' own intervals: they tell what other sentences would have given,
    not what another seed would have.
    """
    wanted = {"space": space, "pooling": pooling, "subset": subset, "metric": metric}
    parts = []
    for table in tables:
        rows = np.logical_and.reduce([table[column] == value for column, value in wanted.items()])
        parts.append(table[rows].dropna(subset=["value"]))
    rows = pd.concat(parts) if parts else pd.DataFrame(columns=["layer", *CURVE])
    found = rows.groupby("layer")
    everywhere = found.size() == len(parts)
    means: pd.DataFrame = found[CURVE].mean().astype(float)
    return means[everywhere].sort_index()
