"""All benchmarks one after the other, and what they found, in benchmarks/RESULTS.md.

    make bench                                  # the short forms, some minutes
    .venv/bin/python -m benchmarks --full       # the long forms, an hour; the documents quote them
    .venv/bin/python -m benchmarks --full study # a part anew, beside what was found of the others

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

Under each title: what was run, when, for how long, where and with what. Parts measured at other
times, or in short and in long form, stand side by side here: compare within a table alone. A value
that misses its limit says `misses`.
"""
RESULTS = Path(__file__).with_name("RESULTS.md")


def section(part: str, full: bool) -> tuple[str, bool]:
    """What one part found, as Markdown, and whether it succeeded."""
    options = ["--json"] if full else ["--json", "--short"]
    started = time.perf_counter()
    try:
        result = child_json([f"benchmarks.{part}", *options])
        found, good = importlib.import_module(f"benchmarks.{part}").markdown(result), True
    except Failed as error:
        found, good = f"Failed: {error}", False
    facts = (
        f"`python -m benchmarks.{part}{'' if full else ' --short'}`",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"{time.perf_counter() - started:.0f} s",
        *(f"{name} {value}" for name, value in (machine() | versions()).items()),
    )
    return f"## {PARTS[part]}\n\n{', '.join(facts)}\n\n{found.strip()}\n", good


def kept() -> dict[str, str]:
    """The sections that the report has, by part."""
    with suppress(FileNotFoundError):
        sections = RESULTS.read_text(encoding="utf-8").split("\n## ")[1:]
        by_title = {text.split("\n", 1)[0]: f"## {text.rstrip()}\n" for text in sections}
        return {part: by_title[title] for part, title in PARTS.items() if title in by_title}
    return {}


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
    sections, all_good = kept() if asked else {}, True
    for part in asked or PARTS:
        print(f"{part}:", file=sys.stderr)
        sections[part], good = section(part, full)
        all_good = all_good and good
        report = [HEADING, *(sections[part] for part in PARTS if part in sections)]
        RESULTS.write_text("\n".join(report), encoding="utf-8")
    print(RESULTS.relative_to(Path(__file__).parents[1]))
    sys.exit(not all_good)


if __name__ == "__main__":
    main()
