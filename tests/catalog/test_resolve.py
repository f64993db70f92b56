"""From words to a run with an identity, or to a sentence that says what is wrong."""

import pytest

from mslt_core.catalog import hub_models, tasks
from mslt_core.catalog.resolve import parse_languages, resolve
from mslt_core.spec import BadArgument, RunSpec
from tests.fakes import FakeTask
from tests.model_folders import QWEN, QWEN_WEIGHTS, save_model, snapshot

GOOD = {"model": "tiny-random", "task": "intents", "sources": ("en",), "targets": ("de", "en")}


def test_equal_specs_have_one_id_and_others_have_others(home):
    first = resolve(RunSpec(**GOOD))
    assert resolve(RunSpec(**{**GOOD, "targets": ("en", "de")})).run_id == first.run_id
    assert len(first.run_id) == 16
    assert int(first.run_id, 16) >= 0
    assert resolve(RunSpec(**GOOD, seed=1)).run_id != first.run_id
    assert resolve(RunSpec(**{**GOOD, "model": "random-init"})).run_id != first.run_id


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sources": ("la",)}, r"sources: intents has no la \(Latin\)"),
        (
            {"targets": ("en", "pt-BR")},
            r"targets: intents has no pt-BR \(.*it has 30 languages, ar, bg",
        ),
        ({"budget": 100_000}, "lower the budget"),
        ({"layers": 3}, "tiny-random has 2 layers"),
        ({"sampling": "parallel"}, "take 'disjoint'"),
    ],
)
def test_what_cannot_be_run_is_refused_before_it_is_queued(home, fields, words):
    with pytest.raises(BadArgument, match=words):
        resolve(RunSpec(**{**GOOD, **fields}))


@pytest.fixture
def decoder(tmp_path):
    return str(save_model(tmp_path / "small-qwen", QWEN, QWEN_WEIGHTS))


def of_kind(kind, monkeypatch):
    task = FakeTask({"de": 1000, "en": 1000})
    task.kind = kind
    monkeypatch.setattr(tasks, "_TASKS", {"fake": lambda: task})


@pytest.mark.parametrize("kind", ["sentence", "pair"])
def test_decoders_are_probed_and_trained_by_adapters_on_whole_texts(
    home, decoder, kind, monkeypatch
):
    of_kind(kind, monkeypatch)
    spec = {**GOOD, "task": "fake", "model": decoder}
    assert resolve(RunSpec(**spec, method="probe")).run_id
    assert resolve(RunSpec(**spec, lora_rank=4)).run_id
    for fields in ({}, {"layers": 1}):
        with pytest.raises(BadArgument, match=r"trained by adapters here.*--lora-rank"):
            resolve(RunSpec(**spec, **fields))


@pytest.mark.parametrize("fields", [{"lora_rank": 4}, {"method": "probe"}])
def test_decoders_label_no_words(home, decoder, fields, monkeypatch):
    of_kind("token", monkeypatch)
    with pytest.raises(BadArgument, match=r"without what follows it: take an encoder .*me5-small"):
        resolve(RunSpec(**{**GOOD, "task": "fake", "model": decoder}, **fields))


def test_a_length_that_the_model_cannot_read_is_told(home, tmp_path):
    with pytest.raises(BadArgument, match=r"max_length is 513: tiny-random reads 512 sub-words"):
        resolve(RunSpec(**{**GOOD, "max_length": 513}))


def test_what_the_hub_tells_of_a_model_is_checked_before_it_is_queued(home, tmp_path, monkeypatch):
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))

    def ask(hub_id, hint):
        save_model(snapshot(cache, hub_id=hub_id), QWEN, QWEN_WEIGHTS)
        return "c0ffee"

    monkeypatch.setattr(hub_models, "_ask", ask)
    with pytest.raises(BadArgument, match="owner/new reads from left to right"):
        resolve(RunSpec(**{**GOOD, "model": "owner/new"}))
    with pytest.raises(BadArgument, match="owner/new has 3 layers"):
        resolve(RunSpec(**{**GOOD, "model": "owner/new", "layers": 4}))


def test_languages_are_read_in_any_common_form():
    assert parse_languages("eng, zho_Hans,cmn-Hant ,arb_Arab,", "sources") == (
        "en",
        "zh",
        "zh-Hant",
        "ar",
    )
    with pytest.raises(BadArgument, match=r"sources: 'german' is not a language.*de"):
        parse_languages("en,german", "sources")
