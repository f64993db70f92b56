"""The studies that there are, for pages: those that ship and one's own; a new one written, started.

Studies that ship are in `studies/` of the project, one's own in `$MSLT_HOME/studies/`. Listing and
opening them resolves nothing and needs neither data nor model.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mslt_core.analysis.measured import Measured, measured
from mslt_core.catalog.resolve import resolve_all
from mslt_core.jobs import detached, probe_study, study_results
from mslt_core.jobs import study as studies
from mslt_core.jobs.engines.local import PROJECT
from mslt_core.jobs.processes import last_line
from mslt_core.jobs.store import Store, tail
from mslt_core.jobs.study_results import Results
from mslt_core.spec import FINETUNE_ONLY, BadArgument, RunSpec, UserError, WorkFailed
from mslt_core.study_spec import SHARED, StudySpec

SHIPPED = "studies"
PROBE_SECONDS = 0.2
"""What the probe of one source set takes about."""


@dataclass(frozen=True)
class StudyFile:
    """A declared study, and how far it is."""

    path: Path
    shipped: bool
    """Whether it came with the product; else it is one's own."""
    declared: StudySpec | None
    """None where the file is wrong."""
    left: tuple[RunSpec, ...] = ()
    """Its runs that have no results beside it, in its order."""
    fault: str = ""
    """What is wrong with the file or the results beside it, in one sentence."""
    outdated: str = ""
    """How the results beside it differ in their settings, which leaves all runs to be done, in one
    sentence."""
    by_item: bool = False
    """Whether it has results that `opened` can read: older ones do not tell of each test item."""

    @property
    def runs(self) -> int:
        """How many are declared."""
        return len(self.declared.sets) * len(self.declared.seeds) if self.declared else 0

    @property
    def done(self) -> int:
        """How many of them have results."""
        return self.runs - len(self.left)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The numbers of languages that its source sets have, smallest first."""
        sets = self.declared.sets if self.declared else ()
        return tuple(sorted({len(sources) for sources in sets}))


def listed(store: Store) -> list[StudyFile]:
    """All studies, those that ship first, each by name."""
    return [
        looked_at(path, shipped)
        for folder, shipped in ((shipped_folder(), True), (own_folder(store), False))
        for path in sorted(folder.glob("*.toml"))
    ]


def looked_at(path: Path, shipped: bool) -> StudyFile:
    """A study as its file and the results beside it now are."""
    try:
        declared = studies.read(path)
    except UserError as error:
        return StudyFile(path, shipped, None, fault=str(error))
    try:
        outdated = study_results.other_settings(path, declared)
        done, by_item = _done(study_results.score_path(path))
    except WorkFailed as error:
        return StudyFile(path, shipped, declared, declared.runs(), str(error))
    if outdated:
        return StudyFile(path, shipped, declared, declared.runs(), outdated=outdated)
    runs = declared.runs()
    left = [run for run in runs if study_results.key_of(run) not in done]
    by_item = by_item and len(left) < len(runs)
    return StudyFile(path, shipped, declared, tuple(left), by_item=by_item)


def shipped_folder() -> Path:
    """Where the studies that ship are: beside the package, else in the working directory."""
    beside = PROJECT / SHIPPED
    return beside if beside.is_dir() else Path(SHIPPED).absolute()


def own_folder(store: Store) -> Path:
    """Where one's own studies are."""
    return store.home / SHIPPED


def opened(path: Path) -> Measured:
    """What a study measured, from the results beside its declaration.

    Raises BadArgument for a declaration that is wrong, WorkFailed where there are no results, or
    none that tell of each test item, or they are of other settings.
    """
    return block(path, *study_results.read(path))


def block(path: Path, declared: StudySpec, results: Results) -> Measured:
    """The same of results that were read. Raises WorkFailed as `opened`."""
    if results.scores.empty:
        raise WorkFailed(f"No run of {declared.name} has results yet: run it first.")
    if not results.by_item:
        raise WorkFailed(
            f"The results of {declared.name} are older than what it says rests on, the answer to "
            f"each test item: `study run {path}` writes them anew from a store that holds its runs."
        )
    return measured(results.scores, studies.parallel(declared), declared.pool)


