"""What stands on the encoder: pooling, and the classifier of sentences."""

from __future__ import annotations

import torch
from torch import nn
from transformers import PreTrainedModel


def mean_pool(hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """Mean of the token vectors that are not padding: (rows, length, d) → (rows, d), float32."""
    mask = attention_mask.unsqueeze(-1).to(torch.float32)
    return (hidden.float() * mask).sum(1) / mask.sum(1)


def pool(
    encoder: PreTrainedModel, input_ids: torch.Tensor, attention_mask: torch.Tensor
) -> torch.Tensor:
    """Sentence embeddings of token ids (rows, length): float32 (rows, d)."""
    output = encoder(input_ids=input_ids, attention_mask=attention_mask)
    return mean_pool(output.last_hidden_state, attention_mask)


class SentenceClassifier(nn.Module):
    """An encoder, mean pooling, and one linear layer.

    head is drawn from N(0, 0.02²) with torch's global generator, as transformers does.
    """

    def __init__(self, encoder: PreTrainedModel, classes: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(getattr(encoder.config, "hidden_dropout_prob", 0.1))
        self.head = nn.Linear(encoder.config.hidden_size, classes)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Logits, float32 (rows, classes)."""
        pooled = self.dropout(pool(self.encoder, input_ids, attention_mask))
        logits: torch.Tensor = self.head(pooled).float()
        return logits
