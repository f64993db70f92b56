"""How fast the pages stay when the store grows, how large it is, and how much memory the app takes.

    .venv/bin/python -m benchmarks.app [--short] [--json]

Makes stores of 10, 1,000 and 10,000 finished runs with 20 targets each in a temporary folder (see
big_store), and draws every page on each in a process of its own (see page_times): the first draw,
and the median of reruns after a click. The table gives seconds, and what 10,000 runs cost as a
multiple of what 10 do, which is what can be compared between machines. --short leaves out 1,000
runs and takes fewer reruns; --json prints one JSON object and nothing else.
"""

from __future__ import annotations

import os
import statistics
import sys
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.big_store import TARGETS, make
from benchmarks.common import Sheet, child_json, in_markdown, missed, tell, temporary_home

SIZES, SHORT_SIZES = (10, 1_000, 10_000), (10, 10_000)
RERUNS, SHORT_RERUNS = 9, 5
MOST_SECONDS, MOST_TIMES = 0.5, 3.0
"""Limits: of a rerun with the largest store, and of its ratio to one with the smallest."""


@dataclass(frozen=True)
class PageCost:
    """What one page costs on one store: seconds of the first draw and of a rerun (median)."""

    first: float
    rerun: float


@dataclass(frozen=True)
class StoreCost:
    """What one store costs."""

    runs: int
    scores: int
    disk_bytes: int
    memory_bytes: int
    """Resident, of the process that drew all pages."""
    pages: dict[str, PageCost]


@dataclass(frozen=True)
class AppResults:
    """The costs of all stores, the smallest first."""

    stores: list[StoreCost]

    def times(self, page: str) -> float:
        """The rerun of a page with the largest store as a multiple of one with the smallest."""
        return self.stores[-1].pages[page].rerun / self.stores[0].pages[page].rerun

    def within(self, page: str) -> bool:
        """Whether a page keeps both limits."""
        slowest = self.stores[-1].pages[page].rerun
        return slowest <= MOST_SECONDS and self.times(page) <= MOST_TIMES


def measure(short: bool = False) -> AppResults:
    """Makes the stores one after the other and measures the pages on each."""
    sizes, reruns = (SHORT_SIZES, SHORT_RERUNS) if short else (SIZES, RERUNS)
    return AppResults([_store(size, reruns) for size in sizes])


def sheets(results: AppResults) -> list[Sheet]:
    """The results as people read them."""
    stores = results.stores
    rows = []
    for page in stores[-1].pages:
        costs = [store.pages[page] for store in stores]
        cells = [f"{cost.rerun:.3f} ({cost.first:.1f})" for cost in costs]
        said = f"{results.times(page):.1f}{missed(not results.within(page))}"
        rows.append((page, *cells, said))
    for name, sizes in (
        ("store on disk, MB", [store.disk_bytes for store in stores]),
        ("memory of the app, MB", [store.memory_bytes for store in stores]),
    ):
        cells = [f"{size / 1e6:,.0f}" for size in sizes]
        rows.append((name, *cells, f"{sizes[-1] / sizes[0]:.1f}"))
    columns = ("page", *(f"{store.runs:,} runs" for store in stores), "last : first")
    limits = f"limits: {MOST_SECONDS} s, {MOST_TIMES:.0f} times"
    title = f"Seconds of a rerun after a click (of the first draw); {limits}"
    return [Sheet(title, columns, rows)]


def markdown(result: dict[str, Any]) -> str:
    """The section of a report."""
    stores = [
        StoreCost(
            **{**store, "pages": {page: PageCost(**cost) for page, cost in store["pages"].items()}}
        )
        for store in result["stores"]
    ]
    return in_markdown(sheets(AppResults(stores)))


def _store(size: int, reruns: int) -> StoreCost:
    with temporary_home() as home:
        print(f"a store of {size:,} runs", file=sys.stderr)
        make(home, size)
        os.sync()  # what is still being written would slow the first pages
        disk = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
        found = child_json(["benchmarks.page_times", str(home), str(reruns)])
    pages = {
        page: PageCost(times["first"], statistics.median(times["reruns"]))
        for page, times in found["pages"].items()
    }
    return StoreCost(size, size * len(TARGETS), disk, found["memory"], pages)


def main() -> None:
    """Measure, and print a table or JSON."""
    results = measure(short="--short" in sys.argv)
    tell(asdict(results), sheets(results))


if __name__ == "__main__":
    main()
