"""Finished runs of one task by source set, and the tables of what transferred between them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.analysis import transfer
from mslt_core.analysis.scores import Answers, metric_of
from mslt_core.analysis.transfer import Transfer, labels, settings
from mslt_core.catalog.map_sentences import Told
from mslt_core.catalog.tasks import Metric
from mslt_core.jobs import queries
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.queries import Repetition
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.ui import results

Groups = dict[RunSpec, list[RunRecord]]
"""Finished runs by configuration, in the order of their seeds."""

Families = Mapping[RunSpec, Mapping[RunSpec, tuple[str, ...]]]
"""By settings (see `analysis.transfer`), then by configuration, the newest first: the ids of the
finished runs that repeat it, in the order of their seeds."""


@dataclass(frozen=True)
class Sets:
    """Source sets that stand side by side, and their runs."""

    groups: Groups

    @cached_property
    def names(self) -> dict[RunSpec, str]:
        """What each is called: its sources, and what else sets it apart from the others here."""
        return labels(self.groups)

    @property
    def runs(self) -> list[RunRecord]:
        return [run for group in self.groups.values() for run in group]

    def with_common_seeds(self, one: RunSpec, other: RunSpec) -> Sets:
        """The same sets, the two reduced to the seeds that both have."""
        seeds = {run.spec.seed for run in self.groups[one]}
        seeds &= {run.spec.seed for run in self.groups[other]}
        return Sets(
            {
                spec: [run for run in runs if spec not in (one, other) or run.spec.seed in seeds]
                for spec, runs in self.groups.items()
            }
        )


@dataclass(frozen=True)
class Finished:
    """All finished runs of a store, as far as the ledger tells: which there are to choose from."""

    families: Families

    def ids(self, spec: RunSpec) -> tuple[str, ...]:
        """The runs of a configuration; none if it is not among them."""
        return self.families.get(settings(spec), {}).get(spec, ())

    def choose(self, store: Store, chosen: Iterable[RunSpec]) -> Sets:
        """Some of them, as charts show them (fewest sources first); those without a run whose
        results can be read are left out."""
        keys = sorted(chosen, key=lambda spec: (spec.method, spec.k, spec.sources, spec.budget))
        runs = {spec: queries.named(store.ledger, self.ids(spec)) for spec in keys}
        sound = {spec: results.sound(store, group) for spec, group in runs.items()}
        return Sets({spec: group for spec, group in sound.items() if group})


def finished(store: Store) -> Finished:
    """What there is to choose from, kept until the ledger changes."""
    results.read_new(store)
    return _finished(*results.version(store))


def by_configuration(runs: Iterable[Repetition]) -> dict[RunSpec, tuple[str, ...]]:
    """Finished runs, newest first, by what they repeat: the ids of each, in the order of seeds.

    Data, model or training code may have changed between two runs of one spec. Such results must
    not be averaged: only those that stand on the same as the newest are kept.
    """
    specs: dict[str, RunSpec] = {}  # reading a spec takes longer than all else here
    newest: dict[RunSpec, str] = {}
    found: dict[RunSpec, dict[int, str]] = {}
    for run in runs:
        if run.configuration not in specs:
            specs[run.configuration] = RunSpec.from_dict(json.loads(run.configuration))
        spec = specs[run.configuration]
        if newest.setdefault(spec, run.basis) == run.basis:
            found.setdefault(spec, {}).setdefault(run.seed, run.run_id)
    return {
        spec: tuple(by_seed[seed] for seed in sorted(by_seed)) for spec, by_seed in found.items()
    }


@st.cache_resource(show_spinner=False, max_entries=4)
def _finished(home: str, version: int) -> Finished:
    """A resource, not data: all sessions read the one copy."""
    families: dict[RunSpec, dict[RunSpec, tuple[str, ...]]] = {}
    runs = queries.repetitions(Store(Path(home)).ledger)
    for spec, ids in by_configuration(runs).items():
        families.setdefault(settings(spec), {})[spec] = ids
    return Finished(families)


def default_baseline(groups: Groups) -> RunSpec:
    """English alone if it is there, else the smallest set: what most people would begin with."""
    return min(
        groups, key=lambda spec: (spec.method, spec.sources != ("en",), spec.k, spec.sources)
    )


def tables(store: Store, sets: Sets, baseline: RunSpec | None = None) -> Transfer:
    """The transfer tables of source sets; with a baseline, of gains over it."""
    ids = tuple(run.run_id for run in sets.runs)
    specs = tuple(run.spec for run in sets.runs)
    run = sets.runs[0]
    answers = _answers(results.run_json(store, run))
    return _tables(str(store.home), ids, specs, answers, parallel(store, run), baseline)


def parallel(store: Store, run: RunRecord) -> bool:
    """Whether the run's test sentences are the same in all languages, in translation."""
    # Runs that were stored before there were other tasks do not say.
    return bool(results.run_json(store, run).get("parallel", run.spec.task == "sib200"))


def told(store: Store, run: RunRecord) -> Told | None:
    """What the run says of the sentences of its map; None of an older one, whose are the task's."""
    return Told.of_record(results.run_json(store, run))


def translated(store: Store, run: RunRecord) -> bool:
    """Whether the sentences of its map are the same in all languages, in translation."""
    said = told(store, run)
    return said.translated if said else parallel(store, run)


def metric(store: Store, sets: Sets) -> Metric:
    """The metric that the tables hold."""
    return metric_of(_answers(results.run_json(store, sets.runs[0])))


def _answers(record: dict[str, Any]) -> Answers:
    """Runs that were stored before there were other answers do not say; they are labels."""
    answers: Answers = record.get("answers", "labels")
    return answers


def macro_f1(store: Store, sets: Sets) -> pd.DataFrame:
    """Columns configuration, target, macro_f1 (0 to 1), the mean over seeds."""
    names = sets.names
    parts = [
        results.scores_of(str(store.home), run.run_id).assign(configuration=names[spec])
        for spec, runs in sets.groups.items()
        for run in runs
    ]
    scores = pd.concat(parts)
    chosen = scores[scores["metric"] == "macro_f1"].groupby(["configuration", "target"])["value"]
    return chosen.mean().rename("macro_f1").reset_index()


@st.cache_resource(show_spinner=False, max_entries=50)
def _tables(
    home: str,
    ids: tuple[str, ...],
    _specs: tuple[RunSpec, ...],
    answers: Answers,
    parallel: bool,
    baseline: RunSpec | None,
) -> Transfer:
    runs = [
        transfer.Finished(spec, results.predictions_of(home, run_id), answers)
        for run_id, spec in zip(ids, _specs, strict=True)
    ]
    return transfer.transfer(runs, parallel, baseline)
