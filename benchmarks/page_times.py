"""How long each page takes to be drawn on one store: run in a process of its own by benchmarks.app.

    .venv/bin/python -m benchmarks.page_times HOME RERUNS

Prints one JSON object: of each page the seconds of the first draw and of each rerun, and the
resident memory of the process in the end. A rerun is what a click causes: a widget of the page has
another value, and the whole script runs again. Streamlit's test runner stands in for the browser,
so what the browser itself draws is not counted, what is sent to it is.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import psutil
from streamlit.testing.v1 import AppTest

from benchmarks.common import ROOT
from mslt_core.ui import words

NOTHING = words.LINK_FLAT.partition(",")[2]
Click = Callable[[AppTest, bool], object]
"""Gives a widget of a page one of two values."""


@dataclass(frozen=True)
class PageTimes:
    """Seconds of the first draw of a page in a new process, and of reruns after clicks."""

    first: float
    reruns: list[float]


def measure(reruns: int) -> dict[str, PageTimes]:
    """The times of every page on the store that MSLT_HOME names."""
    return {path: _page(path, click, reruns) for path, click in CLICKS.items()}


def _page(path: str, click: Click, reruns: int) -> PageTimes:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=600)
    if path != "app.py":
        app.switch_page(path)
    first = _run(app)
    times = []
    for number in range(reruns + 2):
        click(app, number % 2 == 0)
        times.append(_run(app))
    return PageTimes(first, times[2:])  # both values have been drawn once before


def _run(app: AppTest) -> float:
    start = time.perf_counter()
    app.run()
    seconds = time.perf_counter() - start
    problems = [*app.exception, *app.error]
    if problems:
        raise SystemExit(f"A page failed: {problems[0].value}")
    if any(NOTHING in block.value for block in app.markdown):
        raise SystemExit("A page left out its correlation: the store is not as in life.")
    return seconds


def _group(app: AppTest, key: str, value: str | None) -> None:
    next(group for group in app.button_group if group.key == key).set_value(value)


CLICKS: dict[str, Click] = {
    "app.py": lambda app, odd: app.selectbox(key="colour").set_value(
        "script" if odd else "language"
    ),
    "pages/1_Train.py": lambda app, odd: app.checkbox(key="tick-de").set_value(odd),
    "pages/2_Compare.py": lambda app, odd: _group(app, "show", "gain" if odd else "level"),
    "pages/3_How_many.py": lambda app, odd: _group(app, "many_over", "all" if odd else "unseen"),
    "pages/4_Which.py": lambda app, odd: _group(app, "which_over", "all" if odd else "unseen"),
    "pages/5_Runs.py": lambda app, odd: _group(app, "state", "done" if odd else None),
    "pages/6_Data.py": lambda app, odd: app.text_input(key="find").set_value(
        "light" if odd else ""
    ),
    "pages/7_Studies.py": lambda app, odd: _group(
        app, "view-claims", words.TABLE if odd else words.CHART
    ),
}
"""A click for each page: colours, a language, gains, a filter, a search, other targets of a study
that ships with results, and a table for a chart."""


def main() -> None:
    """Measure, and print the times and the memory."""
    os.environ["MSLT_HOME"] = sys.argv[1]
    pages = {path: asdict(found) for path, found in measure(int(sys.argv[2])).items()}
    memory = psutil.Process().memory_info().rss
    print(json.dumps({"pages": pages, "memory": memory}))


if __name__ == "__main__":
    main()
