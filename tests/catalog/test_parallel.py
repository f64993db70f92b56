"""The bundled parallel sentences: really plain, really parallel."""

import re
import subprocess
import sys
from itertools import combinations

import pytest

from mslt_core.catalog import parallel
from mslt_core.catalog.languages import normalise
from mslt_core.catalog.parallel import MOST, languages, messages
from mslt_core.spec import BadArgument, WorkFailed

COMMON = (
    *("ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he"),
    *("it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "zh"),
)


@pytest.fixture(scope="module")
def all_texts():
    return {tag: parallel._translated(tag) for tag in languages() if tag != "en"}


def test_there_are_many_languages_named_as_everywhere():
    found = languages()
    assert len(found) >= 55
    assert {"en", "pt", "sr", "sr-Latn", "zh", "zh-Hant"} <= set(found)
    assert [normalise(tag) for tag in found] == list(found) == sorted(set(found))


def test_messages_are_the_same_ones_in_every_language_in_one_order():
    found = messages(COMMON)
    assert list(found) == list(COMMON)
    ids = [item.id for item in found["en"]]
    assert len(ids) == len(set(ids)) <= MOST
    assert all([item.id for item in items] == ids for items in found.values())
    english = [item.text for item in found["en"]]
    assert "Enter a valid value." in {parallel._text(message) for message in parallel._known()}
    for tag, items in found.items():
        if tag != "en":
            assert all(a.text != b for a, b in zip(items, english, strict=True))
            assert len({item.text for item in items}) > 0.95 * len(items)


def test_they_are_the_same_at_every_call_and_of_every_order_of_languages():
    first = messages(("de", "en", "zh"))
    parallel._translated.cache_clear()
    assert messages(("de", "en", "zh")) == first
    assert dict(messages(("zh", "de", "en"))) == first


def test_every_two_of_the_common_languages_share_many():
    for pair in combinations(COMMON, 2):
        assert len(messages(pair)["en" if "en" in pair else pair[0]]) >= 150


def test_nothing_that_stands_for_something_else_is_left(all_texts):
    odd = re.compile(r"%\(|%[a-z]|\{|\}|<[a-z/]|&[a-z]+;|\n", re.IGNORECASE)
    for texts in all_texts.values():
        for message, text in texts.items():
            assert not odd.search(text), text
            assert not odd.search(parallel._text(message)), message
            assert len(parallel._text(message).split()) >= 3
            assert text.strip() == text != ""


def test_django_is_neither_imported_nor_needed_to_be_set_up():
    code = (
        "import sys; from mslt_core.catalog.parallel import messages\n"
        "assert messages(('de', 'en'))['de']\n"
        "assert not {name for name in sys.modules if name.split('.')[0] == 'django'}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_language_that_it_has_not_is_named():
    with pytest.raises(BadArgument, match=r"django-messages has no quy: it has \d+ languages, "):
        messages(("de", "quy"))
    with pytest.raises(BadArgument, match="languages is empty"):
        messages(())


def test_without_the_package_one_sentence_says_so(monkeypatch):
    monkeypatch.setattr(parallel, "find_spec", lambda name: None)
    for cached in (parallel._locales, parallel.languages, parallel._translated):
        cached.cache_clear()
    with pytest.raises(WorkFailed, match="run `make setup`"):
        messages(("de",))
