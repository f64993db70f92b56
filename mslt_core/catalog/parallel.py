"""Bundled parallel sentences, `django-messages`: for embedding maps of tasks that have none.

They are the interface messages of the web framework Django, of its core and the parts that come
with it, as its volunteers translated them (PyPI package `django`, BSD-3-Clause). They are read from
the package's files; Django itself is neither imported nor set up.
"""

from __future__ import annotations

import gettext
import hashlib
import re
import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from mslt_core.catalog.languages import normalise
from mslt_core.catalog.sampling import ordered
from mslt_core.catalog.tasks.base import Item
from mslt_core.spec import BadArgument, WorkFailed

NAME = "django-messages"
SOURCE = "Interface messages of Django in its translations by volunteers, BSD-3-Clause."
ENGLISH = "en"
MOST = 200
"""Messages of each language, at most."""
FEWEST_WORDS = 3
"""Shorter ones are names and labels, which say little of a language."""
FEWEST_MESSAGES = 100
"""Languages with fewer are left out: with others together hardly any message would be left."""

# What stands for something else (%s, %(name)s, {name}), markup, entities, and marks of keys.
_NOT_PLAIN = re.compile(r"[%{}<>&\\_]")
_CONTEXT = "\x04"  # gettext's: what stands before it tells apart messages of the same words


def where() -> str:
    """Where the messages are from, with the version of the package. Raises WorkFailed where it is
    not installed."""
    try:
        return f"package django {version('django')}"
    except PackageNotFoundError:
        raise _not_installed() from None


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Tags of the languages that have messages, English too, sorted. Reads the files of all of
    them, which takes a second or two: `count` tells of one language."""
    return tuple(sorted({ENGLISH, *filter(count, _locales())}))


def count(language: str) -> int:
    """How many messages a language has, 0 where it is not among `languages`. English has what any
    language has, and so counts as more than all."""
    if language == ENGLISH:
        return sys.maxsize
    own = len(_translated(language)) if language in _locales() else 0
    return own if own >= FEWEST_MESSAGES else 0


def messages(languages: tuple[str, ...]) -> dict[str, list[Item]]:
    """The same messages in every one of these languages, in one order: of those that all have, at
    most MOST, which are the same ones for the same languages. An item's id names the message.

    The more languages, the fewer messages: there may be none that all have. Raises BadArgument,
    naming what there is, for a language that has none; WorkFailed where Django is not installed.
    """
    _check(languages)
    # English has all, so it narrows no choice; alone it gives what any language has.
    pools = [_translated(tag) for tag in languages if tag != ENGLISH]
    shared = set.intersection(*map(set, pools)) if pools else _known()
    by_id = {_id(message): message for message in shared}
    chosen = ordered([Item(name, "") for name in by_id], seed=0, most=MOST)
    return {tag: [Item(name, _said(by_id[name], tag)) for name in chosen] for tag in languages}


def _check(tags: tuple[str, ...]) -> None:
    if not tags:
        raise BadArgument("languages is empty: name at least one language, such as en.")
    lacking = [tag for tag in tags if not count(tag)]
    if lacking:
        offered = languages()
        raise BadArgument(
            f"{NAME} has no {', '.join(lacking)}: it has {len(offered)} languages, "
            f"{', '.join(offered)}."
        )


def _id(message: str) -> str:
    return hashlib.sha256(message.encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _known() -> set[str]:
    """The messages that any language has."""
    return {message for tag in _locales() for message in _translated(tag)}


def _said(message: str, language: str) -> str:
    return _text(message) if language == ENGLISH else _translated(language)[message]


@lru_cache(maxsize=256)
def _translated(tag: str) -> dict[str, str]:
    """By message, its translation into one language: plain sentences that were translated."""
    found: dict[str, str] = {}
    for path in _locales()[tag]:
        with path.open("rb") as file:
            # The catalogue itself, for gettext can look up a message, but not list them.
            catalogue = vars(gettext.GNUTranslations(file))["_catalog"]
        for message, translation in catalogue.items():
            if isinstance(message, str) and _usable(message, translation):
                # In Django's parts the same words have been translated again.
                found.setdefault(message, _plain(translation))
    return found


def _usable(message: str, translation: str) -> bool:
    english, said = _text(message), _plain(translation)
    return (
        len(english.split()) >= FEWEST_WORDS
        and bool(said)
        and said.casefold() != english.casefold()
        and not _NOT_PLAIN.search(english)
        and not _NOT_PLAIN.search(said)
    )


def _text(message: str) -> str:
    return _plain(message.rpartition(_CONTEXT)[2])


def _plain(text: str) -> str:
    """In one line: templates break theirs where it suits them."""
    return " ".join(text.split())


@lru_cache(maxsize=1)
def _locales() -> dict[str, tuple[Path, ...]]:
    """The files of each language but English, those of Django's core first.

    A language that is there in several countries' ways of writing is read in the one that is called
    as the language itself; if there is none, in the first by name.
    """
    root = _root()
    folders = [root / "conf" / "locale", *sorted(root.glob("contrib/*/locale"))]
    names = {path.parent.parent.name for path in folders[0].glob("*/LC_MESSAGES/django.mo")}
    chosen: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (len(name), name)):
        try:
            chosen.setdefault(normalise(name), name)
        except BadArgument:
            continue
    return {
        tag: tuple(
            path
            for folder in folders
            for path in sorted((folder / name / "LC_MESSAGES").glob("*.mo"))
        )
        for tag, name in chosen.items()
        if tag != ENGLISH
    }


def _root() -> Path:
    found = find_spec("django")  # looks for it, imports nothing
    if found is None or not found.origin:
        raise _not_installed()
    return Path(found.origin).parent


def _not_installed() -> WorkFailed:
    return WorkFailed(
        "The package django, whose messages are the parallel sentences, is not installed: "
        "run `make setup`."
    )
