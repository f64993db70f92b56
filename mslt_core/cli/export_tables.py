"""The tables that stand behind the page Compare, of runs that are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mslt_core.analysis import transfer
from mslt_core.analysis.mixing import Measured, Mixing, pooled, summary
from mslt_core.analysis.scores import metric_of
from mslt_core.analysis.transfer import Finished, Transfer, configuration
from mslt_core.catalog.map_sentences import Told
from mslt_core.catalog.tasks import Metric
from mslt_core.cli.runs import finished
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument, RunSpec

MIXING = [
    *("configuration", "space", "subset", "metric", "value", "low", "high", "null", "seeds"),
    "sentences",
]
BEFORE, AFTER = "pretrained", "tuned"


@dataclass(frozen=True, eq=False)
class SourceSet:
    """The runs that differ in the seed alone."""

    name: str
    spec: RunSpec
    space: tuple[str, str]
    """Equal for sets whose model before training is one, measured on the same sentences."""
    sentences: str
    """What mixing was measured on: the name of the task, or of the bundled messages."""
    mixing: dict[int, Mixing]
    """By seed, of the runs that measured it."""


@dataclass(frozen=True, eq=False)
class Exported:
    """Runs of one task by source set, the fewest sources first, and their tables: `found` as
    `analysis.transfer` makes them; mixing: MIXING, numbers NaN where there is no value."""

    sets: tuple[SourceSet, ...]
    metric: Metric
    found: Transfer
    mixing: pd.DataFrame


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
    return Exported(sets, metric_of(answers), found, _mixing(sets))


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
    found = {run.spec.seed: store.mixing(run.run_id) for run in runs}
    basis = str((seen[0].get("mixing") or {}).get("basis", ""))
    space = (str(seen[0].get("pretrained", "")), basis)
    told = Told.of_record(seen[0])
    sentences = told.source if told else spec.task
    return SourceSet(
        name, spec, space, sentences, {seed: one for seed, one in found.items() if one}
    )


def _mixing(sets: Sequence[SourceSet]) -> pd.DataFrame:
    parts = []
    for one in sets:
        if one.mixing:
            spaces: list[tuple[str, Measured, int]] = [
                (BEFORE, next(iter(one.mixing.values())).before, 0),
                (AFTER, pooled([mixing.after for mixing in one.mixing.values()]), len(one.mixing)),
            ]
            parts += [
                summary(measured).assign(
                    configuration=one.name, space=space, seeds=seeds, sentences=one.sentences
                )
                for space, measured, seeds in spaces
            ]
    if not parts:
        return pd.DataFrame(columns=MIXING)
    numbers = dict.fromkeys(("value", "low", "high", "null"), float)
    return pd.concat(parts, ignore_index=True)[MIXING].astype(numbers)
