"""Languages: one tag for each, and what is known of it.

A language is named by its shortest BCP 47 tag (`en`, `sw`, `zh`, `zh-Hant`), whatever name a data
set gives it: `normalise` turns `zho_Hans`, `zh-CN` and `cmn` into `zh`. `language` adds the name
and script (from `langcodes`), and from `languages.csv` the family, sizes of pretraining data, and
a place on the map.

The table's columns:
- tag;
- family, top-level, after Glottolog 4.0 (Hammarström et al., glottolog.org, CC BY 4.0);
- cc100_gib: GiB of the language's text in CC-100, the pretraining data of XLM-R (Conneau et al.
  2020, arXiv 1911.02116, table 6), empty where CC-100 has none. Of its two rows for Burmese the
  table keeps the one in Unicode, not the one in the Zawgyi encoding;
- wikipedia_gib: GiB of text in the language's Wikipedia, uncompressed, in the dump of October 2020,
  if multilingual BERT was trained on it: a proxy for its pretraining data, which was an older dump.
  Serbo-Croatian counts as sr-Latn; the one Chinese Wikipedia, in both scripts, counts as zh;
- latitude, longitude: degrees, one point for each language, after Glottolog. A macro-language has
  the place of the one that its tag stands for: Standard Arabic, Mandarin, Western Persian, Standard
  Malay. Empty where Glottolog gives none, and for constructed languages, which have no home.
"""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import langcodes
from langcodes.tag_parser import LanguageTagError

from mslt_core.spec import BadArgument

UNCLASSIFIED = "Unclassified"

_TABLE = Path(__file__).with_suffix(".csv")
_RIGHT_TO_LEFT = {"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"}

# What is written and published as "Norwegian" is Bokmål (Nynorsk is always named: nn), so the
# macro-language folds into nb, the other way round than usual: CC-100's `no` is our `nb`.
_SAME = {"no": "nb"}
# Hangul is the alphabet within Korean writing: data sets say Hang where Unicode says Kore.
_WIDER_SCRIPT = {"Hang": "Kore"}
# Registered codes that name no language: undetermined, several, uncoded, no linguistic content.
_NO_LANGUAGE = {"und", "mul", "mis", "zxx"}


@dataclass(frozen=True)
class Language:
    """What is known of one language."""

    tag: str
    """BCP 47, shortest form."""
    name: str
    """English name, such as `Chinese (Traditional)`."""
    family: str
    """Top-level family, such as `Indo-European`; `Unclassified` where the table has none."""
    script: str
    """ISO 15924, such as `Latn`; Chinese is `Hans` or `Hant`."""
    cc100_gib: float | None
    """GiB of text in CC-100, XLM-R's pretraining data; None where it has none."""
    wikipedia_gib: float | None
    """GiB of text in its Wikipedia, if multilingual BERT was trained on it; else None."""
    latitude: float | None
    """Degrees north of the equator of the point that Glottolog gives; None where it gives none."""
    longitude: float | None
    """Degrees east of Greenwich of the same point."""
    right_to_left: bool
    """Whether the script runs from right to left."""
    also: str
    """Other words that people search it by: its own name for itself, and the script's name."""


@lru_cache(maxsize=4096)
def normalise(tag: str) -> str:
    """The shortest BCP 47 tag of a language: macro-languages folded, the usual script dropped.

    `zho_Hans`, `zh-CN`, `cmn` -> `zh`; `zh-TW` -> `zh-Hant`; `arb_Arab` -> `ar`; `tgl_Latn`,
    `tl` -> `fil`; `no` -> `nb`; `sr-Latn` stays, for Serbian is usually Cyrillic. A territory
    counts only for the script it implies, so `pt-BR` is `pt`, and Dari (`prs`) is `fa`.
    Raises BadArgument when the tag names no language.
    """
    try:
        standard = langcodes.Language.get(langcodes.standardize_tag(tag.strip(), macro=True))
    except (LanguageTagError, AttributeError):
        raise _not_a_language(tag) from None
    code = _SAME.get(standard.language or "und", standard.language or "und")
    named = not langcodes.Language.make(language=code).display_name().startswith("Unknown")
    if not standard.is_valid() or not named or code in _NO_LANGUAGE:
        raise _not_a_language(tag)
    script = _script(standard.to_tag())
    return code if script == _script(code) else f"{code}-{script}"


@lru_cache(maxsize=4096)
def language(tag: str) -> Language:
    """What is known of the language of a tag, in any form that `normalise` reads.

    A script variant that the table lacks has the family and place of its language, and no sizes.
    Raises BadArgument when the tag names no language.
    """
    tag = normalise(tag)
    row = _table().get(tag)
    if row is None:
        parent = _table().get(tag.split("-")[0], _UNKNOWN)
        row = replace(parent, cc100_gib=None, wikipedia_gib=None)
    script = _script(tag)
    known = langcodes.Language.get(tag)
    name = known.display_name()
    also = f"{known.autonym()} {langcodes.Language.make(script=script).script_name()}"
    return Language(
        tag=tag,
        name=name,
        family=row.family,
        script=script,
        cc100_gib=row.cc100_gib,
        wikipedia_gib=row.wikipedia_gib,
        latitude=row.latitude,
        longitude=row.longitude,
        right_to_left=script in _RIGHT_TO_LEFT,
        also=also,
    )


def known() -> tuple[str, ...]:
    """Tags of the languages whose family the table has, sorted."""
    return tuple(sorted(_table()))


def read_in(corpus: Literal["cc100", "wikipedia"]) -> tuple[str, ...]:
    """Tags of the languages that the table has a size of in a corpus, sorted."""
    rows = _table().items()
    return tuple(sorted(tag for tag, row in rows if getattr(row, f"{corpus}_gib") is not None))


def _script(tag: str) -> str:
    script = str(langcodes.Language.get(tag).maximize().script)
    return _WIDER_SCRIPT.get(script, script)


@dataclass(frozen=True)
class _Row:
    """One line of the table."""

    family: str = UNCLASSIFIED
    cc100_gib: float | None = None
    wikipedia_gib: float | None = None
    latitude: float | None = None
    longitude: float | None = None


_UNKNOWN = _Row()


@cache
def _table() -> dict[str, _Row]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {
        tag: _Row(family, *(float(number) if number else None for number in numbers))
        for tag, family, *numbers in rows
    }


def _not_a_language(tag: object) -> BadArgument:
    near = _near(tag) if isinstance(tag, str) else []
    hint = f"; did you mean {' or '.join(near)}?" if near else "."
    return BadArgument(
        f"{tag!r} is not a language: name one by its BCP 47 tag, such as en, sw or zh-Hant{hint}"
    )


def _near(tag: str) -> list[str]:
    """Languages that a wrong tag may have meant, as `tag (Name)`: by name, then by spelling."""
    word = tag.strip()
    if len(word) < 2 or not word.isprintable():  # a control character upsets langcodes.find
        return []
    try:
        return [_shown(normalise(str(langcodes.find(word))))]
    except (LookupError, BadArgument):
        pass
    by_spelling = {name: tag for tag in known() for name in (tag.lower(), _name(tag).lower())}
    close = difflib.get_close_matches(word.lower(), by_spelling, n=3, cutoff=0.75)
    return [_shown(tag) for tag in dict.fromkeys(by_spelling[name] for name in close)]


def _name(tag: str) -> str:
    return str(langcodes.Language.get(tag).display_name())


def _shown(tag: str) -> str:
    return f"{tag} ({_name(tag)})"
