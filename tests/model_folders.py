"""Folders of small models of several kinds, as `save_pretrained` and the hub's cache lay them out:
written by hand, so that no test of what is known of a model has to load torch."""

import json

import numpy as np
from safetensors.numpy import save_file

BERT = {
    "model_type": "bert",
    "architectures": ["BertForMaskedLM"],
    "num_hidden_layers": 2,
    "hidden_size": 8,
    "vocab_size": 10,
}
BERT_WEIGHTS = {
    "bert.embeddings.word_embeddings.weight": (10, 8),
    "bert.embeddings.LayerNorm.bias": (8,),
    "bert.encoder.layer.0.attention.self.query.weight": (8, 8),
    "bert.pooler.dense.weight": (8, 8),
    "cls.predictions.transform.dense.weight": (8, 8),
    "cls.predictions.bias": (10,),
}
BERT_PARAMETERS = 80 + 8 + 64
QWEN = {
    "model_type": "qwen2",
    "architectures": ["Qwen2ForCausalLM"],
    "num_hidden_layers": 3,
    "hidden_size": 8,
    "vocab_size": 10,
}
QWEN_WEIGHTS = {
    "model.embed_tokens.weight": (10, 8),
    "model.norm.weight": (8,),
    "lm_head.weight": (10, 8),
}
README = """---
language:
- multilingual
- sw
- zh-TW
- no
- cmn
- code
license: apache-2.0
---
# A model
"""


def save_model(folder, config=BERT, weights=BERT_WEIGHTS, readme="", pooling=None):
    """Write a model of zeros; returns its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    arrays = {name: np.zeros(shape, dtype=np.float16) for name, shape in weights.items()}
    save_file(arrays, folder / "model.safetensors")
    if readme:
        (folder / "README.md").write_text(readme)
    if pooling:
        (folder / "1_Pooling").mkdir(exist_ok=True)
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    return folder


def snapshot(cache, commit="c0ffee", hub_id="owner/e5-tiny"):
    """Where the cache has a commit of a model."""
    return cache / f"models--{hub_id.replace('/', '--')}" / "snapshots" / commit
