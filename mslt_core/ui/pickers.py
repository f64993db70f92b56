"""What a person can choose on the Train page, from widgets to specs, kept in the address."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mslt_core.catalog import models
from mslt_core.catalog.languages import Language, language
from mslt_core.catalog.resolve import testable
from mslt_core.catalog.tasks import Task
from mslt_core.spec import WorkFailed
from mslt_core.ui import frame, results, task_picker, words, words_train
from mslt_core.ui.links import recall, remember, split, unless, wrong

SEVEN = ("ar", "de", "en", "es", "fr", "ru", "zh")
"""The pool of the paper (Lim et al. 2024)."""
COLUMNS = 2
LIST_HEIGHT = 480


def model_and_task() -> tuple[str | None, Task | None]:
    """The model's name and the task, in two columns; None, told, for what there is not."""
    left, right = st.columns(2)
    cards = list(models.CARDS)
    with left:
        recall("model", cards[0], str, bool)
        known = cards if st.session_state.model in cards else [*cards, st.session_state.model]
        model = st.selectbox(
            words.MODEL,
            known,
            key="model",
            accept_new_options=True,
            help=words.MODEL_HELP,
            persist_state="session",
        )
        card = None
        with frame.told():
            card = _told(models.card(model))
    with right:
        chosen = task_picker.pick()
        if chosen:
            st.caption(f"{chosen.title} · {chosen.source}")
    remember({"model": model})
    return model if card else None, chosen


def languages(chosen: Task) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The languages to train on and to test on; None, told, while the task's data is not here."""
    try:
        offered = chosen.languages()
    except WorkFailed as error:
        st.markdown(words.NO_DATA)
        st.caption(f"{words.NO_DATA_HELP} {error}")
        return None
    return sources(chosen, offered), targets(testable(chosen))


def sources(chosen: Task, tags: tuple[str, ...]) -> tuple[str, ...]:
    """The languages to train on, by checkbox."""
    sizes = results.sizes(chosen.name, chosen.fingerprint(tags))
    train = sizes["train"]
    usual = int(train.mode().iloc[0])
    offered = [language(tag) for tag in tags]
    arrives = "sources" not in st.session_state
    recall("sources", ["en"], split, lambda said: isinstance(said, list))
    unknown = [tag for tag in st.session_state.sources if tag not in tags]
    if arrives and unknown:  # else they are of the task chosen before, and wait for it
        st.session_state.sources = [tag for tag in st.session_state.sources if tag in tags]
        wrong("sources", ",".join(unknown), st.session_state.sources)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            words_train.SOURCES,
            key="search",
            placeholder=words_train.SEARCH_HINT,
            icon=":material/search:",
            live=True,
        )
        recall("group", "family", str, lambda name: name in words.GROUPS)
        group = st.segmented_control(
            words_train.GROUP_BY,
            list(words.GROUPS),
            key="group",
            format_func=words.GROUPS.__getitem__,
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words_train.PRESETS, width="content")
        for name, preset in _presets(offered).items():
            st.button(name, on_click=_set_sources, args=(preset,), type="tertiary")
    shown = [lang for lang in offered if _matches(lang, search or "")]
    if not shown:
        st.caption(words_train.NO_MATCH.format(search=search))
    if group == "table":
        table = language_table(shown, sizes)
        st.dataframe(table, hide_index=True, height=LIST_HEIGHT, alt=words_train.ALT_LANGUAGES)
    else:
        # A box of its own, so that the rest of the page stays in sight, on a phone above all.
        with st.container(height=LIST_HEIGHT, border=True):
            _checkboxes(shown, train[train != usual], group or "family")
    items = words_train.ITEMS_ALL if train.nunique() == 1 else words_train.ITEMS_MOST
    st.caption(items.format(count=usual) + words_train.SIZES_NOTE)
    ticked = tuple(sorted(tag for tag in set(st.session_state.sources) if tag in tags))
    remember({"sources": ",".join(ticked), "group": unless(group, "family")})
    return ticked


def language_table(shown: list[Language], sizes: pd.DataFrame) -> pd.DataFrame:
    """What a task has in each language, in the columns that people read."""
    items = sizes[["train", "dev", "test"]]
    rows = [
        (lang.name, lang.tag, lang.script, lang.family, lang.cc100_gib, *items.loc[lang.tag])
        for lang in sorted(shown, key=lambda lang: lang.name)
    ]
    return pd.DataFrame(rows, columns=list(words_train.LANGUAGE_COLUMNS))


