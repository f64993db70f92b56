"""Halves of batches, each in a thread of its own, train a model as whole batches do."""

import gc
import threading
import weakref

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mslt_core.spec import RunSpec
from mslt_core.training import bert, finetune, taught
from mslt_core.training.bert import bert_of
from mslt_core.training.device import Device
from mslt_core.training.finetune import Whole, groups_of
from mslt_core.training.heads import Classifier
from mslt_core.training.optimizer import AdamW
from mslt_core.training.taught import Taught
from mslt_core.training.two_halves import LARGEST, TwoHalves, in_two, pays
from tests.training.test_bert import KINDS, ROWS
from tests.training.texts import text

CPU, ROUNDED = Device("cpu", bf16=False), Device("cpu", bf16=True)
CLASSES = 3
BATCHES = [np.arange(12), np.array([13, 5, 30]), np.array([7]), np.arange(12, 40)]


@pytest.fixture(autouse=True)
def two_threads():
    before, running = torch.get_num_threads(), threading.active_count()
    torch.set_num_threads(2)
    yield
    left = torch.get_num_threads()
    torch.set_num_threads(before)
    assert left == 2
    assert threading.active_count() == running


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
    """Its losses and its weights after a few steps, what is drawn next, and its trainer."""
    torch.manual_seed(0)
    model = Classifier(bert_of(KINDS["xlm-roberta"](**more), ROWS), CLASSES, units).train()
    made = kind(model, groups_of(model, 1e-3), Taught(*lesson(units), device))
    if kind is TwoHalves:
        with made:
            losses = [made(index, 1.0) for index in BATCHES]
    else:
        losses = [made(index, 1.0) for index in BATCHES]
    dropouts = model.encoder.dropout, model.encoder.attention_dropout, model.dropout
    drawn = [dropout(torch.ones(100)) for dropout in dropouts]
    return losses, dict(model.named_parameters()), drawn, made


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
    ours, theirs = (trained(kind, units, **more) for kind in (TwoHalves, Whole))
    assert_alike(ours, theirs, rtol=1e-3, atol=1e-4)  # a step of AdamW is 1e-3


def test_in_bfloat16_they_differ_from_whole_batches_by_rounding():
    ours, theirs = (trained(kind, device=ROUNDED) for kind in (TwoHalves, Whole))
    np.testing.assert_allclose(ours[0], theirs[0], rtol=0.02)
    assert all(torch.equal(*pair) for pair in zip(ours[2], theirs[2], strict=True))
    torch.manual_seed(0)
    begun = Classifier(bert_of(KINDS["xlm-roberta"](), ROWS), CLASSES).state_dict()

    def moved(found):
        return torch.cat([(weights - begun[name]).flatten() for name, weights in found[1].items()])

    cosine = torch.cosine_similarity(moved(ours), moved(theirs), dim=0)
    other = trained(TwoHalves, device=ROUNDED, hidden_dropout_prob=0.2)
    assert cosine > 0.9 > torch.cosine_similarity(moved(other), moved(theirs), dim=0)
    rounded = ours[3]._rounded
    assert len(rounded) == 2 * (4 * len(ours[3]._bert.layers) + 1)
    assert all(torch.equal(copied, own.bfloat16()) for own, copied in rounded.items())


@pytest.mark.parametrize("device", [CPU, ROUNDED], ids=["fp32", "bf16"])
def test_gradients_are_clipped_by_the_norm_of_all_together(device, monkeypatch):
    norms = {}
    step = AdamW.step

    def noted(self, factor, norm):
        norms[kind].append(float(norm))
        step(self, factor, norm)

    monkeypatch.setattr(AdamW, "step", noted)
    for kind in (TwoHalves, Whole):
        norms[kind] = []
        made = trained(kind, device=device)[3]
    assert isinstance(made, Whole)
    each = len(norms[TwoHalves]) // len(BATCHES)
    assert each > 1
    expected = np.repeat(norms[Whole], each)
    np.testing.assert_allclose(norms[TwoHalves], expected, rtol=0.05 if device.bf16 else 1e-4)


def test_of_what_is_drawn_nothing_is_kept_after_a_step():
    made = trained(TwoHalves)[3]
    for half in made._halves:
        assert not any(given._masks for given in (half.states, half.scores, half.pooled))


@pytest.mark.parametrize("device", [CPU, ROUNDED], ids=["fp32", "bf16"])
def test_the_same_seed_gives_the_same_weights(device):
    first, *others = (trained(TwoHalves, device=device) for _ in range(4))
    for other in others:
        assert other[0] == first[0]
        assert all(torch.equal(weights, first[1][name]) for name, weights in other[1].items())


