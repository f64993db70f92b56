"""The command that writes results as files: tables for a spreadsheet, figures for a paper."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from mslt_core.cli.export_tables import Exported, gather
from mslt_core.cli.options import Json, out
from mslt_core.cli.runs import named
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument, WorkFailed


def export(
    runs: Annotated[str, typer.Option(help="Ids of finished runs of one task, such as A,B.")],
    to: Annotated[Path, typer.Option(help="The folder that they are written to.")],
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    as_json: Json = False,
) -> None:
    """Write scores and mixing of runs as tables (CSV, Parquet) and figures (PNG, SVG)."""
    with Console(stderr=True, quiet=as_json).status("Reading the runs"):
        found = gather(Store(), named(runs))
        files = _tables(found)
        drawn, missing = _figures(found)
        files |= drawn
        _write(to, files, force)
    if as_json:
        told = {"folder": str(to), "files": list(files), "missing": missing}
        print(json.dumps(told, ensure_ascii=False))
        return
    out.print(f"{to}: {', '.join(files)}", highlight=False, markup=False, soft_wrap=True)
    if missing:
        print(missing, file=sys.stderr)


def _tables(found: Exported) -> dict[str, bytes]:
    """The content of each file, by name; no table without rows."""
    tables: dict[str, pd.DataFrame] = {
        "scores": found.found.cells,
        "means": found.found.means,
        "mixing": found.mixing,
        "mixing-pairs": found.pairs,
    }
    files: dict[str, bytes] = {}
    for name, table in tables.items():
        if len(table):
            files[f"{name}.csv"] = table.to_csv(index=False).encode()
            files[f"{name}.parquet"] = table.to_parquet(index=False)
    return files


def _figures(found: Exported) -> tuple[dict[str, bytes], str]:
    """The figures' files, and why there are none."""
    from mslt_core.cli import export_figures  # what draws takes a while to import

    try:
        return export_figures.pictures(export_figures.figures(found)), ""
    except ImportError:
        return {}, export_figures.MISSING


def _write(folder: Path, files: Mapping[str, bytes], force: bool) -> None:
    """All files whole: they are put in place once all are on the disk."""
    there = [name for name in files if (folder / name).exists()]
    if there and not force:
        raise BadArgument(
            f"{folder} has {', '.join(there)} already: take another folder, or replace them with "
            "--force."
        )
    temporary = {name: folder / f".{name}.{os.getpid()}" for name in files}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            temporary[name].write_bytes(content)
        for name, path in temporary.items():
            path.replace(folder / name)
    except OSError as error:
        raise WorkFailed(
            f"The files cannot be written to {folder} ({error.strerror or error}): make room "
            "there, or take another folder."
        ) from error
    finally:
        for path in temporary.values():
            with suppress(OSError):
                path.unlink()
