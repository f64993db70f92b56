"""The list of runs: a table to select from, actions on the selection, details of one run."""

from __future__ import annotations

from collections import Counter
from zlib import crc32

import pandas as pd
import streamlit as st

from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import actions, frame, panels, results, words
from mslt_core.ui.links import recall, remember
from mslt_core.ui.views import as_chart


def listing(store: Store) -> None:
    """The table with its filter and actions; draws itself anew while something is under way."""
    store.reconcile()  # a run whose results are gone is shown as failed, so that it can be retried
    records = store.ledger.runs()
    if not records:
        st.caption(words.RUNS_EMPTY)
        st.page_link("pages/1_Train.py", label=words.FIRST_BUTTON, icon=":material/tune:")
        return
    busy = bool(results.active(records))
    st.fragment(_listing, run_every=frame.refresh(busy))(store, busy)


def table(store: Store, shown: list[RunRecord], records: list[RunRecord]) -> pd.DataFrame:
    """One row a run of those shown, in the columns that people read; records: all there are."""
    turns = {run.run_id: turn for turn, run in enumerate(results.active(records))}
    rows = [
        (
            words.STATES[run.state],
            ", ".join(run.spec.sources),
            run.spec.k,
            run.spec.seed,
            words.METHODS[run.spec.method],
            run.spec.model,
            run.spec.task,
            run.spec.budget,
            len(run.spec.targets),
            100.0 if run.state is State.DONE else 100 * frame.share(run),
            None if run.mean is None else 100 * run.mean,
            words.TURN.format(turn=turns[run.run_id] + 1)
            if run.state is State.QUEUED
            else _stage_or_time(store, run, records),
            run.run_id,
        )
        for run in shown
    ]
    return pd.DataFrame(rows, columns=list(words.COLUMNS.values()))


def table_key(shown: list[RunRecord]) -> str:
    """A widget key of exactly these rows in this order: what is selected is a row's number, so a
    changed list must not inherit it."""
    return f"runs-{crc32(','.join(run.run_id for run in shown).encode())}"


@frame.told()
def _listing(store: Store, was_busy: bool) -> None:
    records = store.ledger.runs()
    if bool(results.active(records)) != was_busy:
        st.rerun()
    counts = Counter(run.state for run in records)
    recall("state", "", str, lambda name: name in ("", None, *words.STATES))
    state = st.pills(
        words.RUNS_FILTER,
        list(words.STATES),
        key="state",
        format_func=lambda name: f"{words.STATES[name]} {counts[State(name)]}",
        label_visibility="collapsed",
    )
    remember({"state": state or ""})
    shown = [run for run in records if not state or run.state == state]
    if not shown:
        st.caption(words.RUNS_NONE_LEFT)
        return
    frame_of_runs = table(store, shown, records)
    names = words.COLUMNS
    event = st.dataframe(
        frame_of_runs,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=table_key(shown),
        alt=words.ALT_RUNS,
        placeholder="–",
        column_config={
            names["progress"]: st.column_config.ProgressColumn(
                format="%.0f %%", min_value=0, max_value=100, width=110
            ),
            names["time"]: st.column_config.TextColumn(width=170),
            names["mean"]: st.column_config.NumberColumn(format="%.1f"),
        },
    )
    selected = [shown[i] for i in event["selection"]["rows"] if i < len(shown)]
    _actions(store, selected, frame_of_runs)
    if len(selected) == 1:
        with frame.told():
            _details(store, selected[0], records)
    else:
        st.caption(words.RUNS_HINT)


