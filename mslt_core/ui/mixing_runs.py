"""Which runs of the source sets were measured for mixing, and why the others were not."""

from __future__ import annotations

from collections.abc import Mapping

from mslt_core.analysis.mixing.space import FEWEST_ITEMS
from mslt_core.catalog.map_sentences import stored_before
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import results, words
from mslt_core.ui.mixing_tables import MeasuredSet, Stored, stored
from mslt_core.ui.sets import Sets, told, translated

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
        # Seeds measured in two ways must not be averaged: those of the newest way are kept.
        basis = _stored(store, max(runs, key=_finished)).basis
        for run in runs:
            if _stored(store, run).basis != basis:
                reasons[run.run_id] = words.MIX_WHY["older"]
        kept = [run for run in runs if reasons[run.run_id] is None]
        found.append(
            MeasuredSet(
                sets.names[spec],
                spec.model,
                space=str(results.run_json(store, kept[0]).get("pretrained", "")),
                basis=basis,
                messages=_messages(store, kept[0]),
                budget=spec.budget,
                runs=tuple((run.spec.seed, run.run_id, _finished(run)) for run in kept),
            )
        )
    return tuple(found), _said(sets, reasons)


def _messages(store: Store, run: RunRecord) -> str:
    """What a measured run was measured on, if not on the task's own sentences."""
    said, mixing = told(store, run), _stored(store, run).mixing
    if not (said and said.messages and mixing):
        return ""
    lacking = sorted(set(run.spec.targets) - set(said.languages))
    without = words.MIX_MESSAGES_LACKING.format(languages=", ".join(lacking)) if lacking else ""
    return words.MIX_MESSAGES.format(number=mixing.after.items, without=without)


def _stored(store: Store, run: RunRecord) -> Stored:
    return stored(str(store.home), run.run_id, _finished(run))


def _finished(run: RunRecord) -> float:
    return run.finished or 0.0


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
        return words.MIX_WHY["probe"]
    if stored_before(results.run_json(store, run)):
        return words.MIX_WHY["older"]
    if len(run.spec.targets) < 2:
        return words.MIX_WHY["few"]
    if not translated(store, run):
        return words.MIX_WHY["unpaired"]
    if results.scores_of(str(store.home), run.run_id)["n"].min() < FEWEST_ITEMS:
        return words.MIX_WHY["few"]
    return found.missing or words.MIX_WHY["older"]


def _said(sets: Sets, reasons: Mapping[str, str | None]) -> list[str]:
    """A sentence for each reason. It names sets, and seeds where only some of a set are meant."""
    named: dict[str, list[str]] = {}
    for spec, group in sets.groups.items():
        for reason in dict.fromkeys(reasons[run.run_id] for run in group):
            if reason:
                runs = [run for run in group if reasons[run.run_id] == reason]
                named.setdefault(reason, []).append(_called(sets.names[spec], runs, group))
    return [
        words.MIX_NOT_MEASURED.format(runs="; ".join(names), reason=reason)
        for reason, names in named.items()
    ]


def _called(name: str, runs: list[RunRecord], group: list[RunRecord]) -> str:
    if len(runs) == len(group):
        return name
    seeds = ", ".join(str(run.spec.seed) for run in runs)
    return words.RUN_NAME.format(sources=name, seed=seeds)
