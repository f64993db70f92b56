"""Cards of models: named ones, hub ids, and folders; broken folders are refused in words."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from mslt_core.catalog import models
from mslt_core.spec import BadArgument, WorkFailed


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "my-model"
    path.mkdir()
    (path / "config.json").write_text(json.dumps({"num_hidden_layers": 2, "hidden_size": 8}))
    save_file({"w": np.zeros(4, dtype=np.float32)}, path / "model.safetensors")
    return path


def test_a_hub_id_and_a_folder_have_cards(folder):
    hub = models.card("FacebookAI/xlm-roberta-base")
    assert (hub.kind, hub.prefix) == ("hub", "")
    assert models.card("intfloat/multilingual-e5-base").prefix == "query: "
    local = models.card(f"{folder}/../{folder.name}/")
    assert local.name == str(folder)
    assert (local.kind, local.layers, local.hidden) == ("folder", 2, 8)


def test_a_folders_fingerprint_follows_its_content(folder):
    card = models.card(str(folder))
    before = models.fingerprint(card)
    assert models.fingerprint(card) == before
    save_file({"w": np.ones(4, dtype=np.float32)}, folder / "model.safetensors")
    assert models.fingerprint(card) != before


def test_every_named_model_has_a_fingerprint_of_its_own():
    local = [card for card in models.CARDS.values() if card.kind != "hub"]
    prints = [models.fingerprint(card) for card in local]
    assert len(set(prints)) == len(local) >= 3


def test_a_folder_without_config_is_refused(tmp_path):
    with pytest.raises(BadArgument, match=r"no config\.json"):
        models.card(str(tmp_path))


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


def test_a_hub_that_cannot_be_reached_is_said(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    models._asked_revision.cache_clear()
    with pytest.raises(WorkFailed, match="nor reachable"):
        models.fingerprint(models.card("nobody/no-such-model"))
