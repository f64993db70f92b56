"""The file of the bundled model, read: what stands where in it, and what its bytes mean.

The file `e5-small-q4.bin`, little-endian, is in this order:
- "E5S1", u32 version; 7 x i32: hidden, layers, heads, feed-forward, vocabulary, positions, types;
  f32 epsilon of the layer norms; i32 weights in a quantised block;
- the tokenizer: i32 pieces, bos, eos, pad, unk; u64 bytes of text; (pieces + 1) x u32 offsets into
  the text; pieces x f32 scores; the text of the pieces;
- the normalisation: i32 entries, u32 bytes; each entry is a u32 character, a u8 count and that many
  u32 characters, which replace it;
- i32 tensors; each is a u16 length and its name, u8 type, u32 weights, u64 place in the file,
  u64 bytes. Type 0 is f32. Type 1 is Q4_0 (see `dequantise`).
"""

from __future__ import annotations

import struct
from dataclasses import astuple, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

BLOCK_WEIGHTS = 32
_BLOCK_BYTES = 18

# The file's names, and those of a BertModel. A layer's begin with "l{i}.".
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True)
class Header:
    """Sizes of the model, and weights in a quantised block."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    block: int


@dataclass(frozen=True)
class Tokens:
    """The tokenizer as it stands in the file: what is made of it takes a second, and a run whose
    texts are known needs none of it."""

    bos: int
    eos: int
    pad: int
    unk: int
    text: bytes
    offsets: npt.NDArray[np.uint32]
    scores: Floats
    normalisation: Bytes
    entries: int

    def pieces(self) -> list[tuple[str, float]]:
        """Pieces with their scores, in the order of their ids."""
        bounds = pairwise(self.offsets.tolist())
        texts = (self.text[a:b].decode() for a, b in bounds)
        return list(zip(texts, self.scores.tolist(), strict=True))

    def replacements(self) -> dict[str, str]:
        """What the normalisation puts in the place of a character. Raises MalformedError."""
        entries = _Reader(self.normalisation)
        table = {}
        for _ in range(self.entries):
            character, length = entries.numbers("IB")
            table[character] = entries.take(4 * length).tobytes().decode("utf-32-le")
        if any(character > 0x10FFFF for character in table):
            raise MalformedError("its normalisation table holds what is no character")
        return {chr(character): text for character, text in table.items()}


@dataclass(frozen=True)
class Tensor:
    """A tensor's weights as they stand in the file, and how many there are."""

    quantised: bool
    weights: int
    data: Bytes


class MalformedError(Exception):
    """What in the file is not as it should be."""


def shapes_of(header: Header, rows: int) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor, by the file's names, where so many word embeddings are kept."""
    d, wide = header.hidden, header.feed_forward
    heights = {"fi": wide}
    widths = {"fo": wide}
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (rows, d),
        "emb.pos": (header.positions, d),
        "emb.type": (header.types, d),
        "emb.ln.w": (d,),
        "emb.ln.b": (d,),
    }
    for i in range(header.layers):
        for short in _LAYER:
            height, norm = heights.get(short, d), short in ("aln", "oln")
            shapes[f"l{i}.{short}.w"] = (height,) if norm else (height, widths.get(short, d))
            shapes[f"l{i}.{short}.b"] = (height,)
    return shapes


def names_of(layers: int) -> dict[str, str]:
    """The file's name of every tensor -> its key in a BertModel."""
    names = dict(_EMBEDDINGS)
    for i in range(layers):
        for short, long in _LAYER.items():
            names[f"l{i}.{short}.w"] = f"encoder.layer.{i}.{long}.weight"
            names[f"l{i}.{short}.b"] = f"encoder.layer.{i}.{long}.bias"
    return names


def dequantise(blocks: Bytes) -> Floats:
    """Weights of Q4_0 blocks: shape (n, 18 b) of bytes to (n, 32 b) of float32.

    A block is an f16 scale d and 16 bytes; its weights are (nibble - 8) d, the low nibbles being
    weights 0-15 and the high ones 16-31 (ggml's `dequantize_row_q4_0`).
    """
    cells = np.ascontiguousarray(blocks).reshape(-1, _BLOCK_BYTES)
    scales = cells[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = cells[:, 2:]
    weights = np.empty((len(cells), 2, BLOCK_WEIGHTS // 2), dtype=np.float32)
    weights[:, 0] = nibbles & 0x0F
    weights[:, 1] = nibbles >> 4
    weights -= 8
    weights *= scales[:, :, np.newaxis]
    return weights.reshape(len(blocks), -1)


def parse(data: Bytes) -> tuple[Header, Tokens, dict[str, Tensor]]:
    """What the file's bytes hold. Raises MalformedError."""
    reader = _Reader(data)
    magic, version = reader.numbers("4sI")
    if (magic, version) != (b"E5S1", 1):
        raise MalformedError("it does not begin as version 1 of such a file does")
    header = Header(*reader.numbers("7ifi"))
    if min(astuple(header)) <= 0:
        raise MalformedError("its header holds a size below 1")
    if header.block != BLOCK_WEIGHTS or header.hidden % header.heads:
        raise MalformedError("its header holds sizes that do not fit together")
    return header, _parse_tokens(reader, header), _parse_tensors(reader, header)


class _Reader:
    """Reads the file from front to back; raises MalformedError instead of reading past its end."""

    def __init__(self, data: Bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> Bytes:
        if not 0 <= size <= len(self._data) - self._at:
            raise MalformedError(f"it ends before byte {self._at + size}")
        self._at += size
        return self._data[self._at - size : self._at]

    def numbers(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)).tobytes())

    def at(self, place: int, size: int) -> Bytes:
        if not 0 <= place <= place + size <= len(self._data):
            raise MalformedError(f"it ends before byte {place + size}")
        return self._data[place : place + size]


def _parse_tokens(reader: _Reader, header: Header) -> Tokens:
    count, bos, eos, pad, unk, size = reader.numbers("5iQ")
    if not max(bos, eos, pad, unk) < count <= header.vocabulary or min(bos, eos, pad, unk) < 0:
        raise MalformedError("its tokenizer's sizes do not fit together")
    offsets = reader.take(4 * (count + 1)).view("<u4")
    scores = reader.take(4 * count).view("<f4")
    text = reader.take(size).tobytes()
    if offsets[0] != 0 or offsets[-1] != size or np.any(offsets[1:] < offsets[:-1]):
        raise MalformedError("its tokenizer's offsets are not in order")
    entries, size = reader.numbers("iI")
    return Tokens(bos, eos, pad, unk, text, offsets, scores, reader.take(size), entries)


def _parse_tensors(reader: _Reader, header: Header) -> dict[str, Tensor]:
    (count,) = reader.numbers("i")
    if count != len(_EMBEDDINGS) + 2 * len(_LAYER) * header.layers:
        raise MalformedError(f"it holds {count} tensors, which do not make {header.layers} layers")
    tensors: dict[str, Tensor] = {}
    for _ in range(count):
        name = reader.take(reader.numbers("H")[0]).tobytes().decode()
        kind, weights, place, size = reader.numbers("BIQQ")
        expected = {0: 4 * weights, 1: weights // BLOCK_WEIGHTS * _BLOCK_BYTES}.get(kind)
        if size != expected or (kind == 1 and weights % BLOCK_WEIGHTS):
            raise MalformedError(f"its tensor {name} has a wrong type or size")
        tensors[name] = Tensor(kind == 1, weights, reader.at(place, size))
    missing = sorted(names_of(header.layers).keys() - tensors.keys())
    if missing:
        raise MalformedError(f"it lacks the tensor {missing[0]}")
    return tensors
