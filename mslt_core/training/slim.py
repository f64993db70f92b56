"""Vocabulary slimming: a run's model holds only the embedding rows that its texts can meet.

A multilingual encoder is mostly its embedding table (250,037 rows of 384 numbers in E5-small: 82 %
of its weights), and a run meets a few thousand of them. Rows that are not looked up get no
gradient, so leaving them out changes no result, but saves the optimizer's work on them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

Ids = NDArray[np.int64]


class Embedding(Protocol):
    """What has a table of word embeddings, of whatever make."""

    config: Any

    def get_input_embeddings(self) -> nn.Module: ...

    def set_input_embeddings(self, value: nn.Embedding, /) -> None: ...


EmbeddingT = TypeVar("EmbeddingT", bound=Embedding)


def rows_met(sequences: Iterable[Ids], pad_id: int) -> Ids:
    """Sorted ids of the rows that these token sequences look up, shape (rows,).

    Includes every id up to the padding's, so that it keeps its number: RoBERTa-like models
    compute positions from it.
    """
    return np.unique(np.concatenate([np.arange(pad_id + 1), *sequences]).astype(np.int64))


def renumber(sequence: Ids, rows: Ids) -> Ids:
    """Token ids as positions in `rows` (sorted). Every id must be among them."""
    return np.searchsorted(rows, sequence).astype(np.int64)


def slim(model: EmbeddingT, rows: Ids) -> EmbeddingT:
    """Keep only these rows of the model's input embeddings, in place; returns the model."""
    full = cast(nn.Embedding, model.get_input_embeddings())
    weights = full.weight.detach()[torch.from_numpy(rows)]
    # Made from the weights: a new table would draw random numbers, as many as there are rows,
    # and what is drawn afterwards (the head) would depend on the texts of the run.
    # No row is named as padding's: no gradient comes from what is masked anyhow.
    kept = nn.Embedding(len(rows), full.embedding_dim, _weight=weights)
    model.set_input_embeddings(kept)
    if hasattr(model.config, "vocab_size"):  # transformers notes it, a Bert does not
        model.config.vocab_size = len(rows)
    return model


def widen(model: Embedding, table: nn.Embedding, rows: Ids) -> None:
    """Put `table`, of which `slim` kept these rows, back in its place, in it what the rows have
    learned meanwhile."""
    learned = cast(nn.Embedding, model.get_input_embeddings()).weight
    with torch.no_grad():
        table.weight[torch.from_numpy(rows)] = learned.to(table.weight.device)
    table.to(learned.device)
    model.set_input_embeddings(table)
