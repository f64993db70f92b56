"""The parts of the page Which that stand on a study, in their order."""

from __future__ import annotations

import streamlit as st

from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.ui import (
    foretold,
    which_board,
    which_facts,
    which_guess,
    which_partner,
    which_scatter,
    which_value,
    which_why,
)
from mslt_core.ui.which import Asked


def answers(store: Store, studies: list[StudyFile], asked: Asked) -> bool:
    """What the study says of criteria and languages; False while a guess is waited for, for all
    that is shown would give it away."""
    guess = which_guess.guessed(asked) if asked.guess_first else None
    if asked.guess_first and guess is None:
        which_guess.ask(asked)
        return False
    partner = which_partner.partner(studies, asked.study)
    board = which_board.board(store, asked, partner, guess)
    if board.guess:
        which_guess.said(asked, board.guess)
    which_board.sentence(board)
    which_board.show(board)
    which_facts.offer(store, which_board.wanted(asked), board.known, "facts")
    foretold.of_open_study(asked, partner)
    criterion = which_scatter.picked(board)
    if criterion:
        left, right = st.columns(2, gap="medium")
        with left:
            which_scatter.scatter(board, criterion)
        with right:
            which_why.why(board, criterion)
        which_why.facts(board, criterion)
    which_value.value(asked)
    return True
