"""How far a study is: runs done, time left, why it stopped, and a button that goes on with it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mslt_core.jobs import probe_study, study_files
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.spec import RunSpec, UserError
from mslt_core.ui import frame
from mslt_core.ui import words_studies as said

POLL_SECONDS = 3.0


def progress(store: Store, study: StudyFile) -> None:
    """Draws itself anew while a process started here is at the study."""
    if study.declared is None:
        return
    busy = study_files.running(store, study.path)
    st.fragment(_progress, run_every=POLL_SECONDS if busy else None)(store, study, busy)


@frame.told()
def _progress(store: Store, study: StudyFile, was_busy: bool) -> None:
    busy = study_files.running(store, study.path)
    if busy != was_busy:
        st.rerun()
    study = study_files.looked_at(study.path, study.shipped)
    if study.declared is None:
        st.rerun()
    st.progress(study.done / study.runs, text=" · ".join(_told(store, study, busy)))
    if busy:
        st.caption(said.GOES_ON)
    elif study.left and not study.fault:  # what is broken is not to be replaced unasked
        _offer(store, study)


def _told(store: Store, study: StudyFile, busy: bool) -> list[str]:
    if not study.left:
        return [said.ALL_DONE.format(runs=study.runs)]
    parts = [said.DONE.format(done=study.done, runs=study.runs)]
    if busy:
        seconds = study_files.seconds(store, study.left)
        left = said.LEFT_UNKNOWN
        if seconds is not None:
            form = said.LEFT_PROBE if probe_study.in_place(study.left[0]) else said.LEFT
            left = form.format(time=frame.duration(seconds))
        parts += [said.WORKING, left]
    return parts


def _offer(store: Store, study: StudyFile) -> None:
    """Why it stopped, if it did, and the button."""
    reason = study_files.failure(store, study.path)
    if reason:
        st.error(said.FAILED.format(reason=reason), icon=":material/error:")
    label = said.RUN_AGAIN if reason else said.RUN_LEFT if study.done else said.RUN_ALL
    label = label.format(count=len(study.left))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(label, icon=":material/play_arrow:", key="compute"):
            study_files.start(store, study.path)
            st.rerun()
        st.caption(takes_of(store, study.left))


def takes_of(store: Store, runs: Sequence[RunSpec]) -> str:
    """How long runs of a study take, in a sentence."""
    try:
        seconds = study_files.seconds(store, runs)
        embedded_first = probe_study.in_place(runs[0])
    except UserError:  # data of one's own that is gone: the study's own process says so
        return said.TAKES_UNKNOWN
    if seconds is None:
        return said.TAKES_UNKNOWN
    form = said.TAKES_PROBE if embedded_first else said.TAKES
    return form.format(time=frame.duration(seconds))
