"""Finished runs of one task by source set, and the tables of what transferred between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.analysis.scores import Answers, metric_of
from mslt_core.analysis.transfer import Finished, Transfer, configuration, labels, transfer
from mslt_core.catalog.tasks import Metric
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.ui import results

Groups = dict[RunSpec, list[RunRecord]]
"""Finished runs by configuration, one a seed."""


@dataclass(frozen=True)
class Sets:
    """Source sets that stand side by side, and their runs."""

    groups: Groups

    @property
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

    def choose(self, store: Store, chosen: Iterable[RunSpec]) -> Sets:
        """Some of them, as charts show them (fewest sources first); those without a run whose
        scores can be read are left out."""
        keys = sorted(chosen, key=lambda spec: (spec.method, spec.k, spec.sources, spec.budget))
        sound = {spec: results.with_scores(store, self.groups[spec]) for spec in keys}
        return Sets({spec: runs for spec, runs in sound.items() if runs})


def by_configuration(store: Store, records: Iterable[RunRecord]) -> Sets:
    """Finished runs by what they repeat, seeds in order; newest first.

    Data, model or training code may have changed between two runs of one spec. Such results must
    not be averaged: only those that stand on the same as the newest are kept.
    """
    found: Groups = {}
    for run in results.with_record(store, records):
        found.setdefault(configuration(run.spec), []).append(run)
    groups = {}
    for spec, runs in found.items():
        newest = results.fingerprints(store, runs[0])
        by_seed: dict[int, RunRecord] = {}
        for run in runs:
            if results.fingerprints(store, run) == newest:
                by_seed.setdefault(run.spec.seed, run)
        groups[spec] = [by_seed[seed] for seed in sorted(by_seed)]
    return Sets(groups)


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
    record = results.run_json(store, run)
    parallel = record.get("parallel", run.spec.task == "sib200")
    return _tables(str(store.home), ids, specs, _answers(record), parallel, baseline)


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


@st.cache_data(show_spinner=False, max_entries=50)
def _tables(
    home: str,
    ids: tuple[str, ...],
    _specs: tuple[RunSpec, ...],
    answers: Answers,
    parallel: bool,
    baseline: RunSpec | None,
) -> Transfer:
    runs = [
        Finished(spec, results.predictions_of(home, run_id), answers)
        for run_id, spec in zip(ids, _specs, strict=True)
    ]
    return transfer(runs, parallel, baseline)
