"""The store: one folder with the ledger, the results of all runs, caches and logs.

$MSLT_HOME/  (.mslt by default)
  ledger.sqlite   what is to be done and what was
  runs/<run_id>/  the results of one run, whole or not there (see artefacts.py)
  tmp/            results being built: <run_id>.<attempt>.<pid>
  cache/          what can be computed again
  logs/           worker.log, child.log, maps.log and a log for each run
  worker.lock     held by the worker that is alive
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeVar

import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError

from mslt_core.analysis.mixing import Mixing
from mslt_core.catalog.map_sentences import stored_before
from mslt_core.jobs import artefacts, queries
from mslt_core.jobs.ledger import Ledger, RunRecord, State
from mslt_core.spec import BadArgument, RunSpec, UserError, WorkFailed, default_home

T = TypeVar("T")

_RUN_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")

LOG_BYTES = 5_000_000
"""A log larger than this starts anew when it is next opened."""

MIXING = "mixing.safetensors"
LAYERS = "layers.safetensors"
NEVER_MEASURED = (
    "It was trained before mixing was measured at the end of such a run: delete it and run it "
    "again."
)
NO_LAYERS = (
    "It was trained before layers were measured at the end of a run: delete it and run it again."
)


class Store:
    """The store in `home` (by default `default_home()`), made when missing.

    Raises WorkFailed when the folder cannot be made or written to. The readers of a run's results
    raise BadArgument for what is no run_id, WorkFailed when the results are not there or broken.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.home = (home or default_home()).absolute()
        self.runs_dir = self.home / "runs"
        self.tmp_dir = self.home / "tmp"
        self.cache_dir = self.home / "cache"
        self.logs_dir = self.home / "logs"
        self.lock_path = self.home / "worker.lock"
        try:
            for folder in (self.runs_dir, self.tmp_dir, self.cache_dir, self.logs_dir):
                folder.mkdir(parents=True, exist_ok=True)
                if not os.access(folder, os.W_OK | os.X_OK):
                    raise PermissionError(f"no permission to write to {folder.name}/")
        except OSError as error:
            raise WorkFailed(
                f"The store {self.home} cannot be written to ({error.strerror or error}): make "
                "that folder writable, or set MSLT_HOME to another one."
            ) from error
        self.ledger = Ledger(self.home / "ledger.sqlite")

    # The results of one run ------------------------------------------------------------------

    def run_json(self, run_id: str) -> dict[str, Any]:
        """The run's record: spec, mean scores, device, versions, times, checksums."""
        return self._read(run_id, "run.json", _read_json)

    def mean(self, run_id: str) -> float | None:
        """The mean score over all targets, 0 to 1."""
        return (self.run_json(run_id).get("mean") or {}).get("all")

    def table(self, run_id: str, name: str) -> pd.DataFrame:
        """The table `name` of a run."""
        return self._read(run_id, f"{name}.parquet", pd.read_parquet)

    def arrays(self, run_id: str, name: str) -> dict[str, NDArray[Any]]:
        """The named arrays of the file `name` of a run."""
        return self._read(run_id, f"{name}.safetensors", _read_arrays)

    def scores(self, run_id: str) -> pd.DataFrame:
        """Columns target, metric, value (0 to 1), n (items)."""
        return self.table(run_id, "scores")

    def predictions(self, run_id: str) -> pd.DataFrame:
        """Columns target, item, gold, predicted."""
        return self.table(run_id, "predictions")

    def embeddings(self, run_id: str) -> dict[str, NDArray[Any]]:
        """Sentence vectors of the tuned model by language, float16 (n, hidden); none for a probe,
        which leaves the encoder as it was."""
        if not (self.folder(run_id) / "embeddings.safetensors").exists():
            self.run_json(run_id)  # tells a run without vectors from no run
            return {}
        return self.arrays(run_id, "embeddings")

    def pretrained(self, run_id: str) -> dict[str, NDArray[Any]]:
        """Vectors of the same sentences before training, float16 (n, hidden) by language; none
        when the cache that holds them was cleared or is damaged."""
        path = self.pretrained_path(self.run_json(run_id).get("pretrained", ""))
        try:
            return _read_arrays(path)
        except (OSError, SafetensorError):
            return {}  # a cache: the next run on the same targets makes it again

    def pretrained_path(self, key: str) -> Path:
        """The file in the cache that holds the pretrained vectors named `key`."""
        return self.cache_dir / "pretrained" / f"{key}.safetensors"

    def mixing(self, run_id: str) -> Mixing | None:
        """How far languages mingle before and after training; None of a run that did not measure
        it, for the reason that `no_mixing` gives."""
        if not self._has(run_id, MIXING):
            return None
        return self._read(run_id, MIXING, lambda path: Mixing.from_arrays(_read_arrays(path)))

    def no_mixing(self, run_id: str) -> str:
        """Why a run has no mixing, in one sentence."""
        record = self.run_json(run_id)
        said = record.get("mixing") or {}
        return str((not stored_before(record) and said.get("missing")) or NEVER_MEASURED)

    def layers(self, run_id: str) -> tuple[int, ...]:
        """The layers that a run has vectors of, lowest first; 0 is what the embeddings give. () of
        a run without layers, for the reason that `no_layers` gives."""
        if not self._has(run_id, LAYERS):
            return ()
        names = self._read(run_id, LAYERS, _array_names)
        return tuple(sorted({int(name.split("/")[1]) for name in names}))

    def layer_vectors(
        self,
        run_id: str,
        when: Literal["before", "after"],
        pooling: Literal["mean", "first"],
        layer: int,
    ) -> dict[str, NDArray[Any]]:
        """Vectors of the first of the map's sentences at one of `layers`, before or after training,
        (n, hidden) by language: float16, or float32 where a number is too large for it. None of
        other layers, nor before training when the cache that holds them was cleared or is
        damaged."""
        prefix = f"{pooling}/{layer}/"
        if not self._has(run_id, LAYERS):
            return {}
        if when == "after":
            return self._read(run_id, LAYERS, lambda path: _read_some(path, prefix))
        path = self.untouched_layers_path(self.run_json(run_id).get("pretrained", ""))
        try:
            return _read_some(path, prefix)
        except (OSError, SafetensorError):
            return {}  # a cache, as that of `pretrained`

    def untouched_layers_path(self, key: str) -> Path:
        """The file in the cache that holds the layers of the vectors named `key`."""
        return self.cache_dir / "pretrained" / f"{key}-layers.safetensors"

    def layer_mixing(self, run_id: str) -> pd.DataFrame | None:
        """How far languages mingle at every second layer: columns space (`pretrained` or `tuned`),
        pooling (`mean` or `first`), layer (0 and up), and those of the table `mixing`; None of a
        run without layers."""
        return self.table(run_id, "layers") if self._has(run_id, LAYERS) else None

    def no_layers(self, run_id: str) -> str:
        """Why a run has no layers, in one sentence."""
        said = self.run_json(run_id).get("mixing") or {}
        return str(said.get("no_layers") or said.get("missing") or NO_LAYERS)

    def history(self, run_id: str) -> pd.DataFrame:
        """Columns step, loss, tokens_per_second; grows while the run is in progress."""
        folder, record = self.folder(run_id), self.ledger.get(run_id)
        if record and record.state is State.RUNNING:
            folder = self.building(record)
        return artefacts.read_history(folder / "history.jsonl")

    def log_path(self, run_id: str) -> Path:
        """The file that holds all that a run's process printed."""
        return self.logs_dir / f"{self.folder(run_id).name}.log"

    def log_tail(self, run_id: str | None = None, lines: int = 50) -> str:
        """The end of a run's log, or of the worker's and its child's; empty while there is none."""
        if run_id is not None:
            return tail(self.log_path(run_id), lines)
        tails = (tail(self.logs_dir / name, lines) for name in ("worker.log", "child.log"))
        return "\n".join(tail for tail in tails if tail)

    def folder(self, run_id: str) -> Path:
        """Where the results of a run are once it is done; raises BadArgument for no run_id."""
        # The name may come from an address bar: it must not lead out of the store.
        if not _RUN_ID.fullmatch(run_id):
            raise BadArgument(f"{run_id!r} is not the name of a run: names are 16 hex digits.")
        return self.runs_dir / run_id

    def building(self, claim: RunRecord) -> Path:
        """Where the process that claimed a run builds its results."""
        return self.tmp_dir / f"{claim.run_id}.{claim.attempt}.{claim.pid}"

    def delete(self, run_id: str) -> None:
        """Removes a run, its results and its log. Raises BadArgument while it is running."""
        folder = self.folder(run_id)
        self.ledger.delete(run_id)
        if folder.exists():
            artefacts.discard(folder, self.tmp_dir)
        self.log_path(run_id).unlink(missing_ok=True)

    # Soundness ---------------------------------------------------------------------------------

    def verify(self, run_id: str) -> str | None:
        """What is wrong with a run's results, as the rest of a sentence; None if they are sound."""
        return artefacts.fault(self.folder(run_id))

    def settle(self, run_id: str) -> RunRecord | None:
        """The run's record, after the ledger was made to agree with what is stored: a run with
        sound results is done, one without them is not. Call it before answering from the store."""
        wrong, record = self.verify(run_id), self.ledger.get(run_id)
        state = record.state if record else None
        if wrong is None and state not in (State.DONE, State.RUNNING):
            spec = RunSpec.from_dict(self.run_json(run_id)["spec"])
            self.ledger.record_done(run_id, spec, self.mean(run_id))
        elif wrong is not None and state is State.DONE:
            self.ledger.record_broken(
                run_id, f"The folder {self.folder(run_id)} {wrong}: retry the run."
            )
        return self.ledger.get(run_id)

    def reconcile(self) -> None:
        """Settles every run for which the ledger and the folders disagree at a glance."""
        done = queries.done_ids(self.ledger)
        stored = {
            entry.name
            for entry in os.scandir(self.runs_dir)
            if os.path.exists(f"{entry.path}/run.json")
        }
        # A folder of any other name is somebody's copy, not a run.
        for run_id in sorted(name for name in done ^ stored if _RUN_ID.fullmatch(name)):
            self.settle(run_id)

    def sweep(self) -> None:
        """Removes what dead processes were building."""
        found = list(self.tmp_dir.iterdir())  # first: what is claimed after this look is spared
        wanted = {self.building(run) for run in self.ledger.running()}
        for folder in set(found) - wanted:
            shutil.rmtree(folder, ignore_errors=True)
        artefacts.sweep(self.cache_dir)

    def check(self) -> list[str]:
        """What is wrong with the stored results, one sentence each; reads every file."""
        faults = []
        for folder in sorted(path for path in self.runs_dir.iterdir() if path.is_dir()):
            wrong = artefacts.fault(folder)
            if wrong:
                faults.append(f"The folder {folder} {wrong}: retry that run, or delete it.")
        for run_id in sorted(queries.done_ids(self.ledger)):
            if not self.folder(run_id).exists():
                faults.append(f"Run {run_id} is done but its folder is gone: retry it.")
        return faults

    def open_log(self, path: Path, fresh: bool = False) -> BinaryIO:
        """The log, open for appending; emptied first if asked for or if it has grown too large."""
        if fresh or (path.exists() and path.stat().st_size > LOG_BYTES):
            path.unlink(missing_ok=True)
        return path.open("ab")

    def _has(self, run_id: str, name: str) -> bool:
        return name in (self.run_json(run_id).get("checksums") or {})

    def _read(self, run_id: str, name: str, read: Callable[[Path], T]) -> T:
        folder = self.folder(run_id)
        if not folder.is_dir():
            raise WorkFailed(f"Run {run_id} has no results in {self.home}: run it first.")
        try:
            return read(folder / name)
        except UserError:
            raise
        except Exception as error:  # the readers have no common error for a damaged file
            raise WorkFailed(
                f"The results of run {run_id} are broken, {name} cannot be read "
                f"({type(error).__name__}): retry the run, or delete it."
            ) from error


def _read_json(path: Path) -> dict[str, Any]:
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise ValueError(f"{path} is no JSON object")
    return document


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    from safetensors.numpy import load_file

    arrays: dict[str, NDArray[Any]] = load_file(path)
    return arrays


def _read_some(path: Path, prefix: str) -> dict[str, NDArray[Any]]:
    """The arrays whose names begin so, by the rest of their names; of a large file only they are
    read."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        names = sorted(name for name in file.keys() if name.startswith(prefix))  # noqa: SIM118
        return {name.removeprefix(prefix): file.get_tensor(name) for name in names}


def _array_names(path: Path) -> list[str]:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        return list(file.keys())


def tail(path: Path, lines: int) -> str:
    """The last lines of a log; empty while there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as file:  # the end only: a log may be long
        file.seek(max(0, path.stat().st_size - 500 * lines))
        text = file.read().decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])
