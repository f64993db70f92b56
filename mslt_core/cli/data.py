"""A person's own data on the command line: read, checked, shown, imported."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections import defaultdict
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, cast, get_args

from rich.console import Console
from rich.table import Table

from mslt_core.catalog.languages import language
from mslt_core.catalog.tasks.check import Checked, check
from mslt_core.catalog.tasks.files import PREFIX, add
from mslt_core.catalog.tasks.split import SplitBy
from mslt_core.catalog.tasks.tables import Columns, Fault, guess, read
from mslt_core.spec import BadArgument

FILES = PREFIX.rstrip(":")
"""The name of the task that stands for a person's own data."""
LINES = 100
"""Faults of one kind that are told on standard error; `--json` has them all."""
EXAMPLES = 5
SHOWN = 200
"""Characters of a text that an example shows."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class OwnData:
    """Where a person's data is and how it is to be read: options that several commands have."""

    path: str
    columns: str = ""
    split_by: str = "item"
    skip_faulty: bool = False

    def checked(self) -> Checked:
        """Read and check it. Raises BadArgument where it is no table, or a column is not there."""
        if not self.path:
            raise BadArgument("The name of the data is empty: name a file or a folder.")
        if self.split_by not in get_args(SplitBy):
            raise BadArgument(
                f"split_by is {self.split_by!r}: it must be one of {', '.join(get_args(SplitBy))}."
            )
        table = read(Path(self.path).expanduser())
        columns = replace(guess(table), **_corrections(self.columns))
        return check(table, columns, cast(SplitBy, self.split_by))

    def refuse_faults(self, checked: Checked, as_json: bool) -> None:
        """Where faults stop the import, tell each and raise BadArgument."""
        stopping = checked.fatal if self.skip_faulty else checked.stopping
        if not stopping:
            return
        if as_json:
            print(json.dumps(report(checked), ensure_ascii=False))
        else:
            for line in _lines(stopping):
                print(line, file=sys.stderr)
        advice = (
            "leaving rows out does not mend that"
            if checked.fatal
            else "mend them, or leave those rows out with --skip-faulty"
        )
        count = "1 fault" if len(stopping) == 1 else f"{len(stopping)} faults"
        raise BadArgument(f"{self.path} has {count}, so it is not imported: {advice}.")

    def add(self, checked: Checked, name: str = "") -> str:
        """Import what was checked; returns the task's name."""
        path = Path(self.path).expanduser().resolve()
        return add(checked, name or path.stem, path.name, self.skip_faulty)


def task_of(name: str, own: OwnData, as_json: bool) -> str:
    """The task that a run is on: as it was named, or `files` with `--data`, imported now."""
    if name != FILES:
        if own != OwnData(""):
            raise BadArgument(
                f"--data and its options are for the task {FILES}, and the task is {name}: "
                f"add --task {FILES}, or leave them out."
            )
        return name
    if not own.path:
        raise BadArgument(
            f"The task {FILES} is your own data: name it by --data PATH, or take {FILES}:NAME of "
            "what `data` imported before."
        )
    checked = own.checked()
    own.refuse_faults(checked, as_json)
    imported = own.add(checked)
    if not as_json:
        left_out = f", {checked.left_out} rows left out" if checked.left_out else ""
        print(f"{own.path} is {imported}: {len(checked.items)} items{left_out}", file=sys.stderr)
    return imported


def report(checked: Checked) -> dict[str, Any]:
    """All that was found, ready for JSON."""
    return {
        "kind": checked.kind,
        "metric": checked.metric,
        "parallel": checked.parallel,
        "columns": {field: name for field, name in asdict(checked.columns).items() if name},
        "rows": checked.rows,
        "left_out": checked.left_out,
        "languages": checked.sizes().to_dict("records"),
        "labels": checked.label_counts(),
        "examples": _examples(checked),
        "faults": [asdict(fault) for fault in checked.faults],
    }


def show(checked: Checked, out: Console) -> None:
    """The same for people: languages, labels, examples, and faults by kind."""
    found = report(checked)
    used = ", ".join(f"{field}={name}" for field, name in found["columns"].items())
    parallel = ", parallel" if checked.parallel else ""
    out.print(f"{checked.kind} task{parallel}, columns {used}", markup=False, soft_wrap=True)
    out.print(f"{checked.rows} rows, {checked.left_out} of them faulty")
    for row in found["languages"]:
        row["name"] = language(row["language"]).name
    tables = [
        found["languages"],
        [{"label": label, "count": count} for label, count in found["labels"].items()],
        [{k: v for k, v in row.items() if v} for row in found["examples"]],
        [
            {"fault": kind, "count": len(faults), "first": "\n".join(map(str, faults[:3]))}
            for kind, faults in _by_kind(checked.faults).items()
        ],
    ]
    for rows in tables:
        if rows:
            table = Table(*rows[0])
            for row in rows:
                table.add_row(*(_plain(value).replace("[", "\\[") for value in row.values()))
            out.print(table)


def _examples(checked: Checked) -> list[dict[str, Any]]:
    columns = ["language", "split", "id", "text", "second", "label", "tags"]
    first = checked.items.groupby("language").head(1)[columns].head(EXAMPLES)
    first = first.assign(tags=first["tags"].str.join(" "))
    for name in ("text", "second", "tags"):
        first[name] = first[name].map(lambda text: textwrap.shorten(text, SHOWN, placeholder=" …"))
    rows = first.to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]


def _lines(faults: list[Fault]) -> list[str]:
    lines: list[str] = []
    for kind, some in _by_kind(faults).items():
        lines += map(_plain, some[:LINES])
        if len(some) > LINES:
            lines.append(f"{len(some) - LINES} more rows: {kind} (--json tells them all)")
    return lines


def _by_kind(faults: list[Fault]) -> dict[str, list[Fault]]:
    kinds: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        kinds[fault.kind].append(fault)
    return kinds


def _plain(value: object) -> str:
    """Text that moves no cursor and changes no colour of a terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))


def _corrections(text: str) -> dict[str, str]:
    """`language=lang,label=class` as a dictionary; an empty name says that there is no such."""
    known = [field.name for field in fields(Columns)]
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    for key, equals, _ in pairs:
        if not equals or key.strip() not in known:
            raise BadArgument(
                f"columns: {key.strip()!r} is none of {', '.join(known)}: write them as in "
                "language=lang,text=sentence,label=class."
            )
    return {key.strip(): name.strip() for key, _, name in pairs}
