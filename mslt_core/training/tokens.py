"""Token ids of texts, kept on disk: a run whose texts are known needs no tokenizer.

Loading E5's tokenizer takes a second and 350 MB, tokenising 20 targets another second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from mslt_core.catalog.tasks import Item
from mslt_core.training.encoders import EncoderSource
from mslt_core.training.inputs import Encoded
from mslt_core.training.item_cache import Arrays, kept
from mslt_core.training.sharing import Progress

PARTS = ("ids", "types", "words")


class TokenCache:
    """One file per task and language in a folder for each model and length."""

    def __init__(self, cache: Path, source: EncoderSource, max_length: int) -> None:
        name = hashlib.sha256(f"{source.fingerprint}:{max_length}".encode()).hexdigest()[:16]
        self._root = cache / "tokens" / name
        self._source = source
        self._max_length = max_length

    def read(self, task: str, wanted: dict[str, list[Item]]) -> dict[str, list[Encoded]]:
        """Of each language's items the token ids, as `EncoderSource.tokenize` gives them."""
        paths = {lang: self._root / f"{task}-{lang}.safetensors" for lang in wanted}
        found = kept(paths, PARTS, wanted, self._tokenize)
        return {lang: [Encoded(*arrays) for arrays in texts] for lang, texts in found.items()}

    def _tokenize(self, missing: dict[str, list[Item]], progress: Progress) -> Iterator[Arrays]:
        items = list(chain.from_iterable(missing.values()))
        for text in self._source.tokenize(items, self._max_length):
            yield text.ids, text.types, text.words
