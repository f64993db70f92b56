"""Sentence embeddings: of any encoder in one length-sorted stream; pretrained ones are cached."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from transformers import PreTrainedModel

from mslt_core.catalog.tasks import Item
from mslt_core.training.batching import Ids, collate, scoring_order
from mslt_core.training.device import Device
from mslt_core.training.encoders import EncoderSource
from mslt_core.training.heads import pool
from mslt_core.training.slim import renumber, rows_met

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Called with the numbers of texts done and in all; what it raises ends the work."""


@torch.inference_mode()
def embed(
    encoder: PreTrainedModel, inputs: list[Ids], pad_id: int, device: Device, progress: Progress
) -> Vectors:
    """Mean-pooled embeddings of token ids, float32 (inputs, d), in the inputs' order."""
    lengths = np.array([len(ids) for ids in inputs])
    vectors = np.empty((len(inputs), encoder.config.hidden_size), dtype=np.float32)
    done = 0
    for index in scoring_order(lengths):
        batch = collate(inputs, index, pad_id, device.torch)
        with device.autocast():
            pooled = pool(encoder, batch.input_ids, batch.attention_mask)
        vectors[index] = pooled.cpu().numpy()
        done += len(index)
        progress(done, len(inputs))
    return vectors


class PretrainedEmbeddings:
    """Embeddings of the untouched model, computed once per text and kept on disk as float16.

    One file per task and language in a folder of the model's own; a text is known by its content,
    so changed data is never answered from old vectors. Computed in float32, so that the company
    in which a text was embedded does not show in its vector.
    """

    def __init__(self, cache: Path, source: EncoderSource, fingerprint: str, device: Device):
        self._root = cache / "embeddings"
        self._source = source
        self._fingerprint = fingerprint
        self._device = Device(device.name, bf16=False)

    def vectors(
        self, task: str, wanted: dict[str, list[Item]], max_length: int, progress: Progress
    ) -> dict[str, Vectors]:
        """Vectors of each language's items, float32 (items, d) with float16 precision."""
        model = hashlib.sha256(f"{self._fingerprint}:{max_length}".encode()).hexdigest()[:16]
        paths = {lang: self._root / model / f"{task}-{lang}.safetensors" for lang in wanted}
        known = {lang: _read(path) for lang, path in paths.items()}
        missing = [
            (lang, key, item)
            for lang, items in wanted.items()
            for key, item in {_key(item): item for item in items}.items()
            if key not in known[lang]
        ]
        if missing:
            fresh = self._compute([item for _, _, item in missing], max_length, progress)
            for (lang, key, _), vector in zip(missing, fresh, strict=True):
                known[lang][key] = vector.astype(np.float16)
            for lang in {lang for lang, _, _ in missing}:
                _write(paths[lang], known[lang])
        return {
            lang: np.stack([known[lang][_key(item)] for item in items]).astype(np.float32)
            for lang, items in wanted.items()
        }

    def _compute(self, items: list[Item], max_length: int, progress: Progress) -> Vectors:
        source = self._source
        inputs = source.tokenize(items, max_length)
        rows = rows_met(inputs, source.pad_id)
        encoder = source.build(rows)
        encoder.to(self._device.torch)  # type: ignore[arg-type]
        slimmed = [renumber(ids, rows) for ids in inputs]
        return embed(encoder, slimmed, source.pad_id, self._device, progress)


def _key(item: Item) -> int:
    text = f"{item.text}\0{item.second}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


def _read(path: Path) -> dict[int, NDArray[np.float16]]:
    try:
        arrays = load_file(path)
    except (FileNotFoundError, SafetensorError):
        return {}  # a broken cache is computed anew
    return dict(zip(arrays["keys"].tolist(), arrays["vectors"], strict=True))


def _write(path: Path, known: dict[int, NDArray[np.float16]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    keys = np.fromiter(known, dtype=np.uint64, count=len(known))
    save_file({"keys": keys, "vectors": np.stack(list(known.values()))}, temporary)
    temporary.replace(path)
