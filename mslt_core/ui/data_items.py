"""What a task holds, as tables that are kept between reruns, and how one item is written.

The tables are shared by all sessions and never copied, so nobody may change them.
"""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from mslt_core.catalog.tasks import Kind, Split, Task, task
from mslt_core.ui import words, words_data
from mslt_core.ui.plain import escaped

ENTITY_COLOURS = ("blue", "orange", "green", "violet", "red", "yellow", "gray")
ISOLATE, POP = "\u2067", "\u2069"
"""Unicode's marks around text that runs from right to left, whatever stands beside it."""
LONGEST = 2_000
"""Characters of a text that are shown: more would be all of the page."""
_AS_IT_BEGINS = "\u2068"
"""Its mark before text that runs as its first letter does. A Latin tag needs it too: two of them
with a full stop between would run from left to right within Arabic."""
_HOLD = "\u00a0"
"""A space at which no line ends: a tag stays with its word."""


def items_of(chosen: Task, language: str, split: Split) -> pd.DataFrame:
    """One row an item, in the task's order: id, text, second, label, and of token tasks words and
    tags (tuples)."""
    return _items(chosen.name, chosen.fingerprint((language,)), language, split)


def label_counts(chosen: Task, split: Split) -> pd.DataFrame:
    """How often each label is the right answer: language, label, count, share (of the language;
    NaN where it has none at all). Of token tasks tags are counted; where tags mark entities,
    entities by type."""
    return _label_counts(chosen.name, chosen.fingerprint(chosen.languages()), split)


def label_names(chosen: Task) -> tuple[str, ...]:
    """What `label_counts` counts, in order."""
    if chosen.metric != "f1":
        return chosen.labels()
    return tuple(dict.fromkeys(tag[2:] for tag in chosen.labels() if tag != "O"))


def matching(
    items: pd.DataFrame, label: str, search: str, kind: Kind, entities: bool
) -> pd.Series[bool]:
    """Which of the items have this label ("" for any) and hold this text, in capitals or not. A
    token item has every label that one of its tags has."""
    found = pd.Series(True, index=items.index)
    if label and kind == "token":
        wanted = {f"B-{label}", f"I-{label}"} if entities else {label}
        found &= items["tags"].map(lambda tags: not wanted.isdisjoint(tags))
    elif label:
        found &= items["label"] == label
    if search:
        needle = search.casefold()
        texts = items["text"].str.cat(items["second"], sep="\n").str.casefold()
        found &= texts.str.contains(needle, regex=False)
    return found


def written(item: pd.Series, kind: Kind, types: tuple[str, ...], label: str) -> list[str]:
    """The paragraphs of one item as Markdown: its texts; of a token item the words with their
    tags, where those of `label` stand out. types: of entities, empty where tags mark none."""
    if kind == "token":
        parts = _entities(item, types) if types else _tagged(item, label)
        return ["\u2002".join(parts)]
    return [escaped(_cut(text)) for text in (item["text"], item["second"]) if text]


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST] + words_data.MORE_TEXT.format(count=len(text) - LONGEST)


def _tagged(item: pd.Series, label: str) -> list[str]:
    return [
        _badge("blue", escaped(word), tag)
        if tag == label
        else f"{_apart(escaped(word))}{_HOLD}:small[:gray[{_apart(escaped(tag))}]]"
        for word, tag in zip(item["words"], item["tags"], strict=True)
    ]


def _entities(item: pd.Series, types: tuple[str, ...]) -> list[str]:
    """Words, those of one entity together in a badge that names its type."""
    parts: list[tuple[list[str], str]] = []
    for word, tag in zip(item["words"], item["tags"], strict=True):
        if tag.startswith("I-") and parts and parts[-1][1] == tag[2:]:
            parts[-1][0].append(escaped(word))
        else:
            parts.append(([escaped(word)], tag[2:]))
    return [
        _badge(_colour(kind, types), " ".join(group), kind) if kind else " ".join(group)
        for group, kind in parts
    ]


def _badge(colour: str, text: str, tag: str) -> str:
    return f":{colour}-badge[{_apart(f'{text} :small[{escaped(tag)}]')}]"


def _apart(text: str) -> str:
    """Text in a direction of its own, whatever stands beside it."""
    return f"{_AS_IT_BEGINS}{text}{POP}"


def _colour(kind: str, types: tuple[str, ...]) -> str:
    return ENTITY_COLOURS[types.index(kind) % len(ENTITY_COLOURS)]


@st.cache_resource(show_spinner=words.READING_DATA, max_entries=48)
def _items(task_name: str, fingerprint: str, language: str, split: Split) -> pd.DataFrame:
    chosen = task(task_name)
    items = chosen.items(language, split)
    columns = ["id", "text", "second", "label"]
    rows = pd.DataFrame(
        {name: pd.Series([getattr(item, name) for item in items], dtype="str") for name in columns}
    )
    if chosen.kind == "token":
        for name in ("words", "tags"):
            rows[name] = pd.Series([getattr(item, name) for item in items], dtype=object)
    return rows


@st.cache_resource(show_spinner=words_data.COUNTING_LABELS, max_entries=12)
def _label_counts(task_name: str, fingerprint: str, split: Split) -> pd.DataFrame:
    chosen = task(task_name)
    rows = []
    for language in chosen.languages():
        counts: Counter[str] = Counter()
        for item in chosen.items(language, split):
            if chosen.kind != "token":
                counts[item.label] += 1
            elif chosen.metric == "f1":
                counts.update(tag[2:] for tag in item.tags if tag.startswith("B-"))
            else:
                counts.update(item.tags)
        total = counts.total() or float("nan")  # nothing to have a share of
        rows += [
            (language, label, counts[label], counts[label] / total) for label in label_names(chosen)
        ]
    return pd.DataFrame(rows, columns=["language", "label", "count", "share"])
