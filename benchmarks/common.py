"""What all benchmarks share: this machine, child processes, spreads, peaks, tables.

It imports nothing heavy, so that a process that only starts others stays small.
"""

from __future__ import annotations

import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
PRODUCT_SIZE = 1024
"""Rows and columns of the matrices whose product tells how fast this machine multiplies: large
enough for its fastest, small enough not to show in the memory of a process."""
PRODUCTS = 8
PREFERRED_TARGETS = (
    *("ar", "de", "en", "es", "fr", "ru", "zh", "fi", "hi", "id"),
    *("ja", "ko", "th", "tr", "sw", "vi", "he", "el", "ta", "yo"),
)
"""Languages scored on: of every kind of script, of many families, rich and poor in data."""


class Failed(Exception):
    """A child failed: its exit status and the last line that it wrote."""


@dataclass(frozen=True)
class Sheet:
    """A table as people read it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


# Processes ---------------------------------------------------------------------------------


def environment(home: Path) -> dict[str, str]:
    """The environment of a child with a store of its own."""
    return {**os.environ, "MSLT_HOME": str(home)}


def child(arguments: Sequence[str], env: dict[str, str] | None = None) -> str:
    """What `python -m …` prints on standard output; the rest is passed on as it comes. Raises
    Failed."""
    last = "it said nothing"
    with tempfile.TemporaryFile("w+") as out:
        command = [sys.executable, "-m", *arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None  # it is a pipe
        for line in process.stderr:
            sys.stderr.write(line)
            last = line.strip() or last
        status = process.wait()
        if status:
            raise Failed(f"{arguments[0]} ended with status {status}: {last}")
        out.seek(0)
        return out.read()


def child_json(arguments: Sequence[str], env: dict[str, str] | None = None) -> dict[str, Any]:
    """The JSON object that `python -m …` prints as its last line. Raises Failed."""
    lines = child(arguments, env).strip().splitlines()
    try:
        found: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, json.JSONDecodeError):
        raise Failed(f"it printed no JSON object but {lines[-1:]}") from None
    return found


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A folder for a fresh store, gone afterwards whatever still writes to it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


# Measures ----------------------------------------------------------------------------------


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median, least and most of repeated measurements."""
    found = list(values)
    return {"median": statistics.median(found), "min": min(found), "max": max(found)}


def peak_bytes() -> int:
    """The most memory that this process had resident so far."""
    try:
        # ru_maxrss would do, but on Linux begins with the size of the process that started us.
        status = Path("/proc/self/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def product_peak(bf16: bool) -> float:
    """Floating-point operations a second of this process's fastest product of square matrices, in
    its number format and with its threads, at this moment: other machines on the same hardware, and
    its heat, make it differ by a fifth from one minute to the next."""
    import torch

    dtype = torch.bfloat16 if bf16 else torch.float32
    left, right = (torch.randn(PRODUCT_SIZE, PRODUCT_SIZE).to(dtype) for _ in range(2))
    seconds = []
    with torch.inference_mode():
        for _ in range(PRODUCTS + 1):
            started = time.perf_counter()
            torch.mm(left, right)
            seconds.append(time.perf_counter() - started)
    return 2 * PRODUCT_SIZE**3 / min(seconds[1:])


# This machine ------------------------------------------------------------------------------


PRODUCTS_BY = {
    "amx_bf16": "AMX",
    "avx512_bf16": "AVX-512 and bfloat16",
    "avx512f": "AVX-512",
    "avx2": "AVX2",
}
"""By what a processor multiplies matrices, fastest first, as Linux calls it and as people do."""


def machine() -> dict[str, str]:
    """What the numbers were measured on."""
    return {
        "processor": _processor(),
        "cores": str(psutil.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()} ({platform.machine()})",
    }


def _processor() -> str:
    """Its name, and by what it multiplies: there are processors of one name and many speeds."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        facts = dict(re.split(r"\s*: ", line, maxsplit=1) for line in lines if ": " in line)
        flags = facts["flags"].split()
        by = next((name for flag, name in PRODUCTS_BY.items() if flag in flags), "SSE")
        return f"{facts['model name']} with {by}"
    except (OSError, KeyError):
        return platform.processor() or "unknown"


def versions() -> dict[str, str]:
    """Versions of what does the work."""
    from mslt_core import __version__

    found = {"mslt": __version__, "python": platform.python_version()}
    for package in ("torch", "transformers", "streamlit"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


# Tables ------------------------------------------------------------------------------------


def show(sheets: Iterable[Sheet]) -> None:
    """Print tables."""
    for sheet in sheets:
        table = Table(title=sheet.title, title_justify="left")
        for i, column in enumerate(sheet.columns):
            table.add_column(column, justify="right" if i else "left")
        for row in sheet.rows:
            table.add_row(*row)
        Console().print(table)


def tell(result: object, sheets: Iterable[Sheet]) -> None:
    """Print a result: as JSON if the command line says so, else as tables."""
    if "--json" in sys.argv:
        print(json.dumps(result))
    else:
        show(sheets)


def in_markdown(sheets: Iterable[Sheet]) -> str:
    """Tables in Markdown, each under its title."""
    return "\n\n".join(
        "\n".join(
            [
                f"**{sheet.title}**",
                "",
                _line(sheet.columns),
                _line(["---", *["---:"] * (len(sheet.columns) - 1)]),
                *(_line(row) for row in sheet.rows),
            ]
        )
        for sheet in sheets
    )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def ranged(found: dict[str, float], form: str = ",.1f") -> str:
    """A spread as people read it: the median, and in brackets the least and the most."""
    median, low, high = (format(found[key], form) for key in ("median", "min", "max"))
    return f"{median} ({low}–{high})"


def missed(misses: bool) -> str:
    """What stands behind a value that is not within its limit."""
    return " misses" if misses else ""
