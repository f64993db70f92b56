"""SentencePiece's normalisation table, rebuilt for `tokenizers.normalizers.Precompiled`.

A weights file may list only what each single character becomes. SentencePiece's own table also
composes a letter and its accent ("e" + U+0301 becomes "é"), and `Precompiled` reads its table as a
double-array trie, with habits of its own: it looks up one user-perceived character of at most five
bytes at a time, and the shortest key that begins it replaces all of it. Feeding the same keys to
the same code is the one way to equal it for every text.
"""

from __future__ import annotations

import struct
import sys
import unicodedata
from collections.abc import Mapping

# `Precompiled` takes longer graphemes apart into characters, so longer keys are never met.
_MAX_KEY_BYTES = 5
# A trie node's children lie where its offset XOR the child's byte says: within 256 places.
_BLOCK = 256
_HAS_VALUE = 1 << 8
_IS_VALUE = 1 << 31

_Node = dict[int, "_Node"]


def with_composed(singles: Mapping[str, str]) -> dict[str, str]:
    """`singles` (character -> text) and each letter + accent that composes to one character.

    The letter must be one that does not itself decompose: SentencePiece lists fully decomposed
    sequences only, and so should we (`Ü` + macron stays two characters).
    """
    accents: dict[str, list[str]] = {}
    composed: list[tuple[str, str, str]] = []
    for character in map(chr, range(sys.maxunicode + 1)):
        parts = unicodedata.normalize("NFD", character)
        if parts != character and len(parts) == 1:
            accents.setdefault(parts, []).append(character)
        elif len(parts) == 2 and unicodedata.normalize("NFC", parts) == character:
            composed.append((parts[0], parts[1], character))
    table = dict(singles)
    for letter, accent, whole in composed:
        for variant in (accent, *accents.get(accent, ())):
            if len((letter + variant).encode()) <= _MAX_KEY_BYTES:
                table[letter + variant] = whole
    return table


def precompile(table: Mapping[str, str]) -> bytes:
    """The bytes that `Precompiled` takes: trie size, trie, then the texts, each ended by a NUL.

    The layout of a unit is that of Darts-clone (github.com/s-yata/darts-clone), little-endian.
    """
    root: _Node = {}
    values: dict[int, int] = {}  # id of a key's last node -> where its text begins
    texts = bytearray()
    for key, text in table.items():
        node = root
        for byte in key.encode():
            node = node.setdefault(byte, {})
        values[id(node)] = len(texts)
        texts += text.encode() + b"\0"
    units = _lay_out(root, values)
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(texts)


def _lay_out(root: _Node, values: Mapping[int, int]) -> list[int]:
    """The trie's units: the root at place 0, every other node at its parent's offset XOR byte."""
    units = [0] * _BLOCK
    used = bytearray(_BLOCK)
    used[0] = 1
    offsets: set[int] = set()  # of nodes: two must not share one, or one would see the other's keys
    waiting: list[tuple[int, _Node]] = [(0, root)]
    while waiting:
        place, node = waiting.pop()
        text = values.get(id(node))
        labels = [*([] if text is None else [0]), *node]
        if not labels:  # only the root of an empty table
            continue
        offset = _first_fit(used, labels, offsets)
        offsets.add(offset)
        units += [0] * (len(used) - len(units))
        units[place] |= (place ^ offset) << 10
        for label in labels:
            used[offset ^ label] = 1
        if text is not None:
            units[place] |= _HAS_VALUE
            units[offset] = _IS_VALUE | text
        for byte, child in node.items():
            units[offset ^ byte] = byte
            waiting.append((offset ^ byte, child))
    return units


def _first_fit(used: bytearray, labels: list[int], offsets: set[int]) -> int:
    """The first offset whose places for `labels` are free; `used` grows by a block if none is."""
    free = used.find(0)
    while True:
        if free < 0:
            free = len(used)
            used += bytes(_BLOCK)
        offset = free ^ labels[0]
        if offset not in offsets and not any(used[offset ^ label] for label in labels):
            return offset
        free = used.find(0, free + 1)
