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
    model.set_input_embeddings(rows_of(model, rows))
    if hasattr(model.config, "vocab_size"):  # transformers notes it, a Bert does not
        model.config.vocab_size = len(rows)
    return model


def rows_of(model: Embedding, rows: Ids) -> nn.Embedding:
    """A copy of these rows of the model's input embeddings."""
    full = cast(nn.Embedding, model.get_input_embeddings())
    return table_of(full.weight.detach()[torch.from_numpy(rows)])


def table_of(weights: torch.Tensor) -> nn.Embedding:
    """These weights as embeddings, (rows, d), not copied."""
    # Made from the weights: a new table would draw random numbers, as many as there are rows,
    # and what is drawn afterwards (the head) would depend on the texts of the run.
    # No row is named as padding's: no gradient comes from what is masked anyhow.
    rows, width = weights.shape
    return nn.Embedding(rows, width, _weight=weights)
