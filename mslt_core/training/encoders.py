"""Encoders by card: the bundled one, hub ids, local folders, and untrained ones.

An `EncoderSource` is loaded once and kept warm; each run takes from it a fresh model that holds
only the embedding rows it needs. Only safetensors are read, and never remote code.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel, PreTrainedModel
from transformers.utils import logging

from mslt_core.catalog.models import ModelCard, bundled_path
from mslt_core.catalog.tasks import Item
from mslt_core.spec import BadArgument, WorkFailed
from mslt_core.training.bundled import E5File
from mslt_core.training.inputs import Encoded, Ids, tokenize
from mslt_core.training.slim import slim

# Our own reports say what is going on; the library's bars would break `--json`.
logging.set_verbosity_error()  # type: ignore[no-untyped-call]
logging.disable_progress_bar()  # type: ignore[no-untyped-call]

Rows = Ids | None


@dataclass(frozen=True)
class EncoderSource:
    """A tokenizer, and how to make the encoder with some (None: all) rows of its embeddings."""

    card: ModelCard
    tokenizer: Tokenizer
    pad_id: int
    build: Callable[[Rows], PreTrainedModel]

    def tokenize(self, items: list[Item], max_length: int) -> list[Encoded]:
        """Token ids of each item with special tokens and the card's prefix, cut to max_length."""
        return tokenize(self.tokenizer, items, max_length, self.card.prefix)


def load_source(card: ModelCard, revision: str | None = None) -> EncoderSource:
    """Load what a card names; for a hub model, at this revision.

    Raises WorkFailed, in words for people, when weights or tokenizer cannot be loaded.
    """
    path = bundled_path()
    if card.kind == "random":
        return _random_source(card)
    if card.kind == "bundled" and path:
        return _bundled_source(card, E5File.open(path))
    return _pretrained_source(card, revision if card.kind != "folder" else None)


def _bundled_source(card: ModelCard, file: E5File) -> EncoderSource:
    return EncoderSource(card, file.tokenizer(), pad_id=1, build=file.model)


def _random_source(card: ModelCard) -> EncoderSource:
    """The control and the test model: E5's tokenizer and shape, weights drawn with a fixed seed."""
    path = bundled_path()
    if path:
        tokenizer = E5File.open(path).tokenizer()
    else:
        tokenizer = _tokenizer("intfloat/multilingual-e5-small", None)
    assert card.vocabulary and card.hidden and card.layers  # our own cards are complete
    config = BertConfig(
        vocab_size=card.vocabulary,
        hidden_size=card.hidden,
        num_hidden_layers=card.layers,
        num_attention_heads=card.hidden // (32 if card.hidden >= 384 else 16),
        intermediate_size=4 * card.hidden,
        pad_token_id=1,
    )

    def build(rows: Rows) -> PreTrainedModel:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            # A copy: slimming notes the smaller vocabulary in the model's configuration.
            model = BertModel(copy.deepcopy(config), add_pooling_layer=False).train(False)
        return model if rows is None else slim(model, rows)

    return EncoderSource(card, tokenizer, pad_id=1, build=build)


def _pretrained_source(card: ModelCard, revision: str | None) -> EncoderSource:
    """A hub id or a local folder, through transformers."""
    where = str(card.hub_id)
    try:
        model = AutoModel.from_pretrained(
            where,
            revision=revision or "main",
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
        ).eval()
        tokenizer = _tokenizer(where, revision)
    except Exception as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise WorkFailed(f"The model {where} cannot be loaded: {first}") from error
    if _generates(model):
        raise BadArgument(f"The model {where} is not an encoder, so it gives no sentence vectors.")
    if getattr(model, "pooler", None) is not None:
        model.pooler = None  # we pool ourselves; its weights would be dead weight
    pad_id = model.config.pad_token_id or 0

    def build(rows: Rows) -> PreTrainedModel:
        fresh: PreTrainedModel = copy.deepcopy(model)
        return fresh if rows is None else slim(fresh, rows)

    return EncoderSource(card, tokenizer, pad_id, build)


def _generates(model: PreTrainedModel) -> bool:
    """Whether the model reads from left to right only, or is half of a translator."""
    config = model.config
    if config.is_encoder_decoder or getattr(config, "is_decoder", False):
        return True
    names = config.architectures or []
    return any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in names)


def _tokenizer(where: str, revision: str | None) -> Tokenizer:
    loaded = AutoTokenizer.from_pretrained(
        where, revision=revision or "main", trust_remote_code=False
    )
    backend = getattr(loaded, "backend_tokenizer", None)
    if not isinstance(backend, Tokenizer):
        raise WorkFailed(f"The tokenizer of {where} has no fast form (tokenizer.json).")
    return backend
