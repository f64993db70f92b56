"""What stands on the encoder: what of a text is classified, and the linear layer that does it."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn
from transformers import PreTrainedModel

from mslt_core.catalog.models import Pooling
from mslt_core.training.batching import Batch

Units = Pooling | Literal["words"]
"""What gets a label: each text, by what is pooled from its tokens' vectors; or each word, by its
first sub-token."""


def hidden_states(encoder: PreTrainedModel, batch: Batch) -> torch.Tensor:
    """The last layer's token vectors: (rows, length, d). Texts that frozen layers have read already
    are for the layers above these."""
    if batch.states is not None:
        given = encoder(inputs_embeds=batch.states, attention_mask=batch.attention_mask)
        above: torch.Tensor = given.last_hidden_state
        return above
    # Not every kind of model tells two segments of a text apart.
    segments = getattr(encoder.config, "type_vocab_size", None) or 1
    told = batch.token_types is not None and segments > 1
    types = {"token_type_ids": batch.token_types} if told else {}
    output = encoder(input_ids=batch.input_ids, attention_mask=batch.attention_mask, **types)
    states: torch.Tensor = output.last_hidden_state
    return states


def pool(hidden: torch.Tensor, attention_mask: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """What stands for each text, padding (on the right) left out: the mean of its tokens' vectors,
    or the first or last of them. (rows, length, d) → (rows, d), float32."""
    if pooling == "mean":
        mask = attention_mask.unsqueeze(-1).to(torch.float32)
        return (hidden.float() * mask).sum(1) / mask.sum(1)
    ends = attention_mask.sum(1) - 1
    places = torch.zeros_like(ends) if pooling == "first" else ends
    return hidden[torch.arange(len(hidden), device=hidden.device), places].float()


def unit_vectors(hidden: torch.Tensor, batch: Batch, units: Units) -> torch.Tensor:
    """Vectors of what gets a label, float32: (rows, d) of texts, or (words, d), row by row."""
    if units == "words":
        return hidden.flatten(0, 1)[batch.words].float()
    return pool(hidden, batch.attention_mask, units)


class Classifier(nn.Module):
    """An encoder and one linear layer over its texts or words.

    head is drawn from N(0, 0.02²) with torch's global generator, as transformers does.
    """

    def __init__(self, encoder: PreTrainedModel, classes: int, units: Units = "mean") -> None:
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
