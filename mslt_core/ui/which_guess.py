"""Guess first: a class picks its own languages before it sees how sets did."""

from __future__ import annotations

import streamlit as st

from mslt_core.analysis.measured import Sources
from mslt_core.analysis.study.judging import Picked, of_size
from mslt_core.catalog.languages import language
from mslt_core.ui import words, words_which
from mslt_core.ui.which import Asked
from mslt_core.ui.which_words import name_of, points, rank

COLUMNS = 4


def guessed(asked: Asked) -> Sources | None:
    """What was guessed of this study and size in this session."""
    guesses: dict[tuple[str, int], Sources] = st.session_state.setdefault("guesses", {})
    return guesses.get(_of(asked))


def ask(asked: Asked) -> None:
    """The pool by checkbox, and a button that shows the ranks."""
    st.markdown(words_which.GUESS_ASK.format(k=asked.size, count=len(asked.measured.pool)))
    columns = st.columns(COLUMNS)
    ticked = []
    for i, tag in enumerate(asked.measured.pool):
        with columns[i % COLUMNS]:
            label = words.NAMED.format(name=language(tag).name, tag=tag)
            if st.checkbox(label, key=f"guess-{asked.study.path.stem}-{tag}"):
                ticked.append(tag)
    guess = tuple(sorted(ticked))
    enough = len(guess) == asked.size
    measured = enough and guess in {asked.measured.sets[s] for s in _sets(asked)}
    if enough and not measured:
        st.caption(words_which.GUESS_NOT_MEASURED)
    elif not enough:
        st.caption(words_which.GUESS_COUNT.format(count=len(guess), k=asked.size))
    if st.button(
        words_which.GUESS_SHOW, disabled=not measured, type="primary", icon=":material/visibility:"
    ):
        st.session_state.guesses[_of(asked)] = guess
        st.rerun()


def said(asked: Asked, found: Picked) -> None:
    """How the guess did, and a way to guess anew."""
    guess = name_of(found.picks[0])
    st.markdown(
        words_which.GUESS_SAID.format(
            guess=guess, rank=rank(found.rank, len(found.sets)), regret=points(found.regret)
        )
    )
    if st.button(words_which.GUESS_AGAIN, icon=":material/replay:", type="tertiary"):
        del st.session_state.guesses[_of(asked)]
        st.rerun()


def _sets(asked: Asked) -> list[int]:
    return of_size(asked.measured, asked.size)


def _of(asked: Asked) -> tuple[str, int]:
    return str(asked.study.path), asked.size
