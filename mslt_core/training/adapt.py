"""Ways to train less than the whole encoder: its top layers only, or low-rank adapters."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import nn

from mslt_core.spec import WorkFailed

if TYPE_CHECKING:  # they take seconds to import
    from transformers import PreTrainedConfig, PreTrainedModel


def layer_stack(encoder: PreTrainedModel) -> nn.ModuleList:
    """The encoder's layers, bottom first, whatever its kind calls the list that holds them.

    Raises WorkFailed for kinds that have no such list (ALBERT's layers are one and the same).
    """
    count = encoder.config.num_hidden_layers
    stacks = [m for m in encoder.modules() if isinstance(m, nn.ModuleList) and len(m) == count]
    if not stacks:
        raise WorkFailed(
            f"The layers of {type(encoder).__name__} cannot be told apart: "
            "train everything, or adapters, instead of its top layers."
        )
    # The outermost comes first; with one layer, lists within it are as long.
    return stacks[0]


def lower(encoder: PreTrainedModel, layers: int) -> PreTrainedModel:
    """A model of what is below the encoder's top `layers` layers, cut out of it: its
    last_hidden_state is hidden_states[-1 - layers] of the encoder, which is of no more use."""
    return cast("PreTrainedModel", _Lower(encoder, layers))


def upper(encoder: PreTrainedModel, layers: int) -> PreTrainedModel:
    """The encoder without what is below its top `layers` layers, in place.

    Called with inputs_embeds, (rows, length, d), as `lower` gives them, and an attention mask, it
    gives the last_hidden_state that the whole encoder gives. Only its layers ask for gradients:
    what they share (a last norm, DeBERTa's table of relative positions) stays as it is.
    """
    if layers == 0:
        return cast("PreTrainedModel", _Nothing(encoder.config))
    stack = layer_stack(encoder)
    below = len(stack) - layers
    _pass_through_before(stack, encoder)
    del stack[:below]
    encoder.config.num_hidden_layers = layers
    if types := getattr(encoder.config, "layer_types", None):
        # Some kinds look up here, by a layer's place, how far it sees.
        encoder.config.layer_types = list(types[below:])
    if below and encoder.config.model_type == "deberta-v2":
        # A part of the lowest layer that stands beside the layers.
        cast(Any, encoder).encoder.conv = None
    encoder.requires_grad_(False)
    stack.requires_grad_(True)
    return encoder


def add_lora(encoder: PreTrainedModel, rank: int) -> PreTrainedModel:
    """The encoder, frozen, with an adapter of this rank beside every linear layer (LoRA, Hu et al.
    2021, arXiv 2106.09685), which alone is trained.

    An adapter changes nothing at first; its weights are drawn with torch's global generator. They
    are scaled by 2, as alpha = 2 rank is usual. The returned model is called as the encoder is.
    """
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules="all-linear")
    return cast("PreTrainedModel", get_peft_model(encoder, config))


def _pass_through_before(stack: nn.ModuleList, encoder: PreTrainedModel) -> None:
    """Replace what an encoder runs before its layers: its embeddings, and what some kinds have
    between these and the layers. Models name their parts in the order in which they run."""
    holder: nn.Module = encoder
    while holder is not stack:
        for name, part in list(holder.named_children()):
            if any(inner is stack for inner in part.modules()):
                holder = part
                break
            setattr(holder, name, _PassThrough())


class _PassThrough(nn.Module):
    """Gives back the hidden states that it is called with, in their place or by their name."""

    def forward(self, *given: torch.Tensor | None, **named: Any) -> torch.Tensor:
        states: torch.Tensor | None = named.get("inputs_embeds")
        return next(one for one in (states, *given) if one is not None)


class _Lower(nn.Module):
    def __init__(self, encoder: PreTrainedModel, layers: int) -> None:
        super().__init__()
        stack = layer_stack(encoder)
        self.config = encoder.config
        self.depth = len(stack) - layers
        # One more layer runs than is needed: some kinds cannot do without any, and what the last
        # one gives is normed by some, and by others not.
        del stack[self.depth + 1 :]
        self.encoder = encoder

    def forward(self, **inputs: torch.Tensor) -> SimpleNamespace:
        # Most kinds keep what is listed only; the others take any list for a yes.
        output = self.encoder(**inputs, output_hidden_states=[self.depth])
        return SimpleNamespace(last_hidden_state=output.hidden_states[self.depth])


class _Nothing(nn.Module):
    """An encoder without layers."""

    def __init__(self, config: PreTrainedConfig) -> None:
        super().__init__()
        self.config = config

    def forward(self, inputs_embeds: torch.Tensor, **_: Any) -> SimpleNamespace:
        return SimpleNamespace(last_hidden_state=inputs_embeds, hidden_states=(inputs_embeds,))
