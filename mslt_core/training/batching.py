"""Batches of texts of like length, one text after another without padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mslt_core.training.inputs import Encoded

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Texts one after another, without padding; `padded` and `packed` go over to rows and back.

    ids, types (None where the texts have one segment each) and positions (in their texts): int64
    tensors (tokens,). lengths: tokens of each text, int64 (rows,). words: places of the words'
    first sub-tokens, int64 (words,). index: which texts they are, int64 (rows,). states: what
    frozen layers gave for the texts, float32 (tokens, d), or None.
    """

    ids: torch.Tensor
    types: torch.Tensor | None
    positions: torch.Tensor
    lengths: torch.Tensor
    words: torch.Tensor
    index: NDArray[np.int64]
    states: torch.Tensor | None
    cells: tuple[int, int]
    """Rows, and tokens of the longest."""
    places: torch.Tensor | None
    """Of each token its cell in the flattened rows, int64 (tokens,); None where none is padded."""

    @property
    def tokens(self) -> int:
        """Real tokens, padding not counted."""
        return len(self.ids)

    def padded(self, packed: torch.Tensor) -> torch.Tensor:
        """What stands for each token, (tokens, …), in rows, (rows, longest, …), padded with 0."""
        rows, longest = self.cells
        rest = packed.shape[1:]
        if self.places is not None:
            empty = packed.new_zeros((rows * longest, *rest))
            packed = empty.index_copy(0, self.places, packed)
        return packed.view(rows, longest, *rest)

    def packed(self, padded: torch.Tensor) -> torch.Tensor:
        """The inverse of `padded`."""
        cells = padded.flatten(0, 1)
        return cells if self.places is None else cells.index_select(0, self.places)

    def mask(self) -> torch.Tensor:
        """1 where a row has a token and 0 where it is padded, int64 (rows, longest)."""
        return self.padded(torch.ones_like(self.ids))

    def score_mask(self, dtype: torch.dtype) -> torch.Tensor | None:
        """What to add to scores of attention, (rows, 1, 1, longest): minus infinity on padding."""
        if self.places is None:
            return None
        mask = self.mask()[:, None, None, :]
        return torch.zeros_like(mask, dtype=dtype).masked_fill(mask == 0, float("-inf"))


def collate(inputs: Sequence[Encoded], index: NDArray[np.int64], device: torch.device) -> Batch:
    """The chosen texts as one batch."""
    chosen = [inputs[i] for i in index]
    lengths = np.array([len(text.ids) for text in chosen])
    starts = np.cumsum(lengths) - lengths
    longest = int(lengths.max())
    within = np.arange(lengths.sum()) - np.repeat(starts, lengths)
    places = np.repeat(np.arange(len(chosen)) * longest, lengths) + within
    types = np.concatenate([text.types for text in chosen])
    words = np.concatenate([start + text.kept for start, text in zip(starts, chosen, strict=True)])
    given = [text.states for text in chosen if text.states is not None]

    def there(array: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(array).to(device)

    return Batch(
        ids=there(np.concatenate([text.ids for text in chosen])),
        types=there(types) if types.any() else None,
        positions=there(within),
        lengths=there(lengths),
        words=there(words),
        index=index,
        states=there(np.concatenate(given).astype(np.float32)) if given else None,
        cells=(len(chosen), longest),
        places=None if (lengths == longest).all() else there(places),
    )


def training_order(
    lengths: NDArray[np.int64], batch_size: int, random: np.random.Generator
) -> list[NDArray[np.int64]]:
    """One epoch: every index once, in batches of like length in random order.

    Shuffles, sorts by length within stretches of some batches, cuts, and shuffles the batches
    (as the length-grouped sampler of transformers does, which also keeps at least four
    stretches, so that batches stay random).
    """
    shuffled = random.permutation(len(lengths))
    stretch = batch_size * int(np.clip(len(lengths) // (batch_size * 4), 1, 50))
    batches: list[NDArray[np.int64]] = []
    for start in range(0, len(shuffled), stretch):
        part = shuffled[start : start + stretch]
        part = part[np.argsort(-lengths[part], kind="stable")]
        batches += [part[i : i + batch_size] for i in range(0, len(part), batch_size)]
    return [batches[i] for i in random.permutation(len(batches))]


def scoring_order(lengths: NDArray[np.int64], tokens: int = 4096) -> Iterator[NDArray[np.int64]]:
    """Every index once, longest first, in batches of at most `tokens` cells with padding."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        rows = max(1, tokens // int(lengths[order[start]]))
        yield order[start : start + rows]
        start += rows
