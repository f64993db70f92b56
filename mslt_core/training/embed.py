"""Passes over many texts, longest first: embeddings, predictions, and the pretrained cache."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from mslt_core.catalog.models import Pooling
from mslt_core.catalog.tasks import Item
from mslt_core.training.batching import Batch, collate, scoring_order
from mslt_core.training.device import Device
from mslt_core.training.encoders import EncoderSource
from mslt_core.training.heads import Classifier, Units, hidden_states, pool, unit_vectors
from mslt_core.training.inputs import Encoded, Ids
from mslt_core.training.item_cache import Arrays, kept
from mslt_core.training.sharing import Progress
from mslt_core.training.slim import rows_met
from mslt_core.training.tokens import TokenCache

if TYPE_CHECKING:
    from mslt_core.training.heads import Encoder

Vectors = NDArray[np.float32]

LANGUAGES_AT_A_TIME = 4
"""As many are embedded together: enough to fill batches, few enough to share the work by them."""


def embed(
    encoder: Encoder,
    inputs: list[Encoded],
    device: Device,
    progress: Progress,
    units: Units = "mean",
) -> list[Vectors]:
    """Of each text the vectors of its units, float32: (1, d), or (words, d) without the words
    that were cut off."""
    found: list[Vectors] = [np.empty((0, 0), dtype=np.float32)] * len(inputs)
    for batch, hidden in _passes(encoder, inputs, device, progress):
        vectors = unit_vectors(hidden, batch, units).cpu().numpy()
        _deal(found, batch, inputs, vectors, units)
    return found


def predict(
    model: Classifier,
    inputs: list[Encoded],
    device: Device,
    progress: Progress,
    pooling: Pooling = "mean",
) -> tuple[Vectors, list[Ids]]:
    """The texts' pooled vectors, float32 (inputs, d), and of each text the class indices of
    its units, (1,), or (words,) without the words that were cut off."""
    pooled = np.empty((len(inputs), model.encoder.config.hidden_size), dtype=np.float32)
    classes: list[Ids] = [np.empty(0, dtype=np.int64)] * len(inputs)
    for batch, hidden in _passes(model.encoder, inputs, device, progress):
        pooled[batch.index] = pool(hidden, batch.lengths, pooling).cpu().numpy()
        with torch.inference_mode():
            logits = model.head(unit_vectors(hidden, batch, model.units))
        _deal(classes, batch, inputs, logits.argmax(1).cpu().numpy(), model.units)
    return pooled, classes


def _passes(
    encoder: Encoder, inputs: list[Encoded], device: Device, progress: Progress
) -> Iterator[tuple[Batch, torch.Tensor]]:
    """Batches of all texts with their token vectors (tokens, d)."""
    lengths = np.array([len(text.ids) for text in inputs])
    done = 0
    for index in scoring_order(lengths):
        batch = collate(inputs, index, device.torch)
        with torch.inference_mode(), device.autocast():
            hidden = hidden_states(encoder, batch)
        yield batch, hidden
        done += len(index)
        progress(done, len(inputs))


def _deal(
    found: list[NDArray[Any]],
    batch: Batch,
    inputs: list[Encoded],
    rows: NDArray[Any],
    units: Units,
) -> None:
    """Give each text of a batch its rows."""
    counts = [len(inputs[i].kept) if units == "words" else 1 for i in batch.index]
    for i, part in zip(batch.index, np.split(rows, np.cumsum(counts)[:-1]), strict=True):
        found[i] = part


class PretrainedEmbeddings:
    """Embeddings of the untouched model, computed once per text and kept on disk as float16.

    One file per task, language and kind of unit in a folder of the model's own. Computed in
    float32, so that the company in which a text was embedded does not show in its vector.
    """

    def __init__(self, cache: Path, source: EncoderSource, device: Device):
        self._cache = cache
        self._source = source
        self._device = Device(device.name, bf16=False)

    def vectors(
        self,
        task: str,
        wanted: dict[str, list[Item]],
        max_length: int,
        progress: Progress,
        units: Units = "mean",
    ) -> dict[str, list[Vectors]]:
        """Of each language's items the vectors of their units, float32 with float16 precision:
        (1, d), or (words, d) without the words that were cut off."""
        tokens = TokenCache(self._cache, self._source, max_length)

        @cache
        def encoder() -> tuple[Encoder, Ids]:
            """Made for all texts when the first is found missing, with the ids of its rows."""
            inputs = chain.from_iterable(tokens.read(task, wanted).values())
            rows = rows_met((text.ids for text in inputs), self._source.pad_id)
            made = self._source.encoder(rows)
            made.to(self._device.torch)  # type: ignore[arg-type]
            return made, rows

        def compute(missing: dict[str, list[Item]], report: Progress) -> Iterator[Arrays]:
            made, rows = encoder()
            inputs = chain.from_iterable(tokens.read(task, missing).values())
            slimmed = [text.renumbered(rows) for text in inputs]
            for vectors in embed(made, slimmed, self._device, report, units):
                yield (vectors.astype(np.float16),)

        model = hashlib.sha256(f"{self._source.fingerprint}:{max_length}".encode()).hexdigest()[:16]
        root = self._cache / "embeddings" / model
        paths = {lang: root / f"{task}-{lang}-{units}.safetensors" for lang in wanted}
        found = kept(paths, ("vectors",), wanted, compute, progress, LANGUAGES_AT_A_TIME)
        return {lang: [rows.astype(np.float32) for (rows,) in of] for lang, of in found.items()}
