"""Items as token ids: sentences, pairs of sentences, and sentences that are split into words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from mslt_core.catalog.tasks import Item
from mslt_core.training.slim import renumber

Ids = NDArray[np.int64]

_MARKS = {"▁", "Ġ"}  # of Unigram and of byte-level tokenizers
_NO_WORDS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Encoded:
    """One tokenised item: ids and types (which of two texts a token is of), int64 (tokens,).
    words: of each word of a token item the place of its first sub-token, -1 where the word was
    cut off or gives no sub-token, int64 (words,); empty for other items. states: where frozen
    layers have read the text already, what they gave, floats (tokens, d): see `frozen`."""

    ids: Ids
    types: Ids
    words: Ids
    states: NDArray[np.floating] | None = None

    @property
    def kept(self) -> Ids:
        """Places of the words that were not cut off."""
        return self.words[self.words >= 0]

    def renumbered(self, rows: Ids) -> Encoded:
        """The same with token ids as positions in `rows`: see `slim`."""
        return replace(self, ids=renumber(self.ids, rows))


def item_key(item: Item) -> int:
    """Stands for all of an item that a model reads."""
    text = "\0".join((item.text, item.second, *item.words)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


def tokenize(
    tokenizer: Tokenizer,
    items: list[Item],
    max_length: int,
    prefix: str = "",
    joint: str | None = None,
) -> list[Encoded]:
    """Token ids of each item with special tokens, after the prefix, cut to max_length, of a pair
    the longer text first. A pair is given to the tokenizer as such, or as one text with `joint`
    between the two."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    texts: list[str] | list[tuple[str, str]] = [prefix + item.text for item in items]
    if items and items[0].second:
        pairs = [(prefix + item.text, item.second) for item in items]
        texts = pairs if joint is None else _joined(tokenizer, pairs, joint, max_length)
    tokenizer.enable_truncation(max_length)
    if items and items[0].words:
        return _split_into_words(tokenizer, items, prefix.split())
    return [_encoded(found, _NO_WORDS) for found in tokenizer.encode_batch_fast(texts)]


def _joined(
    tokenizer: Tokenizer, pairs: list[tuple[str, str]], joint: str, max_length: int
) -> list[str]:
    """Pairs as one text each. Where that would be cut, the longer of the two is cut before, or
    nothing might be left of the second."""
    room = max_length - len(tokenizer.encode(joint).ids)
    parts = [
        tokenizer.encode_batch(side, add_special_tokens=False) for side in zip(*pairs, strict=True)
    ]
    return [
        joint.join(
            text[: found.offsets[kept - 1][1]] if kept < len(found.ids) else text
            for text, found, kept in zip(
                pair, (one, other), _shares(len(one.ids), len(other.ids), room), strict=True
            )
        )
        for pair, one, other in zip(pairs, *parts, strict=True)
    ]


def _shares(one: int, other: int, room: int) -> tuple[int, int]:
    """How many tokens each of two texts keeps, so that both have room and the longer is cut."""
    half = max(1, room // 2)
    if one <= half:
        return one, min(other, max(1, room - one))
    kept = min(other, max(half, room - one))
    return min(one, max(1, room - kept)), kept


def _split_into_words(tokenizer: Tokenizer, items: list[Item], before: list[str]) -> list[Encoded]:
    # A byte-level tokenizer tells the beginning of a word by the space before it.
    space = " " if "ByteLevel(add_prefix_space=False" in repr(tokenizer.pre_tokenizer) else ""
    texts = [[*before, *item.words] for item in items]
    texts = [[*words[:1], *(space + word for word in words[1:])] for words in texts]
    found = tokenizer.encode_batch(texts, is_pretokenized=True)
    return [
        _encoded(encoding, _starts(encoding, len(before) + len(item.words))[len(before) :])
        for encoding, item in zip(found, items, strict=True)
    ]


def _encoded(encoding: Encoding, words: Ids) -> Encoded:
    ids, types = (np.array(part, dtype=np.int64) for part in (encoding.ids, encoding.type_ids))
    return Encoded(ids, types, words)


def _starts(encoding: Encoding, count: int) -> Ids:
    """Place of the first sub-token of each of so many words, -1 where there is none.

    A sub-token that is a bare mark of a word's beginning is passed over if the word has another:
    before Chinese or Thai words such a mark stands alone, and says nothing of the word.
    """
    starts = np.full(count, -1, dtype=np.int64)
    told = list(enumerate(zip(encoding.word_ids, encoding.tokens, strict=True)))
    for place, (word, token) in reversed(told):
        if word is not None and (token not in _MARKS or starts[word] < 0):
            starts[word] = place
    return starts
