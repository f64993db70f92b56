"""Training less than everything, on small encoders of several kinds."""

import numpy as np
import pytest
import torch
from transformers import (
    BertConfig,
    BertModel,
    DebertaV2Config,
    DebertaV2Model,
    ModernBertConfig,
    ModernBertModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)

from mslt_core.spec import RunSpec
from mslt_core.training.adapt import add_lora, freeze_below, layer_stack
from mslt_core.training.device import Device
from mslt_core.training.embed import predict
from mslt_core.training.finetune import finetune
from mslt_core.training.heads import Classifier
from tests.training.texts import text

CPU = Device("cpu", bf16=False)
SIZES = {
    "vocab_size": 20,
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "pad_token_id": 1,
}
TEXTS = [text([2, 4 + i % 3, *range(8, 8 + i % 5), 3]) for i in range(40)]
LABELS = [np.array([i % 3]) for i in range(40)]
KINDS = {
    "bert": lambda: BertModel(BertConfig(**SIZES), add_pooling_layer=False),
    "xlm-roberta": lambda: XLMRobertaModel(XLMRobertaConfig(**SIZES), add_pooling_layer=False),
    "deberta": lambda: DebertaV2Model(
        DebertaV2Config(**SIZES, relative_attention=True, pos_att_type=["p2c", "c2p"])
    ),
    "modernbert": lambda: ModernBertModel(ModernBertConfig(**SIZES)),
}


@pytest.fixture(params=KINDS)
def encoder(request):
    torch.manual_seed(0)
    return KINDS[request.param]().eval()


def train(encoder, **fields):
    torch.manual_seed(0)
    model = Classifier(encoder, 3)
    spec = RunSpec("m", "t", ("en",), ("en",), epochs=8, learning_rate=1e-2, **fields)
    steps = []
    finetune(model, TEXTS, LABELS, spec, 1, CPU, steps.append)
    return model, steps


def test_the_layers_are_found(encoder):
    assert len(layer_stack(encoder)) == 3
    freeze_below(encoder, 1)
    trained = {name for name, weights in encoder.named_parameters() if weights.requires_grad}
    assert trained
    assert all(".2." in name for name in trained)


def test_a_fresh_adapter_changes_nothing_and_then_it_alone_learns(encoder):
    before = {name: weights.clone() for name, weights in encoder.state_dict().items()}
    quiet = lambda done, total: None  # noqa: E731
    plain, _ = predict(Classifier(encoder, 3), TEXTS, 1, CPU, quiet)
    adapted = add_lora(encoder, rank=4)
    fresh, _ = predict(Classifier(adapted, 3).eval(), TEXTS, 1, CPU, quiet)
    np.testing.assert_allclose(fresh, plain, atol=1e-6)

    model, steps = train(adapted, lora_rank=4)
    assert steps[-1].loss < steps[0].loss / 2
    trained = {name for name, weights in model.named_parameters() if weights.requires_grad}
    assert trained == {n for n in trained if "lora_" in n or n.startswith("head.")}
    after = model.encoder.state_dict()
    for name, weights in before.items():
        kept = [v for k, v in after.items() if k.replace(".base_layer", "").endswith(name)]
        assert len(kept) == 1, name
        assert torch.equal(kept[0], weights), name
