"""The encoder of BERT, XLM-R and E5, written for speed: texts stand one after another, unpadded.

It computes what `BertModel` and `XLMRobertaModel` of transformers compute, and equals them in
float32. What it does otherwise: linear layers see real tokens only; query, key and value are one
product; in bfloat16 all that stands between the layers is bfloat16 too; dropout is drawn quickly
(see `dropout`). It needs nothing of transformers, which takes seconds to import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from mslt_core.training.attention import Layout
from mslt_core.training.batching import Batch
from mslt_core.training.bert_layer import Weights, attended, fed_forward
from mslt_core.training.device import has_amx
from mslt_core.training.dropout import Dropout
from mslt_core.training.inputs import Ids
from mslt_core.training.recompute import recomputed
from mslt_core.training.slim import table_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

KINDS = ("bert", "roberta", "xlm-roberta")
"""Kinds of model, by `model_type` of their configuration, that this is the encoder of."""

FILLED_TO = 64
"""What the tokens of a batch are filled up to a multiple of on a processor: its products are made
to measure for each shape, which takes a third of a millisecond, so there should be few."""
FILLED_TO_IN_TRAINING = 8
"""The same in training, where batches are small and what fills them up costs more, but not where
products are by AMX and cost little. With E5-small and batches of 16 sentences a step takes 5 %
less on one core of an AMD EPYC, 4 % less in halves on two; filled up to 4 it takes no less."""
DRAWN_FOR = 64
"""The dropout of states in layers is drawn for a multiple of so many tokens, whatever a batch is
filled up to: a seed draws the same on every processor. What batches are filled up to divides it."""
PRODUCTS = 64
"""Tokens of the longest text up to which plain products score faster than torch's fused kernel, as
seen with E5-small on two cores of an AMD EPYC."""
KEPT_TOKENS = 800
"""Tokens of a batch up to which all layers keep on a processor what the backward pass needs: in
bfloat16 and with texts of 40 tokens, 153 kB for each token of E5-small. Of a larger batch the first
layers are computed twice instead, so many that about as much is kept. That takes up to a third
longer, the larger the batch the nearer to it; of the batches of 16 sentences of SIB-200 an eighth
is larger, by little."""

State = Mapping[str, torch.Tensor]
Attention = Callable[[torch.Tensor], torch.Tensor]
"""To query, key and value side by side, (tokens, 3 d), it gives (tokens, d). What is in rows after
those of the tokens becomes zero."""


@dataclass(frozen=True)
class BertConfig:
    """Sizes of an encoder. first_position: the place of a text's first token in the table of
    positions (RoBERTa's begin after the padding's)."""

    hidden_size: int
    layers: int
    heads: int
    feed_forward: int
    epsilon: float
    first_position: int = 0
    type_vocab_size: int = 1
    hidden_dropout_prob: float = 0.1
    attention_dropout_prob: float = 0.1


def drawn_for(tokens: int) -> int:
    """For how many rows the dropout of states in layers is drawn, filled up or not."""
    return -(-tokens // DRAWN_FOR) * DRAWN_FOR


class Bert(nn.Module):
    """Token vectors of a batch, (tokens, d), in the number format that autocast asks for."""

    def __init__(self, config: BertConfig, state: State) -> None:
        """state: weights by the names that they have in a BertModel. They are not copied."""
        super().__init__()
        self.config = config
        self.words = table_of(state["embeddings.word_embeddings.weight"])
        self.positions = table_of(state["embeddings.position_embeddings.weight"])
        self.types = table_of(state["embeddings.token_type_embeddings.weight"])
        with torch.device("meta"):  # initialising takes seconds, and would draw random numbers
            self.norm = nn.LayerNorm(config.hidden_size, config.epsilon)
            self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))
        self.load_state_dict(_named_as_here(state, config.layers), strict=True, assign=True)
        self.dropout = Dropout(config.hidden_dropout_prob)
        self.attention_dropout = Dropout(config.attention_dropout_prob)
        self.kept_tokens = KEPT_TOKENS  # of a half less: see `two_halves`
        self.train(False)

    @property
    def filled_to(self) -> int:
        """What it fills the tokens of a batch up to a multiple of on a processor."""
        return FILLED_TO_IN_TRAINING if self.training and not has_amx() else FILLED_TO

    def get_input_embeddings(self) -> nn.Embedding:
        """The table of word embeddings, called as in transformers."""
        return self.words

    def set_input_embeddings(self, table: nn.Embedding) -> None:
        """Put another table in its place."""
        self.words = table

    def forward(self, batch: Batch) -> torch.Tensor:
        for states in self._states(batch):
            last = states
        return last[: batch.tokens]

    def every_layer(self, batch: Batch) -> list[torch.Tensor]:
        """Token vectors, (tokens, d) each: what the embeddings give, then each layer."""
        return [states[: batch.tokens] for states in self._states(batch)]

    def _states(self, batch: Batch) -> Iterator[torch.Tensor]:
        """The same with rows that fill the batch up. To be gone through to the end."""
        device = batch.ids.device.type
        half = torch.is_autocast_enabled(device)
        dtype = torch.get_autocast_dtype(device) if half else torch.float32
        filler = -batch.tokens % self.filled_to if device == "cpu" else 0
        # Which format each step has is settled here: autocast would go to float32 and back.
        with torch.autocast(device, enabled=False):
            states = F.pad(self.dropout(self._embedded(batch).to(dtype)), (0, 0, 0, filler))
            yield states
            attend = self._attention(batch, dtype)
            twice = self._computed_twice(batch, states)
            dropouts = self.dropout, self.attention_dropout
            for number, layer in enumerate(self.layers):
                part = partial(layer, attend=attend, dropouts=dropouts)
                states = recomputed(part, states, dropouts) if number < twice else part(states)
                yield states

    def _computed_twice(self, batch: Batch, states: torch.Tensor) -> int:
        """How many layers are computed in the backward pass once more. states: what goes in."""
        if batch.ids.device.type != "cpu" or not states.requires_grad:
            return 0
        return max(0, len(self.layers) - len(self.layers) * self.kept_tokens // batch.tokens)

    def _embedded(self, batch: Batch) -> torch.Tensor:
        types = batch.types if batch.types is not None else batch.ids.new_zeros(())
        types = types if self.config.type_vocab_size > 1 else torch.zeros_like(types)
        states: torch.Tensor = self.words(batch.ids) + self.types(types)
        states = states + self.positions(batch.positions + self.config.first_position)
        embedded: torch.Tensor = self.norm(states)
        return embedded

    def _attention(self, batch: Batch, dtype: torch.dtype) -> Layout | Attention:
        """How the layers attend."""
        heads = self.config.heads
        if batch.ids.device.type == "cpu" and (self.training or batch.cells[1] <= PRODUCTS):
            return Layout.of(batch, heads, dtype)
        rate = self.attention_dropout.rate if self.training else 0.0
        mask = batch.score_mask(dtype)

        def fused(mixed: torch.Tensor) -> torch.Tensor:
            parts = batch.padded(mixed[: batch.tokens]).view(*batch.cells, 3, heads, -1)
            query, key, value = parts.permute(2, 0, 3, 1, 4)
            context = F.scaled_dot_product_attention(query, key, value, mask, rate)
            packed = batch.packed(context.transpose(1, 2).flatten(2))
            return F.pad(packed, (0, 0, 0, len(mixed) - batch.tokens))

        return fused


class _Layer(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        d = config.hidden_size
        self.query_key_value = nn.Linear(d, 3 * d)
        self.attended = nn.Linear(d, d)
        self.attended_norm = nn.LayerNorm(d, config.epsilon)
        self.up = nn.Linear(d, config.feed_forward)
        self.down = nn.Linear(config.feed_forward, d)
        self.down_norm = nn.LayerNorm(d, config.epsilon)

    def forward(
        self,
        states: torch.Tensor,
        attend: Layout | Attention,
        dropouts: tuple[Dropout, Dropout],
    ) -> torch.Tensor:
        """dropouts: of states, and, asked only with a layout, of the probabilities of attention."""
        if isinstance(attend, Layout):
            return self._by_products(states, attend, *dropouts)
        dropout, _ = dropouts
        context = attend(_linear(states, self.query_key_value))
        states = _norm(states + dropout(_linear(context, self.attended)), self.attended_norm)
        given = _linear(F.gelu(_linear(states, self.up)), self.down)
        return _norm(states + dropout(given), self.down_norm)

    def _by_products(
        self, states: torch.Tensor, layout: Layout, dropout: Dropout, of_shares: Dropout
    ) -> torch.Tensor:
        """The same on a processor."""
        dtype, epsilon = states.dtype, self.down_norm.eps
        linear = self.query_key_value, self.attended, self.up, self.down
        mixing, given, up, down = (_in_format(part, dtype) for part in linear)
        norms = self.attended_norm, self.down_norm
        first, last = ((norm.weight, norm.bias) for norm in norms)
        drawn = drawn_for(len(states))
        masks = of_shares.mask(layout.shape, dtype), dropout.mask(states.shape, dtype, drawn)
        states = attended(states, layout, masks, epsilon, mixing, given, first)
        dropped = dropout.mask(states.shape, dtype, drawn)
        return fed_forward(states, dropped, epsilon, up, down, last)


def _linear(states: torch.Tensor, part: nn.Linear) -> torch.Tensor:
    return F.linear(states, *_in_format(part, states.dtype))


def _in_format(part: nn.Linear | nn.LayerNorm, dtype: torch.dtype) -> Weights:
    return part.weight.to(dtype), part.bias.to(dtype)


def _norm(states: torch.Tensor, norm: nn.LayerNorm) -> torch.Tensor:
    # On the processor the weights may be finer than the states, elsewhere they may not.
    dtype = norm.weight.dtype if states.device.type == "cpu" else states.dtype
    return F.layer_norm(states, norm.normalized_shape, *_in_format(norm, dtype), norm.eps)


# Names here, and in a BertModel. A layer's begin with `layers.{i}.` and `encoder.layer.{i}.`.
_EMBEDDINGS = {
    "words": "embeddings.word_embeddings",
    "positions": "embeddings.position_embeddings",
    "types": "embeddings.token_type_embeddings",
    "norm": "embeddings.LayerNorm",
}
_LAYER = {
    "query_key_value": (
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
    ),
    "attended": ("attention.output.dense",),
    "attended_norm": ("attention.output.LayerNorm",),
    "up": ("intermediate.dense",),
    "down": ("output.dense",),
    "down_norm": ("output.LayerNorm",),
}


def _named_as_here(state: State, layers: int) -> dict[str, torch.Tensor]:
    """Weights of a BertModel by the names that they have in a Bert."""
    named = {
        f"{mine}.{kind}": state[f"{theirs}.{kind}"]
        for mine, theirs in _EMBEDDINGS.items()
        for kind in (("weight", "bias") if mine == "norm" else ("weight",))
    }
    for i, kind in ((i, kind) for i in range(layers) for kind in ("weight", "bias")):
        for mine, theirs in _LAYER.items():
            parts = [state[f"encoder.layer.{i}.{name}.{kind}"] for name in theirs]
            named[f"layers.{i}.{mine}.{kind}"] = parts[0] if len(parts) == 1 else torch.cat(parts)
    return named


def is_bert(model: PreTrainedModel) -> bool:
    """Whether a model of transformers can be a Bert."""
    given = model.config
    plain = getattr(given, "hidden_act", "") == "gelu" and not getattr(given, "is_decoder", False)
    parts = {name.split(".")[0] for name in model.state_dict()}
    return given.model_type in KINDS and plain and parts == {"embeddings", "encoder"}


def bert_of(model: PreTrainedModel, rows: Ids) -> Bert:
    """A Bert with the weights of a model of transformers for which `is_bert` holds, copied, and
    these rows of its word embeddings."""
    given = model.config
    config = BertConfig(
        hidden_size=given.hidden_size,
        layers=given.num_hidden_layers,
        heads=given.num_attention_heads,
        feed_forward=given.intermediate_size,
        epsilon=given.layer_norm_eps,
        first_position=0 if given.model_type == "bert" else given.pad_token_id + 1,
        type_vocab_size=given.type_vocab_size,
        hidden_dropout_prob=given.hidden_dropout_prob,
        attention_dropout_prob=given.attention_probs_dropout_prob,
    )
    table = "embeddings.word_embeddings.weight"
    state = {name: weights.detach() for name, weights in model.state_dict().items()}
    copies = {name: weights.clone() for name, weights in state.items() if name != table}
    return Bert(config, {**copies, table: state[table][torch.from_numpy(rows)]})
