"""What a model makes of languages, which two criteria need: what is known of it, and a button that
has it computed by a process of its own."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from mslt_core.analysis.selection import Corpus, Facts
from mslt_core.catalog import models
from mslt_core.jobs import language_facts
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import frame, words_which


@dataclass(frozen=True)
class Wanted:
    """The facts that are wanted."""

    model: str
    task: str
    languages: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Known:
    """facts: None while they are not there; why: the reason then, in words. version names them: a
    key for what is computed from them."""

    facts: Facts | None
    why: str
    version: tuple[object, ...]


def known(store: Store, wanted: Wanted) -> Known:
    """What is there; never waits, and raises nothing: a fresh copy has neither data nor model."""
    try:
        facts = language_facts.stored(store, wanted.model, wanted.task, wanted.languages)
        files = language_facts.paths(store, wanted.model, wanted.task, wanted.languages).values()
    except UserError as error:
        return Known(None, str(error), ())
    if facts is None:
        return Known(None, words_which.FACTS_WANTED, ())
    return Known(facts, "", tuple(map(str, files)))


def offer(store: Store, wanted: Wanted, key: str) -> None:
    """The button, or how far the computing is; nothing where it is done or cannot be done."""
    try:
        now = language_facts.state(store, wanted.model, wanted.task, wanted.languages)
    except UserError:
        return  # told as the reason why a criterion says nothing
    if now.state == "running":
        st.fragment(_progress, run_every=frame.refresh(True))(store, wanted)
    elif now.state != "done":
        if now.state == "failed":
            st.caption(words_which.FACTS_FAILED.format(reason=now.message))
        st.button(
            words_which.FACTS_BUTTON,
            key=key,
            icon=":material/memory:",
            help=words_which.FACTS_HELP,
            on_click=_ask,
            args=(store, wanted),
        )


@frame.told()
def _ask(store: Store, wanted: Wanted) -> None:
    language_facts.ask(store, wanted.model, wanted.task, wanted.languages)


@frame.told()
def _progress(store: Store, wanted: Wanted) -> None:
    now = language_facts.state(store, wanted.model, wanted.task, wanted.languages)
    if now.state != "running":
        st.rerun()
    said = words_which.FACTS_RUNNING.format(count=len(wanted.languages), progress=now.message)
    st.progress(_share(now.message), text=said)


def corpus_of(model: str) -> tuple[Corpus, bool]:
    """The corpus whose sizes stand for the model's pretraining data, and whether it is known to
    have been pretrained on it."""
    try:
        pretraining = models.card(model).pretraining
    except UserError:  # a folder that is gone
        return "cc100", False
    return pretraining or "cc100", bool(pretraining)


def _share(message: str) -> float:
    """Of `3/30`."""
    done, _, total = message.partition("/")
    if not (done.isdecimal() and total.isdecimal() and int(total)):
        return 0.0
    return min(1.0, int(done) / int(total))
