"""The language table: what criteria know of the languages that sources are chosen from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mslt_core.catalog import models
from mslt_core.catalog.language_vectors import FEATURE_SETS, FeatureSet, imputed, vector
from mslt_core.catalog.languages import language
from mslt_core.spec import UserError

Measure = Literal[FeatureSet, "embedding", "scripts"]
"""What tells how far two languages are apart."""
Corpus = Literal["cc100", "wikipedia"]
Floats = NDArray[np.float64]
MOSTLY = 0.5
"""A language is mostly predicted where a larger share of its values is."""


@dataclass(frozen=True, eq=False)
class Facts:
    """What a model makes of the training text of a task, by language."""

    subwords: Mapping[str, NDArray[np.int32]]
    """Ids of the sub-words that the text is made of, each once, sorted."""
    embeddings: Mapping[str, NDArray[np.float32]]
    """The mean sentence vector of the model before training, (d,)."""


@dataclass(frozen=True, eq=False)
class LanguageTable:
    """Languages and what is known of them, a row each; what is not known is NaN, never 0."""

    tags: tuple[str, ...]
    sizes: Floats
    """GiB of the model's pretraining data, (languages,)."""
    vectors: Mapping[Measure, Floats]
    """(languages, dimensions) by measure; of `scripts` 1 in the column of the language's script.
    `embedding` only where a model's facts were given."""
    subwords: Mapping[str, NDArray[np.int32]]
    """As `Facts.subwords`; empty where no facts were given."""
    imputed: Mapping[Measure, Floats]
    """The share of values that lang2vec predicted from other languages, (languages,), of those
    measures that are feature sets of lang2vec."""

    def rows(self, tags: tuple[str, ...]) -> NDArray[np.int64]:
        """The places of languages, which the table must have."""
        return np.array([self.tags.index(tag) for tag in tags], dtype=np.int64)


def corpus_of(model: str) -> tuple[Corpus, bool]:
    """The corpus whose sizes stand for the model's pretraining data, and whether it is known to
    have been pretrained on it."""
    try:
        pretraining = models.card(model).pretraining
    except UserError:  # a folder that is gone
        return "cc100", False
    return pretraining or "cc100", bool(pretraining)


def language_table(
    tags: tuple[str, ...], corpus: Corpus = "cc100", facts: Facts | None = None
) -> LanguageTable:
    """The table of these languages. corpus: what the model was pretrained on, or is thought to be
    like. Raises BadArgument for what is no language."""
    known = [language(tag) for tag in tags]
    scripts = sorted({found.script for found in known})
    vectors: dict[Measure, Floats] = {
        features: _stacked([vector(tag, features) for tag in tags]) for features in FEATURE_SETS
    }
    vectors["scripts"] = np.array(
        [[float(found.script == script) for script in scripts] for found in known]
    )
    if facts is not None:
        vectors["embedding"] = _stacked([facts.embeddings.get(tag) for tag in tags])
    return LanguageTable(
        tags=tags,
        sizes=np.array([getattr(found, f"{corpus}_gib") for found in known], dtype=np.float64),
        vectors=vectors,
        subwords=facts.subwords if facts else {},
        imputed={
            features: np.array([imputed(tag, features) for tag in tags])
            for features in FEATURE_SETS
        },
    )


def distances(table: LanguageTable, measure: Measure) -> Floats:
    """1 − cosine of each two languages, (languages, languages): 0 on the diagonal, NaN for a
    language without a vector. By scripts it is 0 for the same one and 1 for two.

    Sentence vectors all point in a similar direction, so by `embedding` all are small: what tells
    is their order.
    """
    vectors = table.vectors[measure]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Floats = 1 - unit @ unit.T
    np.fill_diagonal(found, np.where(np.isnan(vectors).any(axis=1), np.nan, 0.0))
    return found


def imputed_shares(table: LanguageTable, criterion: str) -> dict[str, float]:
    """The share of predicted values, 0 to 1, by language; empty for a criterion that reads no
    vectors of lang2vec."""
    for measure, shares in table.imputed.items():
        if measure == criterion:
            return dict(zip(table.tags, map(float, shares), strict=True))
    return {}


def mostly_imputed(table: LanguageTable, criterion: str) -> tuple[str, ...]:
    """The languages of whose values more than MOSTLY are predicted."""
    shares = imputed_shares(table, criterion)
    return tuple(tag for tag, share in shares.items() if share > MOSTLY)


def _stacked(vectors: list[NDArray[Any] | None]) -> Floats:
    """One row a vector, of NaN where there is none."""
    width = max((len(found) for found in vectors if found is not None), default=1)
    rows = [np.full(width, np.nan) if found is None else found for found in vectors]
    return np.array(rows, dtype=np.float64)
