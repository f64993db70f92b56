"""What the runs of a study gave, as two small tables beside its declaration.

`<name>.parquet` has the columns SCORES, a row a run and target. n and correct are the two sums
whose ratio is the value: answers and right ones (of a token task, words). right and of are what
each test item adds to them, in the order of the items' ids: what intervals stand on. Tables that
were written before these two columns were kept have empty lists there. `<name>.mixing.parquet`
has the columns MIXING, a row a run, subset and metric, as the run's own table of mixing has them;
the model before training, which all seeds share, stands once for each source set, without run and
seed. Sources are written as `ar,de,zh`. The first file says in its metadata which settings its runs
shared, so that it is not taken for what the declaration says after somebody edited that.

So the results of a study can be read where nobody ran it, and outlive the store.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mslt_core.analysis.mixing import BEFORE
from mslt_core.analysis.scores import Answers, count
from mslt_core.catalog.resolve import ResolvedRun
from mslt_core.jobs import study as studies
from mslt_core.jobs.artefacts import replacing
from mslt_core.jobs.store import Store
from mslt_core.jobs.study import Study
from mslt_core.spec import RunSpec, WorkFailed
from mslt_core.study_spec import SHARED, StudySpec

SCORES = {
    "sources": "str",
    "seed": "int64",
    "run_id": "str",
    "target": "str",
    "metric": "str",
    "value": "float64",
    "n": "int64",
    "correct": "int64",
    "right": "object",
    "of": "object",
}
BY_ITEM = ("right", "of")
"""The columns of SCORES that hold lists, uint16."""
MIXING = {
    "sources": "str",
    "seed": "Int64",
    "run_id": "str",
    "space": "str",
    "subset": "str",
    "metric": "str",
    "value": "float64",
    "low": "float64",
    "high": "float64",
    "null": "float64",
}
SETTINGS = b"mslt.settings"
"""The key of the settings in the file's metadata: a JSON object of the fields SHARED."""


@dataclass(frozen=True, eq=False)
class Results:
    """The two tables; empty where there is nothing."""

    scores: pd.DataFrame
    mixing: pd.DataFrame

    @property
    def run_ids(self) -> set[str]:
        """The runs that have results here."""
        return set(self.scores["run_id"])

    @property
    def by_item(self) -> bool:
        """Whether it is known of each score what every item adds to it."""
        return bool(self.scores["of"].map(len).all())


def score_path(declaration: Path) -> Path:
    """Where the scores of a study are, given the file that declares it."""
    return declaration.with_suffix(".parquet")


def mixing_path(declaration: Path) -> Path:
    """Where its mixing is."""
    return declaration.with_suffix(".mixing.parquet")


def kept(declaration: Path) -> Results:
    """The tables beside a declaration. Raises WorkFailed when one is broken."""
    return Results(_read(score_path(declaration), SCORES), _read(mixing_path(declaration), MIXING))


def kept_of(declaration: Path, declared: StudySpec) -> Results:
    """Of these tables what is declared now: after a set or a seed was taken out of a declaration,
    its runs stand beside it until the next one is kept. Raises as `kept`."""
    found = kept(declaration)
    runs = {key_of(run) for run in declared.runs()}
    sets = {sources for sources, _ in runs}

    def chosen(table: pd.DataFrame) -> pd.DataFrame:
        keys = zip(table["sources"], table["seed"], strict=True)
        own = [s in sets if pd.isna(seed) else (s, seed) in runs for s, seed in keys]
        return table[np.array(own, dtype=bool)].reset_index(drop=True)

    return Results(chosen(found.scores), chosen(found.mixing))


def read(declaration: Path) -> tuple[StudySpec, Results]:
    """What a file declares, and what is kept beside it.

    Raises BadArgument for a declaration that is wrong, WorkFailed where a table is broken or stands
    on other settings than are declared.
    """
    declared = studies.read(declaration)
    results = kept_of(declaration, declared)
    if said := other_settings(declaration, declared):
        raise WorkFailed(said)
    return declared, results


