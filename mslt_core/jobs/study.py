"""Studies: read from their declaration, queued together, and how far they are.

A study stands in a TOML file, such as `studies/mixing-sib200.toml` (see `StudySpec.from_dict` for
its fields); what its runs gave stands beside it (see study_results.py).
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mslt_core.analysis import estimate
from mslt_core.analysis.estimate import Timed
from mslt_core.catalog.languages import normalise
from mslt_core.catalog.resolve import ResolvedRun, resolve_all
from mslt_core.catalog.tasks import task
from mslt_core.jobs import queries
from mslt_core.jobs.ledger import UNFINISHED, RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument, RunSpec, UserError
from mslt_core.study_spec import StudySpec

TIMED = 10
"""Finished runs that are looked at for an estimate of those to come."""


@dataclass(frozen=True)
class Study:
    """A declared study whose runs have their identity on this machine."""

    path: Path
    """The file that declares it."""
    declared: StudySpec
    runs: tuple[ResolvedRun, ...]
    """In the order of `StudySpec.runs`."""


def read(path: Path) -> StudySpec:
    """The study that a TOML file declares, its languages in their shortest form.

    Raises BadArgument, naming the file and the field, when it cannot be read or something in it is
    not allowed.
    """
    try:
        declared = StudySpec.from_dict(tomllib.loads(path.read_text(encoding="utf-8")))
        study = _in_shortest_form(declared)
    except OSError as error:
        raise BadArgument(f"The study {path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise BadArgument(f"The study {path} is no text in UTF-8: save it as such.") from None
    except ValueError as error:  # no TOML
        raise BadArgument(f"The study {path} is no TOML file: {error}.") from None
    except BadArgument as error:
        raise BadArgument(f"{path}: {error}") from None
    if study.name != path.stem:
        raise BadArgument(
            f"{path}: name is {study.name!r}: it must be {path.stem!r}, as the file is called."
        )
    return study


def resolved(path: Path) -> Study:
    """The same, with the ids of its runs. Raises also what `resolve_all` raises: BadArgument where
    task or model cannot give what is declared, WorkFailed where they cannot be looked up."""
    declared = read(path)
    try:
        runs = resolve_all(declared.runs())
    except BadArgument as error:
        raise BadArgument(f"{path}: {error}") from None
    return Study(path, declared, runs)


def parallel(declared: StudySpec) -> bool:
    """Whether test items of its targets are translations of one another. Of imported data that is
    not here they are taken to be: intervals come out wide rather than narrow."""
    try:
        return task(declared.settings.task).parallel
    except BadArgument:
        return True


def stored(store: Store, runs: Sequence[ResolvedRun]) -> set[str]:
    """The ids of those whose sound results are in the store; what the ledger says of each is
    settled."""
    records = (store.settle(run.run_id) for run in runs)
    return {record.run_id for record in records if record and record.state is State.DONE}


def queue(store: Store, runs: Sequence[ResolvedRun]) -> None:
    """Asks for runs all at once, so that as many are executed together as the machine has room
    for: one that is claimed before the next is queued would have the machine to itself."""
    store.ledger.enqueue_all([(run.run_id, run.spec) for run in runs])


def seconds_left(store: Store, records: Sequence[RunRecord], now: float) -> float | None:
    """Estimated seconds until all these runs are done, by those of the same model and task that
    were; None while there was none. now: unix seconds."""
    waited = [run for run in records if run.state in UNFINISHED]
    if not waited:
        return 0.0
    timed = _timed(store, waited[0].spec)
    together = max(1, sum(run.state is State.RUNNING for run in waited))
    left = 0.0
    for run in waited:
        cost = estimate.seconds(run.spec, timed)
        if cost is None:
            return None
        spent = (now - run.started) / together if run.state is State.RUNNING and run.started else 0
        left += max(0.0, cost - spent)
    return left


def seconds_of(store: Store, runs: Sequence[RunSpec]) -> float | None:
    """Estimated seconds of runs that share their model and task, judged by those that were done;
    None while there was none."""
    if not runs:
        return 0.0
    timed = _timed(store, runs[0])
    costs = [estimate.seconds(run, timed) for run in runs]
    return None if None in costs else sum(filter(None, costs))


def _timed(store: Store, like: RunSpec) -> list[Timed]:
    """Seconds of the newest finished runs of a model and task, as if each had had the machine to
    itself: of two at once each has half of it."""
    found = []
    wanted = queries.Wanted(State.DONE, like.model, like.task)
    for run in queries.listed(store.ledger, wanted, limit=TIMED):
        try:
            record = store.run_json(run.run_id)
        except UserError:
            continue  # a broken run estimates nothing
        together = record.get("at_once", 1)
        stages = record.get("seconds_by_stage") or {}
        found.append(Timed(run.spec, {name: value / together for name, value in stages.items()}))
    return found


def _in_shortest_form(study: StudySpec) -> StudySpec:
    def tags(field: str, given: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(normalise(tag) for tag in given)
        except BadArgument as error:
            raise BadArgument(f"{field}: {error}") from None

    sets = tuple(tags("sets", sources) for sources in study.sets)
    targets = tags("targets", study.settings.targets)
    settings = replace(study.settings, sources=sets[0], targets=targets)
    return replace(study, settings=settings, sets=sets)
