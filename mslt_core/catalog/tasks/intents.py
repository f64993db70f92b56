"""The bundled task: which smart-home command is it? In 30 languages, with nothing to download.

Sentences are drawn from the templates that native speakers wrote for Home Assistant's voice
assistant (PyPI package home-assistant-intents), by `intents_sampler`. Drawing takes a moment a
language, so each language's table is kept on disk; without a disk everything works, only slower.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections import Counter
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from mslt_core.catalog.tasks.base import Item, Kind, Metric, Split
from mslt_core.catalog.tasks.intents_sampler import (
    CAPS,
    SAMPLER_VERSION,
    SLOTS_TABLE,
    Sentence,
    sample,
)
from mslt_core.spec import BadArgument, default_home

# The locale of the package that speaks for each language, where its name is not the language's
# own tag: of German's, Portuguese's and Chinese's several, the one with the most templates.
_LOCALES = {"pt": "pt-BR", "zh": "zh-CN", "zh-Hant": "zh-TW"}

LANGUAGES = (
    *("ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "eu", "fi", "fr", "gl", "hr", "it"),
    *("ml", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sr-Latn", "sv", "th"),
    *("zh", "zh-Hant"),
)
"""The languages in which every intent has at least two templates, and enough sentences."""

INTENTS = (
    "HassCancelTimer",
    "HassClimateGetTemperature",
    "HassClimateSetTemperature",
    "HassDecreaseTimer",
    "HassGetState",
    "HassIncreaseTimer",
    "HassLightSet",
    "HassMediaNext",
    "HassMediaPause",
    "HassMediaPrevious",
    "HassMediaUnpause",
    "HassPauseTimer",
    "HassSetPosition",
    "HassSetVolume",
    "HassStartTimer",
    "HassTurnOff",
    "HassTurnOn",
    "HassUnpauseTimer",
)
"""The intents that all these languages share: the classes."""


class IntentsTask:
    """Smart-home commands: one of 18 intents for each sentence, in 30 languages and 8 scripts.

    Languages are not translations of one another. No template of a language serves two splits.
    The development split may lack an intent that has two templates only.
    """

    name = "intents"
    title = "Smart-home commands (intents)"
    kind: Kind = "sentence"
    metric: Metric = "accuracy"
    parallel = False
    source = "Home Assistant intents, Apache-2.0, templates by native speakers."

    def __init__(self, cache_dir: Path | None = None) -> None:
        """Keeps its tables in `cache_dir`; by default in `$MSLT_HOME/cache/intents`."""
        self._cache_dir = cache_dir

    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(LANGUAGES))

    def labels(self) -> tuple[str, ...]:
        return INTENTS

    def items(self, language: str, split: Split) -> list[Item]:
        """Drawn the first time, read from disk afterwards. Raises BadArgument for a language
        that is not one of `languages()`."""
        rows = self._sentences(language)
        return [
            Item(id=row.id, text=row.text, label=row.label) for row in rows if row.split == split
        ]

    def sizes(self) -> pd.DataFrame:
        counts = {
            language: Counter(row.split for row in self._sentences(language))
            for language in self.languages()
        }
        return pd.DataFrame(
            [
                {
                    "language": language,
                    **{split: count[split] for split in ("train", "dev", "test")},
                }
                for language, count in counts.items()
            ]
        )

    def where(self) -> str:
        return f"package home-assistant-intents {version('home-assistant-intents')}"

    def fingerprint(self, languages: tuple[str, ...]) -> str:
        for language in languages:
            _check(language)
        return _fingerprint()

    def _sentences(self, language: str) -> list[Sentence]:
        _check(language)
        folder = self._cache_dir or default_home() / "cache" / "intents"
        path = folder / f"{language}-{_fingerprint()[:12]}.parquet"
        kept = _read(path)
        if kept is None:
            kept = sample(language, _LOCALES.get(language, language), INTENTS)
            _write(path, kept)
        return kept


def _check(language: str) -> None:
    if language not in LANGUAGES:
        raise BadArgument(
            f"The task intents has no {language!r}: it has {', '.join(sorted(LANGUAGES))}."
        )


def _fingerprint() -> str:
    """Stands for the sentences: the packages they are drawn from, our names, the way of drawing."""
    packages = [f"{name}=={version(name)}" for name in ("home-assistant-intents", "hassil")]
    choice = repr((SAMPLER_VERSION, CAPS, INTENTS, _LOCALES))
    text = "\n".join([*packages, choice, SLOTS_TABLE.read_text(encoding="utf-8")])
    return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path) -> list[Sentence] | None:
    """The sentences of a file; None where there is no such file, or a damaged one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, page_checksum_verification=True)
        return [Sentence(**row) for row in table.to_pylist()]
    except (OSError, pa.ArrowException, TypeError):
        return None


def _write(path: Path, sentences: list[Sentence]) -> None:
    """Keeps the sentences for next time, whole or not at all; no disk is no error."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    temporary = path.with_name(f"{path.stem}.{uuid.uuid4().hex}.tmp")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pa.Table.from_pylist([asdict(sentence) for sentence in sentences])
        try:
            pq.write_table(table, temporary, write_page_checksum=True)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
