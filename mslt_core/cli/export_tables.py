"""The tables that stand behind the page Compare, of runs that are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mslt_core.analysis import transfer
from mslt_core.analysis.mixing import AFTER, BEFORE, matrix
from mslt_core.analysis.scores import metric_of
from mslt_core.analysis.transfer import Finished, Transfer, configuration
from mslt_core.catalog import parallel
from mslt_core.catalog.tasks import Metric
from mslt_core.cli.runs import finished
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument, RunSpec
from mslt_core.ui import measured_sets
from mslt_core.ui.measured_sets import Spaces

MIXING = [
    *("configuration", "space", "subset", "metric", "value", "low", "high", "null", "seeds"),
    "sentences",
]
PAIRS = ["configuration", "space", "language_a", "language_b", "metric", "value", "sentences"]


@dataclass(frozen=True, eq=False)
class SourceSet:
    """The runs that differ in the seed alone."""

    name: str
    spec: RunSpec
    spaces: Spaces | None
    """What was measured of them; None if nothing was."""


@dataclass(frozen=True, eq=False)
class Exported:
    """Runs of one task by source set, the fewest sources first, and their tables: `found` as
    `analysis.transfer` makes them; mixing: MIXING, pairs: PAIRS, numbers NaN where there is no
    value."""

    sets: tuple[SourceSet, ...]
    metric: Metric
    found: Transfer
    mixing: pd.DataFrame
    pairs: pd.DataFrame


def gather(store: Store, run_ids: Sequence[str]) -> Exported:
    """The tables of finished runs.

    Raises BadArgument for what is no finished run, for runs of several tasks, and for seeds that
    stand on different data, models or training; WorkFailed where results are broken.
    """
    records = [finished(store, run_id) for run_id in run_ids]
    tasks = sorted({run.spec.task for run in records})
    if len(tasks) > 1:
        raise BadArgument(f"The runs are of several tasks, {', '.join(tasks)}: export each alone.")
    groups: dict[RunSpec, list[RunRecord]] = {}
    for run in sorted(records, key=_place):
        groups.setdefault(configuration(run.spec), []).append(run)
    names = transfer.labels(groups)
    sets = tuple(_set(store, names[spec], spec, runs) for spec, runs in groups.items())
    record = store.run_json(records[0].run_id)
    answers = record.get("answers", "labels")
    runs = [
        Finished(run.spec, store.predictions(run.run_id), answers)
        for group in groups.values()
        for run in group
    ]
    found = transfer.transfer(runs, bool(record.get("parallel")))
    return Exported(sets, metric_of(answers), found, _mixing(sets), _pairs(sets))


def _place(run: RunRecord) -> tuple[object, ...]:
    spec = run.spec
    return spec.method, spec.k, spec.sources, spec.budget, spec.seed


def _set(store: Store, name: str, spec: RunSpec, runs: list[RunRecord]) -> SourceSet:
    seen = [store.run_json(run.run_id) for run in runs]
    stand_on = {(str(one.get("fingerprints")), one.get("training_version")) for one in seen}
    if len(stand_on) > 1:
        raise BadArgument(
            f"The runs of {name} stand on different data, models or versions of the training, so "
            "their mean says nothing: leave the older ones out."
        )
    return SourceSet(name, spec, measured_sets.read(store, name, runs))


def _mixing(sets: Sequence[SourceSet]) -> pd.DataFrame:
    parts = []
    for one in sets:
        if one.spaces:
            before, after = one.spaces.summary_before, one.spaces.summary_after
            parts.append(before.assign(space=BEFORE, seeds=0, **_of(one)))
            parts.append(after.assign(space=AFTER, seeds=len(one.spaces.after), **_of(one)))
    if not parts:
        return pd.DataFrame(columns=MIXING)
    numbers = dict.fromkeys(("value", "low", "high", "null"), float)
    return pd.concat(parts, ignore_index=True)[MIXING].astype(numbers)


def _pairs(sets: Sequence[SourceSet]) -> pd.DataFrame:
    parts = []
    for one in sets:
        if one.spaces:
            spaces = {BEFORE: one.spaces.untouched, AFTER: one.spaces.together}
            parts += [matrix(of).assign(space=space, **_of(one)) for space, of in spaces.items()]
    if not parts:
        return pd.DataFrame(columns=PAIRS)
    return pd.concat(parts, ignore_index=True)[PAIRS].astype({"value": float})


def _of(one: SourceSet) -> dict[str, str]:
    messages = one.spaces and one.spaces.of.messages
    return {"configuration": one.name, "sentences": parallel.NAME if messages else one.spec.task}
