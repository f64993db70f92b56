"""Batches of texts of like length, so that little of a batch is padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mslt_core.training.inputs import Encoded

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Padded texts. input_ids, attention_mask and token_types (None where the texts have one
    segment each): int64 tensors (rows, longest). words: places of the words' first sub-tokens in
    the flattened rows, int64 (words,), row by row. index: which texts they are, int64 (rows,).
    states: what frozen layers gave for the texts, float32 (rows, longest, d), or None."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_types: torch.Tensor | None
    words: torch.Tensor
    index: NDArray[np.int64]
    tokens: int
    """Real tokens, padding not counted."""
    states: torch.Tensor | None


def collate(
    inputs: list[Encoded], index: NDArray[np.int64], pad_id: int, device: torch.device
) -> Batch:
    """The chosen texts as one batch, padded to the longest of them."""
    chosen = [inputs[i] for i in index]
    lengths = np.array([len(text.ids) for text in chosen])
    mask = np.arange(lengths.max())[None, :] < lengths[:, None]
    padded = np.full(mask.shape, pad_id, dtype=np.int64)
    padded[mask] = np.concatenate([text.ids for text in chosen])
    types = np.zeros(mask.shape, dtype=np.int64)
    types[mask] = np.concatenate([text.types for text in chosen])
    words = [row * mask.shape[1] + text.kept for row, text in enumerate(chosen)]
    return Batch(
        torch.from_numpy(padded).to(device),
        torch.from_numpy(mask.astype(np.int64)).to(device),
        torch.from_numpy(types).to(device) if types.any() else None,
        torch.from_numpy(np.concatenate(words)).to(device),
        index,
        int(lengths.sum()),
        _states(chosen, mask, device),
    )


def _states(
    chosen: list[Encoded], mask: NDArray[np.bool_], device: torch.device
) -> torch.Tensor | None:
    given = [text.states for text in chosen if text.states is not None]
    if not given:
        return None
    padded = np.zeros((*mask.shape, given[0].shape[1]), dtype=np.float32)
    padded[mask] = np.concatenate(given)
    return torch.from_numpy(padded).to(device)


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
