"""The points of the embedding map with what is known of their sentences: texts, classes, groups.

Which sentence a point is, and its class, stand in the run's own predictions; its text is the
task's, whose data may not be on this machine. Where the map shows bundled messages, the run says
of which languages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from mslt_core.catalog import parallel as bundled
from mslt_core.catalog.languages import language
from mslt_core.catalog.map_sentences import MapSentences, Told, of_messages
from mslt_core.catalog.sampling import of_map
from mslt_core.catalog.tasks import Item, task
from mslt_core.jobs.maps import Map
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import results, words, words_compare
from mslt_core.ui.data_items import items_of
from mslt_core.ui.map_columns import Column
from mslt_core.ui.sets import parallel, told

JOINED = 12
"""Sentences whose translations are joined: lines of more cover the points."""
LONGEST = 160
"""Signs of a sentence that are shown."""
TWIN = "en"
"""The language whose translation is shown beside a sentence."""


@dataclass(frozen=True)
class Sentences:
    """Of the sentences of one run's map a row each, by language and number: id, label (empty where
    it has no single class), said, twin. said and twin are texts, empty where they are not known."""

    table: pd.DataFrame
    texts: bool
    """Whether any text is known."""

    @property
    def labels(self) -> bool:
        """Whether the sentences have classes."""
        return bool((self.table["label"] != "").any())


def sentences(store: Store, column: Column, languages: tuple[str, ...]) -> Sentences:
    """What is known of the sentences of a column's map in these languages."""
    record = results.run_json(store, column.run)
    labelled = record.get("answers", "labels") == "labels"
    chosen, run = column.run.spec.task, column.run
    said = told(store, run)
    if said and said.messages:
        return _messages(said)
    home, translated = str(store.home), parallel(store, run)
    of_run = (home, run.run_id, run.finished or 0.0, languages, translated, labelled, chosen)
    try:
        return _sentences(*of_run, _fingerprint(chosen, languages))
    except UserError:
        return _sentences(*of_run, "")


def drawn(found: Map, columns: tuple[Column, ...], known: list[Sentences], by: str) -> pd.DataFrame:
    """The map's points as they are drawn: panel (a name), language, item, name, label, said, twin,
    group, x, y; and the middle of each of the first JOINED sentences, join_x and join_y.

    known: of each column's sentences. by: what points are coloured by, a key of
    `words_compare.COLOURS`.
    """
    parts = []
    for number, (column, one) in enumerate(zip(columns, known, strict=True)):
        points = found.points[found.points["panel"] == number]
        part = points.join(one.table, on=["language", "item"])
        parts.append(part.assign(panel=column.name, seen=part["language"].isin(column.seen)))
    together = pd.concat(parts, ignore_index=True)
    tags = together["language"]
    facts = {tag: language(tag) for tag in tags.unique()}
    numbered = together["item"].map(lambda item: words.SENTENCE_NUMBER.format(number=item + 1))
    texts = {name: together[name].fillna("") for name in ("label", "said", "twin")}
    together = together.assign(
        name=tags.map({tag: of.name for tag, of in facts.items()}),
        label=texts["label"],
        said=texts["said"].where(texts["said"] != "", numbered),
        twin=texts["twin"].where(texts["twin"] != "", words.MIX_NONE),
    )
    if by == "seen":
        group = together["seen"].map({True: words_compare.SEEN, False: words_compare.UNSEEN})
    elif by == "label":
        group = together["label"].where(together["label"] != "", words.MIX_NONE)
    elif by == "language":
        group = tags
    else:
        group = tags.map({tag: str(getattr(of, by)) for tag, of in facts.items()})
    return _joined(together.assign(group=group))


def _joined(points: pd.DataFrame) -> pd.DataFrame:
    """Adds the middle of all translations of a sentence, of the first few sentences."""
    some = points["item"].isin(sorted(points["item"].unique())[:JOINED])
    middles = points.groupby(["panel", "item"])[["x", "y"]].transform("mean")
    return points.assign(join_x=middles["x"].where(some), join_y=middles["y"].where(some))


@st.cache_data(show_spinner=False, max_entries=50, ttl=60)
def _fingerprint(task_name: str, languages: tuple[str, ...]) -> str:
    """Of the task's data; empty where it is not on this machine, which is not looked up at every
    redraw."""
    try:
        return task(task_name).fingerprint(languages)
    except UserError:
        return ""


@st.cache_resource(show_spinner=False, max_entries=20)
def _messages(said: Told) -> Sentences:
    """Messages, which have no classes; without texts where the package that holds them is another
    one now."""
    rows: Iterable[tuple[object, ...]] = (
        (tag, number, "", "", "", "") for tag in said.languages for number in range(said.number)
    )
    found = _of_messages(said.languages)
    texts = found is not None and found.told() == said
    if found and texts:
        twins = bundled.messages((*said.languages, TWIN))[TWIN]
        rows = (
            (tag, number, item.id, "", _short(item.text), _short(twin.text) if tag != TWIN else "")
            for tag, items in found.items.items()
            for number, (item, twin) in enumerate(zip(items, twins, strict=True))
        )
    table = pd.DataFrame(rows, columns=["language", "item", "id", "label", "said", "twin"])
    return Sentences(table.set_index(["language", "item"]), texts)


def _of_messages(languages: tuple[str, ...]) -> MapSentences | None:
    try:
        return of_messages(languages)
    except UserError:
        return None


@st.cache_resource(show_spinner=False, max_entries=50)
def _sentences(
    home: str,
    run_id: str,
    finished: float,
    languages: tuple[str, ...],
    parallel: bool,
    labelled: bool,
    task_name: str,
    fingerprint: str,
) -> Sentences:
    table = _answered(home, run_id, parallel)
    table = table[table["language"].isin(languages)]
    if not labelled:
        table = table.assign(label="")
    texts = _texts(task_name, fingerprint, (*languages, TWIN)) if fingerprint else {}
    said, twin = [], []
    for tag, key in zip(table["language"], table["id"], strict=True):
        said.append(texts.get((tag, key), ""))
        twin.append(texts.get((TWIN, key), "") if parallel and tag != TWIN else "")
    found = table.assign(said=said, twin=twin).set_index(["language", "item"])
    return Sentences(found, any(said))


def _answered(home: str, run_id: str, parallel: bool) -> pd.DataFrame:
    """The sentences of a run's map: language, item (its number there), id, label."""
    predictions = results.predictions_of(home, run_id)
    tests = {
        str(target): [
            Item(key, "", gold) for key, gold in zip(part["item"], part["gold"], strict=True)
        ]
        for target, part in predictions.groupby("target", sort=True)
    }
    rows = [
        (tag, number, item.id, item.label)
        for tag, items in of_map(tests, parallel).items()
        for number, item in enumerate(items)
    ]
    return pd.DataFrame(rows, columns=["language", "item", "id", "label"])


@st.cache_resource(show_spinner=False, max_entries=20)
def _texts(
    task_name: str, fingerprint: str, languages: tuple[str, ...]
) -> dict[tuple[str, str], str]:
    """The test sentences of a task by language and id. Raises UserError where they cannot be
    read."""
    found = {}
    chosen = task(task_name)
    for tag in set(languages) & set(chosen.languages()):
        table = items_of(chosen, tag, "test")
        for key, *texts in zip(table["id"], table["text"], table["second"], strict=True):
            found[tag, key] = _short(" / ".join(filter(None, texts)))
    return found


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"
