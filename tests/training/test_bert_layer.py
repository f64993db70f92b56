"""A layer with backward passes of its own gives what the same steps give that autograd follows."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from mslt_core.training.attention import Layout
from mslt_core.training.bert_layer import attended, fed_forward
from tests.training.test_attention import HEADS, WIDTH, batch_of, one_by_one

LENGTHS = (3, 1, 4)
TOKENS, ROWS, WIDER = sum(LENGTHS), 10, 8
"""Rows that fill up come after those of the tokens."""
SHAPES = ((3 * WIDTH, WIDTH), (WIDTH, WIDTH), (WIDTH,), (WIDER, WIDTH), (WIDTH, WIDER), (WIDTH,))
EPSILON = 1e-5
ALL = None, None, None
"""Nothing is dropped."""


def drawn(dtype=torch.float64):
    """States and weights, one after the other; those of the norms, which come third and last, are
    not rounded to bfloat16."""
    torch.manual_seed(0)
    norms = torch.promote_types(dtype, torch.float32)
    found = [torch.randn(ROWS, WIDTH, dtype=torch.float64).to(dtype)]
    for shape in SHAPES:
        for one in (shape, shape[:1]):
            given = torch.randn(one, dtype=torch.float64)
            found.append(given.to(dtype if len(shape) == 2 else norms))
    return [one.requires_grad_() for one in found]


def in_pairs(flat):
    return list(zip(flat[::2], flat[1::2], strict=True))


def ours(states, *flat, masks=ALL):
    layout = Layout.of(batch_of(LENGTHS), HEADS, states.dtype)
    mixing, given, norm, up, down, last = in_pairs(flat)
    *dropped, fed = (mask if mask is None else mask.to(states.dtype) for mask in masks)
    states = attended(states, layout, dropped, EPSILON, mixing, given, norm)
    return fed_forward(states, fed, EPSILON, up, down, last)[:TOKENS]


def drawn_masks():
    torch.manual_seed(1)
    shares = Layout.of(batch_of(LENGTHS), HEADS, torch.float64).shape
    return [(torch.rand(of) > 0.3) * 1.25 for of in (shares, (ROWS, WIDTH), (ROWS, WIDTH))]


def by_autograd(states, *flat):
    mixing, given, norm, up, down, last = in_pairs(flat)
    context = one_by_one(F.linear(states[:TOKENS], *mixing), torch.tensor(LENGTHS))
    middle = F.layer_norm(states[:TOKENS] + F.linear(context, *given), [WIDTH], *norm, EPSILON)
    fed = F.linear(F.gelu(F.linear(middle, *up)), *down)
    return F.layer_norm(middle + fed, [WIDTH], *last, EPSILON)


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
    masks = drawn_masks()
    assert torch.autograd.gradcheck(lambda *given: ours(*given, masks=masks), drawn())


def test_what_is_dropped_adds_nothing():
    states, *flat = drawn()
    none = torch.zeros_like(states)
    found = ours(states, *flat, masks=(None, none, none))
    _, _, norm, _, _, last = in_pairs(flat)
    middle = F.layer_norm(states[:TOKENS], [WIDTH], *norm, EPSILON)
    torch.testing.assert_close(found, F.layer_norm(middle, [WIDTH], *last, EPSILON))


@pytest.mark.parametrize("dropped", [False, True])
def test_in_bfloat16_it_stays_near(dropped):
    masks = drawn_masks() if dropped else ALL
    found = {}
    for dtype in (torch.float32, torch.bfloat16):
        given = drawn(dtype)
        value = ours(*given, masks=masks)
        assert value.dtype == dtype
        (value * torch.linspace(-1, 1, value.numel()).view_as(value)).sum().backward()
        found[dtype] = [value, *(one.grad for one in given)]
    for exact, rough in zip(*found.values(), strict=True):
        assert (rough.float() - exact).norm() < 0.03 * exact.norm()


def test_the_value_of_gelu_is_not_kept():
    kept = []

    def keep(tensor):
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        ours(*drawn())
    assert [one.shape for one in kept].count((ROWS, WIDER)) == 1
