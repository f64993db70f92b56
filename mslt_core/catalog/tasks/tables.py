"""The tables that people bring, a file or a folder of files, and what their columns hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from mslt_core.catalog.languages import known, normalise
from mslt_core.catalog.tasks.formats import KINDS, READERS, Fault, Table, read_file
from mslt_core.spec import BadArgument

__all__ = ["Columns", "Fault", "Table", "as_lists", "guess", "read"]

FILE, FILE_LANGUAGE, FILE_SPLIT = "file", "file.language", "file.split"
"""Columns that come from names of files: `de/train.csv` tells a language and a split."""

SPLITS = {
    "train": "train",
    "training": "train",
    "test": "test",
    **dict.fromkeys(("dev", "development", "valid", "val", "validation"), "dev"),
}
"""The splits by the names that people give them, in small letters."""


@dataclass(frozen=True)
class Columns:
    """Names of the columns that hold what; "" for none. Of token data, text is the words."""

    language: str = ""
    text: str = ""
    label: str = ""
    tags: str = ""
    second: str = ""
    split: str = ""
    id: str = ""


def read(path: Path) -> Table:
    """Read a file (.csv, .tsv, .jsonl, .parquet) or all such files in a folder and its folders.

    Rows are numbered as people see them: of CSV and TSV as a spreadsheet does, the header being
    row 1, whatever line breaks there are in quoted fields; of JSONL by line; of Parquet by record.
    Text is UTF-8 or UTF-16. The delimiter of a CSV is a comma, a semicolon or a tab, whichever its
    header has most of. Raises BadArgument when there is no such table or no row in it.
    """
    if not path.exists():
        raise BadArgument(f"There is no file or folder {path}.")
    if not path.is_dir():
        return _with_name_columns(read_file(path, path.name), path.name)
    names = sorted(
        file.relative_to(path).as_posix()
        for file in path.rglob("*")
        if file.suffix.lower() in READERS
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    if not names:
        raise BadArgument(f"The folder {path} holds no {KINDS} file.")
    parts = [_with_name_columns(read_file(path / name, name), name, True) for name in names]
    rows = pd.concat([part.rows for part in parts])
    for name in rows:  # a column that some of the files lack
        rows[name] = rows[name].where(rows[name].notna(), "")
    faults = (replace(fault, file=part.source) for part in parts for fault in part.faults)
    return Table(rows, tuple(faults), path.resolve().name, folder=True)


def guess(table: Table) -> Columns:
    """What the columns hold, judged by their names and by what is in them; a person may know
    better. "" for what no column seems to hold."""
    sample = table.rows.head(1000)
    by_name = {name.strip().lower(): name for name in reversed(table.columns)}
    found = {
        field: next((by_name[name] for name in names if name in by_name), "")
        for field, names in _NAMES.items()
    }
    words = found.pop("words") or found["text"]
    if found["tags"] and words and _same_lengths(sample[words], sample[found["tags"]]):
        found |= {"text": words, "label": "", "second": ""}
    else:
        found |= {"text": found["text"] or words, "tags": ""}
    found["language"] = found["language"] or by_name.get(FILE_LANGUAGE, "")
    found["split"] = found["split"] or by_name.get(FILE_SPLIT, "")
    _guess_by_content(sample, found)
    if found["id"] and found["language"]:
        # Ids that start anew in each split, say, tell no item from another.
        repeated = table.rows[[found["language"], found["id"]]].astype(str).duplicated()
        found["id"] = found["id"] if repeated.mean() < 0.1 else ""
    return Columns(**found)


def _guess_by_content(sample: pd.DataFrame, found: dict[str, str]) -> None:
    """Fills in what no name of a column told: the language, the text, the label."""

    def free() -> list[str]:
        taken = {*found.values(), FILE, FILE_LANGUAGE, FILE_SPLIT}
        return [str(name) for name in sample if name not in taken and sample[name].dtype == "str"]

    if not found["language"]:
        found["language"] = next((name for name in free() if _all_languages(sample[name])), "")
    if not found["text"]:
        found["text"] = max(free(), key=lambda name: sample[name].str.len().mean(), default="")
    if not found["label"] and not found["tags"]:
        few = (name for name in free() if 2 <= sample[name].nunique() <= len(sample) / 2)
        found["label"] = next(few, "")


_NAMES = {
    "language": ("language", "lang", "locale"),
    "split": ("split", "set", "partition", "fold"),
    "text": ("text", "sentence", "utterance", "premise", "sentence1"),
    "second": ("second", "hypothesis", "sentence2"),
    "label": ("label", "class", "category", "intent", "topic"),
    "tags": ("tags", "ner_tags", "pos_tags", "upos", "pos"),
    "words": ("words", "tokens"),
    "id": ("id", "item", "item_id", "index_id", "sent_id"),
}


def as_lists(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Cells as lists of words: lists as they are, text cut at its spaces."""
    if cells.dtype == "str":
        return cells.str.split().astype(object)
    return cells.map(lambda cell: cell if isinstance(cell, list) else str(cell).split())


def _same_lengths(words: pd.Series[Any], tags: pd.Series[Any]) -> bool:
    return bool((as_lists(words).str.len() == as_lists(tags).str.len()).mean() > 0.5)


def _all_languages(cells: pd.Series[Any]) -> bool:
    names = cells.unique()
    return 0 < len(names) <= 300 and all(map(_language_named, names))


def _language_named(name: str) -> str:
    """The language that a short name stands for; "" for none that is well known."""
    try:
        short = re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z]{2,4}){0,2}", name)
        tag = normalise(name) if short and name.lower() not in SPLITS else ""
    except BadArgument:
        return ""
    return tag if tag in known() else ""


def _with_name_columns(table: Table, name: str, folder: bool = False) -> Table:
    """Adds what the name of the file tells, after the columns that it has."""
    stem = name[: name.rindex(".")]
    added = {FILE: name} if folder else {}
    # Coarse pieces first, so that zh-Hant is not read as zh. The finest only where there are other
    # files: my_data.csv by itself is hardly Burmese.
    cuts = (r"/", r"[/.\s]", r"[/.\s_-]")
    pieces = [re.split(cut, stem) for cut in cuts]
    found = ([_language_named(part) for part in parts] for parts in pieces[: 3 if folder else 2])
    tags = next((tags for tags in found if any(tags)), [])
    if tags:
        added[FILE_LANGUAGE] = [tag for tag in tags if tag][-1]
    splits = [part.lower() for part in pieces[-1] if part.lower() in SPLITS]
    if splits:
        added[FILE_SPLIT] = splits[-1]
    return replace(table, rows=table.rows.assign(**added).astype(dict.fromkeys(added, "str")))
