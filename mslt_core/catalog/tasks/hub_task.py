"""Tasks on data sets that the hub has as Parquet files, one configuration a language.

Files are as on the hub, whether there or in a local folder: `en/train-00000-of-00001.parquet`, or
on the branch that the hub converts itself `en-US/train/0000.parquet`. Items have the published
splits. An item's id is its split and its row (or its number there), so that no id is in two
splits, and in a parallel data set equal ids are translations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import pandas as pd

from mslt_core.catalog.languages import normalise
from mslt_core.catalog.tasks import folders, parquet
from mslt_core.catalog.tasks.base import Item, Kind, Metric, Split
from mslt_core.catalog.tasks.hub_tables import HubTable
from mslt_core.spec import BadArgument, WorkFailed

_PUBLISHED: dict[Split, str] = {"train": "train", "dev": "validation", "test": "test"}
_FILE = re.compile(
    r"(?P<config>[^/]+)/(?P<split>train|validation|test)(-\d+-of-(?P<parts>\d+)|/\d+)\.parquet"
)


class HubTask:
    """A task on a `HubTable`."""

    def __init__(self, table: HubTable) -> None:
        self._table = table
        self.name = table.name
        self.title = table.title
        self.kind: Kind = table.kind
        self.metric: Metric = table.metric
        self.parallel = table.parallel
        self.source = table.source

    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(self._configs()))

    def labels(self) -> tuple[str, ...]:
        return self._table.labels

    def items(self, language: str, split: Split) -> list[Item]:
        """Rows without text or label are left out. Raises WorkFailed for a file that is not as it
        is on the hub."""
        files = self._config(language).files(split)
        if not files:
            return []
        found = self._found()
        paths = tuple(found.path(file) for file in files)
        return _items(self._table, split, paths, found.digest(list(files)))

    def sizes(self) -> pd.DataFrame:
        """Rows as published: `items` gives fewer where some are without text or label."""
        found = self._found()
        rows = [
            (tag, *(self._size(found, config, split) for split in _PUBLISHED))
            for tag, config in sorted(self._configs().items())
        ]
        return pd.DataFrame(rows, columns=["language", *_PUBLISHED])

    def where(self) -> str:
        return self._found().root

    def fingerprint(self, languages: tuple[str, ...]) -> str:
        configs = [self._config(tag) for tag in languages]
        files = [file for config in configs for split in _PUBLISHED for file in config.files(split)]
        return self._found().digest(files)

    def _found(self) -> folders.DatasetFolder:
        return folders.find(self._table.repository, self._table.revision)

    def _configs(self) -> dict[str, _Config]:
        found = self._found()
        configs = _configs(self._table, found)
        if not configs:
            raise WorkFailed(
                f"{found.root} does not hold {self._table.repository}: there should be files such "
                f"as {self._table.example} in it."
            )
        return configs

    def _config(self, language: str) -> _Config:
        try:
            return self._configs()[language]
        except KeyError:
            raise BadArgument(f"{self.name} has no {language!r}.") from None

    def _size(self, found: folders.DatasetFolder, config: _Config, split: Split) -> int:
        files = config.files(split)
        if not files or not found.revision:
            return sum(parquet.count_rows(found.path(file)) for file in files)
        rows = self._table.rows.get(split, found.rows.get((config.name, _PUBLISHED[split])))
        if rows is None:
            raise WorkFailed(
                f"The data card of {self._table.repository} on the hub does not tell how many rows "
                f"{config.name!r} has: download the data set to a folder that MSLT_DATASETS names."
            )
        return rows


@dataclass(frozen=True)
class _Config:
    """A configuration and all files of the data set that are its own."""

    name: str
    root: str
    matches: tuple[re.Match[str], ...]

    def files(self, split: Split) -> tuple[str, ...]:
        """Files of a split in order; none where it has none. Raises WorkFailed if some lack."""
        own = [match for match in self.matches if match["split"] == _PUBLISHED[split]]
        parts = int(own[0]["parts"] or len(own)) if own else 0
        if len(own) != parts:
            raise WorkFailed(
                f"{self.root}/{self.name} has {len(own)} of the {parts} files of its split "
                f"{_PUBLISHED[split]!r}: download the others too."
            )
        return tuple(match.string for match in own)


@lru_cache(maxsize=16)
def _configs(table: HubTable, found: folders.DatasetFolder) -> dict[str, _Config]:
    """Configurations by language. What names no language, such as that of all together, is none."""
    by_name: dict[str, list[re.Match[str]]] = {}
    for file in found.files:
        if match := _FILE.fullmatch(file):
            by_name.setdefault(match["config"], []).append(match)
    configs: dict[str, _Config] = {}
    for name, matches in sorted(by_name.items()):
        try:
            tag = normalise(table.tags[name] or "und") if name in table.tags else normalise(name)
        except BadArgument:
            continue
        configs.setdefault(tag, _Config(name, found.root, tuple(matches)))
    return configs


def _items(table: HubTable, split: Split, paths: tuple[str, ...], digest: str) -> list[Item]:
    names = [name for name in (table.text, table.second, table.label, table.id) if name]
    rows, features = parquet.read(paths, digest, tuple(names))
    classes = table.published or table.labels
    parquet.check_class_names(paths[0], table.label, features[table.label], classes)
    columns = {name: rows.column(name).to_pylist() for name in names}
    ids = [f"{split}-{number}" for number in columns.get(table.id, range(len(rows)))]
    try:
        if len(set(ids)) < len(ids):
            raise ValueError("a number is there twice")
        make = _token_items if table.kind == "token" else _text_items
        return make(table, ids, columns)
    except ValueError as error:
        reason = str(error)
    except (AttributeError, TypeError):
        reason = f"the columns {', '.join(names)} hold something else"
    raise WorkFailed(f"{paths[0]} cannot be used as {table.repository} of the hub: {reason}.")


def _text_items(table: HubTable, ids: list[str], columns: dict[str, list[Any]]) -> list[Item]:
    labels = columns[table.label]
    names: dict[int | None, str] = {**dict(enumerate(table.labels)), None: "", -1: ""}
    _check_classes(table, set(labels) - names.keys())
    absent = {"", table.untranslated}
    seconds = columns[table.second] if table.second else [""] * len(ids)
    items = []
    for id, text, second, label in zip(ids, columns[table.text], seconds, labels, strict=True):
        there = (text or "").strip() not in absent
        if table.second:
            there = there and (second or "").strip() not in absent
        if there and names[label]:
            items.append(Item(id, text, names[label], second))
    return items


def _token_items(table: HubTable, ids: list[str], columns: dict[str, list[Any]]) -> list[Item]:
    tags = columns[table.label]
    _check_classes(table, set(chain.from_iterable(tags)) - set(range(len(table.labels))))
    items = []
    for id, sentence, numbers in zip(ids, columns[table.text], tags, strict=True):
        words = [word or "" for word in sentence]
        if len(words) != len(numbers):
            raise ValueError(f"{id} has {len(words)} words and {len(numbers)} tags")
        pairs = [(word, table.labels[n]) for word, n in zip(words, numbers, strict=True)]
        if not all(word.strip() for word in words):
            pairs = _without_blanks(pairs)
        if pairs:
            kept, own = zip(*pairs, strict=True)
            items.append(Item(id, " ".join(kept), words=kept, tags=own))
    return items


def _check_classes(table: HubTable, unknown: set[Any]) -> None:
    if unknown:
        raise ValueError(f"{table.label!r} is {unknown.pop()!r}, not 0 to {len(table.labels) - 1}")


def _without_blanks(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Words and IOB2 tags without blank words. An entity that loses its first word begins with its
    next."""
    kept = []
    headless = ""  # the tag of a word that is now the first of its entity
    for word, tag in pairs:
        if word.strip():
            kept.append((word, f"B-{tag[2:]}" if tag == headless else tag))
            headless = ""
        elif not tag.startswith("I-"):
            headless = f"I-{tag[2:]}" if tag.startswith("B-") else ""
    return kept
