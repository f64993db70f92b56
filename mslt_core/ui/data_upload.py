"""The Data page: a table of one's own, uploaded, looked at, mended and added as a task."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.catalog.tasks import Kind, files
from mslt_core.catalog.tasks.check import Checked, check
from mslt_core.catalog.tasks.split import SplitBy
from mslt_core.catalog.tasks.tables import Columns, Table, guess, read
from mslt_core.spec import BadArgument
from mslt_core.ui import data_faults, data_sets, frame, words, words_data
from mslt_core.ui.data_browser import language_name
from mslt_core.ui.plain import escaped

TYPES = ("csv", "tsv", "jsonl", "parquet")
COMMAND = (".venv/bin/python", "-m", "mslt_core", "data")
RAW_ROWS = 3
EXAMPLES = 2
"""Items of each language in the preview."""
EXAMPLE_LANGUAGES = 20
EXAMPLE_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "sentence": ("language", "split", "label", "text"),
    "pair": ("language", "split", "label", "text", "second"),
    "token": ("language", "split", "text", "tags"),
}


@dataclass
class Upload:
    """A table that was uploaded in this session. It outlives the widget that took it, so that it
    is there when a person comes back to the page."""

    table: Table
    guessed: Columns
    source: str
    name: str
    checked: tuple[Columns, SplitBy, Checked] | None = None
    """What the last choice of columns gave."""


def own() -> None:
    """Upload, preview and add; below, the data sets that were added before."""
    st.caption(words_data.OWN_WHAT)
    _take()
    upload: Upload | None = st.session_state.get("upload")
    if upload:
        with frame.told():
            _preview(upload)
    elif not files.imported():
        _example()
    data_sets.listing()


def _example() -> None:
    """What such a table looks like, and the command that adds one."""
    rows = pd.DataFrame(words_data.OWN_SAMPLE[1:], columns=list(words_data.OWN_SAMPLE[0]))
    st.caption(words.OWN_SAMPLE_CAPTION)
    st.dataframe(rows, hide_index=True, width="content", alt=words.OWN_SAMPLE_CAPTION)
    st.caption(words.COMMAND)
    st.code(shlex.join([*COMMAND, "PATH"]), language="bash", wrap_lines=True)


def _take() -> None:
    """The widget that takes files; what it took is read once."""
    taken = st.file_uploader(
        words_data.OWN_FILES,
        TYPES,
        accept_multiple_files=True,
        key=f"files-{st.session_state.get('uploads', 0)}",
        on_change=_forget,
    )
    if not taken or "upload" in st.session_state:
        return
    with frame.told(), st.spinner(words_data.OWN_READING):
        table = _read(taken)
        name = Path(taken[0].name).stem if len(taken) == 1 else ""
        source = ", ".join(file.name for file in taken)
        guessed = guess(table)
        st.session_state.upload = Upload(table, guessed, source, name)
        for field, column in asdict(guessed).items():
            st.session_state[f"column-{field}"] = column
        st.session_state.data_name = name
        st.session_state.leave_out = False


def _read(taken: Sequence[Any]) -> Table:
    """The table in the uploaded files, several as a folder of them. They are on disk only for the
    time of reading."""
    with tempfile.TemporaryDirectory() as folder:
        for number, file in enumerate(taken):
            # A name comes from somebody's browser: it must not lead out of the folder.
            name = Path(file.name).name
            path = Path(folder, name)
            if path.exists():
                path = Path(folder, f"{number}-{name}")
            path.write_bytes(file.getbuffer())
        try:
            return read(path if len(taken) == 1 else Path(folder))
        except BadArgument as error:  # told by its name: the folder is nothing that people know
            raise BadArgument(str(error).replace(f"{folder}/", "")) from None


def _forget() -> None:
    st.session_state.pop("upload", None)


def _start_anew() -> None:
    """An empty widget in place of the one that holds files."""
    _forget()
    st.session_state.uploads = st.session_state.get("uploads", 0) + 1


def _preview(upload: Upload) -> None:
    """What the table holds, what is wrong with it, and the button that adds it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        source = escaped(upload.source)
        st.subheader(words_data.OWN_HOLDS.format(source=source), width="stretch")
        st.button(
            words_data.OTHER_FILE, icon=":material/close:", type="tertiary", on_click=_start_anew
        )
    raw = upload.table.rows.head(RAW_ROWS)
    st.dataframe(raw, alt=words_data.ALT_RAW)
    st.caption(words_data.OWN_ROWS.format(rows=len(upload.table.rows), shown=len(raw)))
    columns, split_by = _columns(upload)
    checked = _checked(upload, columns, split_by)
    _summary(checked)
    leave_out = data_faults.listing(checked)
    _offer(upload, checked, split_by, leave_out)


