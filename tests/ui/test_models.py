"""What the Train page tells of the chosen model: a named one, a folder, a hub id typed in."""

import pytest

from mslt_core.catalog import hub_models, models
from mslt_core.ui import words_train
from tests.model_folders import BERT, QWEN, QWEN_WEIGHTS, README, save_model, snapshot
from tests.ui.driver import open_page, run, text

TRAIN = "pages/1_Train.py"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty hub cache, and a hub that was never asked."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(hub_models, "_revisions", {})
    monkeypatch.setattr(hub_models, "_failures", {})
    hub_models.parameters.cache_clear()
    return tmp_path / "hub"


def test_a_named_model_is_told_with_what_matters(store, started):
    app = open_page(TRAIN, model="FacebookAI/xlm-roberta-large")
    assert (
        "XLM-R large · 559 million parameters · 24 layers of 1024 · vocabulary of 250,002 · "
        "99 languages (CC-100) · licence: MIT" in text(app)
    )
    run(app, app.selectbox(key="model").set_value("me5-small"))
    assert "93 languages · licence: MIT" in text(app)
    assert models.CARDS["me5-small"].note in text(app)


def test_a_folder_typed_in_is_told(store, started, tmp_path):
    folder = save_model(tmp_path / "small-qwen", QWEN, QWEN_WEIGHTS, README)
    # Typed in would be the same: what is no option of the list cannot be typed here.
    app = open_page(TRAIN, model=str(folder), sources="de", budget="40")
    assert "small-qwen · " in text(app)
    assert "3 layers of 8 · vocabulary of 10" in text(app)
    assert f"4 languages · {words_train.DECODER} · licence: apache-2.0" in text(app)
    assert "--lora-rank" in text(app)  # what to do, said where it would be queued


def test_a_hub_id_is_told_from_its_copy_and_else_the_hub_is_asked(store, started, cache):
    save_model(snapshot(cache, hub_id="owner/here"), BERT)
    app = open_page(TRAIN, model="owner/here", sources="de", budget="40")
    assert "2 layers of 8" in text(app)
    assert not app.error
    app = open_page(TRAIN, model="owner/not-here", sources="de", budget="40")
    assert "owner/not-here is neither in the local hub cache nor reachable" in text(app)


def test_an_encoder_decoder_is_refused(store, started, tmp_path):
    folder = save_model(tmp_path / "small-t5", {"model_type": "t5"})
    app = open_page(TRAIN, model=str(folder))
    assert "is an encoder-decoder (t5)" in app.error[0].value
