"""The faults of an uploaded table, by row, and whether to leave those rows out."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

import pandas as pd
import streamlit as st

from mslt_core.catalog.tasks.check import Checked
from mslt_core.catalog.tasks.tables import Fault
from mslt_core.ui import words, words_data

MOST_SHOWN = 1000
"""Faults that are sent to the browser; the CSV has all."""


def listing(checked: Checked) -> bool:
    """The faults with a filter by kind and a CSV; returns whether faulty rows are to be left
    out."""
    faults = sorted(checked.faults, key=lambda fault: (fault.file, fault.row or 0))
    if not faults:
        return False
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(words_data.FAULTS, width="stretch")
        st.download_button(
            words.CSV,
            lambda: table(faults).to_csv(index=False),  # made only when it is asked for
            file_name="faults.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
    counts = Counter(fault.kind for fault in faults)
    if st.session_state.get("fault_kind") not in counts:
        st.session_state.fault_kind = None
    kind = st.pills(
        words_data.FAULTS_FILTER,
        list(counts),
        key="fault_kind",
        format_func=lambda kind: f"{kind} {counts[kind]:,}",
        label_visibility="collapsed",
    )
    some = [fault for fault in faults if not kind or fault.kind == kind]
    st.dataframe(
        table(some[:MOST_SHOWN]).drop(
            columns=words_data.FAULT_COLUMNS["kind"]
        ),  # the pills tell it
        column_config={words_data.FAULT_COLUMNS["message"]: st.column_config.TextColumn(width=560)},
        hide_index=True,
        alt=words_data.ALT_FAULTS,
        placeholder="–",
    )
    if len(some) > MOST_SHOWN:
        st.caption(words_data.FAULTS_SHOWN.format(shown=MOST_SHOWN, count=len(some)))
    rows = checked.left_out
    if not rows:
        return False
    label = words_data.LEAVE_OUT.format(count=rows, s="" if rows == 1 else "s")
    return st.toggle(label, key="leave_out", disabled=bool(checked.fatal))


def table(faults: list[Fault]) -> pd.DataFrame:
    """One row a fault, in the columns that people read; without a column for files where there is
    one file."""
    names = dict(words_data.FAULT_COLUMNS)
    if not any(fault.file for fault in faults):
        del names["file"]
    rows = pd.DataFrame([asdict(fault) for fault in faults])
    rows["row"] = rows["row"].astype("Int64")
    rows["stops"] = rows["stops"].map({True: words.YES, False: words.NO})
    return rows[list(names)].rename(columns=names)
