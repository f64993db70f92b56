"""The commands of studies: run one, see how far it is, read what it gave.

python -m mslt_core study run studies/mixing-sib200.toml
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mslt_core.cli.options import Json, out
from mslt_core.cli.study_probe import probe_all
from mslt_core.cli.study_wait import wait
from mslt_core.jobs import detached, queries, study_files, study_results
from mslt_core.jobs import study as studies
from mslt_core.jobs.ledger import State
from mslt_core.jobs.probe_study import in_place
from mslt_core.jobs.store import Store
from mslt_core.jobs.study import Study
from mslt_core.jobs.study_report import report as make_report
from mslt_core.jobs.study_results import Results
from mslt_core.spec import BadArgument, RunSpec, WorkFailed
from mslt_core.study_spec import StudySpec

study = typer.Typer(
    help="Declared families of runs: `studies/NAME.toml`.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Declaration = Annotated[Path, typer.Argument(help="The file that declares it.", metavar="FILE")]

KEPT = "kept"
"""State of a run whose results are kept beside the declaration, and not in the store."""
UNDONE = (State.FAILED, State.CANCELLED)
MISSING = "missing"
"""State of a run that nobody asked for."""


@study.command("run")
def run_study(
    file: Declaration,
    limit: Annotated[
        int | None, typer.Option(help="Take only so many of the runs that are not done yet.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run what is neither stored nor kept yet, and keep the results beside the declaration."""
    if limit is not None and limit < 1:
        raise BadArgument(f"limit is {limit}: it must be at least 1.")
    found = _resolved(file, as_json)
    store = Store()
    with detached.alone(study_files.work(store, found.path)) as alone:
        if not alone:
            raise WorkFailed(
                f"{found.declared.name} is being run by another process: wait for its end, "
                f"`study status {file}` tells how far it is."
            )
        _run(store, found, limit, as_json)


def _run(store: Store, found: Study, limit: int | None, as_json: bool) -> None:
    before = studies.stored(store, found.runs)
    ids = {run.run_id for run in found.runs}
    kept = (study_results.kept(found.path).run_ids & ids) - before
    asked = [run for run in found.runs if run.run_id not in before | kept][:limit]
    if asked and in_place(found.declared.settings):
        probe_all(store, found, asked, quiet=as_json)
    elif asked:
        studies.queue(store, asked)
        wait(store, found, asked, quiet=as_json)
    results = study_results.gathered(store, found)
    written = study_results.write(results, found.path, found.declared.settings)
    files = [str(path) for path in written]
    rows = _rows(store, found)
    new = {run.run_id for run in asked}
    failed = [
        row for row in rows if row["run_id"] in new and row["state"] not in (State.DONE, KEPT)
    ]
    if as_json:
        known = {"stored_before": len(before), "kept_before": len(kept)}
        counts = {"runs": len(rows), **known, "asked": len(asked)}
        done = {"done": len(asked) - len(failed), "failed": failed, "files": files}
        print(json.dumps({"study": found.declared.name, **counts, **done}, ensure_ascii=False))
    else:
        _say(found, rows, failed, files)
    if failed:
        raise WorkFailed(
            f"{len(failed)} of {len(asked)} runs failed, the first one so: "
            f"{failed[0]['message'] or 'it was cancelled.'} The same command tries them again."
        )


@study.command()
def status(file: Declaration, as_json: Json = False) -> None:
    """Which runs of a study are done, under way, failed, or still missing."""
    store = Store()
    try:
        found = _resolved(file, as_json)
    except WorkFailed:  # the data may not be here, and what is kept needs none
        declared, rows = _all_kept(store, file)
        if not rows:
            raise
    else:
        studies.stored(store, found.runs)
        declared, rows = found.declared, _rows(store, found)
    counts = Counter(row["state"] for row in rows)
    outdated = study_results.other_settings(file, declared)
    if as_json:
        told = {"study": declared.name, "title": declared.title, "outdated": outdated}
        print(json.dumps({**told, "counts": counts, "runs": rows}, ensure_ascii=False))
        return
    table = Table("sources", "seed", "run", "state", "mean", "", title=declared.title)
    for row in rows:
        mean = "" if row["mean"] is None else f"{row['mean']:.3f}"
        sources = ", ".join(row["sources"])
        table.add_row(sources, str(row["seed"]), row["run_id"], row["state"], mean, row["message"])
    out.print(table)
    out.print(", ".join(f"{count} {state}" for state, count in counts.items()), highlight=False)
    if outdated:
        out.print(outdated, highlight=False)


@study.command()
def report(file: Declaration, as_json: Json = False) -> None:
    """Scores and mixing of each source set, how many languages do, and the claims, as Markdown."""
    with Console(stderr=True, quiet=as_json).status("Reading the results"):
        found = make_report(Store(), file)
    print(json.dumps(found.to_dict(), ensure_ascii=False) if as_json else found.to_markdown())


def _resolved(file: Path, as_json: bool) -> Study:
    # The first look at a task's data takes a while, and silence looks like a fault.
    with Console(stderr=True, quiet=as_json).status("Reading the task's data"):
        return studies.resolved(file)


def _all_kept(store: Store, file: Path) -> tuple[StudySpec, list[dict[str, Any]]]:
    """What a file declares, and the rows of its runs where all are kept beside it; else none."""
    declared, results = study_results.read(file)
    ids = study_results.ids(results)
    runs = [(run, ids.get(study_results.key_of(run), "")) for run in declared.runs()]
    return declared, _of_runs(store, results, runs) if all(run_id for _, run_id in runs) else []


def _rows(store: Store, found: Study) -> list[dict[str, Any]]:
    runs = [(run.spec, run.run_id) for run in found.runs]
    return _of_runs(store, study_results.kept(found.path), runs)


def _of_runs(
    store: Store, results: Results, runs: Sequence[tuple[RunSpec, str]]
) -> list[dict[str, Any]]:
    """One row a run, in the study's order: its state, mean score over all targets, message."""
    named = queries.named(store.ledger, [run_id for _, run_id in runs])
    records = {record.run_id: record for record in named}
    by_run = results.scores.groupby("run_id")
    means = {str(run_id): part["value"].mean() for run_id, part in by_run}
    rows = []
    for spec, run_id in runs:
        record, mean = records.get(run_id), means.get(run_id)
        if mean is not None and (record is None or record.state in UNDONE):
            state = KEPT
        else:
            state = record.state.value if record else MISSING
        rows.append(
            {
                "run_id": run_id,
                "sources": list(spec.sources),
                "seed": spec.seed,
                "state": state,
                "mean": record.mean if record and record.state is State.DONE else mean,
                "message": record.message if record else "",
            }
        )
    return rows


def _say(
    found: Study, rows: list[dict[str, Any]], failed: list[dict[str, Any]], files: list[str]
) -> None:
    counts = Counter(row["state"] for row in rows)
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    out.print(f"{found.declared.name}: {len(rows)} runs, {told}.", highlight=False)
    for row in failed:
        said = row["message"] or f"It is {row['state']}."
        name = f"{', '.join(row['sources'])} with seed {row['seed']}, run {row['run_id']}"
        out.print(f"{name}: {said}", highlight=False, markup=False, soft_wrap=True)
    if files:
        out.print(f"Results: {', '.join(files)}", highlight=False, markup=False, soft_wrap=True)
