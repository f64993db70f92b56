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
from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec, UserError, WorkFailed
from mslt_core.ui import words


def active(records: Iterable[RunRecord]) -> list[RunRecord]:
    """Runs in progress, then those waiting, in the order of their turns."""
    running = [run for run in records if run.state is State.RUNNING]
    queued = [run for run in records if run.state is State.QUEUED]
    return running + sorted(queued, key=lambda run: (run.position, run.created))


def done(records: Iterable[RunRecord]) -> list[RunRecord]:
    """Runs that have results, newest first."""
    return [run for run in records if run.state is State.DONE]


def with_record(store: Store, runs: Iterable[RunRecord]) -> list[RunRecord]:
    """Those of the done runs whose run.json can be read; the others are settled."""
    return _sound(store, runs, _run_json)


def with_scores(store: Store, runs: Iterable[RunRecord]) -> list[RunRecord]:
    """Those of the done runs whose predictions and scores can be read; the others are settled."""
    return _sound(store, _sound(store, runs, predictions_of), scores_of)


def checked(store: Store, run: RunRecord) -> RunRecord:
    """The run; if it is done but its results are gone, what the settled ledger says of it."""
    if run.state is State.DONE and not with_record(store, [run]):
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


def fingerprints(store: Store, run: RunRecord) -> tuple[object, ...]:
    """What a run's results stand on besides its spec: data, model, version of the training."""
    found = run_json(store, run)
    prints = found.get("fingerprints") or {}
    return prints.get("data"), prints.get("model"), found.get("training_version")


def timings(store: Store, records: Iterable[RunRecord], spec: RunSpec) -> list[Timed]:
    """Seconds of the newest finished runs of a model and task, for an estimate."""
    like = [
        run for run in done(records) if (run.spec.model, run.spec.task) == (spec.model, spec.task)
    ]
    found = []
    for run in like[:10]:
        try:
            found.append(Timed(run.spec, run_json(store, run).get("seconds_by_stage") or {}))
        except UserError:
            continue  # a broken run estimates nothing
    return found


def device(store: Store, records: Iterable[RunRecord]) -> str | None:
    """The device that the newest finished run used."""
    for run in done(records)[:1]:
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


@st.cache_data(show_spinner=False, max_entries=20_000)
def _run_json(home: str, run_id: str) -> dict[str, Any]:
    return Store(Path(home)).run_json(run_id)


def _sound(
    store: Store, runs: Iterable[RunRecord], read: Callable[[str, str], object]
) -> list[RunRecord]:
    sound = []
    for run in runs:
        try:
            read(str(store.home), run.run_id)
        except WorkFailed as error:
            leave_out(store, run, error)
        else:
            sound.append(run)
    return sound
