"""Cards of models: named ones, hub ids, and folders; broken folders are refused in words."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import save_file

from mslt_core.catalog import hub_models, models
from mslt_core.spec import BadArgument, WorkFailed
from tests.model_folders import (
    BERT,
    BERT_PARAMETERS,
    BERT_WEIGHTS,
    QWEN,
    README,
    save_model,
    snapshot,
)


@pytest.fixture
def folder(tmp_path):
    return save_model(tmp_path / "my-model")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty hub cache, and a hub that was never asked."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(hub_models, "_revisions", {})
    monkeypatch.setattr(hub_models, "_failures", {})
    hub_models.parameters.cache_clear()
    return tmp_path / "hub"


def pooled_by(*on):
    modes = ("cls_token", "mean_tokens", "max_tokens", "weightedmean_tokens", "lasttoken")
    return {f"pooling_mode_{mode}": mode in on for mode in modes} | {"include_prompt": True}


def test_a_folder_tells_what_it_holds(folder):
    (folder / "README.md").write_text(README)
    card = models.card(f"{folder}/../{folder.name}/")
    assert card.name == str(folder)
    assert (card.kind, card.layers, card.hidden, card.vocabulary) == ("folder", 2, 8, 10)
    assert card.parameters == BERT_PARAMETERS
    assert (card.pooling, card.decoder) == ("mean", False)
    assert card.licence == "apache-2.0"
    assert card.languages == ("nb", "sw", "zh", "zh-Hant")


@pytest.mark.parametrize(
    ("readme", "licence"),
    [
        ("---\nlicense: other\nlicense_name: qwen\nlanguage: en\n---\n", "qwen"),
        ("---\nlicense: [a, b]\n---\n", "see its page"),
        ("---\nlicense: {{x\n---\n", "see its page"),
        ("---\n- a list\n---\n", "see its page"),
        ("No front matter.", "see its page"),
        ("", "see its page"),
    ],
)
def test_a_readme_tells_what_it_can(folder, readme, licence):
    (folder / "README.md").write_text(readme)
    card = models.card(str(folder))
    assert card.licence == licence
    assert card.languages == (("en",) if licence == "qwen" else ())


@pytest.mark.parametrize(
    ("config", "decoder"),
    [
        ({"model_type": "bloom", "n_layer": 3, "hidden_size": 4}, True),
        ({"model_type": "gpt2", "n_layer": 3, "n_embd": 4, "architectures": ["GPT2Model"]}, True),
        ({**QWEN, "hidden_size": 4, "architectures": ["Qwen2Model"]}, True),
        (
            {"model_type": "new", "num_layers": 3, "d_model": 4, "architectures": ["NewModel"]},
            False,
        ),
        (
            {
                "model_type": "new",
                "num_layers": 3,
                "d_model": 4,
                "architectures": ["NewForCausalLM"],
            },
            True,
        ),
        ({"model_type": "distilbert", "n_layers": 3, "dim": 4}, False),
        (
            {
                **BERT,
                "num_hidden_layers": 3,
                "hidden_size": 4,
                "architectures": ["BertLMHeadModel"],
            },
            False,
        ),
        ({**BERT, "num_hidden_layers": 3, "hidden_size": 4, "is_decoder": True}, True),
        (
            {
                "model_type": "gemma3_text",
                "num_hidden_layers": 3,
                "hidden_size": 4,
                "use_bidirectional_attention": True,
            },
            False,
        ),
    ],
)
def test_each_kind_names_its_sizes_in_its_own_way(tmp_path, config, decoder):
    card = models.card(str(save_model(tmp_path / "it", config, BERT_WEIGHTS)))
    assert (card.layers, card.hidden, card.decoder) == (3, 4, decoder)
    assert card.pooling == ("last" if decoder else "mean")


@pytest.mark.parametrize(
    "config", [{"model_type": "t5"}, {"model_type": "new", "is_encoder_decoder": True}]
)
def test_encoder_decoders_are_refused(tmp_path, config):
    with pytest.raises(BadArgument, match="is an encoder-decoder"):
        models.card(str(save_model(tmp_path / "it", config, BERT_WEIGHTS)))


@pytest.mark.parametrize(
    ("pooling", "expected", "note"),
    [
        (pooled_by("cls_token"), "first", ""),
        (pooled_by("mean_tokens"), "mean", ""),
        (pooled_by("lasttoken"), "last", ""),
        ({"pooling_mode": "cls", "embedding_dimension": 8}, "first", ""),
        (pooled_by("max_tokens"), "mean", "pool by max_tokens; here it is pooled by mean"),
        (pooled_by("cls_token", "max_tokens"), "mean", "pool by cls_token and max_tokens"),
    ],
)
def test_pooling_is_as_the_authors_pool_where_that_can_be_done(tmp_path, pooling, expected, note):
    card = models.card(str(save_model(tmp_path / "it", BERT, BERT_WEIGHTS, pooling=pooling)))
    assert card.pooling == expected
    assert note in card.note
    assert bool(note) == bool(card.note)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        # Without a head, as BertModel is saved.
        ({"embeddings.word_embeddings.weight": (10, 8), "pooler.dense.bias": (8,)}, 80),
        # GPT-2: its causal masks are saved beside the weights.
        (
            {
                "wte.weight": (10, 8),
                "h.0.attn.bias": (1, 1, 4, 4),
                "h.0.attn.masked_bias": (1,),
                "h.0.attn.c_attn.bias": (24,),
                "lm_head.weight": (10, 8),
            },
            104,
        ),
        # Llama: the head is outside.
        (
            {
                "model.embed_tokens.weight": (10, 8),
                "model.layers.0.self_attn.rotary_emb.inv_freq": (4,),
                "model.norm.weight": (8,),
                "lm_head.weight": (10, 8),
            },
            88,
        ),
        ({"nothing.known": (3,)}, None),
    ],
)
def test_heads_and_buffers_are_no_parameters(tmp_path, weights, expected):
    card = models.card(str(save_model(tmp_path / "it", BERT, weights)))
    assert card.parameters == expected


def test_weights_in_several_files_are_counted_together(folder):
    save_file({"bert.embeddings.x.weight": np.zeros((10, 8), np.float32)}, folder / "a.safetensors")
    save_file({"bert.encoder.y.weight": np.zeros((8, 8), np.float32)}, folder / "b.safetensors")
    (folder / "model.safetensors").unlink()
    index = {"bert.embeddings.x.weight": "a.safetensors", "bert.encoder.y.weight": "b.safetensors"}
    path = folder / "model.safetensors.index.json"
    path.write_text(json.dumps({"weight_map": index}))
    assert models.card(str(folder)).parameters == 144
    (folder / "b.safetensors").unlink()
    with pytest.raises(BadArgument, match=r"lacks b\.safetensors"):
        models.card(str(folder))


def test_a_changed_folder_has_another_card(folder):
    assert models.card(str(folder)).layers == 2
    (folder / "config.json").write_text(json.dumps({**BERT, "num_hidden_layers": 12}))
    assert models.card(str(folder)).layers == 12


def test_an_unchanged_folder_is_read_once(folder, monkeypatch):
    card = models.card(str(folder))
    monkeypatch.setattr("mslt_core.catalog.model_facts.safe_open", None)
    assert models.card(str(folder)) == card


def test_a_folders_fingerprint_follows_its_content(folder):
    card = models.card(str(folder))
    before = models.fingerprint(card)
    assert models.fingerprint(card) == before
    save_file({"w": np.ones(4, dtype=np.float32)}, folder / "model.safetensors")
    after = models.fingerprint(card)
    assert after != before
    save_model(folder, BERT, {"w": (4,)}, pooling=pooled_by("cls_token"))
    assert models.fingerprint(models.card(str(folder))) not in (before, after)


def test_every_named_model_has_a_fingerprint_of_its_own():
    local = [card for card in models.CARDS.values() if card.kind != "hub"]
    prints = [models.fingerprint(card) for card in local]
    assert len(set(prints)) == len(local) >= 3


def test_named_models_say_what_they_were_pretrained_on():
    xlm_r, bert = (
        models.card(name)
        for name in ("FacebookAI/xlm-roberta-base", "google-bert/bert-base-multilingual-cased")
    )
    assert (xlm_r.pretraining, bert.pretraining) == ("cc100", "wikipedia")
    assert {"en", "sw", "zh-Hant", "hi-Latn"} <= set(xlm_r.languages)
    assert len(bert.languages) > len(xlm_r.languages) > 90
    small = models.card("me5-small")
    assert {"en", "sw", "zh"} <= set(small.languages) < set(xlm_r.languages)
    assert models.card("random-init").languages == ()


def test_a_hub_id_that_is_not_here_is_told_without_asking(cache):
    card = models.card("intfloat/multilingual-e5-base")
    assert (card.kind, card.prefix, card.layers) == ("hub", "query: ", None)
    assert models.card("owner/other").prefix == ""
    assert models.card("intfloat/multilingual-e5-large-instruct").prefix == ""


def test_a_hub_id_is_read_from_its_newest_whole_copy(cache):
    old = save_model(snapshot(cache, "1dea"), BERT, BERT_WEIGHTS, README)
    part = save_model(snapshot(cache, "ba5e"), {**BERT, "num_hidden_layers": 9}, BERT_WEIGHTS)
    (part / "model.safetensors").unlink()
    card = models.card("owner/e5-tiny")
    assert (card.name, card.hub_id, card.kind) == ("owner/e5-tiny", "owner/e5-tiny", "hub")
    assert (card.layers, card.parameters, card.prefix) == (2, BERT_PARAMETERS, "query: ")
    assert card.licence == "apache-2.0"
    assert models.fingerprint(card) == "1dea"
    shutil.rmtree(old)
    assert models.card("owner/e5-tiny").layers == 9


class Hub:
    """A hub with one model, whose files lie in a folder; counts how often it is asked."""

    def __init__(self, cache, monkeypatch, files):
        self.cache, self.files, self.asked = cache, files, 0
        monkeypatch.setattr("huggingface_hub.HfApi", lambda: self)
        monkeypatch.setattr("huggingface_hub.hf_hub_download", self.download)

    def model_info(self, hub_id, timeout):
        self.asked += 1
        if self.files is None:
            raise ConnectionError
        paths = [path for path in self.files.rglob("*") if path.is_file()]
        names = [str(path.relative_to(self.files)) for path in paths]
        return SimpleNamespace(sha="c0ffee", siblings=[SimpleNamespace(rfilename=n) for n in names])

    def download(self, hub_id, name, revision, etag_timeout):
        target = snapshot(self.cache, revision) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.files / name, target)

    def get_safetensors_metadata(self, hub_id, revision, timeout):
        tensors = {name: SimpleNamespace(shape=shape) for name, shape in BERT_WEIGHTS.items()}
        return SimpleNamespace(
            files_metadata={"model.safetensors": SimpleNamespace(tensors=tensors)}
        )


def test_the_hub_is_asked_only_when_it_is_to_be_looked_up(cache, folder, monkeypatch):
    save_model(folder, BERT, BERT_WEIGHTS, README, pooled_by("cls_token"))
    hub = Hub(cache, monkeypatch, folder)
    assert models.card("owner/e5-tiny").layers is None
    assert hub.asked == 0
    card = models.look_up("owner/e5-tiny")
    assert (card.layers, card.pooling, card.licence) == (2, "first", "apache-2.0")
    assert card.parameters == BERT_PARAMETERS
    assert models.look_up("owner/e5-tiny") == card
    assert models.fingerprint(models.card("owner/e5-tiny")) == "c0ffee"
    assert hub.asked == 1
    assert not list(snapshot(cache).glob("*.safetensors"))


def test_a_hub_model_without_safetensors_is_refused_with_what_to_do(cache, folder, monkeypatch):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    Hub(cache, monkeypatch, folder)
    with pytest.raises(WorkFailed, match=r"no safetensors weights.*hf download .*refs/pr/5"):
        models.fingerprint(models.card("microsoft/mdeberta-v3-base"))


def test_a_hub_that_cannot_be_reached_is_said_and_not_asked_at_every_turn(cache, monkeypatch):
    hub = Hub(cache, monkeypatch, None)
    for _ in range(3):
        with pytest.raises(WorkFailed, match="nor reachable"):
            models.look_up("nobody/no-such-model")
    assert hub.asked == 1
    monkeypatch.setattr(hub_models, "ASK_SECONDS", 0)
    with pytest.raises(WorkFailed, match="nor reachable"):
        models.look_up("nobody/no-such-model")
    assert hub.asked == 2


def test_a_folder_without_config_is_refused(tmp_path):
    with pytest.raises(BadArgument, match=r"no config\.json"):
        models.card(str(tmp_path))


def test_a_broken_configuration_is_refused(folder):
    for text, words in (("{", "cannot be read as JSON"), ("[]", "holds no JSON object")):
        (folder / "config.json").write_text(text)
        with pytest.raises(BadArgument, match=words):
            models.card(str(folder))


def test_weights_that_can_run_code_are_refused(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(BadArgument, match="can run code"):
        models.card(str(folder))


def test_truncated_weights_are_refused(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-3])
    with pytest.raises(BadArgument, match="is broken"):
        models.card(str(folder))


@pytest.mark.parametrize(
    "name", ["nothing", "a/b/c", "../x", "~/x", "/no/such/folder", "a/", "x" * 5000]
)
def test_what_is_no_model_is_refused_with_what_is_allowed(name):
    with pytest.raises(BadArgument, match="me5-small"):
        models.card(name)


def test_a_bundled_file_that_was_changed_is_noticed(tmp_path, monkeypatch):
    path = tmp_path / "e5-small-q4.bin"
    path.write_bytes(b"E5S1 not the real one")
    monkeypatch.setattr(models, "bundled_path", lambda: path)
    with pytest.raises(WorkFailed, match="install the package again"):
        models.fingerprint(models.card("me5-small"))
