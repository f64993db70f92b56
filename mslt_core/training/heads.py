"""What stands on the encoder: what of a text is classified, and the linear layer that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch
from torch import nn

from mslt_core.catalog.models import Pooling
from mslt_core.spec import WorkFailed
from mslt_core.training.batching import Batch
from mslt_core.training.bert import Bert

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    Encoder = Bert | PreTrainedModel

Units = Pooling | Literal["words"]
"""What gets a label: each text, by what is pooled from its tokens' vectors; or each word, by its
first sub-token."""

LayerPooling = Literal["mean", "first"]
LAYER_POOLINGS: tuple[LayerPooling, ...] = ("mean", "first")
"""What is pooled from each layer, whatever the model's own pooling is. The first token of a text
is the special one of its beginning where a model has such (`<s>`, `[CLS]`); a model that reads from
left to right sees nothing else there."""


def hidden_states(encoder: Encoder, batch: Batch) -> torch.Tensor:
    """The last layer's token vectors, (tokens, d), text after text. Texts that frozen layers have
    read already are for the layers above these."""
    if isinstance(encoder, Bert):
        packed: torch.Tensor = encoder(batch)
        return packed
    output = encoder(**_given(encoder, batch), attention_mask=batch.mask())
    return batch.packed(output.last_hidden_state)


def layer_states(encoder: Encoder, batch: Batch) -> list[torch.Tensor]:
    """Token vectors, (tokens, d) each: what the embeddings give (of layers above frozen ones, what
    these gave), then each layer; the last are those of `hidden_states`. Raises WorkFailed for a
    kind of model that does not tell them."""
    if isinstance(encoder, Bert):
        return encoder.every_layer(batch)
    given = _given(encoder, batch)
    output = encoder(**given, attention_mask=batch.mask(), output_hidden_states=True)
    # Some kinds norm what the last layer gives, and list it before or after that.
    listed = getattr(output, "hidden_states", None)
    if not listed:
        raise WorkFailed("This kind of model does not tell what its layers give.")
    return [batch.packed(states) for states in (*listed[:-1], output.last_hidden_state)]


def _given(encoder: PreTrainedModel, batch: Batch) -> dict[str, torch.Tensor]:
    """The texts as arguments of a model of transformers, by name."""
    if batch.states is not None:
        return {"inputs_embeds": batch.padded(batch.states)}
    given = {"input_ids": batch.padded(batch.ids)}  # what is masked shows nowhere
    # Not every kind of model tells two segments of a text apart.
    if batch.types is not None and (getattr(encoder.config, "type_vocab_size", None) or 1) > 1:
        given["token_type_ids"] = batch.padded(batch.types)
    return given


def pool(hidden: torch.Tensor, lengths: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """What stands for each text: the mean of its tokens' vectors, or the first or last of them.
    hidden: (tokens, d), text after text; lengths: (rows,) → (rows, d), float32."""
    if pooling != "mean":
        ends = lengths.cumsum(0)
        return hidden[ends - (lengths if pooling == "first" else 1)].float()
    rows = torch.repeat_interleave(torch.arange(len(lengths), device=hidden.device), lengths)
    sums = hidden.new_zeros((len(lengths), hidden.shape[1]), dtype=torch.float32)
    return sums.index_add(0, rows, hidden.float()) / lengths[:, None]


def pool_layers(states: list[torch.Tensor], lengths: torch.Tensor) -> torch.Tensor:
    """What stands for each text at every layer: of token vectors (tokens, d) by layer, float32
    (rows, LAYER_POOLINGS, layers, d)."""
    by_pooling = (
        torch.stack([pool(hidden, lengths, pooling) for hidden in states], dim=1)
        for pooling in LAYER_POOLINGS
    )
    return torch.stack(list(by_pooling), dim=1)


def unit_vectors(hidden: torch.Tensor, batch: Batch, units: Units) -> torch.Tensor:
    """Vectors of what gets a label, float32: (rows, d) of texts, or (words, d), text by text."""
    if units == "words":
        return hidden[batch.words].float()
    return pool(hidden, batch.lengths, units)


class Classifier(nn.Module):
    """An encoder and one linear layer over its texts or words.

    head is drawn from N(0, 0.02²) with torch's global generator, as transformers does.
    """

    def __init__(self, encoder: Encoder, classes: int, units: Units = "mean") -> None:
        super().__init__()
        self.encoder = encoder
        self.units = units
        self.dropout = nn.Dropout(getattr(encoder.config, "hidden_dropout_prob", 0.1))
        self.head = nn.Linear(encoder.config.hidden_size, classes)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, batch: Batch) -> torch.Tensor:
        """Logits, float32 (units of the batch, classes)."""
        vectors = unit_vectors(hidden_states(self.encoder, batch), batch, self.units)
        logits: torch.Tensor = self.head(self.dropout(vectors)).float()
        return logits
