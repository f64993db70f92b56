"""The list of runs: a table to select from, actions on the selection, details of one run."""

from __future__ import annotations

from zlib import crc32

import pandas as pd
import streamlit as st

from mslt_core.jobs import worker
from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import frame, panels, results, words
from mslt_core.ui.links import recall, remember


def listing(store: Store) -> None:
    """The table with its filter and actions; draws itself anew while something is under way."""
    records = store.ledger.runs()
    if not records:
        st.caption(words.RUNS_EMPTY)
        st.page_link("pages/1_Train.py", label=words.FIRST_BUTTON, icon=":material/tune:")
        return
    busy = bool(results.active(records))
    st.fragment(_listing, run_every=frame.refresh(busy))(store, busy)


def table(store: Store, records: list[RunRecord]) -> pd.DataFrame:
    """One row a run, in the columns that people read."""
    rows = [
        (
            words.STATES[run.state],
            ", ".join(run.spec.sources),
            run.spec.k,
            run.spec.seed,
            words.METHODS[run.spec.method],
            run.spec.model,
            run.spec.task,
            100.0 if run.state is State.DONE else 100 * frame.share(run),
            None if run.mean is None else 100 * run.mean,
            _stage_or_time(store, run, records),
            run.run_id,
        )
        for run in records
    ]
    return pd.DataFrame(rows, columns=list(words.COLUMNS.values()))


def table_key(shown: list[RunRecord]) -> str:
    """A widget key of exactly these rows in this order: what is selected is a row's number, so a
    changed list must not inherit it."""
    return f"runs-{crc32(','.join(run.run_id for run in shown).encode())}"


def _listing(store: Store, was_busy: bool) -> None:
    records = store.ledger.runs()
    if bool(results.active(records)) != was_busy:
        st.rerun()
    recall("state", "", str, lambda name: name in ("", None, *words.STATES))
    state = st.pills(
        words.RUNS_FILTER,
        list(words.STATES),
        key="state",
        format_func=lambda name: f"{words.STATES[name]} {store.ledger.counts()[State(name)]}",
        label_visibility="collapsed",
    )
    remember({"state": state or ""})
    shown = [run for run in records if not state or run.state == state]
    if not shown:
        st.caption(words.RUNS_NONE_LEFT)
        return
    frame_of_runs = table(store, shown)
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
        _details(store, selected[0], records)
    else:
        st.caption(words.RUNS_HINT)


def _actions(store: Store, selected: list[RunRecord], frame_of_runs: pd.DataFrame) -> None:
    """Cancel, retry, delete, compare: each for those of the selection that it fits."""
    active = [run for run in selected if run.state in (State.QUEUED, State.RUNNING)]
    ended = [run for run in selected if run.state in (State.FAILED, State.CANCELLED)]
    still = [run for run in selected if run.state is not State.RUNNING]
    done = [run.run_id for run in selected if run.state is State.DONE]
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(words.CANCEL, icon=":material/close:", disabled=not active):
            for run in active:
                store.ledger.request_cancel(run.run_id)
            st.rerun()
        if st.button(words.RETRY, icon=":material/refresh:", disabled=not ended):
            for run in ended:
                store.ledger.retry(run.run_id)
            worker.ensure_worker(store.home)
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
def _confirm_delete(store: Store, runs: list[RunRecord]) -> None:
    st.markdown(words.DELETE_SURE.format(count=len(runs), s="" if len(runs) == 1 else "s"))
    with st.container(horizontal=True):
        if st.button(words.DELETE_YES, type="primary", icon=":material/delete:"):
            for run in runs:
                store.delete(run.run_id)
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
    if view == "history" and run.state is not State.RUNNING:
        panels.loss_curve(store, run)
    elif view == "log":
        st.code(store.log_tail(run.run_id) or words.NO_LOG, language=None, height=320)
    elif view == "spec":
        st.code(panels.command(run.spec), language="bash", wrap_lines=True)
        choices = [(name, _shown(value)) for name, value in run.spec.to_dict().items()]
        st.dataframe(pd.DataFrame(choices, columns=["choice", "value"]), hide_index=True)
    elif view == "files":
        _files(store, run)


def _files(store: Store, run: RunRecord) -> None:
    folder = store.folder(run.run_id)
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    if not files:
        st.caption(words.NO_FILES)
        return
    st.code(str(folder), language=None)
    rows = [(file.name, round(file.stat().st_size / 1000, 1)) for file in files]
    st.dataframe(pd.DataFrame(rows, columns=["file", "kB"]), hide_index=True)


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
