"""The encoder that is written for speed gives what the library's models give, and learns alike."""

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

from mslt_core.spec import RunSpec
from mslt_core.training import bert
from mslt_core.training.batching import collate
from mslt_core.training.bert import Bert, bert_of, is_bert
from mslt_core.training.device import Device
from mslt_core.training.dropout import Dropout
from mslt_core.training.finetune import finetune
from mslt_core.training.heads import Classifier, hidden_states, layer_states
from mslt_core.training.inputs import Encoded
from tests.training.texts import text

CPU = Device("cpu", bf16=False)
ROWS = np.arange(60)
SIZES = {
    "vocab_size": 60,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "pad_token_id": 1,
    "initializer_range": 0.3,  # so that attention tells tokens apart
}
KINDS = {
    "bert": lambda **more: BertModel(BertConfig(**SIZES, **more), add_pooling_layer=False),
    "xlm-roberta": lambda **more: XLMRobertaModel(
        XLMRobertaConfig(**SIZES, type_vocab_size=1, **more), add_pooling_layer=False
    ),
}


@pytest.fixture(params=KINDS)
def make(request):
    def made(**more):
        torch.manual_seed(0)
        return KINDS[request.param](**more).eval()

    return made


def batch_of(*lengths, second=False):
    random = np.random.default_rng(0)
    inputs = []
    for length in lengths:
        ids = random.integers(2, 60, length)
        types = np.arange(length) >= length // 2 if second else np.zeros(length)
        inputs.append(Encoded(ids, types.astype(np.int64), np.empty(0, dtype=np.int64)))
    return collate(inputs, np.arange(len(lengths)), CPU.torch)


@pytest.mark.parametrize("lengths", [(7, 2, 11), (5, 5), (1,), (32, 32), (64, 64), (3, 70)])
@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("products", [0, 100])
def test_token_vectors_are_those_of_the_library(make, lengths, second, products, monkeypatch):
    monkeypatch.setattr(bert, "PRODUCTS", products)  # 0: by torch's fused kernel, as on a card
    model = make()
    batch = batch_of(*lengths, second=second)
    fast = bert_of(model, ROWS)
    with torch.inference_mode():
        expected = hidden_states(model, batch)
        found = hidden_states(fast, batch)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("lengths", [(7, 2, 11), (32, 32), (3, 70)])
def test_the_states_after_every_layer_are_those_of_the_library(make, lengths):
    model, batch = make(), batch_of(*lengths, second=True)
    types = (
        {"token_type_ids": batch.padded(batch.types)} if model.config.type_vocab_size > 1 else {}
    )
    ids, mask = batch.padded(batch.ids), batch.mask()
    fast = bert_of(model, ROWS)
    with torch.inference_mode():
        listed = model(ids, mask, output_hidden_states=True, **types).hidden_states
        found, theirs = layer_states(fast, batch), layer_states(model, batch)
        assert torch.equal(found[-1], fast(batch))
    assert len(listed) == len(found) == len(theirs) == 4
    for expected, one, other in zip(listed, found, theirs, strict=True):
        torch.testing.assert_close(one, batch.packed(expected), rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(other, batch.packed(expected))


def test_a_training_step_changes_the_weights_as_the_library_does(make):
    none = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    random = np.random.default_rng(0)
    texts = [text(random.integers(2, 60, random.integers(3, 12))) for _ in range(32)]
    labels = [np.array([i % 3]) for i in range(32)]
    spec = RunSpec("m", "t", ("en",), ("en",), budget=32, epochs=2, learning_rate=1e-3)
    trained = []
    for encoder in (bert_of(make(**none), ROWS), make(**none)):
        torch.manual_seed(0)
        model = Classifier(encoder, 3)
        finetune(model, texts, labels, spec, CPU, lambda step: None)
        trained.append(model)
    expected = bert_of(trained[1].encoder, ROWS).state_dict()
    for name, weights in trained[0].encoder.state_dict().items():
        if name.endswith("query_key_value.bias"):
            # What is added to every key changes no attention: what moves it is rounding alone.
            weights[32:64] = expected[name][32:64]
        torch.testing.assert_close(weights, expected[name], rtol=1e-3, atol=2e-5, msg=name)


@pytest.mark.parametrize("lengths", [(7, 2, 11), (32, 32)])
def test_what_fills_a_batch_up_leaves_no_trace_in_gradients(make, lengths):
    none = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    model, batch = make(**none), batch_of(*lengths)
    fast = bert_of(model, ROWS).train()
    for encoder in (model, fast):
        hidden_states(encoder, batch).square().sum().backward()
    assert all(part.requires_grad for part in fast.parameters())
    expected = model.get_input_embeddings().weight.grad
    torch.testing.assert_close(fast.words.weight.grad, expected, rtol=1e-3, atol=1e-4)
    assert all(part.grad.isfinite().all() for part in fast.parameters())


def test_what_is_drawn_does_not_depend_on_what_a_batch_is_filled_up_to(make, monkeypatch):
    batch = batch_of(30, 28, 13)  # 71 tokens: 72 rows, or 128
    found, rows = [], []
    for amx in (True, False):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda amx=amx: {"amx_bf16": amx})
        fast = bert_of(make(), ROWS).train()
        fast.layers[0].register_forward_pre_hook(lambda _, given: rows.append(len(given[0])))
        torch.manual_seed(0)
        found.append((fast(batch), fast.dropout(torch.ones(100))))
    fast.eval()(batch)
    assert rows == [128, 72, 128]
    torch.testing.assert_close(found[0][0], found[1][0], rtol=1e-4, atol=1e-5)
    assert torch.equal(found[0][1], found[1][1])


