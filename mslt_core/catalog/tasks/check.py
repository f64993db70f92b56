"""What is wrong with a table of labelled items, row by row; and the items of its sound rows.

Checking goes in steps, from single rows to the table as a whole. A row that one step faults is
seen by no later one, so what is left at the end is sound: it can be imported as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import pandas as pd

from mslt_core.catalog.languages import normalise
from mslt_core.catalog.tasks.audit import Audit
from mslt_core.catalog.tasks.base import Kind, Metric
from mslt_core.catalog.tasks.formats import Fault, Table
from mslt_core.catalog.tasks.split import SplitBy, seeded_split
from mslt_core.catalog.tasks.tables import FILE, SPLITS, Columns, as_lists
from mslt_core.spec import BadArgument

MAX_LANGUAGES = 1000

ITEM_COLUMNS = ("language", "split", "id", "text", "second", "label", "words", "tags")

_NO_TAG = "_"  # in stored answers it stands for a word that was cut off
_IOB2 = re.compile(r"(?:(?:O|B-(\S+)(?: I-\1(?!\S))*)(?: |$))*")


@dataclass(frozen=True)
class Checked:
    """The sound rows of a table as items, and what is wrong with the others."""

    items: pd.DataFrame
    """One row an item, by language and then as in the table: language, split, id, text, second,
    label (text), words, tags (lists)."""
    faults: list[Fault]
    columns: Columns
    rows: int
    """Rows that the table has, faulty ones included."""
    kind: Kind
    metric: Metric
    parallel: bool

    @property
    def left_out(self) -> int:
        """Rows that are not among the items."""
        return self.rows - len(self.items)

    @property
    def stopping(self) -> list[Fault]:
        """The faults that keep the table from being imported."""
        return [fault for fault in self.faults if fault.stops]

    @property
    def fatal(self) -> list[Fault]:
        """Those of them that leaving faulty rows out does not mend."""
        return [fault for fault in self.stopping if fault.row is None]

    def label_counts(self) -> dict[str, int]:
        """How many items have each label (how many words each tag), by label, sorted."""
        own = self.items["tags"].explode() if self.kind == "token" else self.items["label"]
        return {str(label): int(n) for label, n in own.value_counts().sort_index().items()}

    def sizes(self) -> pd.DataFrame:
        """One row a language: language, train, dev, test (numbers of items)."""
        counts = pd.crosstab(self.items["language"], self.items["split"])
        counts = counts.reindex(columns=["train", "dev", "test"], fill_value=0)
        return counts.rename_axis(columns=None).reset_index()


def check(table: Table, columns: Columns, split_by: SplitBy = "item", seed: int = 0) -> Checked:
    """Find the faults of a table, and make items of the rest.

    Without a split column the items are split 70/10/20 by a seeded hash: `item` keeps equal ids
    together (translations, then) and equal texts of a language too; `text` equal texts of any.
    Without an id column an item's id is its row number.

    Kind, metric and parallel follow from the data: tags make token items, scored as entities where
    there are tags such as B-X; a second text makes pairs. Items are parallel where at least half
    of the ids of the smallest language are in all languages, in training and in test.

    Faults that name a row stop an import unless such rows are left out; those of the whole table
    (one label only, no training rows) stop it in any case. Only told are a label that one of
    several languages has alone, and a language that can only be trained or only be tested on.
    Raises BadArgument where a column is not there, or no column is named for what is needed.
    """
    _require(table, columns)
    kind: Kind = "token" if columns.tags else "pair" if columns.second else "sentence"
    audit = Audit(_canonical(table, columns), list(table.faults), table.folder)
    _check_cells(audit, columns)
    entities = kind == "token" and _check_tags(audit, columns)
    if columns.id:
        _check_ids(audit, columns)
    if columns.split:
        if columns.id:
            _check_leaks(audit, ["id"], columns.id, "id", "item in training and in test")
    else:
        audit.rows["split"] = seeded_split(audit.rows, split_by, seed, bool(columns.id))
    text = ["language", "text", "second"]
    _check_leaks(audit, text, columns.text, "text", "text in training and in test")
    _check_whole(audit, columns, kind)
    items = audit.rows.sort_values("language", kind="stable", ignore_index=True)
    return Checked(
        items=items[list(ITEM_COLUMNS)],
        faults=audit.faults,
        columns=columns,
        rows=len(table.rows) + len(table.faults),
        kind=kind,
        metric="f1" if entities else "accuracy",
        parallel=bool(columns.id) and _is_parallel(items),
    )


def _require(table: Table, columns: Columns) -> None:
    for field, name in asdict(columns).items():
        if name and name not in table.rows:
            raise BadArgument(
                f"{field}: {table.source} has no column {name!r}, "
                f"it has {', '.join(table.columns)}."
            )
    used = [name for name in asdict(columns).values() if name]
    for name in used:
        if used.count(name) > 1:
            fields = [field for field, column in asdict(columns).items() if column == name]
            raise BadArgument(
                f"{' and '.join(fields)}: both are the column {name!r}; name another for one of "
                "them, or none (such as second=)."
            )
    lacking = [field for field in ("language", "text") if not getattr(columns, field)]
    if not columns.label and not columns.tags:
        lacking.append("label (or tags)")
    if lacking:
        raise BadArgument(
            f"No column of {table.source} is known to hold {lacking[0]}: name it, "
            f"out of {', '.join(table.columns) or 'none'}."
        )
    if columns.tags and (columns.label or columns.second):
        raise BadArgument("tags are for words: name tags, or label and second text, not both.")


def _canonical(table: Table, columns: Columns) -> pd.DataFrame:
    """The rows under the names that items have, not yet judged; and their places, row and file."""
    source = table.rows.reset_index(drop=True)
    empty = pd.Series("", index=source.index, dtype="str")
    rows = pd.DataFrame({"row": table.rows.index, "file": source[FILE] if table.folder else empty})
    for field in ("language", "split", "id", "text", "second", "label"):
        name = getattr(columns, field)
        cells = source[name] if name else empty
        if cells.dtype != "str":
            cells = as_lists(cells).str.join(" ").astype("str")
        rows[field] = cells.str.strip()
    if not columns.id:
        rows["id"] = rows["row"].astype(str)
        if table.folder:
            rows["id"] = rows["file"] + ":" + rows["id"]
    for field, name in (("words", columns.text), ("tags", columns.tags)):
        none: list[list[str]] = [[]] * len(source)
        rows[field] = as_lists(source[name]) if columns.tags else pd.Series(none, dtype=object)
    return rows


def _check_cells(audit: Audit, columns: Columns) -> None:
    """What one cell shows, whatever is in the others."""
    rows = audit.rows
    for field in ("language", "text", "second", "label", "id"):
        name = getattr(columns, field)
        what = "second text" if field == "second" else field
        if name:
            audit.fault(rows[field] == "", f"empty {what}", name, f"the {what} is empty")
            lost = rows[field].str.contains("\ufffd", regex=False)
            message = "bytes that are no text: {!r} (save the file as UTF-8)"
            audit.fault(lost, "undecodable text", name, message, rows[field].str.slice(0, 40))
    tags, problems = _known_languages(rows["language"], columns.language)
    unknown = rows["language"].isin(list(problems))
    audit.fault(unknown, "unknown language", columns.language, "{}", rows["language"].map(problems))
    if columns.split:
        splits = rows["split"].str.casefold().map(SPLITS)
        message = "{!r} is no split: train, dev (or validation) or test"
        audit.fault(splits.isna(), "unknown split", columns.split, message, rows["split"])
        rows["split"] = splits
    rows["language"] = rows["language"].map(tags)
    audit.settle()


def _known_languages(named: pd.Series[Any], column: str) -> tuple[dict[str, str], dict[str, str]]:
    """The tag of each name of a language, and of each other what is wrong with it."""
    names = [name for name in named.unique() if name]
    if len(names) > MAX_LANGUAGES:
        raise BadArgument(
            f"The column {column!r} holds {len(names)} different values: these are no languages, "
            "so name another column."
        )
    tags, problems = {}, {}
    for name in names:
        try:
            tags[name] = normalise(name)
        except BadArgument as error:
            problems[name] = str(error).rstrip(".")
    return tags, problems


def _check_tags(audit: Audit, columns: Columns) -> bool:
    """Words against tags; answers whether the tags mark entities."""
    rows = audit.rows
    words, tags = rows["words"].str.len(), rows["tags"].str.len()
    audit.fault(tags == 0, "empty tags", columns.tags, "the tags are empty")
    message = "{} words and {} tags"
    unequal = (words != tags) & (tags > 0)
    audit.fault(unequal, "unequal words and tags", columns.tags, message, words, tags)
    blank = _holding(rows["words"], lambda word: not word.strip())
    audit.fault(blank, "empty word", columns.text, "one of the words is empty")
    spaced = _holding(rows["tags"], lambda tag: tag.split() != [tag] or tag == _NO_TAG)
    message = f"one of the tags is empty, holds a space, or is {_NO_TAG!r}"
    audit.fault(spaced, "bad tag", columns.tags, message)
    entities = any(tag.startswith(("B-", "I-")) for tag in chain.from_iterable(rows["tags"]))
    if entities:
        written = rows["tags"].str.join(" ").astype("str")
        sound = {text: bool(_IOB2.fullmatch(text)) for text in written.unique()}
        bad = ~written.map(sound).astype(bool)
        message = "not IOB2 (O, B-X, and I-X only after B-X or I-X of the same X): {}"
        cut = written.str.slice(0, 80)
        audit.fault(bad & ~spaced, "bad order of tags", columns.tags, message, cut)
    audit.settle()
    return entities


def _holding(lists: pd.Series[Any], wrong: Callable[[str], bool]) -> pd.Series[Any]:
    """Whether each list holds a word that is wrong; every different word is looked at once."""
    found = {word for word in set(chain.from_iterable(lists)) if wrong(word)}
    return lists.map(lambda words: not found.isdisjoint(words)).astype(bool)


def _check_ids(audit: Audit, columns: Columns) -> None:
    """One row for an id in each language, and one label for an id in all."""
    rows = audit.rows
    at = rows.index.to_series()
    first = at.groupby([rows["language"], rows["id"]]).transform("first")
    repeated = at != first
    message = "the id {!r} is in {} already, in the same language"
    places = audit.places(first[repeated])
    audit.fault(repeated, "repeated id", columns.id, message, rows["id"], places)
    audit.settle()
    if columns.label:
        rows = audit.rows
        at = rows.index.to_series()
        first = at.groupby(rows["id"]).transform("first")
        theirs = rows["label"].loc[first].set_axis(rows.index)
        other = rows["label"] != theirs
        message = "the label is {!r}, but {} gives the item {!r} the label {!r}"
        places = audit.places(first[other])
        fills = (rows["label"], places, rows["id"], theirs)
        audit.fault(other, "conflicting labels", columns.label, message, *fills)
        audit.settle()


def _check_leaks(audit: Audit, keys: list[str], column: str, shown: str, kind: str) -> None:
    """Faults the test rows that agree in these keys with a training row."""
    rows = audit.rows
    at = rows.index.to_series().where(rows["split"] == "train")
    trained = at.groupby([rows[key] for key in keys]).transform("first")  # skips what is missing
    leaked = trained.notna() & (rows["split"] == "test")
    places = audit.places(trained[leaked])
    message = f"the {shown} {{!r}} is for testing here and for training in {{}}"
    audit.fault(leaked, kind, column, message, rows[shown].str.slice(0, 40), places)
    audit.settle()


def _check_whole(audit: Audit, columns: Columns, kind: Kind) -> None:
    """What the rows that are left lack as a whole."""
    rows, column = audit.rows, columns.label or columns.tags
    labels = _labels_by_language(rows, kind)
    everywhere = set().union(*labels.values())
    if len(everywhere) < 2:
        found = f"only {min(everywhere)!r}" if everywhere else "none"
        message = f"at least two labels are needed, and the sound rows have {found}"
        audit.tell("too few labels", column, message, stops=True)
    for label in sorted(everywhere) if len(labels) > 1 else ():
        having = [language for language, own in labels.items() if label in own]
        if len(having) == 1:
            audit.faults.append(_alone(rows, label, having[0], column, kind))
    for split, use in (("train", "trained on"), ("test", "tested on")):
        served = set(rows.loc[rows["split"] == split, "language"])
        name = "training" if split == "train" else split
        if not served:
            message = f"no sound row is for {split}: nothing can be {use}"
            audit.tell(f"no {name} rows", columns.split, message, stops=True)
            continue
        for language in sorted(set(labels) - served):
            message = f"{language} has no row for {split}: it cannot be {use}"
            audit.tell(f"a language without {name} rows", columns.split, message, stops=False)


def _alone(rows: pd.DataFrame, label: str, language: str, column: str, kind: Kind) -> Fault:
    """What is told of a label that one of several languages has: at the first row that has it."""
    own = rows[rows["language"] == language]
    has = own["tags"].map(lambda tags: label in tags) if kind == "token" else own["label"] == label
    first, count = own[has].iloc[0], int(has.sum())
    kind_of_fault = "label in one language only"
    message = f"{label!r} is in {language} only ({count} rows, of which this is the first)"
    return Fault(int(first["row"]), column, message, kind_of_fault, first["file"], stops=False)


def _labels_by_language(items: pd.DataFrame, kind: Kind) -> dict[str, set[str]]:
    if kind == "token":
        tags = items.groupby("language")["tags"]
        return {str(language): set(chain.from_iterable(own)) for language, own in tags}
    labels = items[["language", "label"]].drop_duplicates().groupby("language")["label"]
    return {str(language): set(own) for language, own in labels}


def _is_parallel(items: pd.DataFrame) -> bool:
    for split in ("train", "test"):
        part = items[items["split"] == split]
        languages = part["language"].value_counts()
        shared = int((part["id"].value_counts() == len(languages)).sum())
        if len(languages) and shared < languages.min() / 2:
            return False
    return bool(items["language"].nunique() > 1)
