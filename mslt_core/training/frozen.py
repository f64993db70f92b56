"""Training the top layers only: what the layers below give is computed once, and kept on disk.

The frozen layers run without dropout, in float32, and what they give is rounded to float16.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from mslt_core.catalog.tasks import Item
from mslt_core.jobs.artefacts import half
from mslt_core.spec import WorkFailed
from mslt_core.training.adapt import lower, upper
from mslt_core.training.batching import collate, scoring_order
from mslt_core.training.device import Device
from mslt_core.training.encoders import EncoderSource
from mslt_core.training.heads import hidden_states
from mslt_core.training.inputs import Encoded, Ids
from mslt_core.training.item_cache import halved
from mslt_core.training.sharing import WAIT_SECONDS, Progress, after, locked
from mslt_core.training.slim import rows_met
from mslt_core.training.tokens import TokenCache

if TYPE_CHECKING:
    from transformers import PreTrainedModel

States = NDArray[np.floating]
"""What the frozen layers give for one text: (tokens, d), float16, or float32 where a number is
too large for it."""

SPARE = 5 << 30
"""Bytes that are left free on the disk: where there is less room, nothing more is kept."""


class FrozenLayers:
    """The layers below the top `layers` ones of an untouched model, and what they give for texts.

    Kept in a folder for each model and number of layers, and in it for each task and language, as
    shards that are added and never changed, so that any number of workers share them; those that
    want the same languages at once share the work, a language at a time. A text is
    known by its token ids: data, prefix or cutting that changed is never answered from old states.
    A token takes two bytes a dimension: 20 languages of 200 short texts take 100 MB of E5-small's
    384 dimensions, and 15 languages of 5,000 pairs take 6 GB of XLM-R's 768.
    """

    def __init__(self, cache: Path, source: EncoderSource, device: Device, layers: int):
        name = hashlib.sha256(f"{source.fingerprint}:{layers}".encode()).hexdigest()[:16]
        self._cache = cache
        self._root = cache / "frozen" / name
        self._source = source
        self._device = device
        self._layers = layers

    def top(self) -> PreTrainedModel:
        """A fresh model of the layers above, to be trained: see `adapt.upper`."""
        # The embeddings do not stay, so as few as can be are made.
        return upper(self._source.build(rows_met((), self._source.pad_id)), self._layers)

    def read(
        self, task: str, wanted: dict[str, list[Item]], max_length: int, progress: Progress
    ) -> dict[str, list[Encoded]]:
        """Of each language's items the token ids, and with them what the frozen layers give.

        The states are read from disk when they are looked at, and so need little memory.
        Raises WorkFailed for a kind of model whose layers cannot be run apart.
        """
        source = self._source
        texts = TokenCache(self._cache, source, max_length).read(task, wanted)
        folders = {lang: self._root / f"{task}-{lang}" for lang in wanted}
        known = {lang: _known(folder) for lang, folder in folders.items()}
        missing = {
            lang: {key: text for text in texts[lang] if (key := _key(text)) not in known[lang]}
            for lang in wanted
        }
        missing = {lang: part for lang, part in missing.items() if part}
        total = sum(len(part) for part in missing.values())
        if missing:
            inputs = [text for part in missing.values() for text in part.values()]
            if not self._root.exists():
                self._check(inputs[:2])
            rows = rows_met((text.ids for text in inputs), source.pad_id)
            encoder = lower(source.build(rows), self._layers)
            encoder.to(self._device.torch)  # type: ignore[arg-type]
            done = 0
            while missing:
                with locked({lang: folders[lang] for lang in missing}, most=1) as own:
                    for lang in own:
                        report = after(done, total, progress)
                        known[lang] = self._completed(
                            folders[lang], missing[lang], encoder, rows, report
                        )
                done += sum(len(missing.pop(lang)) for lang in own)
                progress(done, total)
                if not own:
                    time.sleep(WAIT_SECONDS)
        return {
            lang: [replace(text, states=known[lang][_key(text)]) for text in texts[lang]]
            for lang in wanted
        }

    def _completed(
        self,
        folder: Path,
        wanted: dict[int, Encoded],
        encoder: PreTrainedModel,
        rows: Ids,
        progress: Progress,
    ) -> dict[int, States]:
        """What the folder holds, after the states of those texts were added that it lacked."""
        known = _known(folder)  # again: another process may have added to it
        new = {key: text for key, text in wanted.items() if key not in known}
        if not new:
            return known
        slimmed = [text.renumbered(rows) for text in new.values()]
        fresh = self._compute(encoder, slimmed, progress)
        return known | _keep(folder, dict(zip(new, fresh, strict=True)))

    def _compute(
        self, encoder: PreTrainedModel, inputs: list[Encoded], progress: Progress
    ) -> list[States]:
        done = 0
        found: list[States] = [np.empty((0, 0), dtype=np.float16)] * len(inputs)
        for index in scoring_order(np.array([len(text.ids) for text in inputs])):
            batch = collate(inputs, index, self._device.torch)
            with torch.inference_mode():
                hidden = hidden_states(encoder, batch).cpu().numpy()
            ends = batch.lengths.cumsum(0)[:-1].cpu().numpy()
            for i, states in zip(index, np.split(hidden, ends), strict=True):
                found[i] = halved(states)
            done += len(index)
            progress(done, len(inputs))
        return found

    def _check(self, inputs: list[Encoded]) -> None:
        """Any kind of model may be given, even one that cannot be cut in two in this way: compare
        with the whole, once a model and number of layers."""
        rows = rows_met((text.ids for text in inputs), self._source.pad_id)
        slimmed = [text.renumbered(rows) for text in inputs]
        encoder = self._source.build(rows)
        index = np.arange(len(inputs))
        batch = collate(slimmed, index, torch.device("cpu"))
        with torch.inference_mode():
            whole = hidden_states(encoder, batch)
            try:
                states = hidden_states(lower(encoder, self._layers), batch)
                parts = hidden_states(self.top(), replace(batch, states=states))
                same = torch.allclose(parts, whole, atol=1e-3 * float(whole.abs().max()))
            except (AttributeError, IndexError, RuntimeError, TypeError, ValueError) as error:
                raise self._uncut(f"fails ({type(error).__name__}: {error})") from error
        if not same:
            raise self._uncut("gives other results")

    def _uncut(self, what: str) -> WorkFailed:
        return WorkFailed(
            f"The top layers of {self._source.card.name} cannot be trained alone: it {what} when "
            "it is cut in two. Train everything, or adapters, instead."
        )


def _key(text: Encoded) -> int:
    digest = hashlib.blake2b(text.ids.tobytes() + text.types.tobytes(), digest_size=8).digest()
    return int.from_bytes(digest)


_TEXTS = np.dtype([("key", np.uint64), ("tokens", np.int64)])


def _known(folder: Path) -> dict[int, States]:
    """What the shards of a folder hold. A broken one is removed, so that it is made anew."""
    known: dict[int, States] = {}
    for shard in folder.glob("[0-9a-f]*"):
        try:
            known |= _load(shard)
        except (OSError, EOFError, ValueError, IndexError):
            shutil.rmtree(shard, ignore_errors=True)
    return known


def _load(shard: Path) -> dict[int, States]:
    texts = np.load(shard / "texts.npy")  # of pickled objects np.load makes a ValueError
    states = np.load(shard / "states.npy", mmap_mode="r")
    ends = np.cumsum(texts["tokens"])
    if ends[-1] != len(states):
        raise ValueError(f"{shard} holds {len(states)} tokens instead of {ends[-1]}.")
    return dict(zip(texts["key"].tolist(), np.split(states, ends[:-1]), strict=True))


def _keep(folder: Path, fresh: dict[int, States]) -> dict[int, States]:
    """Write a shard, if there is room, and give back what it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    size = sum(states.nbytes for states in fresh.values())
    if shutil.disk_usage(folder).free < SPARE + size:
        return fresh
    texts = np.array([(key, len(states)) for key, states in fresh.items()], dtype=_TEXTS)
    shard = folder / hashlib.sha256(texts.tobytes()).hexdigest()[:16]
    temporary = half(shard)
    temporary.mkdir()
    _save(temporary / "texts.npy", texts)
    _save(temporary / "states.npy", np.concatenate(list(fresh.values())))
    temporary.rename(shard)
    return _load(shard)


def _save(path: Path, array: NDArray[Any]) -> None:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())  # or the folder's new name may outlive a power cut, and this not
