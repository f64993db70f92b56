"""Ways to train less than the whole encoder: its top layers only, or low-rank adapters."""

from __future__ import annotations

from typing import cast

from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import PreTrainedModel


def layer_stack(encoder: PreTrainedModel) -> nn.ModuleList:
    """The encoder's layers, bottom first, whatever its kind calls the list that holds them."""
    count = encoder.config.num_hidden_layers
    stacks = [m for m in encoder.modules() if isinstance(m, nn.ModuleList) and len(m) == count]
    # The outermost comes first; with one layer, lists within it are as long.
    return stacks[0]


def freeze_below(encoder: PreTrainedModel, layers: int) -> None:
    """Leave only the top `layers` layers of the encoder to train."""
    stack = layer_stack(encoder)
    encoder.requires_grad_(False)
    for layer in stack[len(stack) - layers :]:
        layer.requires_grad_(True)


def add_lora(encoder: PreTrainedModel, rank: int) -> PreTrainedModel:
    """The encoder, frozen, with an adapter of this rank beside every linear layer (LoRA, Hu et al.
    2021, arXiv 2106.09685), which alone is trained.

    An adapter changes nothing at first; its weights are drawn with torch's global generator. They
    are scaled by 2, as alpha = 2 rank is usual. The returned model is called as the encoder is.
    """
    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules="all-linear")
    return cast(PreTrainedModel, get_peft_model(encoder, config))
