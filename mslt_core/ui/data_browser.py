"""The Data page: which task and split, and its items, languages side by side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import cast

import pandas as pd
import streamlit as st

from mslt_core.catalog.languages import language
from mslt_core.catalog.tasks import Split, Task
from mslt_core.spec import WorkFailed
from mslt_core.ui import data_items, task_picker, words, words_data
from mslt_core.ui.links import recall, remember, split
from mslt_core.ui.pager import Pager, first_page
from mslt_core.ui.plain import escaped

PAGE_ROWS = 10
MOST_LANGUAGES = 3
FIRST_LANGUAGES = ("en", "ar", "zh")
"""Shown first, where a task has them: three scripts, one of them from right to left."""


@dataclass(frozen=True)
class Chosen:
    """A task whose data is here, the languages that it has, and one of its splits."""

    task: Task
    languages: tuple[str, ...]
    split: Split

    @property
    def types(self) -> tuple[str, ...]:
        """Types of entities; none where tags mark none."""
        return data_items.label_names(self.task) if self.task.metric == "f1" else ()


def view() -> str:
    """What the page shows of the data."""
    return switch(words_data.DATA_VIEW, words_data.DATA_VIEWS, "view", show_label=False)


def switch(label: str, options: dict[str, str], key: str, show_label: bool = True) -> str:
    """One of a few options, each with what people call it; the first unless another is chosen,
    which then is in the address."""
    first = next(iter(options))
    recall(key, first, str, options.__contains__)
    chosen = st.segmented_control(
        label,
        list(options),
        key=key,
        format_func=options.__getitem__,
        required=True,
        label_visibility="visible" if show_label else "collapsed",
        persist_state="session",
    )
    remember({key: "" if chosen == first else chosen or ""})
    return chosen or first


def task_and_split(with_split: bool) -> Chosen | None:
    """The chosen task and split; None, told, while the task's data is not here. The task is the
    one of the Train page."""
    with st.container(horizontal=True):
        chosen = task_picker.pick(on_change=first_page, width=280)
        said = switch(words_data.SPLIT, words_data.SPLITS, "split") if with_split else ""
    if chosen is None:
        return None
    try:
        languages = chosen.languages()
    except WorkFailed as error:
        st.markdown(escaped(str(error)))
        return None
    facts = words_data.TASK_FACTS.format(
        title=chosen.title, source=chosen.source, where=chosen.where()
    )
    parallel = words_data.PARALLEL if chosen.parallel else words_data.NOT_PARALLEL
    st.caption(f"{escaped(facts)} {parallel}")
    return Chosen(chosen, languages, cast(Split, said or "train"))


def browse(chosen: Chosen) -> None:
    """Items of some languages side by side, those that fit the filters, a page at a time."""
    tags, label, search = _filters(chosen)
    if not tags:
        st.caption(words_data.BROWSE_NONE)
        return
    tables = {tag: data_items.items_of(chosen.task, tag, chosen.split) for tag in tags}
    fitting = {
        tag: items[data_items.matching(items, label, search, chosen.task.kind, bool(chosen.types))]
        for tag, items in tables.items()
    }
    if chosen.task.parallel:
        _translations(chosen, tables, fitting, label)
    else:
        _lists(chosen, tables, fitting, label)


def language_name(tag: str) -> str:
    """What people call a language, with its tag."""
    return words.NAMED.format(name=language(tag).name, tag=tag)


def _filters(chosen: Chosen) -> tuple[list[str], str, str]:
    """Languages, label ("" for any) and text that are looked for."""
    offered, labels = chosen.languages, data_items.label_names(chosen.task)
    first = [tag for tag in FIRST_LANGUAGES if tag in offered]
    usual = list(dict.fromkeys([*first, *offered]))[:MOST_LANGUAGES]
    recall(
        "languages",
        usual,
        split,
        lambda said: set(said) <= set(offered) and len(said) <= MOST_LANGUAGES,
    )
    recall("label", "", str, lambda said: said in ("", *labels))
    recall("find", "", str, lambda said: True)
    left, middle, right = st.columns([5, 3, 3])
    tags = left.multiselect(
        words_data.BROWSE_LANGUAGES,
        offered,
        key="languages",
        format_func=language_name,
        max_selections=MOST_LANGUAGES,
        on_change=first_page,
        persist_state="session",
    )
    label = middle.selectbox(
        words_data.LABEL,
        ["", *labels],
        key="label",
        format_func=lambda name: name or words_data.LABEL_ANY,
        on_change=first_page,
        persist_state="session",
    )
    search = right.text_input(
        words_data.FIND,
        key="find",
        placeholder=words_data.FIND_HINT,
        icon=":material/search:",
        on_change=first_page,
        persist_state="session",
    )
    said = "" if tags == usual else ",".join(tags)
    remember({"languages": said, "label": label or "", "find": search or ""})
    return tags, label or "", (search or "").strip()


def _translations(
    chosen: Chosen, tables: dict[str, pd.DataFrame], fitting: dict[str, pd.DataFrame], label: str
) -> None:
    """The items as rows, each language beside the others; an item fits if it fits in one."""
    ids = _ordered(tables)
    wanted = set(chain.from_iterable(items["id"] for items in fitting.values()))
    kept = [key for key in ids if key in wanted]
    _say_how_many(len(kept), len(ids))
    pager = _pager(chosen, len(kept), *tables, label)
    page = kept[pager.rows()]
    shown = {
        tag: {item["id"]: item for _, item in items[items["id"].isin(page)].iterrows()}
        for tag, items in tables.items()
    }
    for key in page:
        versions = {tag: items.get(key) for tag, items in shown.items()}
        with st.container(border=True, gap="xsmall"):
            _facts(key, [item for item in versions.values() if item is not None])
            columns = st.columns(len(versions))
            for column, (tag, item) in zip(columns, versions.items(), strict=True):
                with column:
                    _item(chosen, tag, item, label, marked=True)
    pager.draw()


def _lists(
    chosen: Chosen, tables: dict[str, pd.DataFrame], fitting: dict[str, pd.DataFrame], label: str
) -> None:
    """A list for each language, all on the same page of it."""
    longest = max(map(len, fitting.values()))
    pager = _pager(chosen, longest, *tables, label)
    for column, tag in zip(st.columns(len(tables)), tables, strict=True):
        with column:
            st.markdown(f"**{language_name(tag)}**")
            _say_how_many(len(fitting[tag]), len(tables[tag]))
            for _, item in fitting[tag][pager.rows()].iterrows():
                with st.container(border=True, gap="xsmall"):
                    _item(chosen, tag, item, label, marked=False)
                    _facts(item["id"], [item])
    pager.draw()


def _pager(chosen: Chosen, length: int, *filters: object) -> Pager:
    return Pager(length, PAGE_ROWS, repr((chosen.task.name, chosen.split, length, filters)))


def _ordered(tables: dict[str, pd.DataFrame]) -> list[str]:
    """All ids, in the order of the first language, then of the others."""
    return list(dict.fromkeys(chain.from_iterable(items["id"] for items in tables.values())))


def _say_how_many(count: int, total: int) -> None:
    if not count:
        st.caption(words_data.FOUND_NONE)
    elif count == total:
        st.caption(words_data.FOUND_ALL.format(count=count))
    else:
        st.caption(words_data.FOUND.format(count=count, all=total))


def _facts(key: str, versions: list[pd.Series]) -> None:
    """The label of an item, and its id."""
    labels = dict.fromkeys(item["label"] for item in versions if item["label"])
    badges = [words_data.LABEL_BADGE.format(label=escaped(label)) for label in labels]
    st.markdown(" ".join([*badges, words_data.ITEM_FACTS.format(id=escaped(key))]))


def _item(chosen: Chosen, tag: str, item: pd.Series | None, label: str, marked: bool) -> None:
    """An item in one language; marked: with the language's tag."""
    if item is None:
        st.caption(words_data.NO_TRANSLATION.format(language=language(tag).name))
        return
    mark = f"{words_data.LANGUAGE_MARK.format(tag=tag)} " if marked else ""
    for text in data_items.written(item, chosen.task.kind, chosen.types, label):
        if language(tag).right_to_left:
            isolated = f"{data_items.ISOLATE}{mark}{text}{data_items.POP}"
            st.markdown(isolated, text_alignment="right")
        else:
            st.markdown(f"{mark}{text}")
