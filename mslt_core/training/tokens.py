"""Token ids of texts, kept on disk: a run whose texts are known needs no tokenizer.

Loading E5's tokenizer takes a second and 350 MB, tokenising 20 targets another second.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from mslt_core.catalog.tasks import Item
from mslt_core.training.encoders import EncoderSource
from mslt_core.training.inputs import Encoded, Ids, item_key

Texts = dict[int, Encoded]


class TokenCache:
    """One file per task and language in a folder for each model and length. A text is known by its
    content, so changed data is never answered from old tokens."""

    def __init__(self, cache: Path, source: EncoderSource, max_length: int) -> None:
        name = hashlib.sha256(f"{source.fingerprint}:{max_length}".encode()).hexdigest()[:16]
        self._root = cache / "tokens" / name
        self._source = source
        self._max_length = max_length

    def read(self, task: str, wanted: dict[str, list[Item]]) -> dict[str, list[Encoded]]:
        """Of each language's items the token ids, as `EncoderSource.tokenize` gives them."""
        paths = {lang: self._root / f"{task}-{lang}.safetensors" for lang in wanted}
        known = {lang: _read(path) for lang, path in paths.items()}
        keys = {lang: [item_key(item) for item in items] for lang, items in wanted.items()}
        missing = {
            (lang, key): item
            for lang, items in wanted.items()
            for key, item in zip(keys[lang], items, strict=True)
            if key not in known[lang]
        }
        if missing:
            fresh = self._source.tokenize(list(missing.values()), self._max_length)
            for (lang, key), text in zip(missing, fresh, strict=True):
                known[lang][key] = text
            for lang in {lang for lang, _ in missing}:
                _write(paths[lang], known[lang])
        return {lang: [known[lang][key] for key in keys[lang]] for lang in wanted}


def _read(path: Path) -> Texts:
    try:
        arrays = load_file(path)
        ids, types, words = (
            np.split(arrays[part], np.cumsum(arrays[f"{part}_of"])[:-1])
            for part in ("ids", "types", "words")
        )
    except (FileNotFoundError, SafetensorError, KeyError):
        return {}  # a broken cache is made anew
    texts = (Encoded(*parts) for parts in zip(ids, types, words, strict=True))
    return dict(zip(arrays["keys"].tolist(), texts, strict=True))


def _write(path: Path, known: Texts) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    arrays: dict[str, Ids] = {}
    for part in ("ids", "types", "words"):
        found = [getattr(text, part) for text in known.values()]
        arrays[part] = np.concatenate(found)
        arrays[f"{part}_of"] = np.array([len(one) for one in found])
    keys = np.fromiter(known, dtype=np.uint64, count=len(known))
    save_file({**arrays, "keys": keys}, temporary)
    temporary.replace(path)
