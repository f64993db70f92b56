"""Vocabulary slimming changes no result: equal logits, equal trained weights, fewer rows."""

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

from mslt_core.spec import RunSpec
from mslt_core.training.batching import collate
from mslt_core.training.device import Device
from mslt_core.training.finetune import finetune
from mslt_core.training.heads import Classifier
from mslt_core.training.slim import rows_met, slim
from tests.training.texts import text

CPU = Device("cpu", bf16=False)
SIZES = {
    "vocab_size": 500,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "pad_token_id": 1,
}


def bert():
    return BertModel(BertConfig(**SIZES), add_pooling_layer=False)


def roberta():
    return XLMRobertaModel(XLMRobertaConfig(**SIZES), add_pooling_layer=False)


@pytest.fixture
def texts():
    random = np.random.default_rng(0)
    vocabulary = random.choice(np.arange(4, 500), 60, replace=False)
    return [text(random.choice(vocabulary, random.integers(3, 20))) for _ in range(40)]


def classifier(make, rows=None):
    torch.manual_seed(0)
    encoder = make()
    if rows is not None:
        slim(encoder, rows)  # draws nothing, so that the head is the same with and without it
    return Classifier(encoder, classes=3).eval()


@pytest.mark.parametrize("make", [bert, roberta])
def test_logits_are_equal(make, texts):
    rows = rows_met((text.ids for text in texts), pad_id=1)
    index = np.arange(len(texts))
    full = collate(texts, index, CPU.torch)
    small = collate([text.renumbered(rows) for text in texts], index, CPU.torch)
    with torch.inference_mode():
        expected = classifier(make)(full)
        found = classifier(make, rows)(small)
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


@pytest.mark.parametrize("make", [bert, roberta])
def test_trained_weights_are_equal(make, texts):
    rows = rows_met((text.ids for text in texts), pad_id=1)
    spec = RunSpec("m", "t", ("en",), ("en",), budget=40, epochs=3, learning_rate=1e-3)
    labels = [np.array([text.ids.sum() % 3]) for text in texts]
    full, small = classifier(make), classifier(make, rows)
    finetune(full, texts, labels, spec, CPU, lambda step: None)
    finetune(small, [text.renumbered(rows) for text in texts], labels, spec, CPU, lambda step: None)

    expected, found = full.state_dict(), small.state_dict()
    table = "encoder.embeddings.word_embeddings.weight"
    untouched = classifier(make).state_dict()[table]
    trained = expected[table][torch.from_numpy(rows)]
    assert not torch.equal(trained, untouched[torch.from_numpy(rows)])
    # The norm of the whole gradient is summed over fewer zeros: equal but for the last bits.
    torch.testing.assert_close(found.pop(table), trained, rtol=1e-5, atol=1e-7)
    left_out = np.setdiff1d(np.arange(500), rows)
    assert torch.equal(expected.pop(table)[left_out], untouched[left_out])
    for name, weights in found.items():
        torch.testing.assert_close(weights, expected[name], rtol=1e-5, atol=1e-7, msg=name)


def test_padding_keeps_its_number_and_rows_are_few(texts):
    rows = rows_met((text.ids for text in texts), pad_id=1)
    assert rows[1] == 1
    assert len(rows) <= 62
    assert slim(bert(), rows).get_input_embeddings().num_embeddings == len(rows)
