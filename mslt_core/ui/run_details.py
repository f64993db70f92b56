"""The details of one run: what it says, its loss, log, choices and files."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.ui import panels, words, words_runs
from mslt_core.ui.views import as_chart


def details(store: Store, run: RunRecord) -> None:
    """What there is to see of a run, in whatever state."""
    if run.message:
        show = st.error if run.state is State.FAILED else st.caption
        show(run.message)
    if run.state is State.RUNNING:
        panels.running(store, run)
    view = st.segmented_control(
        words_runs.DETAIL,
        list(words_runs.DETAIL_VIEWS),
        default="log" if run.state is State.FAILED else "history",
        format_func=words_runs.DETAIL_VIEWS.__getitem__,
        required=True,
        key=f"detail-{run.run_id}",
        label_visibility="collapsed",
    )
    if view == "history":
        _history(store, run)
    elif view == "log":
        st.code(store.log_tail(run.run_id) or words_runs.NO_LOG, language=None, height=320)
    elif view == "spec":
        st.code(panels.command(run.spec), language="bash", wrap_lines=True)
        choices = [(name, _shown(value)) for name, value in run.spec.to_dict().items()]
        st.dataframe(
            pd.DataFrame(choices, columns=list(words_runs.CHOICE_COLUMNS)), hide_index=True
        )
    elif view == "files":
        _files(store, run)


def _history(store: Store, run: RunRecord) -> None:
    """The loss of a run as a chart or a table; a running one has its curve above."""
    history = store.history(run.run_id)
    if history.empty:
        st.caption(words_runs.NO_HISTORY)
    elif as_chart(history, f"loss-{run.run_id}", words.LOSS_TITLE, words_runs.ALT_HISTORY) and (
        run.state is not State.RUNNING
    ):
        panels.loss_curve(history, 0)


def _files(store: Store, run: RunRecord) -> None:
    folder = store.folder(run.run_id)
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    if not files:
        st.caption(words_runs.NO_FILES)
        return
    st.code(str(folder), language=None)
    rows = [(file.name, round(file.stat().st_size / 1000, 1)) for file in files]
    st.dataframe(pd.DataFrame(rows, columns=list(words_runs.FILE_COLUMNS)), hide_index=True)


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
