"""The frame of every page: sidebar with links and the queue, errors told in one sentence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from mslt_core import __version__
from mslt_core.analysis import estimate
from mslt_core.jobs import queries, worker
from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.machine import cores, runs_at_once
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import links, results, words

PAGES = (
    ("app.py", words.OVERVIEW, ":material/home:"),
    ("pages/1_Train.py", words.TRAIN, ":material/tune:"),
    ("pages/2_Compare.py", words.COMPARE, ":material/grid_on:"),
    ("pages/3_How_many.py", words.HOW_MANY, ":material/trending_up:"),
    ("pages/4_Which.py", words.WHICH, ":material/checklist:"),
    ("pages/7_Studies.py", words.STUDIES, ":material/science:"),
    ("pages/5_Runs.py", words.RUNS, ":material/list:"),
    ("pages/6_Data.py", words.DATA, ":material/table_view:"),
)
SIDEBAR_PIXELS = 220
POLL_SECONDS = 1.0


@contextmanager
def page(title: str) -> Iterator[Store]:
    """Draw the frame, open the store, and tell any UserError as one sentence in the page."""
    # No page_icon: the browser would fetch a Material one from another host.
    st.set_page_config(
        page_title=title if title == words.APP else f"{title} · {words.APP}",
        layout="wide",
        initial_sidebar_state=SIDEBAR_PIXELS,
    )
    with st.sidebar:
        for path, label, icon in PAGES:
            st.page_link(path, label=label, icon=icon)
    st.title(title)
    links.arrive(title)
    try:
        store = Store()
        _sidebar(store)
    except UserError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()
    with told():
        yield store


@contextmanager
def told() -> Iterator[None]:
    """Tell any UserError as one sentence in its place; the rest of the page goes on.

    A page is one such place. So is every fragment, dialog and callback: Streamlit runs them apart
    from the page, where nobody else would catch what they raise. Works as a decorator too.
    """
    try:
        yield
    except UserError as error:
        st.error(str(error), icon=":material/error:")


def refresh(busy: bool) -> float | None:
    """How often a live part of a page draws itself anew: never while nothing is going on."""
    return POLL_SECONDS if busy else None


def time_left(store: Store, run: RunRecord) -> str:
    """About how long a run in progress still takes, such as `41 s`; empty while unknown."""
    now = time.time()
    left = estimate.remaining(
        run.spec,
        run.stage,
        run.step,
        run.total,
        elapsed=now - (run.started or now),
        training=_training_seconds(store, run, now),
        finished=results.timings(store, run.spec, 1 if run.alone else runs_at_once()),
    )
    return "" if left is None else duration(left)


def duration(seconds: float) -> str:
    """A time as people say it: `41 s`, `4 min`, `1 h 20 min`."""
    if seconds < 90:
        return words.SECONDS.format(seconds=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return words.MINUTES.format(minutes=minutes)
    return words.HOURS.format(hours=minutes // 60, minutes=minutes % 60)


def share(run: RunRecord) -> float:
    """How far the current stage of a run is, 0 to 1."""
    return min(1.0, run.step / run.total) if run.total else 0.0


def _training_seconds(store: Store, run: RunRecord, now: float) -> float | None:
    """Seconds since the first training step of a run in progress; None before it."""
    # The ledger does not say when a stage began. The history is the first file of the folder that
    # is being built, and a folder's time is that of the last file made in it.
    try:
        began = store.building(run).stat().st_mtime
    except OSError:
        return None
    return now - began if run.stage == "training" and run.step else None


def _sidebar(store: Store) -> None:
    busy = results.busy(store)
    with st.sidebar:
        st.divider()
        st.fragment(_queue, run_every=refresh(busy))(store, busy)
        device = results.device(store) or words.DEVICE_UNKNOWN.format(threads=cores())
        st.caption(words.FOOTER.format(device=device, version=__version__))


@told()
def _queue(store: Store, was_busy: bool) -> None:
    """The queue in one line; the whole page is drawn anew when it has run dry."""
    counts, first = store.ledger.counts(), queries.active(store.ledger, limit=1)
    if was_busy and not first:
        st.rerun()
    if not first:
        st.caption(words.NOTHING_RUNS)
        return
    # At every look: without a worker the queue would stand still, after it was killed, say.
    worker.ensure_worker(store.home)
    (run,) = first
    parts = [
        words.QUEUE.format(running=counts[State.RUNNING], waiting=counts[State.QUEUED]),
        ", ".join(run.spec.sources),
    ]
    left = time_left(store, run) if run.state is State.RUNNING else ""
    if left:
        parts.append(words.LEFT.format(time=left))
    st.caption(" · ".join(parts))
    st.progress(share(run))
    st.page_link("pages/5_Runs.py", label=words.ALL_RUNS)
