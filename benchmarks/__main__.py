"""All benchmarks one after the other, and what they found, in benchmarks/RESULTS.md.

    make bench                                 # the short forms, some minutes
    .venv/bin/python -m benchmarks --full      # the long forms, which the documents quote

Each part is a process of its own. One that fails is reported with the last line that it wrote, the
others go on, and the exit status is 1.
"""

from __future__ import annotations

import importlib
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.common import Failed, child_json, machine, versions

PARTS = {
    "train": "Training",
    "formats": "Number formats beside seeds",
    "study": "Studies",
    "probe": "Probe",
    "app": "Pages",
}
RESULTS = Path(__file__).with_name("RESULTS.md")


def section(part: str, full: bool) -> tuple[str, bool]:
    """What one part found, as Markdown, and whether it succeeded."""
    options = ["--json"] if full else ["--json", "--short"]
    command = f"`python -m benchmarks.{part}{'' if full else ' --short'}`"
    started = time.perf_counter()
    try:
        result = child_json([f"benchmarks.{part}", *options])
        found, good = importlib.import_module(f"benchmarks.{part}").markdown(result), True
    except Failed as error:
        found, good = f"Failed: {error}", False
    seconds = time.perf_counter() - started
    return f"## {PARTS[part]}\n\n{command}, {seconds:.0f} s\n\n{found.strip()}\n", good


def heading(full: bool) -> str:
    """When, where and with what it was measured."""
    facts = {"date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", **machine(), **versions()}
    lines = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    return f"# Benchmarks, {'long' if full else 'short'} forms\n\n| | |\n|---|---|\n{lines}\n"


def main() -> None:
    """Run every part, and write the report after each, so that what is there is never lost."""
    full = "--full" in sys.argv
    sections, all_good = [heading(full)], True
    for part in PARTS:
        print(f"{part}:", file=sys.stderr)
        text, good = section(part, full)
        sections.append(text)
        all_good = all_good and good
        RESULTS.write_text("\n".join(sections), encoding="utf-8")
    print(RESULTS.relative_to(Path(__file__).parents[1]))
    sys.exit(not all_good)


if __name__ == "__main__":
    main()
