"""What pages read from the store, kept in memory between reruns: results never change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.analysis.estimate import Timed
from mslt_core.analysis.projection import Panel, Projection, project
from mslt_core.analysis.transfer import Finished, Transfer, configuration, transfer
from mslt_core.catalog.resolve import ResolvedRun, resolve
from mslt_core.catalog.tasks import task
from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec, UserError
from mslt_core.ui import words

MAP_PANELS = 3
"""Tuned models that the map shows at most, beside the pretrained one."""


def active(records: Iterable[RunRecord]) -> list[RunRecord]:
    """Runs in progress, then those waiting, in the order of their turns."""
    running = [run for run in records if run.state is State.RUNNING]
    queued = [run for run in records if run.state is State.QUEUED]
    return running + sorted(queued, key=lambda run: (run.position, run.created))


def done(records: Iterable[RunRecord]) -> list[RunRecord]:
    """Runs that have results, newest first."""
    return [run for run in records if run.state is State.DONE]


def by_configuration(records: Iterable[RunRecord]) -> dict[RunSpec, list[RunRecord]]:
    """Finished runs by what they repeat, seeds in order; newest first."""
    groups: dict[RunSpec, list[RunRecord]] = {}
    for run in records:
        groups.setdefault(configuration(run.spec), []).append(run)
    return {spec: sorted(runs, key=lambda run: run.spec.seed) for spec, runs in groups.items()}


def in_order(groups: dict[RunSpec, list[RunRecord]]) -> dict[RunSpec, list[RunRecord]]:
    """Configurations as charts show them: fewest sources first."""
    keys = sorted(groups, key=lambda spec: (spec.method, spec.k, spec.sources, spec.budget))
    return {spec: groups[spec] for spec in keys}


def timings(store: Store, records: Iterable[RunRecord], spec: RunSpec) -> list[Timed]:
    """Seconds of the newest finished runs of a model and task, for an estimate."""
    like = [
        run for run in done(records) if (run.spec.model, run.spec.task) == (spec.model, spec.task)
    ]
    found = []
    for run in like[:10]:
        try:
            stages = _run_json(str(store.home), run.run_id).get("seconds_by_stage") or {}
        except UserError:
            continue  # a broken run estimates nothing
        found.append(Timed(run.spec, stages))
    return found


def device(store: Store, records: Iterable[RunRecord]) -> str | None:
    """The device that the newest finished run used."""
    for run in done(records)[:1]:
        try:
            return str(_run_json(str(store.home), run.run_id)["device"])
        except (UserError, KeyError):
            return None
    return None


def means(store: Store, run_id: str) -> dict[str, float | None]:
    """The mean scores of a run over all, seen and unseen targets."""
    found: dict[str, float | None] = _run_json(str(store.home), run_id)["mean"]
    return found


def tables(store: Store, runs: Sequence[RunRecord], baseline: RunSpec | None = None) -> Transfer:
    """The transfer tables of finished runs of one task; with a baseline, of gains over it."""
    ids = tuple(run.run_id for run in runs)
    return _tables(str(store.home), ids, tuple(run.spec for run in runs), baseline)


def projection(store: Store, panels: Sequence[tuple[str, str]], pretrained: str) -> Projection:
    """The shared map: pretrained vectors of the run `pretrained_of`, then tuned ones by run.

    panels: (name, run_id) of the tuned models; pretrained: name of the first panel.
    """
    return _projection(str(store.home), tuple(panels), pretrained)


@st.cache_data(show_spinner=words.READING_DATA, max_entries=50)
def train_sizes(task_name: str, fingerprint: str) -> pd.Series[int]:
    """Numbers of training items by language; the first look at a task's data may take a moment."""
    sizes: pd.Series[int] = task(task_name).sizes().set_index("language")["train"]
    return sizes


@st.cache_data(show_spinner=words.READING_DATA, max_entries=500, ttl=60)
def resolved(spec: RunSpec) -> ResolvedRun:
    """The run that a spec stands for, if it can be run: see `catalog.resolve`."""
    return resolve(spec)


@st.cache_data(show_spinner=False, max_entries=2000)
def _run_json(home: str, run_id: str) -> dict[str, Any]:
    return Store(Path(home)).run_json(run_id)


@st.cache_data(show_spinner=False, max_entries=500)
def _predictions(home: str, run_id: str) -> pd.DataFrame:
    return Store(Path(home)).predictions(run_id)


@st.cache_data(show_spinner=False, max_entries=50)
def _tables(
    home: str, ids: tuple[str, ...], _specs: tuple[RunSpec, ...], baseline: RunSpec | None
) -> Transfer:
    runs = [
        Finished(spec, _predictions(home, run_id)) for run_id, spec in zip(ids, _specs, strict=True)
    ]
    return transfer(runs, task(_specs[0].task).parallel, baseline)


@st.cache_data(show_spinner=words.PROJECTING, max_entries=20)
def _projection(home: str, panels: tuple[tuple[str, str], ...], pretrained: str) -> Projection:
    store = Store(Path(home))
    spaces: dict[str, Panel] = {}
    for name, run_id in panels:
        before, after = store.pretrained(run_id), store.embeddings(run_id)
        if before:
            spaces.setdefault(pretrained, before)
        if after:
            spaces[name] = after
    return project(spaces)
