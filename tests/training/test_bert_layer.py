"""A layer with a backward pass of its own gives what the same steps give that autograd follows."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from mslt_core.training.attention import Layout
from mslt_core.training.bert_layer import Masks, layer
from tests.training.test_attention import HEADS, WIDTH, batch_of, one_by_one

LENGTHS = (3, 1, 4)
TOKENS, ROWS, WIDER = sum(LENGTHS), 10, 8
"""Rows that fill up come after those of the tokens."""
SHAPES = ((3 * WIDTH, WIDTH), (WIDTH, WIDTH), (WIDTH,), (WIDER, WIDTH), (WIDTH, WIDER), (WIDTH,))
EPSILON = 1e-5


def drawn(dtype=torch.float64):
    """States and weights, one after the other."""
    torch.manual_seed(0)
    shapes = (ROWS, WIDTH), *(one for shape in SHAPES for one in (shape, shape[:1]))
    return [torch.randn(shape, dtype=torch.float64).to(dtype).requires_grad_() for shape in shapes]


def masks_of(layout, dtype):
    shapes = layout.shape, (ROWS, WIDTH), (ROWS, WIDTH)
    return Masks(*((torch.rand(shape) > 0.3).to(dtype) * 1.25 for shape in shapes))


def ours(states, *flat, dropped=False):
    layout = Layout.of(batch_of(LENGTHS), HEADS, states.dtype)
    masks = masks_of(layout, states.dtype) if dropped else Masks(None, None, None)
    weights = list(zip(flat[::2], flat[1::2], strict=True))
    return layer(states, layout, masks, EPSILON, weights)[:TOKENS]


def by_autograd(states, *flat):
    mixing, attended, norm, up, down, last = zip(flat[::2], flat[1::2], strict=True)
    context = one_by_one(F.linear(states[:TOKENS], *mixing), torch.tensor(LENGTHS))
    middle = F.layer_norm(states[:TOKENS] + F.linear(context, *attended), [WIDTH], *norm, EPSILON)
    given = F.linear(F.gelu(F.linear(middle, *up)), *down)
    return F.layer_norm(middle + given, [WIDTH], *last, EPSILON)


def test_value_and_gradients_are_those_of_autograd():
    mine, theirs = drawn(), drawn()
    found, expected = ours(*mine), by_autograd(*theirs)
    torch.testing.assert_close(found, expected)
    weights = torch.randn_like(found)
    for value in (found, expected):
        (value * weights).sum().backward()
    for one, other in zip(mine, theirs, strict=True):
        torch.testing.assert_close(one.grad, other.grad)


def test_gradients_are_right_with_dropout():
    def seeded(*given):
        torch.manual_seed(1)
        return ours(*given, dropped=True)

    assert torch.autograd.gradcheck(seeded, drawn())


def test_what_is_dropped_adds_nothing():
    states, *flat = (one.detach() for one in drawn())
    layout = Layout.of(batch_of(LENGTHS), HEADS, states.dtype)
    none = torch.zeros_like(states)
    weights = list(zip(flat[::2], flat[1::2], strict=True))
    found = layer(states, layout, Masks(None, none, none), EPSILON, weights)
    norm, last = weights[2], weights[5]
    middle = F.layer_norm(states, [WIDTH], *norm, EPSILON)
    torch.testing.assert_close(found, F.layer_norm(middle, [WIDTH], *last, EPSILON))


@pytest.mark.parametrize("dropped", [False, True])
def test_in_bfloat16_it_stays_near(dropped):
    found = {}
    for dtype in (torch.float32, torch.bfloat16):
        given = drawn(dtype)
        torch.manual_seed(1)
        value = ours(*given, dropped=dropped)
        assert value.dtype == dtype
        (value * torch.linspace(-1, 1, value.numel()).view_as(value)).sum().backward()
        found[dtype] = [value, *(one.grad for one in given)]
    for exact, rough in zip(*found.values(), strict=True):
        error = (rough.float() - exact).norm() / exact.norm()
        assert error < 0.03


def test_the_value_of_gelu_is_not_kept():
    kept = []

    def keep(tensor):
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        ours(*drawn())
    assert [one.shape for one in kept if one.shape[-1] == WIDER].count((ROWS, WIDER)) == 1
