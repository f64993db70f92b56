"""Halves of batches, each in a thread of its own, train a model as whole batches do."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mslt_core.spec import RunSpec
from mslt_core.training import bert, finetune, halves
from mslt_core.training.bert import bert_of
from mslt_core.training.device import Device
from mslt_core.training.finetune import Whole, groups_of
from mslt_core.training.halves import Halves, dealt, pays
from mslt_core.training.heads import Classifier
from tests.training.test_bert import KINDS, ROWS
from tests.training.texts import text

CPU, ROUNDED = Device("cpu", bf16=False), Device("cpu", bf16=True)
CLASSES = 3
BATCHES = [np.arange(12), np.array([13, 5, 30]), np.array([7]), np.arange(12, 40)]


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def lesson(units):
    """Texts of 3 to 29 tokens, and the classes of what is classified in each."""
    random = np.random.default_rng(0)
    texts, labels = [], []
    for _ in range(40):
        length = int(random.integers(3, 30))
        words = np.unique(random.integers(0, length, 4)) if units == "words" else ()
        texts.append(text(random.integers(2, 60, length), words))
        labels.append(random.integers(0, CLASSES, len(words) if units == "words" else 1))
    return texts, labels


def trained(kind, units="mean", device=CPU, **more):
    """Its losses and weights after a few steps, and what is drawn next."""
    torch.manual_seed(0)
    model = Classifier(bert_of(KINDS["xlm-roberta"](**more), ROWS), CLASSES, units).train()
    made = kind(model, groups_of(model, 1e-3), *lesson(units), device)
    if kind is Halves:
        with made:
            losses = [made(index, 1.0) for index in BATCHES]
    else:
        losses = [made(index, 1.0) for index in BATCHES]
    model.encoder.train()
    dropouts = model.encoder.dropout, model.encoder.attention_dropout, model.dropout
    drawn = [dropout(torch.ones(100)) for dropout in dropouts]
    return losses, dict(model.named_parameters()), drawn


def assert_alike(ours, theirs, **tolerance):
    np.testing.assert_allclose(ours[0], theirs[0], rtol=tolerance["rtol"])
    for name, weights in ours[1].items():
        expected = theirs[1][name]
        if name.endswith("query_key_value.bias"):
            # What is added to every key changes no attention: what moves it is rounding alone.
            weights, expected = ((w[:32], w[64:]) for w in (weights, expected))
        torch.testing.assert_close(weights, expected, **tolerance, msg=name)
    assert all(torch.equal(*pair) for pair in zip(ours[2], theirs[2], strict=True))


@pytest.mark.parametrize("units", ["mean", "first", "words"])
@pytest.mark.parametrize("kept", [20, 10_000])
@pytest.mark.parametrize(
    "more",
    [{}, {"hidden_dropout_prob": 0.0}, {"attention_probs_dropout_prob": 0.0}],
    ids=["both", "of scores", "of states"],
)
def test_they_learn_what_whole_batches_do_with_the_same_drawn(units, kept, more, monkeypatch):
    monkeypatch.setattr(bert, "KEPT_TOKENS", kept)
    ours, theirs = (trained(kind, units, **more) for kind in (Halves, Whole))
    assert_alike(ours, theirs, rtol=1e-3, atol=1e-4)  # a step of AdamW is 1e-3


def test_in_bfloat16_they_differ_from_whole_batches_by_rounding():
    ours, theirs = (trained(kind, device=ROUNDED) for kind in (Halves, Whole))
    np.testing.assert_allclose(ours[0], theirs[0], rtol=0.02)
    other = trained(Whole, device=ROUNDED, hidden_dropout_prob=0.5)
    assert abs(other[0][0] - theirs[0][0]) > 10 * abs(ours[0][0] - theirs[0][0])


@pytest.mark.parametrize("device", [CPU, ROUNDED], ids=["fp32", "bf16"])
def test_the_same_seed_gives_the_same_weights(device):
    first, *others = (trained(Halves, device=device) for _ in range(4))
    for other in others:
        assert other[0] == first[0]
        assert all(torch.equal(weights, first[1][name]) for name, weights in other[1].items())


@pytest.mark.parametrize("place", [0, 1], ids=["own thread", "other thread"])
def test_what_fails_in_a_half_ends_the_training_with_its_threads(place, monkeypatch):
    cleaned = halves.collate

    def failing(inputs, index, device):
        if len(index) == len(dealt([len(inputs[i].ids) for i in BATCHES[1]])[place]):
            raise MemoryError("no room")
        return cleaned(inputs, index, device)

    monkeypatch.setattr(halves, "collate", failing)
    with pytest.raises(MemoryError, match="no room"):
        trained(Halves)


def test_where_they_pay_a_run_is_trained_by_them(monkeypatch):
    texts, labels = lesson("mean")
    spec = RunSpec("m", "t", ("en",), ("en",), epochs=2, learning_rate=1e-3)
    losses = {}
    for halved in (False, True):
        monkeypatch.setattr(finetune, "pays", lambda model, device, halved=halved: halved)
        torch.manual_seed(0)
        model = Classifier(bert_of(KINDS["bert"](), ROWS), CLASSES)
        steps = []
        finetune.finetune(model, texts, labels, spec, CPU, steps.append)
        losses[halved] = [step.loss for step in steps]
        assert not model.training
    np.testing.assert_allclose(losses[True], losses[False], rtol=1e-3)


def test_they_pay_where_it_was_measured_only(monkeypatch):
    able = {"avx512_bf16": True}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    library = KINDS["bert"]()
    model = Classifier(bert_of(library, ROWS), CLASSES)
    assert pays(model, ROUNDED)
    assert not pays(model, CPU)
    assert not pays(model, Device("cuda", bf16=True))
    assert not pays(Classifier(library, CLASSES), ROUNDED)
    able["amx_bf16"] = True
    assert not pays(model, ROUNDED)
    able.clear()
    assert not pays(model, ROUNDED)
    able["avx512_bf16"] = True
    torch.set_num_threads(1)
    assert not pays(model, ROUNDED)
    torch.set_num_threads(2)


@given(st.lists(st.integers(1, 500), max_size=40))
def test_parts_have_all_once_and_differ_by_one_thing_at_most(sizes):
    parts = dealt(sizes)
    assert sorted(np.concatenate(parts)) == list(range(len(sizes)))
    one, other = (sum(sizes[i] for i in part) for part in parts)
    assert abs(one - other) <= max(sizes, default=0)
    assert all((np.diff(part) > 0).all() for part in parts)
