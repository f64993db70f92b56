"""Which runs of the source sets were measured for mixing, and why the others were not."""

from __future__ import annotations

from collections.abc import Mapping

from mslt_core.analysis.mixing.space import FEWEST_ITEMS
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import results, words
from mslt_core.ui.mixing_tables import MeasuredSet, stored
from mslt_core.ui.sets import Sets, parallel

BROKEN = "broken"


def measured(store: Store, sets: Sets) -> tuple[tuple[MeasuredSet, ...], list[str]]:
    """The sets of which at least one run was measured, and of the other runs a sentence for each
    reason: whom it is about, and what can be done."""
    reasons = {run.run_id: _reason(store, run) for run in sets.runs}
    found = []
    for spec, group in sets.groups.items():
        runs = [run for run in group if reasons[run.run_id] is None]
        if runs:
            space = str(results.run_json(store, runs[0]).get("pretrained", ""))
            seeds = tuple((run.spec.seed, run.run_id, run.finished or 0.0) for run in runs)
            found.append(MeasuredSet(sets.names[spec], spec.model, space, spec.budget, seeds))
    return tuple(found), _said(sets, reasons)


def _reason(store: Store, run: RunRecord) -> str | None:
    """Why a run was not measured, as MIX_WHY names it; None if it was. One whose results turn out
    to be broken is left out, which is told elsewhere."""
    try:
        if stored(str(store.home), run.run_id, run.finished or 0.0):
            return None
    except UserError as error:
        results.leave_out(store, run, error)
        return BROKEN
    if run.spec.method == "probe":
        return "probe"
    if not parallel(store, run):
        return "unpaired"
    items = results.scores_of(str(store.home), run.run_id)["n"].min()
    few = len(run.spec.targets) < 2 or items < FEWEST_ITEMS
    return "few" if few else "older"


def _said(sets: Sets, reasons: Mapping[str, str | None]) -> list[str]:
    """A sentence for each reason. It names sets, and seeds where only some of a set are meant."""
    named: dict[str, list[str]] = {}
    for spec, group in sets.groups.items():
        for reason in dict.fromkeys(reasons[run.run_id] for run in group):
            if reason and reason != BROKEN:
                runs = [run for run in group if reasons[run.run_id] == reason]
                named.setdefault(reason, []).append(_called(sets.names[spec], runs, group))
    return [words.MIX_WHY[reason].format(runs="; ".join(names)) for reason, names in named.items()]


def _called(name: str, runs: list[RunRecord], group: list[RunRecord]) -> str:
    if len(runs) == len(group):
        return name
    seeds = ", ".join(str(run.spec.seed) for run in runs)
    return words.RUN_NAME.format(sources=name, seed=seeds)
