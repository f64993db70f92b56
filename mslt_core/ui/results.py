"""What pages read from the store, kept in memory between reruns: results never change.

A done run whose results turn out to be missing or damaged is settled (the ledger then says that it
failed, so that it can be retried) and left out of what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.analysis.estimate import Timed
from mslt_core.catalog.resolve import ResolvedRun, resolve, testable
from mslt_core.catalog.tasks import task
from mslt_core.jobs import basis, queries
from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec, UserError, WorkFailed
from mslt_core.ui import words


def busy(store: Store) -> bool:
    """Whether anything is running or waiting."""
    counts = store.ledger.counts()
    return counts[State.QUEUED] + counts[State.RUNNING] > 0


def version(store: Store) -> tuple[str, int]:
    """What names the runs of a store as they now are: a key for what was computed from them."""
    return str(store.home), queries.version(store.ledger)


def reconcile(store: Store) -> None:
    """Settles the runs for which ledger and folders disagree, if either changed since the last
    look: a look at the folders of all runs takes a moment."""
    _reconcile(*version(store), store.runs_dir.stat().st_mtime_ns)


def read_new(store: Store) -> None:
    """Reads what the finished runs stand on that are new; those that cannot be read are settled."""
    for run, error in basis.read_new(store):
        leave_out(store, run, error)


def sound(store: Store, runs: Iterable[RunRecord]) -> list[RunRecord]:
    """Those of the done runs whose results can be read; the others are settled."""
    for read in (_run_json, predictions_of, scores_of):
        runs = _readable(store, runs, read)
    return list(runs)


def checked(store: Store, run: RunRecord) -> RunRecord:
    """The run; if it is done but its results are gone, what the settled ledger says of it."""
    if run.state is State.DONE and not _readable(store, [run], _run_json):
        return store.ledger.get(run.run_id) or run
    return run


def say_left_out() -> None:
    """Names the runs that this session had to leave out, and why."""
    for name, reason in st.session_state.get("left_out", {}).items():
        st.caption(words.LEFT_OUT.format(run=name, reason=reason))


def leave_out(store: Store, run: RunRecord, error: UserError) -> None:
    """Settles a run whose results cannot be read, and remembers to say so."""
    settled = store.settle(run.run_id)
    name = words.RUN_NAME.format(sources=", ".join(run.spec.sources), seed=run.spec.seed)
    reason = settled.message if settled and settled.state is State.FAILED else str(error)
    st.session_state.setdefault("left_out", {})[f"{name}, {run.run_id}"] = reason


def run_json(store: Store, run: RunRecord) -> dict[str, Any]:
    """The record of a run's results. Raises WorkFailed when it cannot be read."""
    found: dict[str, Any] = _run_json(str(store.home), run.run_id)
    return found


def model_fingerprint(store: Store, run: RunRecord) -> object:
    """The model that a run was trained from, whatever its name means today."""
    return (run_json(store, run).get("fingerprints") or {}).get("model")


def timings(store: Store, spec: RunSpec, at_once: int) -> list[Timed]:
    """Seconds of the newest finished runs of a model and task, for an estimate of a run that is one
    of so many at once. Where none was, of other runs, as if the machine did as much in a second."""
    like = queries.Wanted(State.DONE, spec.model, spec.task)
    found = []
    for run in queries.listed(store.ledger, like, limit=10):
        try:
            record = run_json(store, run)
        except UserError:
            continue  # a broken run estimates nothing
        found.append((record.get("at_once", 1), run.spec, record.get("seconds_by_stage") or {}))
    alike = [Timed(spec, seconds) for number, spec, seconds in found if number == at_once]
    return alike or [
        Timed(spec, {stage: value * at_once / number for stage, value in seconds.items()})
        for number, spec, seconds in found
    ]


def device(store: Store) -> str | None:
    """The device that the newest finished run used."""
    for run in queries.listed(store.ledger, queries.Wanted(State.DONE), limit=1):
        try:
            return str(run_json(store, run)["device"])
        except (UserError, KeyError):
            return None
    return None


@st.cache_data(show_spinner=words.READING_DATA, max_entries=50)
def sizes(task_name: str, fingerprint: str) -> pd.DataFrame:
    """Numbers of items (columns train, dev, test) by language; the first look at a task's data
    may take a moment."""
    return task(task_name).sizes().set_index("language")


@st.cache_data(show_spinner=False, max_entries=20, ttl=300)
def tested_by_default(task_name: str) -> tuple[str, ...] | None:
    """The languages that a task is tested on if nothing is said; None while its data cannot be
    looked up, which is not tried again at every redraw either."""
    try:
        return testable(task(task_name))
    except UserError:
        return None


@st.cache_data(show_spinner=words.READING_DATA, max_entries=500, ttl=60)
def resolved(spec: RunSpec) -> ResolvedRun:
    """The run that a spec stands for, if it can be run: see `catalog.resolve`."""
    return resolve(spec)


@st.cache_data(show_spinner=False, max_entries=500)
def predictions_of(home: str, run_id: str) -> pd.DataFrame:
    """The predictions of a run of the store `home`."""
    return Store(Path(home)).predictions(run_id)


@st.cache_data(show_spinner=False, max_entries=500)
def scores_of(home: str, run_id: str) -> pd.DataFrame:
    """The scores of a run of the store `home`."""
    return Store(Path(home)).scores(run_id)


@st.cache_data(show_spinner=False, max_entries=500)
def _run_json(home: str, run_id: str) -> dict[str, Any]:
    return Store(Path(home)).run_json(run_id)


@st.cache_data(show_spinner=False, max_entries=20)
def _reconcile(home: str, version: int, changed: int) -> None:
    Store(Path(home)).reconcile()


def _readable(
    store: Store, runs: Iterable[RunRecord], read: Callable[[str, str], object]
) -> list[RunRecord]:
    readable = []
    for run in runs:
        try:
            read(str(store.home), run.run_id)
        except WorkFailed as error:
            leave_out(store, run, error)
        else:
            readable.append(run)
    return readable
