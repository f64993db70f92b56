"""A layer of an encoder on a processor, with a backward pass of its own.

It computes what the same steps left to autograd do, with fewer passes over memory. What dropout
leaves is added to what went around in one step, gradients that meet are added up by the product
that gives the second, and GELU's value, sooner computed again than written and read, is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from mslt_core.training.attention import Layout, attention, into_attention

Weights = tuple[torch.Tensor, torch.Tensor]
"""Of a linear layer or of a norm, weight and bias."""


class Masks(NamedTuple):
    """What dropout multiplies with, or None: the probabilities of attention, of `Layout.shape`,
    and what attention and the feed-forward part give, (tokens, d)."""

    shares: torch.Tensor | None
    attended: torch.Tensor | None
    down: torch.Tensor | None


def layer(
    states: torch.Tensor,
    layout: Layout,
    masks: Masks,
    epsilon: float,
    weights: Sequence[Weights],
) -> torch.Tensor:
    """A layer of BERT (Devlin et al. 2019, arXiv 1810.04805), (tokens, d) → (tokens, d).

    weights: of query, key and value as one, of what attention gives and of its norm, of the
    feed-forward part's two products (with GELU, Hendrycks and Gimpel 2016, arXiv 1606.08415,
    between them) and of its norm. Those of norms may be finer than the states.
    """
    flat = [tensor for pair in weights for tensor in pair]
    given: torch.Tensor = _Layer.apply(states, layout, masks, epsilon, *flat)  # type: ignore[no-untyped-call]
    return given


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        states: torch.Tensor,
        layout: Layout,
        masks: Masks,
        epsilon: float,
        *flat: torch.Tensor,
    ) -> torch.Tensor:
        mixing, attended, attended_norm, up, down, down_norm = _in_pairs(flat)
        context, spread, shares = attention(F.linear(states, *mixing), layout, masks.shares)
        first = _added(states, F.linear(context, *attended), masks.attended)
        middle, *moments = _normed(first, attended_norm, epsilon)
        hidden = F.linear(middle, *up)
        second = _added(middle, F.linear(F.gelu(hidden), *down), masks.down)
        last, *last_moments = _normed(second, down_norm, epsilon)
        of_attention = states, spread, shares, context, first, *moments
        ctx.save_for_backward(*of_attention, middle, hidden, second, *last_moments, *masks, *flat)
        ctx.layout = layout
        return last

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        states, spread, shares, context, first, *kept = ctx.saved_tensors
        mean, deviation, middle, hidden, second, last_mean, last_deviation, *kept = kept
        masks, pairs = Masks(*kept[:3]), _in_pairs(kept[3:])
        mixing, attended, attended_norm, up, down, down_norm = pairs

        into, *of_down_norm = _into_norm(grad, second, (last_mean, last_deviation), down_norm)
        part = _kept(into, masks.down)
        of_down = _into_weights(part, F.gelu(hidden))
        part = part @ down[0]
        torch.ops.aten.gelu_backward.grad_input(part, hidden, grad_input=part)
        of_up = _into_weights(part, middle)
        into.addmm_(part, up[0])

        into, *of_attended_norm = _into_norm(into, first, (mean, deviation), attended_norm)
        part = _kept(into, masks.attended)
        of_attended = _into_weights(part, context)
        part = into_attention(part @ attended[0], ctx.layout, masks.shares, spread, shares)
        of_mixing = _into_weights(part, states)
        into.addmm_(part, mixing[0])

        of_layers = *of_mixing, *of_attended, *of_attended_norm, *of_up, *of_down, *of_down_norm
        return into, None, None, None, *of_layers


def _in_pairs(flat: Sequence[torch.Tensor]) -> list[Weights]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def _kept(numbers: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    return numbers if mask is None else numbers * mask


def _added(around: torch.Tensor, given: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """What went around, and what is kept of what was given, in the place of this."""
    return given.add_(around) if mask is None else torch.addcmul(around, given, mask, out=given)


def _normed(numbers: torch.Tensor, norm: Weights, epsilon: float) -> tuple[torch.Tensor, ...]:
    """Layer norm (Ba et al. 2016, arXiv 1607.06450), with each row's mean and one over its
    deviation."""
    return torch.native_layer_norm(numbers, numbers.shape[-1:], *norm, epsilon)


def _into_norm(
    grad: torch.Tensor,
    numbers: torch.Tensor,
    moments: tuple[torch.Tensor, torch.Tensor],
    norm: Weights,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The gradients of the numbers, the weight and the bias."""
    given: tuple[torch.Tensor, torch.Tensor, torch.Tensor]
    given = torch.ops.aten.native_layer_norm_backward(
        grad, numbers, numbers.shape[-1:], *moments, *norm, [True] * 3
    )
    return given


def _into_weights(grad: torch.Tensor, given: torch.Tensor) -> Weights:
    """The gradients of a linear layer's weight and bias."""
    return grad.t() @ given, grad.sum(0)
