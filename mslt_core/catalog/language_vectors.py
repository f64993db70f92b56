"""Typological vectors of languages: what lang2vec knows, in a small table of ours.

`language_vectors.parquet` was made once by make_language_vectors.py from the package lang2vec
1.1.2, that is from the database URIEL (Littell et al. 2017, aclanthology.org/E17-2002), for the
languages of `languages.csv`. The table, like its source, is under CC BY-SA 4.0. Its columns:
- tag; code, the ISO 639-3 code that lang2vec was asked for: `arb` for ar, `cmn` for zh;
- syntax (103 features, 0 or 1), phonology (28), inventory (158): the `*_knn` vectors. A value that
  no source of URIEL has was predicted from that of the nearest languages;
- syntax_imputed, phonology_imputed, inventory_imputed: the share of values that were predicted so;
- family: the nodes of Glottolog's tree above the language, from the top; none where URIEL has none,
  as of Basque;
- geography: nearness to 299 points on the globe, in ten-thousandths, from 0 to 1.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.catalog.languages import normalise

FeatureSet = Literal["syntax", "phonology", "inventory", "family", "geography"]
FEATURE_SETS: tuple[FeatureSet, ...] = get_args(FeatureSet)

PREDICTED: tuple[FeatureSet, ...] = ("syntax", "phonology", "inventory")
"""Those in which gaps were filled by prediction."""

SOURCE = "lang2vec 1.1.2, from URIEL (Littell et al. 2017, aclanthology.org/E17-2002)"
LICENCE = "CC BY-SA 4.0"
TABLE = Path(__file__).with_suffix(".parquet")
TEN_THOUSANDTHS = 10_000


def vector(tag: str, features: FeatureSet) -> NDArray[np.float64] | None:
    """The vector of a language, of the same length for all; None where there is none, which is no
    vector of zeros. A language in another script than its usual one has the vector of its language.

    Raises BadArgument when the tag names no language.
    """
    row = _row(tag)
    if row is None:
        return None
    if features == "family":
        return np.isin(_nodes(), row["family"]).astype(float) if len(row["family"]) else None
    values = np.asarray(row[features], dtype=np.float64)
    return values / TEN_THOUSANDTHS if features == "geography" else values


def imputed(tag: str, features: FeatureSet) -> float:
    """The share of a vector's values, 0 to 1, that were predicted from other languages.

    Raises BadArgument when the tag names no language.
    """
    row = _row(tag)
    return float(row[f"{features}_imputed"]) if row is not None and features in PREDICTED else 0.0


def _row(tag: str) -> dict[str, Any] | None:
    return _table().get(normalise(tag).split("-")[0])


@cache
def _table() -> dict[str, dict[str, Any]]:
    rows = pd.read_parquet(TABLE).to_dict("records")
    return {row["tag"]: {str(name): value for name, value in row.items()} for row in rows}


@cache
def _nodes() -> NDArray[np.object_]:
    """All nodes of the tree, sorted."""
    return np.unique(np.concatenate([row["family"] for row in _table().values()]))