def other_settings(declaration: Path, declared: StudySpec) -> str:
    """In which settings what is kept beside a declaration differs from it, and what is to be done,
    in a sentence; empty where it does not, or where it is older than these are told.

    Raises WorkFailed when it is broken.
    """
    now, then = _settings(declared.settings), _measured_with(score_path(declaration))
    changed = [
        f"{name} {_told(then[name])}, declared now is {_told(now[name])}"
        for name in SHARED
        if name in then and then[name] != now[name]
    ]
    if not changed:
        return ""
    return (
        f"The results beside {declaration.name} were measured with other settings: "
        f"{'; '.join(changed)}. They count again if you declare those again; `study run "
        f"{declaration}` computes all anew and replaces them."
    )


def gathered(store: Store, study: Study) -> Results:
    """What the store holds of a study's runs, and of the others what is kept beside it.

    Raises WorkFailed when what is kept stands on other settings, data, model or training, and the
    store does not hold all runs: the two must not be mixed.
    """
    here = studies.stored(store, study.runs)
    earlier = kept(study.path)
    ids = {run.run_id for run in study.runs}
    if _others(earlier, study) and here != ids:
        raise WorkFailed(
            f"The results in {score_path(study.path)} are of other settings, data, model or "
            f"training code: they stay until all {len(ids)} runs of {study.declared.name} are in "
            f"the store, which holds {len(here)}."
        )
    return _with(study, of_store(store, study, here), earlier)


def keep(study: Study, new: Results) -> None:
    """Adds what runs of a study gave to what is kept beside it. While that is of other settings it
    stays as it is, until all runs are there (see `gathered`). Raises as `write` does."""
    earlier = kept(study.path)
    if not _others(earlier, study) or len(new.run_ids) == len(study.runs):
        write(_with(study, new, earlier), study.path, study.declared.settings)


def of_store(store: Store, study: Study, run_ids: Collection[str]) -> Results:
    """What these runs of a study gave, which the store holds."""
    scores, mixing = [], []
    told: set[str] = set()
    for run in study.runs:
        if run.run_id not in run_ids:
            continue
        scores.append(_scores(store, run))
        if "mixing.parquet" not in store.run_json(run.run_id)["checksums"]:
            continue
        table = store.table(run.run_id, "mixing").assign(sources=sources_of(run.spec))
        before = table["space"] == BEFORE
        mixing.append(table[~before].assign(seed=run.spec.seed, run_id=run.run_id))
        if sources_of(run.spec) not in told:
            mixing.append(table[before].assign(seed=None, run_id=""))
            told.add(sources_of(run.spec))
    return Results(_table(scores, SCORES), _table(mixing, MIXING))


def ids(results: Results) -> dict[tuple[str, int], str]:
    """The id of each run, by `key_of`."""
    columns = (results.scores[name].tolist() for name in ("sources", "seed", "run_id"))
    return {(sources, seed): run_id for sources, seed, run_id in zip(*columns, strict=True)}


def no_mixing() -> pd.DataFrame:
    """The table of mixing of runs that did not measure it."""
    return _table([], MIXING)


def nothing() -> Results:
    """Of no runs."""
    return Results(_table([], SCORES), no_mixing())


def write(results: Results, declaration: Path, settings: RunSpec) -> list[Path]:
    """Puts tables, of runs that shared these settings, in the place of those beside a declaration,
    each at once; returns the files, of an empty table none. Raises WorkFailed when they cannot be
    written."""
    if results.scores.empty:
        return []
    scores, mixing = score_path(declaration), mixing_path(declaration)
    if results.mixing.empty:
        mixing.unlink(missing_ok=True)
    else:
        _replace(mixing, results.mixing, {})
    said = json.dumps(_settings(settings), sort_keys=True, ensure_ascii=False).encode()
    _replace(scores, results.scores, {SETTINGS: said})  # last: a run that has scores has all
    return [path for path in (scores, mixing) if path.exists()]


def broken(path: Path, error: Exception) -> WorkFailed:
    """What is raised of a table that cannot be read."""
    return WorkFailed(
        f"The results {path} cannot be read ({type(error).__name__}): put a sound copy in its "
        "place, or remove it, and `study run` makes it again."
    )


def sources_of(run: RunSpec) -> str:
    """The sources of a run as the tables write them."""
    return ",".join(run.sources)


def key_of(run: RunSpec) -> tuple[str, int]:
    """What tells the runs of a study apart: the sources, as the tables write them, and the seed."""
    return sources_of(run), run.seed


