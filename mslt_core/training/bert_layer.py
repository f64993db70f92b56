"""The two parts of an encoder's layer on a processor, with backward passes of their own.

They compute what the same steps left to autograd do, with fewer passes over memory. What dropout
leaves is added to what went around in one step, gradients that meet are added up by the product
that gives the second, and GELU's value, sooner computed again than written and read, is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from mslt_core.training.attention import Layout, attention, into_attention
from mslt_core.training.dropout import Mask

Weights = tuple[torch.Tensor, torch.Tensor]
"""Of a linear layer or of a norm, weight and bias. Those of a norm may be finer than the states."""


def attended(
    states: torch.Tensor,
    layout: Layout,
    dropped: tuple[Mask, Mask],
    epsilon: float,
    mixing: Weights,
    given: Weights,
    norm: Weights,
) -> torch.Tensor:
    """norm(x + linear(attention(x))) (BERT, Devlin et al. 2019, arXiv 1810.04805).

    states: (rows, d), those of the tokens first, and as many others. dropped: of the probabilities,
    of `layout.shape`, and of what attention gives, (rows, d). mixing: of query, key and value as
    one. given: of what attention gives. → (rows, d)
    """
    found: torch.Tensor = _Attended.apply(  # type: ignore[no-untyped-call]
        states, layout, *dropped, epsilon, *mixing, *given, *norm
    )
    return found


def fed_forward(
    states: torch.Tensor, dropped: Mask, epsilon: float, up: Weights, down: Weights, norm: Weights
) -> torch.Tensor:
    """norm(x + linear(gelu(linear(x)))) (GELU: Hendrycks and Gimpel 2016, arXiv 1606.08415),
    (rows, d) → (rows, d). dropped: of what is added to x."""
    found: torch.Tensor = _FedForward.apply(  # type: ignore[no-untyped-call]
        states, dropped, epsilon, *up, *down, *norm
    )
    return found


class _Attended(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        states: torch.Tensor,
        layout: Layout,
        of_shares: Mask,
        of_given: Mask,
        epsilon: float,
        mixing: torch.Tensor,
        mixing_bias: torch.Tensor,
        given: torch.Tensor,
        given_bias: torch.Tensor,
        *norm: torch.Tensor,
    ) -> torch.Tensor:
        mixed = F.linear(states, mixing, mixing_bias)
        context, spread, shares = attention(mixed, layout, of_shares)
        added = _added(states, F.linear(context, given, given_bias), of_given)
        normed, *moments = _normed(added, norm, epsilon)
        ctx.layout = layout
        ctx.save_for_backward(
            *(states, spread, shares, of_shares, context, of_given, added),
            *(*moments, mixing, given, *norm),
        )
        return normed

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        states, spread, shares, of_shares, context, of_given, added, *kept = ctx.saved_tensors
        mean, rstd, mixing, given, *norm = kept
        into, *into_norm = _into_norm(grad, added, mean, rstd, norm)
        part = into if of_given is None else into * of_given
        into_given = _into_weights(part, context)
        part = into_attention(part @ given, ctx.layout, of_shares, spread, shares)
        into_mixing = _into_weights(part, states)
        into.addmm_(part, mixing)
        return into, None, None, None, None, *into_mixing, *into_given, *into_norm


class _FedForward(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        states: torch.Tensor,
        dropped: Mask,
        epsilon: float,
        up: torch.Tensor,
        up_bias: torch.Tensor,
        down: torch.Tensor,
        down_bias: torch.Tensor,
        *norm: torch.Tensor,
    ) -> torch.Tensor:
        hidden = F.linear(states, up, up_bias)
        added = _added(states, F.linear(F.gelu(hidden), down, down_bias), dropped)
        normed, *moments = _normed(added, norm, epsilon)
        ctx.save_for_backward(states, hidden, dropped, added, *moments, up, down, *norm)
        return normed

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        states, hidden, dropped, added, mean, rstd, up, down, *norm = ctx.saved_tensors
        into, *into_norm = _into_norm(grad, added, mean, rstd, norm)
        part = into if dropped is None else into * dropped
        into_down = _into_weights(part, F.gelu(hidden))
        part = part @ down
        torch.ops.aten.gelu_backward.grad_input(part, hidden, grad_input=part)
        into_up = _into_weights(part, states)
        into.addmm_(part, up)
        return into, None, None, *into_up, *into_down, *into_norm


def _added(around: torch.Tensor, given: torch.Tensor, mask: Mask) -> torch.Tensor:
    """What went around, and what is left of what was given, in the place of this."""
    return given.add_(around) if mask is None else torch.addcmul(around, given, mask, out=given)


def _normed(
    added: torch.Tensor, norm: Sequence[torch.Tensor], epsilon: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Layer norm (Ba et al. 2016, arXiv 1607.06450), and of each row its mean and one over its
    deviation."""
    weight, bias = norm
    return torch.native_layer_norm(added, added.shape[-1:], weight, bias, epsilon)


def _into_norm(
    grad: torch.Tensor,
    added: torch.Tensor,
    mean: torch.Tensor,
    rstd: torch.Tensor,
    norm: Sequence[torch.Tensor],
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The gradients of what was normed, of the weight and of the bias."""
    given: tuple[torch.Tensor, torch.Tensor, torch.Tensor]
    given = torch.ops.aten.native_layer_norm_backward(
        grad, added, added.shape[-1:], mean, rstd, *norm, [True] * 3
    )
    return given


def _into_weights(grad: torch.Tensor, given: torch.Tensor) -> Weights:
    """The gradients of a linear layer's weight and bias, by those of what it gave."""
    return grad.t() @ given, grad.sum(0)