def _columns(upload: Upload) -> tuple[Columns, SplitBy]:
    """Which column holds what, as guessed and corrected, and how to split without a column."""
    st.subheader(words_data.OWN_COLUMNS)
    st.caption(words_data.OWN_COLUMNS_CAPTION)
    offered = ["", *upload.table.columns]
    chosen = {}
    with st.grid(4, min_column_width=150):
        for field, label in words_data.OWN_FIELDS.items():
            chosen[field] = st.selectbox(
                label,
                offered,
                key=f"column-{field}",
                format_func=lambda name: name or words_data.NO_COLUMN,
                persist_state="session",
            )
        if not chosen["split"]:
            st.selectbox(
                words_data.SPLIT_BY,
                list(words_data.SPLITS_BY),
                key="split_by",
                format_func=words_data.SPLITS_BY.__getitem__,
                help=words_data.SPLIT_BY_HELP,
                persist_state="session",
            )
    return Columns(**chosen), st.session_state.get("split_by") or "item"


def _checked(upload: Upload, columns: Columns, split_by: SplitBy) -> Checked:
    """The table checked, once for each choice of columns."""
    if upload.checked and upload.checked[:2] == (columns, split_by):
        return upload.checked[2]
    with st.spinner(words_data.OWN_CHECKING):
        checked = check(upload.table, columns, split_by)
    upload.checked = (columns, split_by, checked)
    return checked


def _summary(checked: Checked) -> None:
    """Languages, labels and some items of the sound rows."""
    sizes, labels = checked.sizes(), checked.label_counts()
    found = words_data.OWN_SUMMARY.format(
        items=len(checked.items),
        kind=words_data.OWN_KINDS[checked.kind],
        languages=data_sets.counted(words_data.OWN_LANGUAGES, len(sizes)),
        labels=data_sets.counted(words_data.OWN_LABELS, len(labels)),
        parallel=words_data.OWN_PARALLEL if checked.parallel else "",
    )
    st.markdown(f"{found} {_verdict(checked)}")
    left, right = st.columns(2)
    names = sizes.assign(language=sizes["language"].map(language_name))
    left.dataframe(
        names.rename(columns=words_data.SIZES_COLUMNS), hide_index=True, alt=words_data.ALT_SIZES
    )
    rows = pd.DataFrame(labels.items(), columns=[words_data.LABEL, words_data.COUNT_TITLE])
    right.dataframe(rows, hide_index=True, alt=words_data.ALT_LABELS)
    st.dataframe(_examples(checked), hide_index=True, alt=words_data.ALT_EXAMPLES)


def _verdict(checked: Checked) -> str:
    """In a sentence whether the rows are sound; empty where only the whole is at fault."""
    if checked.left_out:
        return words_data.OWN_FAULTY.format(count=checked.left_out, rows=checked.rows)
    return "" if checked.faults else words_data.OWN_SOUND


def _examples(checked: Checked) -> pd.DataFrame:
    languages = checked.items["language"].unique()[:EXAMPLE_LANGUAGES]
    known = checked.items[checked.items["language"].isin(languages)]
    some = known.groupby("language").head(EXAMPLES)
    shown = some.assign(
        language=some["language"].map(language_name),
        split=some["split"].map(words_data.SPLITS),
        tags=some["tags"].str.join(" "),
    )
    names = {name: words_data.EXAMPLE_COLUMNS[name] for name in EXAMPLE_COLUMNS[checked.kind]}
    return shown[list(names)].rename(columns=names)


def _offer(upload: Upload, checked: Checked, split_by: SplitBy, leave_out: bool) -> None:
    """The name, the button, why it is not to be pressed, and the command that does the same."""
    name = st.text_input(words_data.OWN_NAME, key="data_name", persist_state="session", width=320)
    blocked = _blocked(checked, name or "", leave_out)
    if st.button(
        words_data.ADD_DATA.format(items=len(checked.items)),
        type="primary",
        icon=":material/add:",
        disabled=bool(blocked),
    ):
        with st.spinner(words_data.ADDING):
            added = files.add(checked, name or "", upload.source, skip_faulty=leave_out)
        _start_anew()
        data_sets.say_added(added)
        st.rerun()
    if blocked:
        st.caption(blocked)
    st.caption(words.COMMAND)
    line = command(upload, checked.columns, split_by, name or "", leave_out)
    st.code(line, language="bash", wrap_lines=True)


def _blocked(checked: Checked, name: str, leave_out: bool) -> str:
    """Why the data cannot be added as it is; empty if it can."""
    if checked.fatal:
        return words_data.ADD_FATAL.format(message=escaped(str(checked.fatal[0])))
    if checked.stopping and not leave_out:
        count = checked.left_out
        return words_data.ADD_BLOCKED.format(count=count, s="" if count == 1 else "s")
    return "" if name.strip() else words_data.OWN_NAME_EMPTY


def command(upload: Upload, columns: Columns, split_by: SplitBy, name: str, leave_out: bool) -> str:
    """The command line that adds the same data; what it would guess by itself is left out."""
    parts = list(COMMAND)
    parts.append(upload.table.source if not upload.table.folder else "FOLDER")
    guessed = asdict(upload.guessed)
    other = {k: v for k, v in asdict(columns).items() if v != guessed[k]}
    if other:
        parts += ["--columns", ",".join(f"{field}={column}" for field, column in other.items())]
    if not columns.split and split_by != "item":
        parts += ["--split-by", split_by]
    if name and name != upload.name:
        parts += ["--name", name]
    if leave_out:
        parts.append("--skip-faulty")
    return shlex.join(parts)