def _scores(store: Store, run: ResolvedRun) -> pd.DataFrame:
    record = store.run_json(run.run_id)
    answers: Answers = record.get("answers", "labels")
    scores = store.scores(run.run_id)
    scores = scores[scores["metric"] == record["metric"]].drop(columns="n")
    rows = []
    for target, group in store.predictions(run.run_id).groupby("target", sort=True):
        by_item = count(group.sort_values("item"), answers)
        right, of = (part.astype(np.uint16) for part in by_item)
        rows.append((target, int(of.sum()), int(right.sum()), right, of))
    counts = pd.DataFrame(rows, columns=["target", "n", "correct", *BY_ITEM])
    said = {"sources": sources_of(run.spec), "seed": run.spec.seed, "run_id": run.run_id}
    table: pd.DataFrame = scores.merge(counts, on="target").assign(**said)
    return table


def _with(study: Study, new: Results, earlier: Results) -> Results:
    """New rows, and of the earlier ones those of other runs of the study, in the study's order."""
    sets = {sources_of(run.spec) for run in study.runs}
    others = {run.run_id for run in study.runs} - new.run_ids
    rows = earlier.mixing
    own_model = rows["sources"].isin(sets - set(new.mixing["sources"]))
    left = rows["run_id"].isin(others) | ((rows["space"] == BEFORE) & own_model)
    scores = [new.scores, earlier.scores[earlier.scores["run_id"].isin(others)]]
    mixing = [new.mixing, rows[left]]
    place = {run.run_id: i for i, run in enumerate(study.runs)}
    runs = reversed([*enumerate(study.runs)])
    first = {sources_of(run.spec): i - len(study.runs) for i, run in runs}

    def ordered(parts: list[pd.DataFrame], columns: dict[str, str]) -> pd.DataFrame:
        table = _table(parts, columns)
        at = table["run_id"].map(place).fillna(table["sources"].map(first))
        rows: pd.DataFrame = table.iloc[at.argsort(kind="stable").to_numpy()].reset_index(drop=True)
        return rows

    return Results(ordered(scores, SCORES), ordered(mixing, MIXING))


def _others(results: Results, study: Study) -> bool:
    """Whether there are results of the sources and the seed of one of its runs, but not its own."""
    declared = {key_of(run.spec): run.run_id for run in study.runs}
    return any(declared.get(run, run_id) != run_id for run, run_id in ids(results).items())


def _settings(spec: RunSpec) -> dict[str, object]:
    """What the runs of a study share, as JSON has it."""
    values = spec.to_dict() | {"targets": sorted(spec.targets)}
    found: dict[str, object] = json.loads(json.dumps({name: values[name] for name in SHARED}))
    return found


def _measured_with(path: Path) -> dict[str, object]:
    """The settings that a table says; none where it says none or is not there."""
    if not path.exists():
        return {}
    try:
        found: dict[str, object] = json.loads((pq.read_schema(path).metadata or {})[SETTINGS])
        return found
    except KeyError:
        return {}
    except (OSError, ValueError, pa.ArrowException) as error:
        raise broken(path, error) from error


def _told(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _table(parts: list[pd.DataFrame], columns: dict[str, str]) -> pd.DataFrame:
    found = [part for part in parts if len(part)]
    if not found:
        return pd.DataFrame(columns=list(columns)).astype(columns)
    same = [part[list(columns)].astype(columns) for part in found]
    return pd.concat(same, ignore_index=True)


def _read(path: Path, columns: dict[str, str]) -> pd.DataFrame:
    if not path.exists():
        return _table([], columns)
    try:
        table = pd.read_parquet(path)
        lacking = {*BY_ITEM} & {*columns} - {*table}
        unknown = pd.Series([np.empty(0, np.uint16)] * len(table), table.index, dtype=object)
        table = table.assign(**dict.fromkeys(lacking, unknown))
        return table[list(columns)].astype(columns)
    except Exception as error:  # the readers have no common error for a damaged file
        raise broken(path, error) from error


def _replace(path: Path, frame: pd.DataFrame, said: dict[bytes, bytes]) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **said})
    if path.exists():
        old = pq.read_table(path)
        if old.equals(table) and said.items() <= (old.schema.metadata or {}).items():
            return
    try:
        with replacing(path) as temporary:
            pq.write_table(table, temporary, compression="zstd")
    except OSError as error:
        raise WorkFailed(
            f"The results cannot be written to {path} ({error.strerror or error}): make its "
            "folder writable, or copy the declaration to another one."
        ) from error
