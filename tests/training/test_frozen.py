"""What frozen layers give is computed once, shared, and never answered from a broken store."""

import pickle
from dataclasses import replace
from threading import Thread

import numpy as np
import pytest
import torch
from torch import nn
from transformers import BertModel

from mslt_core.catalog import models
from mslt_core.catalog.tasks import Item
from mslt_core.spec import WorkFailed
from mslt_core.training import frozen
from mslt_core.training.device import Device
from mslt_core.training.encoders import load_source
from mslt_core.training.frozen import FrozenLayers
from tests.training.kinds import ENCODERS, TEXTS, WORDS, save

CPU = Device("cpu", bf16=True)
SENTENCES = [Item(str(i), text, "a") for i, text in enumerate(TEXTS)]
PAIRS = [replace(item, second=TEXTS[-1 - i]) for i, item in enumerate(SENTENCES)]
TAGGED = [
    Item(str(i), " ".join(words), words=words, tags=("X",) * len(words))
    for i, words in enumerate(WORDS)
]


@pytest.fixture(scope="module", params=ENCODERS)
def any_source(request, tmp_path_factory):
    folder = save(request.param, tmp_path_factory.mktemp(request.param) / "model")
    return load_source(models.card(str(folder)), "f")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return load_source(models.card(str(save("bert", tmp_path_factory.mktemp("bert")))), "f")


class Counted(FrozenLayers):
    """Counts the texts that are computed."""

    computed = 0

    def of(self, length=64, **wanted):
        wanted = {lang: [Item("0", text) for text in texts] for lang, texts in wanted.items()}
        return self.read("t", wanted, length, quiet)

    def _compute(self, encoder, inputs, progress):
        self.computed += len(inputs)
        return super()._compute(encoder, inputs, progress)


@pytest.fixture
def layers(tmp_path, source):
    return Counted(tmp_path, source, CPU, 1)


def states(texts):
    return [np.array(text.states) for text in texts]


def assert_same(found, expected):
    for one, other in zip(states(found), states(expected), strict=True):
        np.testing.assert_array_equal(one, other)


def quiet(done, total):
    pass


@pytest.mark.parametrize("items", [SENTENCES, PAIRS, TAGGED], ids=["texts", "pairs", "words"])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_top_on_what_is_kept_is_the_whole_model(any_source, items, count, tmp_path):
    layers = FrozenLayers(tmp_path, any_source, CPU, count)
    layers.read("t", {"en": items}, 64, quiet)
    texts = layers.read("t", {"en": items}, 64, quiet)["en"]  # from the disk
    given = [torch.from_numpy(part.astype(np.float32)) for part in states(texts)]
    mask = nn.utils.rnn.pad_sequence([torch.ones(len(part)) for part in given], batch_first=True)
    padded = nn.utils.rnn.pad_sequence(given, batch_first=True)
    whole, top = any_source.build(None), layers.top()
    segments = (getattr(whole.config, "type_vocab_size", None) or 1) > 1
    with torch.inference_mode():
        found = top(inputs_embeds=padded, attention_mask=mask.long()).last_hidden_state
        for row, text, plain in zip(found, texts, any_source.tokenize(items, 64), strict=True):
            np.testing.assert_array_equal(text.ids, plain.ids)
            np.testing.assert_array_equal(text.words, plain.words)
            types = {"token_type_ids": torch.from_numpy(plain.types)[None]} if segments else {}
            expected = whole(input_ids=torch.from_numpy(plain.ids)[None], **types)
            np.testing.assert_allclose(
                row[: len(text.ids)], expected.last_hidden_state[0], rtol=0.02, atol=0.02
            )
    assert all(part.dtype == np.float16 for part in states(texts))


def test_what_is_known_is_not_computed_again_by_anyone(layers, tmp_path, source):
    first = layers.of(en=["one", "two", "one"], de=["eins"])
    assert layers.computed == 3
    other = Counted(tmp_path, source, CPU, 1)
    again = other.of(en=["two", "three", "one"], de=["eins"])
    assert other.computed == 1
    assert_same([again["en"][2], again["en"][0]], first["en"][:2])
    assert_same(again["de"], first["de"])
    other.of(en=["three", "two"])
    assert other.computed == 1


def test_another_model_and_another_number_of_layers_share_nothing(layers, tmp_path, source):
    one = layers.of(en=["one"])["en"]
    two = Counted(tmp_path, source, CPU, 2)
    assert not np.array_equal(states(two.of(en=["one"])["en"])[0], states(one)[0])
    stranger = Counted(tmp_path, replace(source, fingerprint="g"), CPU, 1)
    stranger.of(en=["one"])
    assert [layers.computed, two.computed, stranger.computed] == [1, 1, 1]


def test_a_text_is_known_by_what_the_model_reads_of_it(layers):
    text = " ".join(TEXTS)
    layers.of(en=[text, "one"], length=64)
    (cut, _) = layers.of(en=[text, "one"], length=12)["en"]
    assert layers.computed == 3  # what was not cut is known
    assert cut.states.shape == (12, 64)
    layers.of(en=["another"])
    assert layers.computed == 4


