"""What the page Which is asked: a study, the size of the sets, and over which targets."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from mslt_core.analysis.measured import Measured, Over
from mslt_core.analysis.study.usual import judged_sizes, usual_over, usual_size
from mslt_core.jobs.study_files import StudyFile
from mslt_core.study_spec import StudySpec
from mslt_core.ui import study_picker, words, words_which
from mslt_core.ui.links import recall, remember, unless


@dataclass(frozen=True, eq=False)
class Asked:
    """A study and what of it is asked. over is `all` or `unseen`: over the seen ones each set
    would be measured on other targets, and ranks of sets would say little."""

    study: StudyFile
    declared: StudySpec
    measured: Measured
    size: int
    over: Over
    guess_first: bool
    """Whether a person wants to guess before the ranks are shown."""

    @property
    def version(self) -> tuple[object, ...]:
        """Names what was measured: a key for what is computed from it."""
        return (*study_picker.version(self.study), self.over)


def asked(studies: list[StudyFile]) -> Asked | None:
    """The choices, in one row; None, told, where there is nothing to judge criteria by."""
    study = study_picker.picked_of(studies)
    if study is None or study.declared is None:
        return None
    measured = study_picker.measured(study)
    sizes = judged_sizes(measured)
    if not sizes:
        st.caption(words_which.TOO_FEW)
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        size = _size(sizes, measured)
        over = _over(measured)
        guess_first = st.toggle(
            words_which.GUESS_FIRST,
            key="guess_first",
            help=words_which.GUESS_HELP,
            persist_state="session",
        )
    if said := study_picker.of_all(measured, over):
        st.caption(said)
    return Asked(study, study.declared, measured, size, over, guess_first)


def _size(sizes: list[int], measured: Measured) -> int:
    usual = usual_size(measured)
    recall("k", usual, int, sizes.__contains__)
    size = st.segmented_control(words_which.K, sizes, key="k", required=True)
    remember({"k": unless(size, usual)})
    return int(size or usual)


def _over(measured: Measured) -> Over:
    offered: list[Over] = ["all"]
    if measured.over("unseen").any():
        offered.append("unseen")
    usual = usual_over(measured)
    recall("which_over", usual, str, offered.__contains__)
    over: Over | None = st.segmented_control(
        words_which.OVER_LABEL,
        offered,
        key="which_over",
        format_func=words.OVER_SHORT.__getitem__,
        required=True,
    )
    remember({"which_over": unless(over, usual)})
    return over or usual
