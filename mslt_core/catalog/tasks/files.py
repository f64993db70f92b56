"""The user's own data: imported once, and from then on a task as any other, named `files:<name>`.

$MSLT_HOME/data/<name>/   one imported data set, whole or not there
  items.parquet           its items
  data.json               a `Record`: where it came from, what is in it

What is imported never changes, since runs refer to it: other content gets another name.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, count
from pathlib import Path

import pandas as pd

from mslt_core.catalog.tasks.base import Item, Kind, Metric, Split
from mslt_core.catalog.tasks.check import ITEM_COLUMNS, Checked
from mslt_core.spec import BadArgument, WorkFailed, default_home

PREFIX = "files:"

ABANDONED = 3600
"""Seconds after which a half-written import is taken for that of a dead process."""

_SPLITS: tuple[Split, ...] = ("train", "dev", "test")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


@dataclass(frozen=True)
class Record:
    """What is known of an imported data set without reading its items: data.json."""

    title: str
    """Name of the file or folder that it came from."""
    columns: dict[str, str]
    """Names of the columns there."""
    left_out: int
    """Faulty rows that were left out."""
    imported: str
    """When: ISO 8601, UTC."""
    kind: Kind
    metric: Metric
    parallel: bool
    labels: list[str]
    sizes: dict[str, dict[str, int]]
    """Numbers of items by language and split."""
    digests: dict[str, str]
    """By language: stands for all that its items hold."""


class FilesTask:
    """An imported data set. What is wrong with one that is damaged is told by its methods."""

    kind: Kind = "sentence"
    metric: Metric = "accuracy"
    parallel = False

    def __init__(self, name: str) -> None:
        """`name` as in specs, `files:<name>`. Raises BadArgument where there is none of it."""
        self._folder = _folder(name)
        self.name = name
        if not self._folder.is_dir():
            known = ", ".join(imported()) or "none so far"
            raise BadArgument(f"There is no imported data {name!r}, but {known}: import it again.")
        self.title = name.removeprefix(PREFIX)
        self.source = "Imported data, damaged."
        with contextlib.suppress(WorkFailed):
            record = self.record()
            self.title = record.title
            self.source = _origin(record)
            self.kind, self.metric, self.parallel = record.kind, record.metric, record.parallel

    def record(self) -> Record:
        """What is known of the data. Raises WorkFailed where it is damaged."""
        path = self._folder / "data.json"
        try:
            return _read_record(path, _identity(path))
        except (OSError, ValueError, TypeError) as error:
            raise self._damaged(path, error) from None

    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(self.record().sizes))

    def labels(self) -> tuple[str, ...]:
        return tuple(self.record().labels)

    def items(self, language: str, split: Split) -> list[Item]:
        """Raises BadArgument for a language that is not one of `languages()`."""
        self._digest(language)
        path = self._folder / "items.parquet"
        import pyarrow as pa

        try:
            return list(_read_items(path, _identity(path), language, split))
        except (OSError, pa.ArrowException, KeyError) as error:
            raise self._damaged(path, error) from None

    def sizes(self) -> pd.DataFrame:
        rows = [{"language": lang, **sizes} for lang, sizes in sorted(self.record().sizes.items())]
        return pd.DataFrame(rows, columns=["language", *_SPLITS])

    def where(self) -> str:
        return str(self._folder)

    def fingerprint(self, languages: tuple[str, ...]) -> str:
        record = self.record()
        digests = {language: self._digest(language) for language in sorted(languages)}
        return _digest([record.kind, record.metric, record.parallel, record.labels, digests])

    def _digest(self, language: str) -> str:
        digests = self.record().digests
        if language not in digests:
            raise BadArgument(f"{self.name} has no {language!r}: it has {', '.join(digests)}.")
        return digests[language]

    def _damaged(self, path: Path, error: Exception) -> WorkFailed:
        return WorkFailed(
            f"The imported data {self.name} is damaged, {path} cannot be read "
            f"({type(error).__name__}): remove it and import it again."
        )


def add(checked: Checked, name: str, source: str, skip_faulty: bool = False) -> str:
    """Import the items; returns the task's name, `files:` and a slug of `name`.

    source names the file they are from. Equal content under an equal name is imported once; other
    content gets -2, -3 and so on. The data is there as a whole or not at all, whatever happens.
    Raises BadArgument when there are faults that stop it (with skip_faulty: that leaving rows out
    does not mend), WorkFailed when it cannot be written.
    """
    stopping = checked.fatal if skip_faulty else checked.stopping
    if stopping:
        more = f" (and {len(stopping) - 1} more)" if len(stopping) > 1 else ""
        raise BadArgument(f"{source} has faults, so it is not imported. {stopping[0]}{more}.")
    record = _record_of(checked, source)
    with _writing() as folder:
        building = folder / f".{uuid.uuid4().hex}"
        try:
            _write(building, checked, record)
            return PREFIX + _publish(building, folder, _slug(name), record)
        finally:
            shutil.rmtree(building, ignore_errors=True)


def imported() -> list[str]:
    """Names of the imported data sets as tasks, `files:<name>`, sorted."""
    folder = _data_folder()
    names = (path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else ()
    return [PREFIX + name for name in sorted(names) if _NAME.fullmatch(name)]


def remove(name: str) -> None:
    """Remove an imported data set, `files:<name>`, in one stroke. Results of runs on it stay.

    Raises BadArgument where there is none, WorkFailed when it cannot be removed.
    """
    FilesTask(name)  # tells where there is none
    folder = _folder(name)
    with _writing() as parent:
        doomed = parent / f".{uuid.uuid4().hex}"
        folder.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


@contextlib.contextmanager
def _writing() -> Iterator[Path]:
    """The folder of all imported data, without what dead processes left half done there."""
    folder = _data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob(".*"):
            with contextlib.suppress(FileNotFoundError):  # another import has just finished it
                if path.stat().st_mtime < time.time() - ABANDONED:
                    shutil.rmtree(path, ignore_errors=True)
        yield folder
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise WorkFailed(
            f"{folder} cannot be written to ({reason}): free some room there, "
            "make it writable, or set MSLT_HOME to another folder."
        ) from None


def _write(building: Path, checked: Checked, record: Record) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    building.mkdir()
    kinds = [(name, pa.string()) for name in ITEM_COLUMNS[:-2]]
    kinds += [(name, pa.list_(pa.string())) for name in ITEM_COLUMNS[-2:]]
    table = pa.Table.from_pandas(checked.items, schema=pa.schema(kinds), preserve_index=False)
    pq.write_table(table, building / "items.parquet", write_page_checksum=True)
    (building / "data.json").write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")
    for path in (*building.iterdir(), building):
        _sync(path)


def _publish(building: Path, folder: Path, slug: str, record: Record) -> str:
    """Gives what was built the first name that is free, or finds the name that it has already."""
    names = chain([slug], (f"{slug}-{number}" for number in count(2)))
    for name in names:
        with contextlib.suppress(FileExistsError):
            return _take(building, folder / name)
        with contextlib.suppress(WorkFailed):
            known = FilesTask(PREFIX + name).record()
            if (known.digests, known.kind) == (record.digests, record.kind):
                break
    return name


def _take(building: Path, final: Path) -> str:
    try:
        building.rename(final)  # fails on a folder that holds something, whoever made it when
    except OSError:
        if final.exists():
            raise FileExistsError(final) from None
        raise
    _sync(final.parent)
    return final.name


def _record_of(checked: Checked, source: str) -> Record:
    sizes = checked.sizes().set_index("language").to_dict("index")
    return Record(
        title=source,
        columns={field: name for field, name in asdict(checked.columns).items() if name},
        left_out=checked.left_out,
        imported=datetime.now(UTC).isoformat(timespec="seconds"),
        kind=checked.kind,
        metric=checked.metric,
        parallel=checked.parallel,
        labels=list(checked.label_counts()),
        sizes={str(lang): {str(k): int(n) for k, n in row.items()} for lang, row in sizes.items()},
        digests={
            str(language): _digest([rows[name].tolist() for name in ITEM_COLUMNS])
            for language, rows in checked.items.groupby("language")
        },
    )


def _origin(record: Record) -> str:
    left_out = f"; {record.left_out} faulty rows were left out" if record.left_out else ""
    return f"Imported from {record.title} on {record.imported[:10]}{left_out}."


@lru_cache(maxsize=256)
def _read_record(path: Path, identity: tuple[int, int]) -> Record:
    return Record(**json.loads(path.read_text(encoding="utf-8")))


@lru_cache(maxsize=256)
def _read_items(
    path: Path, identity: tuple[int, int], language: str, split: Split
) -> tuple[Item, ...]:
    """The items of one language and split; a file that changed is read anew."""
    import pyarrow.parquet as pq

    table = pq.read_table(
        path,
        filters=[("language", "==", language), ("split", "==", split)],
        page_checksum_verification=True,
        partitioning=None,
    )
    names = ("id", "text", "label", "second", "words", "tags")
    columns = (table[name].to_pylist() for name in names)
    return tuple(
        Item(id, text, label, second, tuple(words), tuple(tags))
        for id, text, label, second, words, tags in zip(*columns, strict=True)
    )


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _folder(name: str) -> Path:
    """Where the data of a task `files:<name>` is; raises BadArgument for what is no such name."""
    # The name may come from an address bar: it must not lead out of the folder.
    slug = name.removeprefix(PREFIX)
    if not name.startswith(PREFIX) or not _NAME.fullmatch(slug):
        raise BadArgument(
            f"{name!r} is not the name of imported data: names are {PREFIX} and small letters, "
            "digits and hyphens."
        )
    return _data_folder() / slug


def _data_folder() -> Path:
    return default_home() / "data"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "data"


def _digest(values: object) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def _sync(path: Path) -> None:
    """What was written is on the disk to stay."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
