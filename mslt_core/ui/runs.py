"""The list of runs: filters, a table to select from, actions on the selection."""

from __future__ import annotations

from zlib import crc32

import pandas as pd
import streamlit as st

from mslt_core.jobs import queries
from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import actions, frame, results, run_details, words, words_runs
from mslt_core.ui.links import recall, remember, unless
from mslt_core.ui.pager import Pager, first_page

PAGE_ROWS = 100
MOST_COMPARED = 50
"""Runs that one link opens on the Compare page, at most: their names must fit into an address."""


def listing(store: Store) -> None:
    """The table with its filters and actions; draws itself anew while something is under way."""
    results.reconcile(store)  # a run whose results are gone is failed, so that it can be retried
    if not any(store.ledger.counts().values()):
        st.caption(words_runs.RUNS_EMPTY)
        st.page_link("pages/1_Train.py", label=words.FIRST_BUTTON, icon=":material/tune:")
        return
    busy = results.busy(store)
    st.fragment(_listing, run_every=frame.refresh(busy))(store, busy)


def table(store: Store, shown: list[RunRecord]) -> pd.DataFrame:
    """One row a run, in the columns that people read."""
    waiting = any(run.state is State.QUEUED for run in shown)
    turns = queries.turns(store.ledger) if waiting else {}
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
            words_runs.TURN.format(turn=turns[run.run_id])
            if run.state is State.QUEUED and run.run_id in turns
            else _stage_or_time(store, run),
            run.run_id,
        )
        for run in shown
    ]
    return pd.DataFrame(rows, columns=list(words_runs.COLUMNS.values()))


def table_key(shown: list[RunRecord]) -> str:
    """A widget key of exactly these rows in this order: what is selected is a row's number, so a
    changed list must not inherit it."""
    return f"runs-{crc32(','.join(run.run_id for run in shown).encode())}"


@frame.told()
def _listing(store: Store, was_busy: bool) -> None:
    if results.busy(store) != was_busy:
        st.rerun()
    wanted, order, count = _filters(store)
    if not count:
        st.caption(words_runs.RUNS_NONE_LEFT)
        return
    pager = Pager(count, PAGE_ROWS, repr((wanted, order)))
    rows = pager.rows()
    shown = queries.listed(store.ledger, wanted, order, PAGE_ROWS, rows.start)
    alt = words_runs.ALT_RUNS.format(
        first=rows.start + 1, last=rows.start + len(shown), count=count
    )
    selected = [shown[i] for i in _table(table(store, shown), table_key(shown), alt)]
    if pager.pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            pager.draw()
            every = words_runs.RUNS_ALL.format(count=count)
            if st.checkbox(every, key=f"every-{crc32(repr(wanted).encode())}"):
                selected = queries.listed(store.ledger, wanted, order)
    else:
        pager.draw()
    _actions(store, selected, wanted, order)
    if len(selected) == 1:
        with frame.told():
            run_details.details(store, selected[0])
    else:
        st.caption(words_runs.RUNS_HINT)


def _filters(store: Store) -> tuple[queries.Wanted, str, int]:
    """Which runs to list, in which order, and how many these are."""
    recall("state", "", str, lambda name: name in ("", None, *words.STATES))
    recall("find_run", "", str, lambda said: True)
    recall("order", "newest", str, words_runs.RUNS_ORDERS.__contains__)
    with st.container(horizontal=True, vertical_alignment="center"):
        pills = st.container(width="content")
        text = st.text_input(
            words_runs.RUNS_FIND,
            key="find_run",
            placeholder=words_runs.RUNS_FIND_HINT,
            icon=":material/search:",
            label_visibility="collapsed",
            on_change=first_page,
        )
        order = st.selectbox(
            words_runs.RUNS_ORDER,
            list(words_runs.RUNS_ORDERS),
            key="order",
            format_func=words_runs.RUNS_ORDERS.__getitem__,
            label_visibility="collapsed",
            on_change=first_page,
            width=180,
        )
    counts = queries.counts(store.ledger, text or "")
    state = pills.pills(
        words_runs.RUNS_FILTER,
        list(words.STATES),
        key="state",
        format_func=lambda name: f"{words.STATES[name]} {counts[State(name)]:,}",
        label_visibility="collapsed",
        on_change=first_page,
    )
    remember({"state": state or "", "find_run": text or "", "order": unless(order, "newest")})
    wanted = queries.Wanted(State(state) if state else None, text=text or "")
    return wanted, order, counts[State(state)] if state else sum(counts.values())


def _table(rows: pd.DataFrame, key: str, alt: str) -> list[int]:
    """Draws the table; the numbers of the rows that are selected."""
    names = words_runs.COLUMNS
    event = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=key,
        alt=alt,
        placeholder="–",
        column_config={
            names["progress"]: st.column_config.ProgressColumn(
                format="%.0f %%", min_value=0, max_value=100, width=110
            ),
            names["time"]: st.column_config.TextColumn(width=170),
            names["mean"]: st.column_config.NumberColumn(format="%.1f"),
        },
    )
    return [i for i in event["selection"]["rows"] if i < len(rows)]


def _actions(store: Store, selected: list[RunRecord], wanted: queries.Wanted, order: str) -> None:
    """Cancel, retry, run first, delete, compare: each for those of the selection that it fits; and
    the CSV of all that are listed."""
    still = [run for run in selected if run.state is not State.RUNNING]
    done = [run.run_id for run in selected if run.state is State.DONE]
    offers = (
        (words.CANCEL, ":material/close:", actions.cancel, filter(actions.can_cancel, selected)),
        (words.RETRY, ":material/refresh:", actions.retry, filter(actions.can_retry, selected)),
        (
            words_runs.RUN_FIRST,
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
            disabled=not 0 < len(done) <= MOST_COMPARED,
            query_params={"runs": ",".join(done[:MOST_COMPARED])},
        )
        st.download_button(
            words.CSV,
            # Made when it is asked for: it holds the runs of all pages.
            lambda: table(store, queries.listed(store.ledger, wanted, order)).to_csv(index=False),
            file_name="runs.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )


@st.dialog(words_runs.DELETE_TITLE)
@frame.told()
def _confirm_delete(store: Store, runs: list[RunRecord]) -> None:
    st.markdown(words_runs.DELETE_SURE.format(count=len(runs), s="" if len(runs) == 1 else "s"))
    with st.container(horizontal=True):
        if st.button(words.DELETE_YES, type="primary", icon=":material/delete:"):
            actions.delete(store, runs)
            st.rerun()
        if st.button(words.KEEP):
            st.rerun()


def _stage_or_time(store: Store, run: RunRecord) -> str:
    if run.state is State.RUNNING:
        stage = words.STAGES.get(run.stage, run.stage)
        try:
            left = frame.time_left(store, run)
        except UserError:
            left = ""
        return f"{stage} · {words.LEFT.format(time=left)}" if left else stage
    if run.started and run.finished:
        return frame.duration(run.finished - run.started)
    return ""
