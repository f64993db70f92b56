"""Maps as files: what is asked for, and what was answered.

$MSLT_HOME/cache/maps/
  <key>.json     a request; gone once it is answered
  <key>.parquet  a map: its points, and in the metadata what is known of it as a whole
  <key>.failed   why there is none, and until when that holds

Each is written beside its place and renamed into it: it is whole, or it is not there. What cannot
be read is removed, as if it had never been.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from mslt_core.analysis.projection import Method
from mslt_core.jobs.artefacts import replacing, sweep
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument

MAP_VERSION = 1
"""Part of a map's key: raise it when a change of the computing changes the maps."""
KEPT = 200
"""Answers that are kept, the newest."""
ROOM = 1_000_000
"""Bytes that an answer takes at most."""

When = Literal["before", "after"]
Pooling = Literal["mean", "first"]

REQUEST, ANSWER, FAILURE = ".json", ".parquet", ".failed"
_REQUEST = re.compile(rf"([0-9a-f]{{16}})\{REQUEST}")


@dataclass(frozen=True)
class MapSpec:
    """Which map: the panels in one projection, each a run_id and whether its model is shown before
    or after the training; and which of their vectors.

    Raises BadArgument for no panels, or a layer without a pooling.
    """

    panels: tuple[tuple[str, When], ...]
    method: Method = "pca"
    pooling: Pooling | None = None
    layer: int | None = None
    """None: the vectors that the run's scores stand on."""

    def __post_init__(self) -> None:
        if not self.panels:
            raise BadArgument("panels is empty: a map shows at least one run.")
        if (self.pooling is None) != (self.layer is None):
            raise BadArgument(
                f"pooling is {self.pooling} and layer is {self.layer}: give both, or neither."
            )

    @property
    def key(self) -> str:
        """The map's name, 16 hex digits. What a run gave never changes, so its id stands for it."""
        return hashlib.sha256(f"{MAP_VERSION}\n{self.to_json()}".encode()).hexdigest()[:16]

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> MapSpec:
        """Raises ValueError, TypeError or BadArgument for what is none."""
        fields = json.loads(text)
        panels = tuple((str(run_id), when) for run_id, when in fields.pop("panels", ()))
        return cls(panels, **fields)


@dataclass(frozen=True, eq=False)
class Map:
    """A map that was computed."""

    points: pd.DataFrame
    """panel (its number in the spec, from 0), language, item (number of the sentence), x, y."""
    trustworthiness: tuple[float, ...]
    """Of each panel, 0 to 1: see `analysis.projection`."""
    variance: float | None
    """The share of the variance that a PCA shows, 0 to 1."""


class MapFiles:
    """The maps of a store. Its methods raise OSError when a file cannot be written."""

    def __init__(self, store: Store) -> None:
        self.folder = store.cache_dir / "maps"

    # What is asked for ---------------------------------------------------------------------------

    def ask(self, spec: MapSpec) -> None:
        """Asks for a map, or shows that it is still waited for. Raises OSError too when there is no
        room on the disk for an answer."""
        path = self._path(spec.key, REQUEST)
        try:
            os.utime(path)
        except FileNotFoundError:
            self._write(path, spec.to_json().encode())
        if shutil.disk_usage(self.folder).free < ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def asked(self) -> list[str]:
        """Keys of the maps that are asked for, first those that somebody waited for last."""
        found = []
        with suppress(FileNotFoundError), os.scandir(self.folder) as entries:
            for entry in entries:
                named = _REQUEST.fullmatch(entry.name)
                if named:
                    with suppress(FileNotFoundError):
                        found.append((entry.stat().st_mtime, named[1]))
        return [key for _, key in sorted(found, reverse=True)]

    def request(self, key: str) -> MapSpec | None:
        """What is asked for; None if nothing is, or in a way that this version does not know."""
        path = self._path(key, REQUEST)
        with suppress(OSError, ValueError, TypeError, AttributeError, BadArgument):
            spec = MapSpec.from_json(path.read_text(encoding="utf-8"))
            if spec.key == key:
                return spec
        path.unlink(missing_ok=True)
        return None

    # What was answered ---------------------------------------------------------------------------

    def read(self, key: str) -> Map | None:
        """The map, if it was computed."""
        import pyarrow.parquet as pq

        path = self._path(key, ANSWER)
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                table = file.read()
            whole = json.loads(table.schema.metadata[b"map"])
            return Map(table.to_pandas(), tuple(whole["trustworthiness"]), whole["variance"])
        except FileNotFoundError:
            return None
        except Exception:  # the readers have no common error for a damaged file
            path.unlink(missing_ok=True)
            return None

    def keep(self, key: str, found: Map) -> None:
        """Answers a request with a map."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        whole = {"trustworthiness": found.trustworthiness, "variance": found.variance}
        table = pa.Table.from_pandas(found.points, preserve_index=False)
        metadata = {**table.schema.metadata, b"map": json.dumps(whole).encode()}
        sink = pa.BufferOutputStream()
        pq.write_table(table.replace_schema_metadata(metadata), sink, write_page_checksum=True)
        self._write(self._path(key, ANSWER), sink.getvalue().to_pybytes())
        self._path(key, FAILURE).unlink(missing_ok=True)
        self.settle(key)

    def failure(self, key: str) -> str:
        """Why the map cannot be computed, one sentence; empty if nothing is known against it."""
        path = self._path(key, FAILURE)
        with suppress(OSError, ValueError, KeyError, TypeError):
            said = json.loads(path.read_text(encoding="utf-8"))
            if said["until"] is None or time.time() < said["until"]:
                return str(said["message"])
        path.unlink(missing_ok=True)
        return ""

    def fail(self, key: str, message: str, seconds: float | None = None) -> None:
        """Answers a request with the reason why not, which holds for some seconds, or for ever."""
        until = None if seconds is None else time.time() + seconds
        said = {"message": message, "until": until}
        self._write(self._path(key, FAILURE), json.dumps(said).encode())
        self.settle(key)

    def settle(self, key: str) -> None:
        """Notes that a request is answered, and removes the oldest answers, and what dead processes
        left half written."""
        self._path(key, REQUEST).unlink(missing_ok=True)
        sweep(self.folder)
        answers = []
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):
                if path.suffix in (ANSWER, FAILURE):
                    answers.append((path.stat().st_mtime, path))
        for _, path in sorted(answers, reverse=True)[KEPT:]:
            path.unlink(missing_ok=True)

    def _path(self, key: str, kind: str) -> Path:
        return self.folder / f"{key}{kind}"

    def _write(self, path: Path, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as half:
            half.write_bytes(data)
