"""The files of a run's results: how they are written, made durable, published and checked.

They are built in a temporary folder. `publish` writes run.json last, with a checksum of every other
file, and renames the folder into place: a run's folder is whole, or it is not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.spec import RunSpec, UserError

HALF = ".half"
"""Ending of a name under which something is still being written."""
ABANDONED_SECONDS = 3600.0
"""After which nobody writes to such a thing any more."""
HISTORY_COLUMNS = ("step", "loss", "tokens_per_second")


def write_table(folder: Path, name: str, table: pd.DataFrame) -> None:
    """Writes `<name>.parquet`, without the index."""
    table.to_parquet(folder / f"{name}.parquet", index=False)


def write_arrays(folder: Path, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Writes `<name>.safetensors`; arrays keep their shapes and types."""
    from safetensors.numpy import save

    contiguous = {key: np.ascontiguousarray(array) for key, array in arrays.items()}
    (folder / f"{name}.safetensors").write_bytes(save(contiguous))


def replace_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Puts a file of arrays in the place of the one before, at once: who reads meanwhile gets one
    or the other, and a process that dies leaves the old one."""
    from safetensors.numpy import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        save_file(dict(arrays), temporary)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside `path` under which to write what then takes its place, at once; what an
    exception leaves there is removed."""
    temporary = half(path)
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def half(path: Path) -> Path:
    """A new hidden name beside `path`, which `sweep` knows by its ending."""
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}{HALF}")


def sweep(folder: Path) -> None:
    """Removes, anywhere in a folder, what processes that died were writing."""
    for path in folder.rglob(f".*{HALF}"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def append_history(folder: Path, step: int, loss: float, tokens_per_second: float) -> None:
    """Adds a line to history.jsonl, which may be read while it grows."""
    line = json.dumps({"step": step, "loss": loss, "tokens_per_second": tokens_per_second})
    with (folder / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def read_history(path: Path) -> pd.DataFrame:
    """The lines of a history.jsonl as columns step, loss, tokens_per_second; empty if no file."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    # What follows the last line's end is a line half written.
    rows = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
    return pd.DataFrame(rows, columns=list(HISTORY_COLUMNS))


def publish(building: Path, final: Path, run_json: Mapping[str, Any]) -> None:
    """Makes the folder `building` the results `final`, on the disk to stay. Sound results that are
    there already are kept and `building` is dropped; broken ones are replaced."""
    checksums = {file.name: _sha256(file) for file in _files(building)}
    document = json.dumps({**run_json, "checksums": checksums}, indent=1, allow_nan=False)
    (building / "run.json").write_text(document, encoding="utf-8")
    for path in (*_files(building), building):
        _sync(path)
    if final.exists():
        if fault(final) is None:
            shutil.rmtree(building)
            return
        discard(final, building.parent)
    os.rename(building, final)
    _sync(final.parent)


def discard(folder: Path, trash: Path) -> None:
    """Removes a folder in one stroke: nobody sees it half removed."""
    doomed = trash / f"{folder.name}.{uuid.uuid4().hex}"
    os.rename(folder, doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def fault(folder: Path) -> str | None:
    """What is wrong with a run's folder, as the rest of a sentence; None if it is sound."""
    try:
        document = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        checksums = document["checksums"]
        RunSpec.from_dict(document["spec"])
        if document["run_id"] != folder.name:
            return f"is that of another run, {document['run_id']}"
        for name, checksum in checksums.items():
            if not (folder / name).is_file():
                return f"lacks {name}"
            if _sha256(folder / name) != checksum:
                return f"holds a damaged {name}"
    except FileNotFoundError:
        return "lacks run.json"
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UserError) as error:
        return f"holds a damaged run.json ({type(error).__name__})"
    return None


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Waits until the file or folder is on the disk, so that a rename never outruns its data."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