def targets(offered: tuple[str, ...]) -> tuple[str, ...]:
    """The languages to test on: all of the task's, unless some are picked."""
    recall("targets", [], split, lambda said: isinstance(said, list) and set(said) <= set(offered))
    labels = {
        "all": words_train.TARGETS_ALL.format(count=len(offered)),
        "some": words_train.TARGETS_SOME,
    }
    recall("test_on", "some" if st.session_state.targets else "all", str, labels.__contains__)
    which = st.segmented_control(
        words_train.TARGETS,
        list(labels),
        key="test_on",
        format_func=labels.__getitem__,
        required=True,
        persist_state="session",
    )
    if which == "all":
        remember({"targets": ""})
        return offered
    picked = st.multiselect(
        words_train.TARGETS_PICK,
        offered,
        key="targets",
        format_func=lambda tag: words.NAMED.format(name=language(tag).name, tag=tag),
        label_visibility="collapsed",
        placeholder=words_train.TARGETS_PICK,
        persist_state="session",
    )
    remember({"targets": ",".join(picked)})
    return tuple(picked)


def _told(card: models.ModelCard) -> models.ModelCard:
    """Say what is known of a model; the hub is asked only about one that is not on this machine."""
    problem = ""
    if card.kind == "hub" and card.parameters is None:
        try:
            with st.spinner(words_train.ASKING_HUB):
                card = models.look_up(card.name)
        except WorkFailed as error:
            problem = str(error)  # not an error yet: it may be fetched before anything is queued
    if card.layers or not problem:
        st.caption(" · ".join(_facts(card)))
    if problem or card.note:
        st.caption(problem or card.note)
    return card


def _facts(card: models.ModelCard) -> list[str]:
    facts = [] if card.title == card.name else [card.title]
    if card.parameters:
        facts.append(words_train.PARAMETERS.format(millions=card.parameters / 1e6))
    if card.layers and card.hidden:
        facts.append(words_train.LAYERS_OF.format(layers=card.layers, hidden=card.hidden))
    if card.vocabulary:
        facts.append(words_train.VOCABULARY.format(size=card.vocabulary))
    if card.languages:
        corpus = models.CORPORA.get(card.pretraining)
        count = len(card.languages)
        line = words_train.LANGUAGES_OF if corpus else words_train.LANGUAGES_READ
        facts.append(line.format(count=count, s="s" * (count > 1), corpus=corpus))
    if card.decoder:
        facts.append(words_train.DECODER)
    return [*facts, words_train.LICENCE.format(licence=card.licence)]


def _presets(offered: list[Language]) -> dict[str, tuple[str, ...]]:
    tags = [lang.tag for lang in offered]
    largest: dict[str, Language] = {}
    for lang in offered:  # of each script the language with most pretraining text
        best = largest.get(lang.script)
        if best is None or (lang.cc100_gib or 0) > (best.cc100_gib or 0):
            largest[lang.script] = lang
    return {
        words_train.PRESET_ENGLISH: tuple(tag for tag in tags if tag == "en"),
        words_train.PRESET_SEVEN: tuple(tag for tag in tags if tag in SEVEN),
        words_train.PRESET_SCRIPTS: tuple(lang.tag for lang in largest.values()),
        words_train.PRESET_NONE: (),
    }


def _checkboxes(shown: list[Language], unusual: pd.Series[int], group: str) -> None:
    """Languages by group, groups laid out in columns of about equal length; with its number of
    items where that is unusual."""
    groups: dict[str, list[Language]] = {}
    for lang in sorted(shown, key=lambda lang: lang.name):
        groups.setdefault(str(getattr(lang, group)), []).append(lang)
    columns = st.columns(COLUMNS)
    heights = [0] * COLUMNS
    for name in sorted(groups, key=lambda name: (-len(groups[name]), name)):
        i = heights.index(min(heights))
        heights[i] += len(groups[name]) + 1
        with columns[i]:
            st.markdown(f"**{name}**")
            for lang in groups[name]:
                _checkbox(lang, group, unusual.get(lang.tag))


def _checkbox(lang: Language, group: str, items: int | None) -> None:
    facts = [lang.tag]
    if group != "script":
        facts.append(lang.script)
    if lang.cc100_gib is not None:
        size = lang.cc100_gib
        facts.append(words_train.GIB.format(size=f"{size:.0f}" if size >= 10 else f"{size:.1f}"))
    if items is not None:
        facts.append(words_train.ITEMS.format(count=items))
    key = f"tick-{lang.tag}"
    st.session_state[key] = lang.tag in st.session_state.sources
    label = words_train.LANGUAGE.format(name=lang.name, facts=" · ".join(facts))
    st.checkbox(label, key=key, on_change=_toggle, args=(lang.tag,), wrap=True)


def _toggle(tag: str) -> None:
    ticked = set(st.session_state.sources)
    st.session_state.sources = sorted(ticked ^ {tag})


def _set_sources(tags: tuple[str, ...]) -> None:
    st.session_state.sources = list(tags)


def _matches(lang: Language, search: str) -> bool:
    text = f"{lang.name} {lang.tag} {lang.family} {lang.script} {lang.also}".casefold()
    return all(word in text for word in search.casefold().split())
