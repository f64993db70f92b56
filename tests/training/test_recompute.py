"""What is computed once more in the backward pass gives the same gradients, and keeps less."""

import pytest
import torch

from mslt_core.training import bert
from mslt_core.training.bert import bert_of
from mslt_core.training.device import Device
from mslt_core.training.dropout import Dropout
from tests.jobs.support import printed
from tests.training.test_bert import KINDS, ROWS, batch_of

LENGTHS = (9, 30, 17, 40)
PLENTY = 10_000


def trained(kept, monkeypatch, bf16=False, **more):
    """Of one step with as many tokens kept: the output, all gradients, what torch and the
    encoder's dropout would draw next, and the bytes that were kept."""
    monkeypatch.setattr(bert, "KEPT_TOKENS", kept)
    torch.manual_seed(0)
    fast = bert_of(KINDS["bert"](**more), ROWS).train()
    bytes_kept = {}

    def note(tensor):
        bytes_kept[tensor.data_ptr()] = tensor.nbytes
        return tensor

    torch.manual_seed(1)
    with (
        torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor),
        Device("cpu", bf16).autocast(),
    ):
        given = fast(batch_of(*LENGTHS))
    given.float().square().sum().backward()
    gradients = {name: weights.grad for name, weights in fast.named_parameters()}
    drawn = torch.rand(3), fast.dropout(torch.ones(100)), fast.attention_dropout(torch.ones(100))
    return given, gradients, drawn, sum(bytes_kept.values())


@pytest.mark.parametrize("kept", [1, sum(LENGTHS) // 2, sum(LENGTHS) - 1])
@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize(
    "more", [{}, {"hidden_dropout_prob": 0.0}, {"attention_probs_dropout_prob": 0.0}], ids=str
)
def test_gradients_are_the_same_to_the_last_bit_and_less_is_kept(kept, bf16, more, monkeypatch):
    given, gradients, drawn, most = trained(PLENTY, monkeypatch, bf16, **more)
    again, others, also_drawn, less = trained(kept, monkeypatch, bf16, **more)
    assert torch.equal(given, again)
    for name, gradient in gradients.items():
        assert torch.equal(gradient, others[name]), name
    assert all(torch.equal(one, other) for one, other in zip(drawn, also_drawn, strict=True))
    assert less < most


def test_the_fewer_tokens_the_less_is_kept(monkeypatch):
    kept = [trained(tokens, monkeypatch)[3] for tokens in (1, sum(LENGTHS) // 2, PLENTY)]
    assert kept == sorted(kept)
    assert kept[0] < 0.5 * kept[-1]


def test_without_dropout_nothing_is_drawn(monkeypatch):
    none = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    kept, again = (trained(tokens, monkeypatch, **none) for tokens in (PLENTY, 1))
    torch.manual_seed(1)
    expected = torch.rand(3)
    assert torch.equal(kept[2][0], expected)
    assert torch.equal(again[2][0], expected)


def test_a_batch_of_just_so_many_tokens_is_computed_once(monkeypatch):
    monkeypatch.setattr(bert, "recomputed", lambda *_: pytest.fail("all of it can be kept"))
    trained(sum(LENGTHS), monkeypatch)


@pytest.mark.parametrize("products", [0, 100])
def test_gradients_without_training_are_the_same_and_draw_nothing(products, monkeypatch):
    monkeypatch.setattr(bert, "PRODUCTS", products)  # 0: attention by torch's fused kernel
    found = []
    for kept in (PLENTY, 1):
        monkeypatch.setattr(bert, "KEPT_TOKENS", kept)
        torch.manual_seed(0)
        fast = bert_of(KINDS["bert"](), ROWS)
        torch.manual_seed(1)
        fast(batch_of(*LENGTHS)).square().sum().backward()
        found.append([torch.rand(3), *(weights.grad for weights in fast.parameters())])
    torch.manual_seed(1)
    assert torch.equal(found[1][0], torch.rand(3))
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


def test_layers_over_embeddings_that_stay_get_their_gradients(monkeypatch):
    monkeypatch.setattr(bert, "KEPT_TOKENS", 1)
    fast = bert_of(KINDS["bert"](), ROWS).train()
    for frozen in (fast.words, fast.positions, fast.types, fast.norm):
        frozen.requires_grad_(False)
    fast(batch_of(*LENGTHS)).square().sum().backward()
    assert all(weights.grad is not None for weights in fast.layers.parameters())


def test_all_is_computed_once_where_nothing_is_trained(monkeypatch):
    monkeypatch.setattr(bert, "KEPT_TOKENS", 1)
    monkeypatch.setattr(bert, "recomputed", lambda *_: pytest.fail("nobody asked for gradients"))
    fast = bert_of(KINDS["bert"](), ROWS)
    with torch.inference_mode():
        fast(batch_of(*LENGTHS))


def test_dropout_goes_on_after_it_was_back():
    torch.manual_seed(0)
    dropout, ones = Dropout(0.5), torch.ones(64)
    place = dropout.place
    first, second = dropout(ones), dropout(ones)
    with dropout.back_at(place):
        assert torch.equal(dropout(ones), first)
    third = dropout(ones)
    with dropout.back_at(place):
        assert [torch.equal(dropout(ones), one) for one in (first, second, third)] == [True] * 3


def test_dropout_goes_on_after_something_failed_there():
    torch.manual_seed(0)
    dropout, ones = Dropout(0.5), torch.ones(64)
    place = dropout.place
    first, second = dropout(ones), dropout(ones)
    expected = dropout.place
    with pytest.raises(ZeroDivisionError), dropout.back_at(place):
        1 / (0 if torch.equal(dropout(ones), first) else 1)
    assert str(dropout.place) == str(expected)
    with dropout.back_at(place):
        assert [torch.equal(dropout(ones), one) for one in (first, second)] == [True] * 2


def test_going_back_imports_no_symbolic_shapes():
    """They take 0.2 s and 36 MB of each training process."""
    code = """
import sys, torch
from mslt_core.training.recompute import recomputed
layer = torch.nn.Linear(3, 3)
states = torch.ones(2, 3, requires_grad=True)
recomputed(layer, states, ()).sum().backward()
print(states.grad is not None, layer.weight.grad is not None, "sympy" in sys.modules)
"""
    assert printed(code).split() == ["True", "True", "False"]
