"""All benchmarks one after the other, and what they found, in benchmarks/RESULTS.md.

    make bench                                  # the short forms, some minutes
    .venv/bin/python -m benchmarks --full       # the long forms, an hour; the documents quote them
    .venv/bin/python -m benchmarks --full study # a part of them

What was found replaces what stood there of the same part and processor; other processors' stays.
Each part is a process of its own. One that fails is reported with the last line that it wrote, the
others go on, and the exit status is 1.
"""

from __future__ import annotations

import importlib
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.common import Failed, child_json, machine, versions

PARTS = {
    "train": "Training",
    "formats": "Number formats beside seeds",
    "study": "Studies",
    "probe": "Probe",
    "maps": "Metrics and maps",
    "app": "Pages",
}
HEADING = """# Benchmarks

Each part by kind of processor, and under each title: what was run, when, for how long, where and
with what. Parts measured at other times, of other states of the code, or in short and in long form
stand side by side here: compare within a table alone. A value that misses its limit says `misses`.
"""
RESULTS = Path(__file__).with_name("RESULTS.md")


def section(part: str, full: bool) -> tuple[str, str, bool]:
    """Title of what one part found, this as Markdown, and whether it succeeded."""
    options = ["--json"] if full else ["--json", "--short"]
    started = time.perf_counter()
    try:
        result = child_json([f"benchmarks.{part}", *options])
        found, good = importlib.import_module(f"benchmarks.{part}").markdown(result), True
    except Failed as error:
        found, good = f"Failed: {error}", False
    here = machine()
    facts = (
        f"`python -m benchmarks.{part}{'' if full else ' --short'}`",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"{time.perf_counter() - started:.0f} s",
        *(f"{name} {value}" for name, value in (here | versions()).items()),
    )
    title = f"{PARTS[part]}: {here['processor']}"
    return title, f"{', '.join(facts)}\n\n{found.strip()}\n", good


def kept() -> dict[str, str]:
    """What the report has, by title."""
    with suppress(FileNotFoundError):
        sections = RESULTS.read_text(encoding="utf-8").split("\n## ")[1:]
        return dict(one.split("\n\n", 1) for one in sections)
    return {}


def written(sections: dict[str, str]) -> str:
    """The report: by part, and of each part one processor after the other."""
    by_part = [
        f"## {title}\n\n{text.rstrip()}\n"
        for name in PARTS.values()
        for title, text in sections.items()
        if title.startswith(f"{name}: ")
    ]
    return "\n".join([HEADING, *by_part])


def main() -> None:
    """Run the parts, and write the report after each, so that what is there is never lost."""
    full, words = "--full" in sys.argv, [word for word in sys.argv[1:] if word != "--full"]
    unknown = [word for word in words if word not in PARTS]
    if unknown:
        raise SystemExit(
            f"There is no part or option {unknown[0]}: the parts are {', '.join(PARTS)}, "
            "the option is --full."
        )
    asked = [part for part in PARTS if part in words]
    sections, all_good = kept(), True
    for part in asked or PARTS:
        print(f"{part}:", file=sys.stderr)
        title, text, good = section(part, full)
        sections[title], all_good = text, all_good and good
        RESULTS.write_text(written(sections), encoding="utf-8")
    print(RESULTS.relative_to(Path(__file__).parents[1]))
    sys.exit(not all_good)


if __name__ == "__main__":
    main()
