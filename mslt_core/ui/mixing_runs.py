"""Which runs of the source sets were measured for mixing, and why the others were not."""

from __future__ import annotations

from collections.abc import Mapping

from mslt_core.analysis.mixing.space import FEWEST_ITEMS
from mslt_core.catalog.map_sentences import stored_before
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import results, words, words_mixing
from mslt_core.ui.measured_sets import MeasuredSet, measured_set, of_newest_way
from mslt_core.ui.mixing_tables import Stored, stored
from mslt_core.ui.sets import Sets, translated

BROKEN = ""
"""The reason of a run that is not to be named, since it is left out of everything."""


def measured(store: Store, sets: Sets) -> tuple[tuple[MeasuredSet, ...], list[str]]:
    """The sets of which at least one run was measured, and of the other runs a sentence for each
    reason: whom it is about, and what can be done."""
    reasons = {run.run_id: _reason(store, run) for run in sets.runs}
    found = []
    for spec, group in sets.groups.items():
        runs = [run for run in group if reasons[run.run_id] is None]
        if not runs:
            continue
        kept = of_newest_way(runs, lambda run: _stored(store, run).basis)
        reasons |= {run.run_id: words_mixing.MIX_WHY["older"] for run in runs if run not in kept}
        first = _stored(store, kept[0])
        if first.mixing:
            found.append(measured_set(sets.names[spec], kept, first.record, first.mixing))
    return tuple(found), _said(sets, reasons)


def _stored(store: Store, run: RunRecord) -> Stored:
    return stored(str(store.home), run.run_id, run.finished or 0.0)


def _reason(store: Store, run: RunRecord) -> str | None:
    """Why a run was not measured, None if it was. One whose results turn out to be broken is left
    out, which is told elsewhere."""
    try:
        found = _stored(store, run)
    except UserError as error:
        results.leave_out(store, run, error)
        return BROKEN
    if found.mixing:
        return None
    if run.spec.method == "probe":
        return words_mixing.MIX_WHY["probe"]
    if stored_before(results.run_json(store, run)):
        return words_mixing.MIX_WHY["older"]
    if len(run.spec.targets) < 2:
        return words_mixing.MIX_WHY["few"]
    if not translated(store, run):
        return words_mixing.MIX_WHY["unpaired"]
    if results.scores_of(str(store.home), run.run_id)["n"].min() < FEWEST_ITEMS:
        return words_mixing.MIX_WHY["few"]
    return found.missing or words_mixing.MIX_WHY["older"]


def _said(sets: Sets, reasons: Mapping[str, str | None]) -> list[str]:
    """A sentence for each reason. It names sets, and seeds where only some of a set are meant."""
    named: dict[str, list[str]] = {}
    for spec, group in sets.groups.items():
        for reason in dict.fromkeys(reasons[run.run_id] for run in group):
            if reason:
                runs = [run for run in group if reasons[run.run_id] == reason]
                named.setdefault(reason, []).append(_called(sets.names[spec], runs, group))
    return [
        words_mixing.MIX_NOT_MEASURED.format(runs="; ".join(names), reason=reason)
        for reason, names in named.items()
    ]


def _called(name: str, runs: list[RunRecord], group: list[RunRecord]) -> str:
    if len(runs) == len(group):
        return name
    seeds = ", ".join(str(run.spec.seed) for run in runs)
    return words.RUN_NAME.format(sources=name, seed=seeds)