class Trap:
    """Its pickle opens a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def cut_short(shard):
    path = shard / "states.npy"
    path.write_bytes(path.read_bytes()[:-5])


def other_length(shard):
    np.save(shard / "states.npy", np.load(shard / "states.npy")[:-1])


def pickled(shard):
    np.save(shard / "texts.npy", np.array([Trap(shard.parents[3] / "sprung")], dtype=object))


DAMAGES = {
    "cut short": cut_short,
    "other length": other_length,
    "empty": lambda shard: (shard / "texts.npy").write_bytes(b""),
    "nonsense": lambda shard: (shard / "texts.npy").write_bytes(b"nonsense" * 20),
    "plain pickle": lambda shard: (shard / "texts.npy").write_bytes(pickle.dumps([1])),
    "pickled": pickled,
    "lost": lambda shard: (shard / "states.npy").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_shard_is_made_anew(layers, tmp_path, damage):
    first = layers.of(en=["one", "two"])["en"]
    kept = states(first)
    layers.of(en=["three"])
    (shard,) = [path.parent for path in tmp_path.rglob("texts.npy") if len(np.load(path)) == 2]
    DAMAGES[damage](shard)
    again = layers.of(en=["one", "two", "three"])["en"]
    assert layers.computed == 5
    for found, expected in zip(again, kept, strict=False):
        np.testing.assert_array_equal(found.states, expected)
    layers.of(en=["one", "two", "three"])
    assert layers.computed == 5
    assert not list(tmp_path.rglob("sprung"))


def test_two_at_once_compute_each_text_once_and_keep_one_shard(layers, tmp_path, source):
    other = Counted(tmp_path, source, CPU, 1)
    wanted = {"en": [Item("0", "one")], "de": [Item("0", "eins")]}
    found = []
    beside = Thread(target=lambda: found.append(other.of(en=["one"], de=["eins"])))

    def progress(done, total):
        if not beside.ident:
            beside.start()
            beside.join(1.0)  # it takes the other language, and waits for this one

    mine = layers.read("t", wanted, 64, progress)
    beside.join()
    assert (layers.computed, other.computed) == (1, 1)
    for lang in wanted:
        assert_same(mine[lang], found[0][lang])
    assert [path.name[0] == "." for path in tmp_path.glob("frozen/*/*/*")] == [False] * 2


def test_what_was_done_before_it_was_stopped_is_kept(layers):
    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    wanted = {"de": [Item("0", "eins")], "en": [Item("0", "one")], "fr": [Item("0", "un")]}
    with pytest.raises(KeyboardInterrupt):
        layers.read("t", wanted, 64, stop)
    layers.computed = 0
    layers.of(de=["eins"], en=["one"], fr=["un"])
    assert layers.computed == 2


def test_without_room_nothing_is_kept_and_nothing_changes(layers, tmp_path, source, monkeypatch):
    kept = layers.of(en=["one", "two"])["en"]
    monkeypatch.setattr(frozen, "SPARE", 1 << 60)
    elsewhere = Counted(tmp_path / "full", source, CPU, 1)
    for computed in (2, 4):
        assert_same(elsewhere.of(en=["one", "two"])["en"], kept)
        assert elsewhere.computed == computed
    assert not list((tmp_path / "full").rglob("*.npy"))


def test_numbers_too_large_for_float16_are_kept_as_they_are(tmp_path, source):
    def build(rows):
        encoder = source.build(rows)
        encoder.embeddings.LayerNorm.weight.data *= 1e5
        return encoder

    layers = Counted(tmp_path, replace(source, build=build), CPU, 2)
    fresh, again = (states(layers.of(en=["one"])["en"])[0] for _ in range(2))
    assert np.isfinite(fresh).all()
    assert np.abs(fresh).max() > 65504
    np.testing.assert_array_equal(again, fresh)


class Counting(BertModel):
    """What it gives depends on how many layers it has."""

    def forward(self, **inputs):
        output = super().forward(**inputs)
        output.last_hidden_state = output.last_hidden_state + len(self.encoder.layer)
        if "output_hidden_states" in inputs:
            output.hidden_states = (output.last_hidden_state,) * 3
        return output


class Silent(BertModel):
    """Does not tell what its layers give."""


@pytest.mark.parametrize(
    ("kind", "why"), [(Counting, "it gives other results when"), (Silent, "it fails")]
)
def test_a_model_that_cannot_be_cut_is_refused(kind, why, tmp_path, source):
    def build(rows):
        encoder = source.build(rows)
        encoder.__class__ = kind
        return encoder

    layers = Counted(tmp_path, replace(source, build=build), CPU, 1)
    with pytest.raises(WorkFailed, match=f"cannot be trained alone: {why}"):
        layers.of(en=["one"])
    assert not (tmp_path / "frozen").exists()
