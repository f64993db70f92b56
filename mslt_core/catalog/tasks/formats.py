"""Tables as they come in files: CSV, TSV, JSONL and Parquet, every cell as text.

Reading takes every row as it is and judges none. A row that cannot be read at all (too many fields,
a broken line) is told with its number, and the others are read all the same. Nothing is executed.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd

from mslt_core.spec import BadArgument

MAX_COLUMNS = 1000


@dataclass(frozen=True)
class Fault:
    """Something wrong in a table, or worth knowing."""

    row: int | None
    """The row as people count it (see `tables.read`); None where the whole table is meant."""
    column: str
    message: str
    kind: str
    """The same words for all faults of one kind, such as `empty text`."""
    file: str = ""
    """The file, where the table is a folder."""
    stops: bool = True
    """Whether the table cannot be imported with it. A fault of a row can be left out with it."""

    @property
    def place(self) -> str:
        """Where it is, such as `de.csv, row 17, column label`."""
        parts = [
            self.file,
            "" if self.row is None else f"row {self.row}",
            f"column {self.column}" if self.column else "",
        ]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


@dataclass(frozen=True)
class Table:
    """A table as it was read."""

    rows: pd.DataFrame
    """All cells as text, "" where there is none; lists stay lists of text. The index holds row
    numbers. A folder has the column `file`, and there the numbers start anew in each file."""
    faults: tuple[Fault, ...]
    """Rows that could not be read; they are not among `rows`."""
    source: str
    """Name of the file or folder."""
    folder: bool = False

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.rows.columns)


def read_file(path: Path, name: str) -> Table:
    """The table in one file, called `name` in what is told of it.

    Raises BadArgument when the file is of another kind, is broken as a whole or has no rows.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BadArgument(f"{path} is no table: name a {KINDS} file, or a folder of them.")
    try:
        table = reader(path, name)
    except OSError as error:
        raise BadArgument(f"{path} cannot be read: {error.strerror or error}.") from None
    if table.rows.empty and not table.faults:
        raise BadArgument(f"{path} holds no rows.")
    return table


def _read_csv(path: Path, name: str) -> Table:
    lines = _lines(path)
    delimiter = max(",;\t", key=lines[0].count)
    return _parse(lines, name, delimiter, csv.QUOTE_MINIMAL)


def _read_tsv(path: Path, name: str) -> Table:
    # Some of these files quote as CSV does, and in others a quotation mark is a letter as any:
    # the way that gives fewer faults is the right one.
    lines = _lines(path)
    quoted = _parse(lines, name, "\t", csv.QUOTE_MINIMAL)
    if not quoted.faults:
        return quoted
    plain = _parse(lines, name, "\t", csv.QUOTE_NONE)
    return min(quoted, plain, key=lambda table: len(table.faults))


def _lines(path: Path) -> list[str]:
    lines = list(io.StringIO(_decoded(path), newline=""))
    if not lines:
        raise BadArgument(f"{path} is empty.")
    return lines


def _parse(lines: Sequence[str], name: str, delimiter: str, quoting: int) -> Table:
    records = _records(lines, delimiter, quoting)
    header = next(records, [])
    if isinstance(header, str):
        raise BadArgument(f"The header of {name} cannot be read ({header}).")
    header = [cell.strip() or f"column {i}" for i, cell in enumerate(header, 1)]
    numbers: list[int] = []
    rows: list[list[str]] = []
    faults = []
    for number, record in enumerate(records, 2):
        if len(record) == len(header) and not isinstance(record, str):
            numbers.append(number)
            rows.append(record)
        elif isinstance(record, str):
            message = f"the row cannot be read ({record}): look at its quotation marks"
            faults.append(Fault(number, "", message, "unreadable row"))
        elif record:  # a blank line is no row
            message = f"{len(record)} fields, where the header has {len(header)}"
            faults.append(Fault(number, "", message, "too many or too few fields"))
    columns = map(_series, list(zip(*rows, strict=True)) or [()] * len(header))
    return _table(name, header, columns, numbers, faults)


