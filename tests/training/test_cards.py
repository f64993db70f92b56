"""The sizes that the named cards tell are those of the architecture, built without memory."""

import pytest
import torch
from transformers import AutoModel, BertConfig, DebertaV2Config, XLMRobertaConfig

from mslt_core.catalog.models import CARDS

XLM_R = {
    "vocab_size": 250_002,
    "max_position_embeddings": 514,
    "type_vocab_size": 1,
    "layer_norm_eps": 1e-5,
}
LARGE = {"num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096}
# What the config.json of each one says, as far as it differs from its kind's defaults.
CONFIGS = {
    "me5-small": BertConfig(
        vocab_size=250_037, hidden_size=384, intermediate_size=1536, num_hidden_layers=12
    ),
    "FacebookAI/xlm-roberta-base": XLMRobertaConfig(**XLM_R),
    "FacebookAI/xlm-roberta-large": XLMRobertaConfig(**XLM_R, **LARGE, hidden_size=1024),
    "google-bert/bert-base-multilingual-cased": BertConfig(vocab_size=119_547),
    "microsoft/mdeberta-v3-base": DebertaV2Config(
        vocab_size=251_000,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        type_vocab_size=0,
        relative_attention=True,
        position_buckets=256,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        pos_att_type="p2c|c2p",
        max_relative_positions=-1,
        position_biased_input=False,
    ),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_card_has_the_sizes_of_its_architecture(name):
    card, config = CARDS[name], CONFIGS[name]
    with torch.device("meta"):
        model = AutoModel.from_config(config)
    if getattr(model, "pooler", None) is not None:
        model.pooler = None  # as it is loaded
    assert card.parameters == sum(weights.numel() for weights in model.parameters())
    sizes = (config.num_hidden_layers, config.hidden_size, config.vocab_size)
    assert (card.layers, card.hidden, card.vocabulary) == sizes