def declare(store: Store, study: StudySpec) -> Path:
    """Writes a study of one's own; returns its file.

    Raises BadArgument where its name is taken, or task or model cannot give what it asks for;
    WorkFailed where they cannot be looked up, or the file cannot be written.
    """
    path = own_folder(store) / f"{study.name}.toml"
    taken = [found for found in (shipped_folder() / path.name, path) if found.exists()]
    if taken:
        raise BadArgument(f"name: there is a study {study.name} already, {taken[0]}: take another.")
    resolve_all([run for run in study.runs() if run.seed == study.seeds[0]])
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(to_toml(study), encoding="utf-8")
        os.link(half, path)  # whole or not there, and in the place of no other
    except FileExistsError:
        raise BadArgument(f"name: there is a study {study.name} already: take another.") from None
    except OSError as error:
        raise WorkFailed(
            f"The study cannot be written to {path} ({error.strerror or error}): make its folder "
            "writable, or free some room."
        ) from error
    finally:
        half.unlink(missing_ok=True)
    return path


def to_toml(study: StudySpec) -> str:
    """A study as its file declares it: the inverse of `StudySpec.from_dict`."""
    values = study.settings.to_dict()
    left_out = FINETUNE_ONLY if study.settings.method == "probe" else ()
    shared = [
        f"{name} = {_toml(values[name])}"
        for name in SHARED
        if name not in left_out and values[name] is not None
    ]
    sets = [f"    {_toml(sources)}," for sources in study.sets]
    lines = [
        f"name = {_toml(study.name)}",
        f"title = {_toml(study.title)}",
        "sets = [",
        *sets,
        "]",
        f"seeds = {_toml(study.seeds)}",
        "",
        "[run]",
        *shared,
    ]
    return "\n".join(lines) + "\n"


def start(store: Store, path: Path) -> None:
    """Has what is missing of a study computed by a process of its own, `study run`, which nothing
    that happens to this one stops. Returns at once, and starts none while one is at it."""
    command = ["mslt_core", "study", "run", str(path.absolute()), "--json"]
    detached.start(store, work(store, path), command)


def running(store: Store, path: Path) -> bool:
    """Whether a process is at a study, started by `start` or in a terminal."""
    return detached.running(work(store, path))


def work(store: Store, path: Path) -> Path:
    """What the lock and the log of a study stand beside."""
    return store.logs_dir / f"study-{path.stem}.log"


def failure(store: Store, path: Path) -> str:
    """Why the last process that `start` started for a study failed or died, in a sentence; empty
    where it did neither, while it runs, and where there was none."""
    log = detached.log(work(store, path))
    if not log.exists() or running(store, path):
        return ""
    said = last_line(tail(log, lines=5))
    if said.startswith("Error: "):
        return f"{said.removeprefix('Error: ')}."
    if said.startswith("{"):  # what `study run --json` prints at its end
        return ""
    return f"It was ended before it was done, and said at last: {said}."


def seconds(store: Store, runs: Sequence[RunSpec]) -> float | None:
    """Estimated seconds of runs that share their settings, judged by finished ones of the same
    model and task; None while there is none. Of probes in one process what their fits take: the
    embedding before them comes on top, once for a model and task."""
    if runs and probe_study.in_place(runs[0]):
        return PROBE_SECONDS * len(runs)
    return studies.seconds_of(store, runs)


def _done(path: Path) -> tuple[set[tuple[str, int]], bool]:
    """Sources and seed of the runs that have results, and whether these tell of each item."""
    if not path.exists():
        return set(), False
    try:
        with pq.ParquetFile(path) as file:
            table = file.read(columns=["sources", "seed"])
            by_item = {*study_results.BY_ITEM} <= {*file.schema_arrow.names} and _tells(file)
    except (OSError, pa.ArrowException) as error:
        raise study_results.broken(path, error) from error
    columns = (table[name].to_pylist() for name in ("sources", "seed"))
    return set(zip(*columns, strict=True)), by_item


def _tells(file: pq.ParquetFile) -> bool:
    """Whether all lists of what each item added hold something: those of older results do not.
    Asked of the statistics, in which an empty list counts as a null: reading takes long."""
    groups, columns = range(file.metadata.num_row_groups), range(file.metadata.num_columns)
    chunks = [file.metadata.row_group(g).column(c) for g in groups for c in columns]
    lists = [one for one in chunks if one.path_in_schema.startswith(f"{study_results.BY_ITEM[0]}.")]
    return all(one.statistics is not None and one.statistics.null_count == 0 for one in lists)


def _toml(value: object) -> str:
    """A text, number, truth value, or list of these: JSON writes them as TOML does."""
    return json.dumps(value, ensure_ascii=False)
