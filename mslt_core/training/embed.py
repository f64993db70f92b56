"""Passes over many texts, longest first: embeddings, predictions, and the pretrained cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from mslt_core.catalog.models import Pooling
from mslt_core.catalog.tasks import Item
from mslt_core.jobs import memory
from mslt_core.training.batching import Batch, collate, scoring_order
from mslt_core.training.device import Device
from mslt_core.training.encoders import EncoderSource
from mslt_core.training.heads import (
    LAYER_POOLINGS,
    Classifier,
    Units,
    hidden_states,
    layer_states,
    pool,
    pool_layers,
    unit_vectors,
)
from mslt_core.training.inputs import Encoded, Ids, item_key
from mslt_core.training.item_cache import Arrays, halved, kept
from mslt_core.training.sharing import Progress
from mslt_core.training.slim import rows_met
from mslt_core.training.tokens import TokenCache

if TYPE_CHECKING:
    from mslt_core.training.heads import Encoder

T = TypeVar("T")

BATCHES_KEPT = 3
"""After so many batches in bfloat16 freed memory is given back: each batch has other shapes, and
the C library finds room for them all over what was freed before, until hundreds of megabytes that
hold nothing are in memory. To take it anew each time would cost a twentieth of the time there; in
float32, where batches are twice as large and take much longer, it is given back after each."""

Vectors = NDArray[np.float32]
LayerVectors = NDArray[np.floating]
"""Of one text what stands for it at every layer, (LAYER_POOLINGS, layers, d): float16, or float32
where a number is too large for it."""
Halves = NDArray[np.float16]
Read = Callable[["Encoder", Batch], T]
"""How an encoder reads a batch."""

LANGUAGES_AT_A_TIME = 4
"""As many are embedded together: enough to fill batches, few enough to share the work by them."""


def embed(
    encoder: Encoder,
    inputs: list[Encoded],
    device: Device,
    progress: Progress,
    units: Units = "mean",
    read: Read[torch.Tensor] = hidden_states,
) -> list[Vectors]:
    """Of each text the vectors of its units, float32: (1, d), or (words, d) without the words
    that were cut off. read: what gives the last layer's token vectors of a batch."""
    found: list[Vectors] = [np.empty((0, 0), dtype=np.float32)] * len(inputs)
    for batch, hidden in _passes(encoder, inputs, device, progress, read):
        vectors = unit_vectors(hidden, batch, units).cpu().numpy()
        _deal(found, batch, inputs, vectors, units)
    return found


def embed_layers(
    encoder: Encoder, inputs: list[Encoded], device: Device, progress: Progress
) -> list[LayerVectors]:
    """Of each text the vectors at every layer. Raises as `layer_states` does."""
    found = np.empty((len(inputs), 0, 0, 0), dtype=np.float32)
    for batch, states in _passes(encoder, inputs, device, progress, layer_states):
        pooled = pool_layers(states, batch.lengths).cpu().numpy()
        if not found.size:  # one block, for small ones would leave holes among the tensors
            found = np.empty((len(inputs), *pooled.shape[1:]), dtype=np.float32)
        found[batch.index] = pooled
    return [halved(vectors) for vectors in found]


def predict(
    model: Classifier,
    inputs: list[Encoded],
    device: Device,
    progress: Progress,
    pooling: Pooling = "mean",
    read: Read[torch.Tensor] = hidden_states,
) -> tuple[Vectors, list[Ids]]:
    """The texts' pooled vectors, float32 (inputs, d), and of each text the class indices of
    its units, (1,), or (words,) without the words that were cut off. read: what gives the last
    layer's token vectors of a batch."""
    pooled = np.empty((len(inputs), model.encoder.config.hidden_size), dtype=np.float32)
    classes: list[Ids] = [np.empty(0, dtype=np.int64)] * len(inputs)
    for batch, hidden in _passes(model.encoder, inputs, device, progress, read):
        pooled[batch.index] = pool(hidden, batch.lengths, pooling).cpu().numpy()
        with torch.inference_mode():
            logits = model.head(unit_vectors(hidden, batch, model.units))
        _deal(classes, batch, inputs, logits.argmax(1).cpu().numpy(), model.units)
    return pooled, classes


