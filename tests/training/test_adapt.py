"""Training less than everything, on small encoders of several kinds."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from transformers import (
    AlbertConfig,
    AlbertModel,
    BertConfig,
    BertModel,
    BloomConfig,
    BloomModel,
    DebertaV2Config,
    DebertaV2Model,
    DistilBertConfig,
    DistilBertModel,
    ElectraConfig,
    ElectraModel,
    EuroBertConfig,
    EuroBertModel,
    LlamaConfig,
    LlamaModel,
    ModernBertConfig,
    ModernBertModel,
    MPNetConfig,
    MPNetModel,
    Qwen2Config,
    Qwen2Model,
    RemBertConfig,
    RemBertModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)

from mslt_core.spec import RunSpec, WorkFailed
from mslt_core.training.adapt import add_lora, layer_stack, lower, upper
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
RELATIVE = {
    "relative_attention": True,
    "pos_att_type": ["p2c", "c2p"],
    "position_biased_input": False,
    "norm_rel_ebd": "layer_norm",
    "type_vocab_size": 0,
}
GATED = {"num_key_value_heads": 1, "use_cache": False}
SEEING = {  # by turns far and near, so that the layers are not alike
    "sliding_window": 4,
    "layer_types": ["full_attention", "sliding_attention", "full_attention"],
}
KINDS = {
    "bert": lambda sizes: BertModel(BertConfig(**sizes), add_pooling_layer=False),
    "xlm-roberta": lambda sizes: XLMRobertaModel(
        XLMRobertaConfig(**sizes), add_pooling_layer=False
    ),
    "deberta": lambda sizes: DebertaV2Model(DebertaV2Config(**sizes, **RELATIVE)),
    "modernbert": lambda sizes: ModernBertModel(
        ModernBertConfig(**sizes, local_attention=4, global_attn_every_n_layers=2)
    ),
}
# Cut into a lower and an upper part, too: what stands beside the layers differs.
CUT = KINDS | {
    "deberta-conv": lambda sizes: DebertaV2Model(
        DebertaV2Config(**sizes, **RELATIVE, conv_kernel_size=3, conv_act="gelu")
    ),
    "deberta-absolute": lambda sizes: DebertaV2Model(DebertaV2Config(**sizes, conv_kernel_size=3)),
    "distilbert": lambda sizes: DistilBertModel(
        DistilBertConfig(vocab_size=20, dim=16, n_layers=3, n_heads=2, hidden_dim=32)
    ),
    "electra": lambda sizes: ElectraModel(ElectraConfig(**sizes, embedding_size=8)),
    "mpnet": lambda sizes: MPNetModel(MPNetConfig(**sizes), add_pooling_layer=False),
    "rembert": lambda sizes: RemBertModel(
        RemBertConfig(**sizes, input_embedding_size=8), add_pooling_layer=False
    ),
    "eurobert": lambda sizes: EuroBertModel(EuroBertConfig(**sizes, **GATED)),
    "llama": lambda sizes: LlamaModel(LlamaConfig(**sizes, **GATED)),
    "qwen2": lambda sizes: Qwen2Model(
        Qwen2Config(**sizes, **GATED, **SEEING, use_sliding_window=True)
    ),
    "bloom": lambda sizes: BloomModel(
        BloomConfig(
            vocab_size=20,
            hidden_size=16,
            n_layer=3,
            n_head=2,
            initializer_range=0.5,
            use_cache=False,
        )
    ),
}


@pytest.fixture(params=KINDS)
def encoder(request):
    torch.manual_seed(0)
    return KINDS[request.param](SIZES).eval()


@pytest.fixture(params=CUT)
def cut(request):
    torch.manual_seed(0)
    return CUT[request.param](SIZES | {"initializer_range": 0.5}).eval()  # attention tells


def train(encoder, **fields):
    torch.manual_seed(0)
    model = Classifier(encoder, 3)
    spec = RunSpec("m", "t", ("en",), ("en",), epochs=8, learning_rate=1e-2, **fields)
    steps = []
    finetune(model, TEXTS, LABELS, spec, CPU, steps.append)
    return model, steps


LONG, SHORT = 11, 6
MASK = torch.tensor([[1] * LONG, [1] * SHORT + [0] * (LONG - SHORT)])
IDS = torch.arange(2 * LONG).view(2, LONG) * 7 % 18 + 2


def read(encoder, **inputs):
    """The last token vectors of two texts of different lengths, padding left out, one by one."""
    return encoder(attention_mask=MASK, **inputs).last_hidden_state[MASK.bool()]


def given(encoder, layers):
    """What is below the top layers, of the two texts, as it comes from a store: padded by 0."""
    with torch.inference_mode():
        states = lower(copy.deepcopy(encoder), layers)(input_ids=IDS, attention_mask=MASK)
    return states.last_hidden_state.clone() * MASK.unsqueeze(-1)


@pytest.mark.parametrize("layers", [0, 1, 2, 3])
def test_the_upper_layers_on_what_the_lower_ones_give_are_the_whole(cut, layers):
    with torch.inference_mode():
        whole = cut(input_ids=IDS, attention_mask=MASK, output_hidden_states=True)
    states = given(cut, layers)
    expected = whole.hidden_states[3 - layers] * MASK.unsqueeze(-1)
    torch.testing.assert_close(states, expected, rtol=1e-6, atol=1e-6)
    found = read(upper(copy.deepcopy(cut), layers), inputs_embeds=states)
    torch.testing.assert_close(
        found, whole.last_hidden_state[MASK.bool()], rtol=1e-5, atol=1e-5, check_dtype=True
    )
    assert whole.last_hidden_state[MASK.bool()].std() > 0.1  # there was something to compare


@pytest.mark.parametrize("layers", [1, 3])
def test_the_upper_layers_get_the_gradients_they_have_in_the_whole(cut, layers):
    top = upper(copy.deepcopy(cut), layers)
    read(top, inputs_embeds=given(cut, layers)).pow(3).sum().backward()
    cut.requires_grad_(False)
    for layer in layer_stack(cut)[3 - layers :]:
        layer.requires_grad_(True)
    read(cut, input_ids=IDS).pow(3).sum().backward()
    wanted = [weights for weights in cut.parameters() if weights.requires_grad]
    found = [weights for weights in top.parameters() if weights.requires_grad]
    assert len(found) == len(wanted) == len([*layer_stack(top).parameters()])
    for one, other in zip(found, wanted, strict=True):
        scale = other.grad.abs().max().item()
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-4, atol=1e-5 * max(scale, 1.0))


def test_the_upper_layers_hold_no_embeddings(cut):
    tables = [part for part in upper(cut, 1).modules() if isinstance(part, nn.Embedding)]
    assert not any(table.num_embeddings == SIZES["vocab_size"] for table in tables)


def test_shared_layers_are_refused_in_words():
    albert = AlbertModel(AlbertConfig(**SIZES, embedding_size=8))
    with pytest.raises(WorkFailed, match="AlbertModel cannot be told apart"):
        upper(albert, 1)


def test_a_fresh_adapter_changes_nothing_and_then_it_alone_learns(encoder):
    before = {name: weights.clone() for name, weights in encoder.state_dict().items()}
    quiet = lambda done, total: None  # noqa: E731
    plain, _ = predict(Classifier(encoder, 3), TEXTS, CPU, quiet)
    adapted = add_lora(encoder, rank=4)
    assert {
        m.scaling["default"]
        for m in adapted.modules()
        if hasattr(m, "scaling") and isinstance(m.scaling, dict)
    } == {2.0}
    fresh, _ = predict(Classifier(adapted, 3).eval(), TEXTS, CPU, quiet)
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
