"""GELU computed twice gives what it gives kept."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from mslt_core.training.feed_forward import linear_of_gelu


def parts(dtype: torch.dtype) -> list[torch.Tensor]:
    torch.manual_seed(0)
    shapes = (64, 48), (16, 48), (16,)
    return [torch.randn(shape).to(dtype).requires_grad_() for shape in shapes]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_value_and_gradients_are_those_of_autograd_to_the_last_bit(dtype: torch.dtype):
    ours, theirs = parts(dtype), parts(dtype)
    states, weight, bias = theirs
    given, expected = linear_of_gelu(*ours), F.linear(F.gelu(states), weight, bias)
    assert torch.equal(given, expected)
    grad = torch.randn(given.shape).to(dtype)
    given.backward(grad)
    expected.backward(grad)
    for one, other in zip(ours, theirs, strict=True):
        assert one.grad is not None and other.grad is not None
        assert torch.equal(one.grad, other.grad)


def test_the_value_of_gelu_is_not_kept():
    kept: list[torch.Tensor] = []

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor)
        return tensor

    states, weight, bias = parts(torch.float32)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        linear_of_gelu(states, weight, bias)
    assert [tensor.shape for tensor in kept] == [states.shape, weight.shape]