@pytest.mark.parametrize(("share", "layers"), [(2.0, 0), (0.8, 2)])
def test_each_half_keeps_half_of_what_is_kept_of_a_batch(share, layers, monkeypatch):
    texts, _ = lesson("mean")
    kept = round(share * sum(len(texts[i].ids) for i in BATCHES[0]))
    monkeypatch.setattr(bert, "KEPT_TOKENS", kept)
    monkeypatch.setattr(f"{__name__}.BATCHES", BATCHES[:1])
    again, recomputed = [], bert.recomputed
    monkeypatch.setattr(bert, "recomputed", lambda *given: again.append(1) or recomputed(*given))
    trained(TwoHalves)
    assert len(again) == layers


@pytest.fixture
def models(monkeypatch):
    """Weak references to the models of halves, while nothing collects cycles."""
    found, enter = [], TwoHalves.__enter__

    def noted(self):
        found.extend(weakref.ref(half.model) for half in self._halves)
        return enter(self)

    monkeypatch.setattr(TwoHalves, "__enter__", noted)
    gc.disable()
    yield found
    gc.enable()


@pytest.mark.parametrize("place", [0, 1], ids=["own thread", "other thread"])
def test_what_fails_in_a_half_ends_the_training_with_its_threads(place, models, monkeypatch):
    collate, own = taught.collate, threading.current_thread()

    def failing(inputs, index, device):
        if (threading.current_thread() is own) == (place == 0):
            raise MemoryError("no room")
        return collate(inputs, index, device)

    monkeypatch.setattr(taught, "collate", failing)
    told = ""
    try:  # pytest.raises would keep the traceback, and with it the models
        trained(TwoHalves)
    except MemoryError as error:
        told = str(error)
    assert told == "no room"
    assert [model() for model in models] == [None, None]


def finetuned(report):
    texts, labels = lesson("mean")
    spec = RunSpec("m", "t", ("en",), ("en",), epochs=2, learning_rate=1e-3)
    torch.manual_seed(0)
    model = Classifier(bert_of(KINDS["bert"](), ROWS), CLASSES)
    finetune.finetune(model, texts, labels, spec, CPU, report)
    assert not model.training


def test_where_they_pay_a_run_is_trained_by_them(monkeypatch):
    losses, threads = {}, {}
    for halved in (False, True):
        monkeypatch.setattr(finetune, "pays", lambda *given, halved=halved: halved)
        steps, threads[halved] = [], set()

        def report(step, steps=steps, seen=threads[halved]):
            steps.append(step.loss)
            seen.add((torch.get_num_threads(), threading.active_count()))

        before = threading.active_count()
        finetuned(report)
        losses[halved] = steps
        assert threads[halved] == {(1, before + 1) if halved else (2, before)}
    np.testing.assert_allclose(losses[True], losses[False], rtol=1e-3)


def test_what_report_raises_ends_them(monkeypatch):
    monkeypatch.setattr(finetune, "pays", lambda *given: True)

    def stop(step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finetuned(stop)


def test_they_pay_where_it_was_measured_only(monkeypatch):
    able = {"avx512_bf16": True}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    library = KINDS["bert"]()
    model = Classifier(bert_of(library, ROWS), CLASSES)
    short = [text([2] * (LARGEST // 4))] * 9

    def pay(model=model, inputs=short, size=4, device=ROUNDED, threads=2):
        monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
        return pays(model, Taught(inputs, [], device), size)

    assert pay()
    assert not pay(device=CPU)
    assert not pay(device=Device("cuda", bf16=True))
    assert not pay(Classifier(library, CLASSES))
    assert not pay(size=5)
    assert not pay(inputs=[*short, text([2] * (LARGEST // 4 + 1))])
    assert not pay(threads=1)
    assert not pay(threads=3)
    able["amx_bf16"] = True
    assert not pay()
    able.clear()
    assert not pay()


@given(st.lists(st.integers(1, 500), max_size=40))
def test_parts_have_all_once_and_differ_by_one_thing_at_most(sizes):
    parts = in_two(sizes)
    assert sorted(np.concatenate(parts)) == list(range(len(sizes)))
    one, other = (sum(sizes[i] for i in part) for part in parts)
    assert abs(one - other) <= max(sizes, default=0)
    assert all((np.diff(part) > 0).all() for part in parts)