def _records(lines: Sequence[str], delimiter: str, quoting: int) -> Iterator[list[str] | str]:
    """The fields of each record, or what is wrong with it as text: then reading goes on at the
    next line, so that a quotation mark that never closes does not swallow the rest."""
    start = 0
    while start < len(lines):
        rest = map(lines.__getitem__, range(start, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, quoting=quoting, strict=True)  # type: ignore[arg-type]
        whole = 0  # lines of the records that were read
        try:
            for record in reader:
                whole = reader.line_num
                yield record
            return
        except csv.Error as error:
            yield str(error)
            start += whole + 1


def _read_jsonl(path: Path, name: str) -> Table:
    numbers, records, faults = [], [], []
    for number, line in enumerate(_decoded(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            problem = "" if isinstance(record, dict) else "the line is no JSON object"
        except (ValueError, RecursionError) as error:
            problem = f"the line is no JSON ({error})"
        if problem:
            faults.append(Fault(number, "", problem, "broken JSON"))
        else:
            numbers.append(number)
            records.append(record)
    header = list(dict.fromkeys(key for record in records for key in record))
    columns = (_series([_cell(record.get(key)) for record in records]) for key in header)
    return _table(name, header, columns, numbers, faults)


def _read_parquet(path: Path, name: str) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
    except pa.ArrowException as error:
        raise BadArgument(f"{path} cannot be read as Parquet: {str(error).rstrip('.')}.") from None
    columns = map(_arrow_cells, table.columns)
    return _table(name, table.column_names, columns, range(1, table.num_rows + 1), [])


def _arrow_cells(column: Any) -> pd.Series[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    lists = pa.types.is_list(column.type) or pa.types.is_large_list(column.type)
    try:
        cells = column.cast(pa.list_(pa.string()) if lists else pa.string())
        cells.validate(full=True)
        if not lists:
            return cast("pd.Series[Any]", cells.to_pandas().fillna("").astype("str"))
        if not pc.list_flatten(cells).null_count:
            arrays: pd.Series[Any] = cells.to_pandas()
            return arrays.map(lambda words: [] if words is None else words.tolist())
    except pa.ArrowException:
        pass  # bytes that are no UTF-8, or what has no text of its own
    with contextlib.suppress(pa.ArrowException):
        column = column.cast(pa.list_(pa.binary()) if lists else pa.binary())
    return _series([_cell(value) for value in column.to_pylist()])


def _cell(value: Any) -> str | list[str]:
    return [_text(part) for part in value] if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return json.dumps(value, ensure_ascii=False, default=str)


def _table(
    name: str,
    header: list[str],
    columns: Iterable[pd.Series[Any]],
    numbers: Sequence[int],
    faults: list[Fault],
) -> Table:
    if len(header) > MAX_COLUMNS:
        raise BadArgument(f"{name} has {len(header)} columns: at most {MAX_COLUMNS} are read.")
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise BadArgument(f"{name} has the column {twice[0]!r} twice: give each its own name.")
    index = pd.Index(numbers, name="row")
    named = zip(header, columns, strict=True)
    rows = pd.DataFrame({key: cells.set_axis(index) for key, cells in named}, index=index)
    return Table(rows, tuple(faults), name)


def _series(cells: Sequence[Any]) -> pd.Series[Any]:
    if any(isinstance(cell, list) for cell in cells):
        return pd.Series(list(cells), dtype=object)
    try:
        return pd.Series(cells, dtype="str")
    except UnicodeEncodeError:  # half of a character that JSON writes as two, such as \ud83d
        return pd.Series([c.encode(errors="replace").decode() for c in cells], dtype="str")


def _decoded(path: Path) -> str:
    """The text of a file. Bytes that are none become U+FFFD, which `check` tells by row. Raises
    BadArgument for what is no text at all."""
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif 0 in content[:2]:  # no byte order mark: the header's first letter tells the order
        encoding = "utf-16-be" if content[0] == 0 else "utf-16-le"
    else:
        encoding = "utf-8-sig"
    text = content.decode(encoding, errors="replace")
    if "\0" in text:
        raise BadArgument(f"{path} is no text: save the table as CSV in UTF-8.")
    return text


READERS = {
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".jsonl": _read_jsonl,
    ".parquet": _read_parquet,
}
KINDS = ", ".join(READERS)