def _actions(store: Store, selected: list[RunRecord], frame_of_runs: pd.DataFrame) -> None:
    """Cancel, retry, run first, delete, compare: each for those of the selection that it fits."""
    still = [run for run in selected if run.state is not State.RUNNING]
    done = [run.run_id for run in selected if run.state is State.DONE]
    offers = (
        (words.CANCEL, ":material/close:", actions.cancel, filter(actions.can_cancel, selected)),
        (words.RETRY, ":material/refresh:", actions.retry, filter(actions.can_retry, selected)),
        (
            words.RUN_FIRST,
            ":material/vertical_align_top:",
            actions.run_first,
            (run for run in selected if run.state is State.QUEUED),
        ),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, icon, act, fitting in offers:
            runs = list(fitting)
            if st.button(label, icon=icon, key=f"all-{label}", disabled=not runs):
                with frame.told():
                    act(store, runs)
                    st.rerun()
        if st.button(words.DELETE, icon=":material/delete:", disabled=not still):
            _confirm_delete(store, still)
        st.page_link(
            "pages/2_Compare.py",
            label=words.OPEN_COMPARE,
            icon=":material/grid_on:",
            disabled=not done,
            query_params={"runs": ",".join(done)},
        )
        st.download_button(
            words.CSV,
            frame_of_runs.to_csv(index=False),
            file_name="runs.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )


@st.dialog(words.DELETE_TITLE)
@frame.told()
def _confirm_delete(store: Store, runs: list[RunRecord]) -> None:
    st.markdown(words.DELETE_SURE.format(count=len(runs), s="" if len(runs) == 1 else "s"))
    with st.container(horizontal=True):
        if st.button(words.DELETE_YES, type="primary", icon=":material/delete:"):
            actions.delete(store, runs)
            st.rerun()
        if st.button(words.KEEP):
            st.rerun()


def _details(store: Store, run: RunRecord, records: list[RunRecord]) -> None:
    """One run: what it says, its loss, log, choices and files."""
    if run.message:
        show = st.error if run.state is State.FAILED else st.caption
        show(run.message)
    if run.state is State.RUNNING:
        panels.running(store, run, records)
    view = st.segmented_control(
        words.DETAIL,
        list(words.DETAIL_VIEWS),
        default="log" if run.state is State.FAILED else "history",
        format_func=words.DETAIL_VIEWS.__getitem__,
        required=True,
        key=f"detail-{run.run_id}",
        label_visibility="collapsed",
    )
    if view == "history":
        _history(store, run)
    elif view == "log":
        st.code(store.log_tail(run.run_id) or words.NO_LOG, language=None, height=320)
    elif view == "spec":
        st.code(panels.command(run.spec), language="bash", wrap_lines=True)
        choices = [(name, _shown(value)) for name, value in run.spec.to_dict().items()]
        st.dataframe(pd.DataFrame(choices, columns=list(words.CHOICE_COLUMNS)), hide_index=True)
    elif view == "files":
        _files(store, run)


def _history(store: Store, run: RunRecord) -> None:
    """The loss of a run as a chart or a table; a running one has its curve above."""
    history = store.history(run.run_id)
    if history.empty:
        st.caption(words.NO_HISTORY)
    elif as_chart(history, f"loss-{run.run_id}", words.LOSS_TITLE, words.ALT_HISTORY) and (
        run.state is not State.RUNNING
    ):
        panels.loss_curve(history, 0)


def _files(store: Store, run: RunRecord) -> None:
    folder = store.folder(run.run_id)
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    if not files:
        st.caption(words.NO_FILES)
        return
    st.code(str(folder), language=None)
    rows = [(file.name, round(file.stat().st_size / 1000, 1)) for file in files]
    st.dataframe(pd.DataFrame(rows, columns=list(words.FILE_COLUMNS)), hide_index=True)


def _stage_or_time(store: Store, run: RunRecord, records: list[RunRecord]) -> str:
    if run.state is State.RUNNING:
        stage = words.STAGES.get(run.stage, run.stage)
        try:
            left = frame.time_left(store, run, records)
        except UserError:
            left = ""
        return f"{stage} · {words.LEFT.format(time=left)}" if left else stage
    if run.started and run.finished:
        return frame.duration(run.finished - run.started)
    return ""


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
