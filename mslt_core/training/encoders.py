"""Encoders by card: the bundled one, hub ids, local folders, and untrained ones.

An `EncoderSource` is loaded once and kept warm; each run takes from it a fresh model that holds
only the embedding rows it needs. Only safetensors are read, and never remote code.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from tokenizers import Tokenizer
from torch import nn

from mslt_core.catalog import models
from mslt_core.catalog.models import BUNDLED_SHA256, ModelCard, bundled_path
from mslt_core.catalog.tasks import Item
from mslt_core.spec import TRAINING_VERSION, WorkFailed
from mslt_core.training.bert import bert_of, is_bert
from mslt_core.training.bundled import E5File
from mslt_core.training.inputs import Encoded, Ids, tokenize
from mslt_core.training.slim import rows_of, slim
from mslt_core.training.tokenizer import load_tokenizer

# transformers and peft take seconds to import, and the bundled model needs neither of them: so
# they are imported where they are used.
if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from mslt_core.training.heads import Encoder

Rows = Ids | None


@dataclass(frozen=True)
class EncoderSource:
    """How to load the tokenizer, and to make the encoder with some (None: all) embedding rows."""

    card: ModelCard
    fingerprint: str
    """Stands for all of the model that shows in its vectors."""
    load_tokenizer: Callable[[], Tokenizer]
    pad_id: int
    build: Callable[[Rows], PreTrainedModel]
    """As a model of transformers, to be cut or given adapters."""
    words: Callable[[Ids], nn.Embedding]
    """These rows of its embeddings alone."""
    build_fast: Callable[[Ids], Encoder] | None = None
    """As a `Bert`, where its kind is known to that."""

    def encoder(self, rows: Ids) -> Encoder:
        """The encoder in its fastest form, with these rows of its embeddings."""
        return self.build_fast(rows) if self.build_fast else self.build(rows)

    def tokenize(self, items: list[Item], max_length: int) -> list[Encoded]:
        """Token ids of each item with special tokens and the card's prefix, cut to max_length."""
        # Decoders have no way of their own to tell the two texts of a pair apart.
        joint = "\n" if self.card.decoder else None
        # The tokenizer is not kept: the largest takes more memory than the model beside it.
        return tokenize(self.load_tokenizer(), items, max_length, self.card.prefix, joint)


def load_source(
    card: ModelCard, fingerprint: str = "", four_bit: bool = False, device: str = "cpu"
) -> EncoderSource:
    """Load what a card names, with the card that is known when it is loaded.

    fingerprint: `models.fingerprint(card)`, of a hub model the revision to load, "" for the newest.
    four_bit: load onto that device with the weights of linear layers in 4 bit.
    Raises WorkFailed, in words for people, when weights or tokenizer cannot be loaded.
    """
    path = bundled_path()
    if card.kind == "random":
        return _random_source(card, fingerprint)
    if card.kind == "bundled" and path:
        # Who knows the fingerprint has looked at the file already.
        checked = fingerprint == BUNDLED_SHA256
        file = E5File.open(path, None if checked else BUNDLED_SHA256)
        known = _known(card, fingerprint)
        return EncoderSource(
            card,
            known,
            file.tokenizer,
            pad_id=1,
            build=file.model,
            words=file.words,
            build_fast=file.bert,
        )
    return _pretrained_source(card, fingerprint, four_bit, device)


def _random_source(card: ModelCard, fingerprint: str) -> EncoderSource:
    """The control and the test model: E5's tokenizer and shape, weights drawn with a fixed seed."""
    from transformers import BertConfig, BertModel

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
            model: PreTrainedModel = BertModel(copy.deepcopy(config), add_pooling_layer=False)
            model.train(False)
        return model if rows is None else slim(model, rows)

    known = _known(card, fingerprint)
    return EncoderSource(
        card,
        known,
        partial(load_tokenizer, card),
        pad_id=1,
        build=build,
        words=lambda rows: rows_of(build(None), rows),
        build_fast=lambda rows: bert_of(build(None), rows),
    )


def _pretrained_source(
    card: ModelCard, fingerprint: str, four_bit: bool, device: str
) -> EncoderSource:
    """A hub id or a local folder, through transformers."""
    from transformers import AutoModel
    from transformers.utils import logging

    # Our own reports say what is going on; the library's bars would break `--json`.
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    where = str(card.hub_id)
    revision = fingerprint if card.kind != "folder" else None
    try:
        model = AutoModel.from_pretrained(
            where,
            revision=revision or "main",
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            **(_in_four_bit(device) if four_bit else {}),
        ).eval()
    except Exception as error:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise WorkFailed(f"The model {where} cannot be loaded: {reason}") from error
    card = models.card(card.name)  # of a model that was not on this machine more is known now
    if getattr(model, "pooler", None) is not None:
        model.pooler = None  # we pool ourselves; its weights would be dead weight
    model.config.use_cache = False  # decoders keep their keys for a next word, which none is

    def build(rows: Rows) -> PreTrainedModel:
        fresh: PreTrainedModel = copy.deepcopy(model)
        return fresh if rows is None else slim(fresh, rows)

    known = _known(card, fingerprint, four_bit)
    fast = partial(bert_of, model) if not four_bit and is_bert(model) else None
    tokenizer = partial(load_tokenizer, card, revision)
    words = partial(rows_of, model)
    return EncoderSource(card, known, tokenizer, _pad_id(model), build, words, fast)


def _known(card: ModelCard, fingerprint: str, four_bit: bool = False) -> str:
    """All that shows in the vectors of a model: its files, how its texts are read and pooled (by
    this version of the code), and how its weights are kept."""
    return repr((TRAINING_VERSION, fingerprint, card.prefix, card.pooling, four_bit))


def _pad_id(model: PreTrainedModel) -> int:
    """What to pad with. What is masked shows nowhere, so it matters to those kinds only that
    compute positions from it, RoBERTa's; elsewhere 0 is in every vocabulary."""
    return getattr(getattr(model, "embeddings", None), "padding_idx", None) or 0


def _in_four_bit(device: str) -> dict[str, Any]:
    """Arguments of `from_pretrained` for QLoRA (Dettmers et al. 2023, arXiv 2305.14314)."""
    from transformers import BitsAndBytesConfig

    config = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16 if device == "cuda" else torch.float32,
    )
    return {"quantization_config": config, "device_map": {"": device}}
