"""What a model makes of languages, which two criteria need: what is known of it, and a button that
has it computed by a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from mslt_core.analysis.selection import Facts
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
    """facts: None while they are not there; why: the reason then, in words. files: where they are
    kept, a key for what is computed from them; none where they cannot be computed here."""

    facts: Facts | None
    why: str
    files: tuple[str, ...]


def known(store: Store, wanted: Wanted) -> Known:
    """What is there; never waits, and raises nothing: a fresh copy has neither data nor model."""
    files = _files(str(store.home), wanted)
    if isinstance(files, str):
        return Known(None, files, ())
    written = _written(files)
    facts = _facts(str(store.home), wanted, written) if written else None
    return Known(facts, "" if facts else words_which.FACTS_WANTED, files)


def offer(store: Store, wanted: Wanted, known: Known, key: str) -> None:
    """The button, or how far the computing is; nothing where it is done or cannot be done."""
    if known.facts or not known.files:
        return
    now = language_facts.state_of([*map(Path, known.files)])
    if now.state == "running":
        st.fragment(_progress, run_every=frame.refresh(True))(wanted, known)
    else:
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
def _progress(wanted: Wanted, known: Known) -> None:
    now = language_facts.state_of([*map(Path, known.files)])
    if now.state != "running":
        st.rerun()
    said = words_which.FACTS_RUNNING.format(count=len(wanted.languages), progress=now.message)
    st.progress(_share(now.message), text=said)


def _share(message: str) -> float:
    """Of `3/30`."""
    done, _, total = message.partition("/")
    if not (done.isdecimal() and total.isdecimal() and int(total)):
        return 0.0
    return min(1.0, int(done) / int(total))


@st.cache_resource(show_spinner=False, max_entries=20, ttl=60)
def _files(home: str, wanted: Wanted) -> tuple[str, ...] | str:
    """Where the facts are kept, or why that cannot be told: looking up data and model takes a
    moment, and without them it is not tried again at every redraw."""
    try:
        files = language_facts.paths(Store(Path(home)), wanted.model, wanted.task, wanted.languages)
    except UserError as error:
        return str(error)
    return tuple(map(str, files.values()))


def _written(files: tuple[str, ...]) -> tuple[int, ...]:
    """When each file was written; nothing while one is not there."""
    there = [Path(file) for file in files]
    return (
        tuple(file.stat().st_mtime_ns for file in there) if all(f.exists() for f in there) else ()
    )


@st.cache_resource(show_spinner=False, max_entries=20)
def _facts(home: str, wanted: Wanted, written: tuple[int, ...]) -> Facts | None:
    """written: a damaged file is taken away and computed anew, so what is known of it changes."""
    return language_facts.stored(Store(Path(home)), wanted.model, wanted.task, wanted.languages)
