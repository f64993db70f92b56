"""Gradient checkpointing (Chen et al. 2016, arXiv 1604.06174): a part of a model is computed once
more in the backward pass, instead of keeping what it computed on the way.

torch has this too, but knows nothing of the generators that `Dropout` draws from, and imports its
compiler for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import torch
from torch.autograd.function import once_differentiable

from mslt_core.training.dropout import Dropout

Part = Callable[[torch.Tensor], torch.Tensor]


def recomputed(part: Part, states: torch.Tensor, dropouts: Sequence[Dropout]) -> torch.Tensor:
    """part(states), and in the backward pass the same once more, with the same drawn.

    states: to ask for a gradient. What else the part depends on may be parameters, whose gradients
    `backward` adds to theirs, and must stay as it is until then. dropouts: all that it draws from.
    """
    given: torch.Tensor = _Recomputed.apply(states, part, dropouts)  # type: ignore[no-untyped-call]
    return given


class _Recomputed(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, states: torch.Tensor, part: Part, dropouts: Sequence[Dropout]
    ) -> torch.Tensor:
        ctx.save_for_backward(states)
        ctx.part, ctx.drawn = part, [(dropout, dropout.place) for dropout in dropouts]
        return part(states)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, None, None]:
        (states,) = ctx.saved_tensors
        states = states.detach().requires_grad_()
        with torch.enable_grad(), ExitStack() as again:
            for dropout, place in ctx.drawn:
                again.enter_context(dropout.back_at(place))
            given = ctx.part(states)
            # Its gradient is `grad`. To be given that, torch's backward would import its symbolic
            # shapes and sympy, which take 0.2 s and 36 MB.
            product = (given * grad).sum()
        product.backward()
        return states.grad, None, None
