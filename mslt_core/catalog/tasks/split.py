"""Training, development and test rows where a table names none: a seeded hash, 70/10/20."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import numpy as np
import pandas as pd

SplitBy = Literal["item", "text"]


def seeded_split(rows: pd.DataFrame, split_by: SplitBy, seed: int, has_ids: bool) -> pd.Series[Any]:
    """The split of each row (columns language, id, text), by a hash of what it is not parted from.

    Rows of one id stay together, and so do rows of one text: by `item` within a language, by
    `text`, or without ids, in any. A row's split depends on the seed and on the rows that it is
    tied to, on no others and not on their order.
    """
    alike = ["language", "text"] if split_by == "item" else ["text"]
    keys = _groups(rows, alike) if has_ids else rows["text"]
    share = {
        key: int.from_bytes(hashlib.sha256(f"{seed}:{key}".encode()).digest()[:6]) / 2**48
        for key in keys.unique()
    }
    splits = {
        key: "train" if part < 0.7 else "dev" if part < 0.8 else "test"
        for key, part in share.items()
    }
    return keys.map(splits).astype("str")


def _groups(rows: pd.DataFrame, alike: list[str]) -> pd.Series[Any]:
    """For each row the least id of those that it is tied to, by ids or by these columns."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    items, _ = pd.factorize(rows["id"])
    texts = rows.groupby(alike).ngroup().to_numpy() + len(rows)
    ties = coo_array((np.ones(len(rows)), (items, texts)), shape=(2 * len(rows), 2 * len(rows)))
    _, group = connected_components(ties, directed=False)
    return rows["id"].groupby(group[items]).transform("min")
