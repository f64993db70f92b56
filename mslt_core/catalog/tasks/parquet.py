"""Parquet files of a data set, local or on the hub: read through `datasets`, and checked."""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from mslt_core.spec import WorkFailed, default_home


def read(paths: tuple[str, ...], digest: str, columns: tuple[str, ...]) -> tuple[Any, Any]:
    """These columns of the files, one after the other: a `pyarrow.Table` that is mapped from disk,
    and its `datasets.Features`. Files that changed have another digest, so they are read anew.

    Raises WorkFailed where a file is damaged or lacks a column.
    """
    rows = _load(paths, digest)
    lacking = [name for name in columns if name not in rows.column_names]
    if lacking:
        raise WorkFailed(
            f"{paths[0]} cannot be used: it has no column {lacking[0]!r}, but "
            f"{', '.join(rows.column_names)}."
        )
    rows = rows.select_columns(list(columns))
    return rows.with_format("arrow")[:], rows.features


@lru_cache(maxsize=64)
def _load(paths: tuple[str, ...], digest: str) -> Any:
    import datasets

    for path in paths:
        if "://" not in path:
            count_rows(path)  # a damaged file is told here; `datasets` would log it too
    datasets.disable_progress_bars()
    try:
        return datasets.load_dataset(
            "parquet",
            data_files={"rows": list(paths)},
            split="rows",
            cache_dir=str(default_home() / "cache" / "datasets"),
        )
    except Exception as error:
        raise _unreadable(paths[0], error) from error


def count_rows(path: str) -> int:
    """Number of rows of a local file, from its footer. Raises WorkFailed where it is damaged."""
    try:
        status = os.stat(path)
        return _footer_rows(path, status.st_size, status.st_mtime_ns)
    except Exception as error:
        raise _unreadable(path, error) from error


@lru_cache(maxsize=4096)
def _footer_rows(path: str, size: int, mtime_ns: int) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def class_names(feature: Any) -> list[str] | None:
    """The names that a column of classes (or of lists of them) has in its file; None where it has
    none there."""
    names = getattr(getattr(feature, "feature", feature), "names", None)
    return list(names) if names is not None else None


def check_class_names(path: str, column: str, feature: Any, names: tuple[str, ...]) -> None:
    """Raises WorkFailed where the file names its classes otherwise, or in another order."""
    named = class_names(feature)
    for number, (found, wanted) in enumerate(zip_longest(named or names, names)):
        if found != wanted:
            raise WorkFailed(
                f"{path} cannot be used: class {number} of its column {column!r} is {found!r}, "
                f"where it should be {wanted!r}."
            )


def _unreadable(path: str, error: Exception) -> WorkFailed:
    while error.__cause__ is not None:  # `datasets` tells the reason only there
        assert isinstance(error.__cause__, Exception)
        error = error.__cause__
    reason = (str(error).splitlines() or [""])[0].rstrip(".") or type(error).__name__
    return WorkFailed(f"{path} cannot be read: {reason}.")