def test_bfloat16_stays_near_float32(make):
    fast = bert_of(make(), ROWS)
    batch = batch_of(7, 2, 11)
    with torch.inference_mode():
        exact = fast(batch)
        with Device("cpu", bf16=True).autocast():
            rounded = fast(batch)
    assert rounded.dtype == torch.bfloat16
    assert float((rounded.float() - exact).abs().mean() / exact.abs().mean()) < 0.03


def test_the_same_seed_drops_the_same_and_scoring_drops_nothing(make):
    def trained_on(seed):
        fast = bert_of(make(), ROWS)
        torch.manual_seed(seed)
        return fast.train()(batch_of(7, 2, 11))

    assert torch.equal(trained_on(1), trained_on(1))
    assert not torch.equal(trained_on(1), trained_on(2))
    fast = bert_of(make(), ROWS)
    assert torch.equal(fast(batch_of(7, 2, 11)), fast(batch_of(7, 2, 11)))


def test_other_kinds_stay_as_they_are():
    assert is_bert(KINDS["bert"]())
    assert not is_bert(KINDS["bert"](hidden_act="relu"))
    assert not is_bert(KINDS["bert"](is_decoder=True))
    assert not is_bert(BertModel(BertConfig(**SIZES)))  # its pooler would be lost


def test_weights_that_do_not_fit_are_refused():
    fast = bert_of(KINDS["bert"](), ROWS)
    with pytest.raises(KeyError):
        Bert(fast.config, fast.state_dict())


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_dropout_drops_its_share_and_keeps_the_mean(rate, dtype):
    torch.manual_seed(0)
    dropout = Dropout(rate)
    found = dropout(torch.ones(1000, 1001, dtype=dtype)).float()
    assert len(found.unique()) == 2
    assert float((found == 0).float().mean()) == pytest.approx(rate, abs=0.004)
    assert float(found.mean()) == pytest.approx(1.0, abs=0.002)
    # Neighbours, rows and columns are dropped independently of each other.
    dropped = (found == 0).float() - (found == 0).float().mean()
    for one, other in ((dropped[:, 1:], dropped[:, :-1]), (dropped[1:], dropped[:-1])):
        assert abs(float((one * other).mean())) < 0.002


def test_dropout_passes_gradients_of_what_it_kept():
    numbers = torch.ones(50, 40, requires_grad=True)
    kept = Dropout(0.2)(numbers)
    kept.sum().backward()
    assert torch.equal(numbers.grad, kept.detach())


def test_no_dropout_draws_nothing():
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    numbers = torch.ones(3)
    assert Dropout(0.0)(numbers) is numbers
    assert Dropout(0.1).eval()(numbers) is numbers
    assert torch.equal(torch.random.get_rng_state(), before)
