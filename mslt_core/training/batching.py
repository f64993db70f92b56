"""Texts as token ids, and batches of texts of like length, so that little of a batch is padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Padded token ids and their mask, each an int64 tensor (rows, longest), and which inputs
    they are, int64 array (rows,)."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    index: NDArray[np.int64]
    tokens: int
    """Real tokens, padding not counted."""


def collate(
    inputs: list[Ids], index: NDArray[np.int64], pad_id: int, device: torch.device
) -> Batch:
    """The chosen inputs as one batch, padded to the longest of them."""
    chosen = [inputs[i] for i in index]
    lengths = np.array([len(ids) for ids in chosen])
    mask = np.arange(lengths.max())[None, :] < lengths[:, None]
    padded = np.full(mask.shape, pad_id, dtype=np.int64)
    padded[mask] = np.concatenate(chosen)
    return Batch(
        torch.from_numpy(padded).to(device),
        torch.from_numpy(mask.astype(np.int64)).to(device),
        index,
        int(lengths.sum()),
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
