"""What a model makes of languages: the sub-words of their text, and their mean vectors."""

import numpy as np
import pytest
from tokenizers import Tokenizer, pre_tokenizers, processors
from tokenizers.models import BPE

from mslt_core.catalog import models
from mslt_core.catalog.sampling import ordered
from mslt_core.catalog.tasks import Item
from mslt_core.jobs import language_facts as kept
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument, RunSpec, WorkFailed
from mslt_core.training import language_facts
from mslt_core.training.device import choose_device
from mslt_core.training.embed import PretrainedEmbeddings
from mslt_core.training.encoders import load_source
from mslt_core.training.language_facts import subwords
from tests.fakes import FakeTask

MODEL = "tiny-random"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


@pytest.fixture
def fake(monkeypatch):
    """A task of three languages, of which French has no training text."""
    task = FakeTask({"de": 30, "en": 20, "fr": 0})
    for module in (kept, language_facts):
        monkeypatch.setattr(module, "find_task", lambda name: task)
    return task


def compute(*wanted):
    language_facts.compute(*wanted, lambda done, total: None)


def test_sub_words_are_those_of_the_texts_without_special_tokens():
    tokenizer = Tokenizer(BPE({name: i for i, name in enumerate(["[CLS]", *"abcd"])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A", special_tokens=[("[CLS]", 0)]
    )
    tokenizer.enable_truncation(2)
    items = [Item("1", "dab ab", "x"), Item("2", "a", "x", second="d")]
    assert subwords(tokenizer, items).tolist() == [1, 2, 4]


def test_facts_are_computed_for_the_languages_that_lack_them(store, fake, monkeypatch):
    monkeypatch.setattr(language_facts, "EMBEDDED_TEXTS", 7)
    monkeypatch.setattr(language_facts, "COUNTED_TEXTS", 1)
    compute(store, MODEL, "fake", ("en",))
    assert kept.stored(store, MODEL, "fake", ("de", "en")) is None
    first = kept.paths(store, MODEL, "fake", ("en",))["en"].stat().st_mtime_ns
    compute(store, MODEL, "fake", ("de", "en"))
    assert kept.paths(store, MODEL, "fake", ("en",))["en"].stat().st_mtime_ns == first
    found = kept.stored(store, MODEL, "fake", ("de", "en"))

    card = models.card(MODEL)
    source = load_source(card, models.fingerprint(card))
    items = {lang: fake.items(lang, "train") for lang in ("de", "en")}
    chosen = {lang: list(ordered(of, 0, 7).values()) for lang, of in items.items()}
    embeddings = PretrainedEmbeddings(store.cache_dir, source, choose_device())
    vectors = embeddings.vectors("fake", chosen, RunSpec.max_length, lambda done, total: None)
    tokenizer = source.load_tokenizer()
    for lang, of in vectors.items():
        assert len(of) == 7
        assert found.embeddings[lang] == pytest.approx(np.concatenate(of).mean(axis=0), abs=1e-6)
        text = tokenizer.encode(items[lang][0].text, add_special_tokens=False)
        assert found.subwords[lang].tolist() == sorted(set(text.ids))


def test_a_language_without_training_text_is_named(store, fake):
    with pytest.raises(WorkFailed, match="fake has no training text in fr: choose without it"):
        compute(store, MODEL, "fake", ("de", "fr"))
    with pytest.raises(BadArgument, match="fake has no sw"):
        compute(store, MODEL, "fake", ("de", "sw"))