def _passes(
    encoder: Encoder, inputs: list[Encoded], device: Device, progress: Progress, read: Read[T]
) -> Iterator[tuple[Batch, T]]:
    """Batches of all texts with what was read."""
    lengths = np.array([len(text.ids) for text in inputs])
    done, together = 0, BATCHES_KEPT if device.bf16 else 1
    for number, index in enumerate(scoring_order(lengths), 1):
        batch = collate(inputs, index, device.torch)
        with torch.inference_mode(), device.autocast():
            found = read(encoder, batch)
        yield batch, found
        if number % together == 0:
            memory.give_back()
        done += len(index)
        progress(done, len(inputs))
    memory.give_back()  # to what comes next; only the last batch is still held


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

        def run(encoder: Encoder, inputs: list[Encoded], report: Progress) -> Iterator[Halves]:
            for vectors in embed(encoder, inputs, self._device, report, units):
                yield vectors.astype(np.float16)

        found = self._kept(units, run, task, wanted, max_length, progress)
        return {lang: [rows.astype(np.float32) for rows in of] for lang, of in found.items()}

    def layers(
        self, task: str, wanted: dict[str, list[Item]], max_length: int, progress: Progress
    ) -> dict[str, list[LayerVectors]]:
        """Of each language's items the vectors at every layer. Raises as `layer_states` does."""

        def run(encoder: Encoder, inputs: list[Encoded], report: Progress) -> list[LayerVectors]:
            return embed_layers(encoder, inputs, self._device, report)

        found = self._kept("layers", run, task, wanted, max_length, progress)
        self._keep_last(found, task, wanted, max_length)
        return found

    def _keep_last(
        self,
        found: dict[str, list[LayerVectors]],
        task: str,
        wanted: dict[str, list[Item]],
        max_length: int,
    ) -> None:
        """What stands for a text at the last layer is its vector: it need not be computed again."""
        pooling = self._source.card.pooling
        if pooling == "last":
            return
        number = LAYER_POOLINGS.index(pooling)
        known = {
            item_key(item): vectors[number, -1:].astype(np.float16)
            for lang, items in wanted.items()
            for item, vectors in zip(items, found[lang], strict=True)
        }

        def given(missing: dict[str, list[Item]], report: Progress) -> Iterator[Arrays]:
            for item in chain.from_iterable(missing.values()):
                yield (known[item_key(item)],)

        kept(self._paths(pooling, task, wanted, max_length), ("vectors",), wanted, given)

    def _kept(
        self,
        kind: str,
        run: Callable[[Encoder, list[Encoded], Progress], Iterable[NDArray[Any]]],
        task: str,
        wanted: dict[str, list[Item]],
        max_length: int,
        progress: Progress,
    ) -> dict[str, list[NDArray[Any]]]:
        """Of each language's items the array from the files of this kind; those that are not there
        are what `run` gives."""
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
            for array in run(made, [text.renumbered(rows) for text in inputs], report):
                yield (array,)

        paths = self._paths(kind, task, wanted, max_length)
        found = kept(paths, ("vectors",), wanted, compute, progress, LANGUAGES_AT_A_TIME)
        return {lang: [array for (array,) in of] for lang, of in found.items()}

    def _paths(
        self, kind: str, task: str, languages: Iterable[str], max_length: int
    ) -> dict[str, Path]:
        model = hashlib.sha256(f"{self._source.fingerprint}:{max_length}".encode()).hexdigest()[:16]
        root = self._cache / "embeddings" / model
        return {lang: root / f"{task}-{lang}-{kind}.safetensors" for lang in languages}
