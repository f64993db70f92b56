"""Every kind of model, loaded as a person names it: a folder with the weights and a tokenizer."""

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from mslt_core.catalog import models
from mslt_core.catalog.tasks import Item
from mslt_core.training.adapt import add_lora
from mslt_core.training.device import Device
from mslt_core.training.embed import embed
from mslt_core.training.encoders import load_source
from mslt_core.training.slim import rows_met
from tests.training.kinds import DECODERS, ENCODERS, TEXTS, WORDS, save

CPU = Device("cpu", bf16=False)
SENTENCES = [Item(str(i), text, "a") for i, text in enumerate(TEXTS)]
PAIRS = [Item(str(i), text, "a", TEXTS[-1 - i]) for i, text in enumerate(TEXTS)]
TAGGED = [
    Item(str(i), " ".join(words), words=words, tags=("X",) * len(words))
    for i, words in enumerate(WORDS)
]
# What each can read at once; BLOOM's are relative.
POSITIONS = dict.fromkeys(("bert", "xlm-roberta", "deberta"), 512) | {
    "modernbert": 8192,
    "qwen2": 32768,
    "qwen3": 32768,
    "llama": 2048,
}
ITEMS = {"sentence": SENTENCES, "pair": PAIRS, "token": TAGGED}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {
        kind: save(kind, tmp_path_factory.mktemp(kind) / kind) for kind in (*ENCODERS, *DECODERS)
    }


@pytest.fixture(params=[*ENCODERS, *DECODERS])
def source(request, folders):
    return load_source(models.card(str(folders[request.param])))


def quiet(done, total):
    pass


def vectors(source, items, units="mean", slimmed=False):
    inputs = source.tokenize(items, 64)
    rows = rows_met((text.ids for text in inputs), source.pad_id) if slimmed else None
    if slimmed:
        inputs = [text.renumbered(rows) for text in inputs]
    return embed(source.build(rows), inputs, CPU, quiet, units)


def test_the_card_tells_what_was_loaded(source):
    encoder, card = source.build(None), source.card
    assert card.decoder == (card.title in DECODERS)
    assert card.pooling == ("last" if card.decoder else "mean")
    assert card.layers == encoder.config.num_hidden_layers
    assert card.hidden == encoder.config.hidden_size
    assert card.vocabulary == encoder.config.vocab_size
    assert card.positions == POSITIONS.get(card.title)
    assert card.parameters == sum(p.numel() for p in encoder.parameters())


@pytest.mark.parametrize("kind", ITEMS)
def test_slimming_changes_nothing(source, kind):
    units = "words" if kind == "token" else source.card.pooling
    full = vectors(source, ITEMS[kind], units)
    small = vectors(source, ITEMS[kind], units, slimmed=True)
    for found, expected in zip(small, full, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    assert len({rows.tobytes() for rows in full}) == len(full)  # different texts differ


def test_company_changes_nothing(source):
    together = vectors(source, SENTENCES, source.card.pooling)
    for item, expected in zip(SENTENCES, together, strict=True):
        (alone,) = vectors(source, [item], source.card.pooling)
        np.testing.assert_allclose(alone, expected, atol=1e-5)


def test_both_texts_of_a_pair_are_read_in_their_order(source):
    one, other = Item("0", TEXTS[0], "a", TEXTS[1]), Item("1", TEXTS[1], "a", TEXTS[0])
    found = vectors(source, [one, other], source.card.pooling)
    assert not np.allclose(found[0], found[1], atol=1e-4)


def test_of_a_long_pair_both_texts_are_kept(source):
    long, short = " ".join(TEXTS * 9), TEXTS[0]
    same, other = Item("0", long, "a", short), Item("1", long, "a", TEXTS[1])
    turned = Item("2", short, "a", long)
    both = Item("3", long, "a", long[::-1])
    found = source.tokenize([same, other, turned, both], 48)
    assert [len(text.ids) for text in found] == pytest.approx([48] * 4, abs=8)
    assert max(len(text.ids) for text in found) <= 48
    assert not np.array_equal(found[0].ids, found[1].ids)
    alone = source.tokenize([Item("4", short, "a", "x")], 48)[0].ids
    assert np.array_equal(found[2].ids[:2], alone[:2])


def test_tokens_are_those_of_the_models_own_tokenizer(folders):
    for kind, folder in folders.items():
        source = load_source(models.card(str(folder)))
        own = Tokenizer.from_file(str(folder / "tokenizer.json"))
        for item, text in zip(SENTENCES, source.tokenize(SENTENCES, 64), strict=True):
            assert text.ids.tolist() == own.encode(item.text).ids, kind


def test_every_word_has_a_place_of_its_own(source):
    for item, text in zip(TAGGED, source.tokenize(TAGGED, 256), strict=True):
        assert len(text.words) == len(item.words)
        assert (np.diff(text.words) > 0).all()


@pytest.mark.parametrize("kind", DECODERS)
def test_adapters_alone_learn_beside_a_decoder(kind, folders):
    source = load_source(models.card(str(folders[kind])))
    encoder = add_lora(source.build(None), 4)
    trained = {name for name, weights in encoder.named_parameters() if weights.requires_grad}
    assert trained
    assert all("lora_" in name for name in trained)


@pytest.mark.parametrize("kind", ["xlm-roberta", "llama"])
def test_four_bit_weights_stay_near_and_their_adapters_learn(kind, folders):
    pytest.importorskip("bitsandbytes", reason="the package bitsandbytes is not installed here")
    card = models.card(str(folders[kind]))
    source = load_source(card, "f", four_bit=True)
    whole = load_source(card, "f")
    assert source.fingerprint != whole.fingerprint
    pooling = card.pooling
    near, exact = (np.concatenate(vectors(s, SENTENCES, pooling)) for s in (source, whole))
    assert not np.array_equal(near, exact)
    assert np.corrcoef(near.ravel(), exact.ravel())[0, 1] > 0.9
    encoder = add_lora(source.build(None), 4)
    ids = torch.from_numpy(source.tokenize(SENTENCES, 64)[0].ids)[None]
    encoder(input_ids=ids).last_hidden_state.square().sum().backward()
    grads = {name: w.grad for name, w in encoder.named_parameters() if w.requires_grad}
    assert grads
    assert all("lora_" in name for name in grads)
    assert any(grad.abs().sum() > 0 for grad in grads.values() if grad is not None)
