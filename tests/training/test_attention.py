"""Attention over packed texts: equal to torch's, and so are its gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from mslt_core.training.attention import Layout, attention, into_attention
from mslt_core.training.batching import collate
from mslt_core.training.inputs import Encoded

CPU = torch.device("cpu")
HEADS, WIDTH = 2, 6


def batch_of(lengths):
    """Texts of these lengths, whose tokens nobody looks at."""
    texts = [
        Encoded(np.arange(n), np.zeros(n, dtype=np.int64), np.zeros(1, dtype=np.int64))
        for n in lengths
    ]
    return collate(texts, np.arange(len(texts)), CPU)


class Differentiable(torch.autograd.Function):
    @staticmethod
    def forward(ctx, mixed, layout, kept):
        context, *ctx.rest = attention(mixed, layout, kept)
        ctx.given = layout, kept
        return context

    @staticmethod
    def backward(ctx, grad):
        return into_attention(grad, *ctx.given, *ctx.rest), None, None


def one_by_one(mixed, lengths):
    """torch's own attention, text by text, so that nothing is padded."""
    found = []
    for text in mixed.split(list(lengths)):
        query, key, value = (
            part.view(len(text), HEADS, -1).transpose(0, 1) for part in text.chunk(3, dim=1)
        )
        context = F.scaled_dot_product_attention(query[None], key[None], value[None])[0]
        found.append(context.transpose(0, 1).flatten(1))
    return torch.cat(found)


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(0, 20))
def test_it_and_its_gradients_equal_torchs_text_by_text(lengths, more):
    batch = batch_of(lengths)
    tokens = sum(lengths)
    torch.manual_seed(sum(lengths))
    mixed = torch.randn(tokens + more, 3 * WIDTH, dtype=torch.float64)  # `more` is to be ignored
    weights = torch.randn(tokens, WIDTH, dtype=torch.float64)
    theirs = mixed[:tokens].clone().requires_grad_()
    expected = one_by_one(theirs, batch.lengths)
    (expected * weights).sum().backward()
    layout = Layout.of(batch, HEADS, mixed.dtype)
    context, *kept = attention(mixed, layout, None)
    grad = into_attention(F.pad(weights, (0, 0, 0, more)), layout, None, *kept)
    for ours, own in ((context, expected.detach()), (grad, theirs.grad)):
        torch.testing.assert_close(ours[:tokens], own)
        assert not ours[tokens:].any()


def test_its_gradients_are_right_with_dropout():
    batch = batch_of([3, 1, 4])
    layout = Layout.of(batch, HEADS, torch.float64)
    torch.manual_seed(0)
    kept = (torch.rand(layout.shape) > 0.3).double() * 1.25
    mixed = torch.randn(8, 3 * WIDTH, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda it: Differentiable.apply(it, layout, kept), mixed)
    dropped, *_ = attention(mixed.detach(), layout, torch.zeros_like(kept))
    assert dropped.abs().max() == 0


@pytest.mark.parametrize("lengths", [[5], [4, 4], [7, 2, 5]])
def test_in_bfloat16_it_stays_near(lengths):
    batch = batch_of(lengths)
    torch.manual_seed(0)
    mixed = torch.randn(sum(lengths), 3 * WIDTH)
    layouts = [Layout.of(batch, HEADS, dtype) for dtype in (torch.float32, torch.bfloat16)]
    exact, *_ = attention(mixed, layouts[0], None)
    rough, *_ = attention(mixed.bfloat16(), layouts[1], None)
    assert rough.dtype == torch.bfloat16
    torch.testing.assert_close(rough.float(), exact, rtol=0.03, atol=0.03)
