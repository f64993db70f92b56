"""The report of a study, to read and to take away: what `study report` prints of kept results."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from mslt_core.analysis.study.claims import Judgement
from mslt_core.analysis.threads import one_thread
from mslt_core.jobs import study_report, study_results
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.ui import claims_judged, frame, study_picker
from mslt_core.ui import words_studies as said


def report(store: Store, study: StudyFile) -> None:
    """Written when it is opened, for that takes seconds; nothing where there are no results."""
    if study.fault or not study.done:
        return
    place = st.expander(
        said.REPORT,
        icon=":material/description:",
        key=f"report-{study.path.stem}",
        on_change="rerun",
    )
    if place.open:
        with place, frame.told():
            claims = claims_judged.judged(store, study).claims
            text = _markdown(*study_picker.version(study), claims)
            st.download_button(
                said.REPORT_DOWNLOAD,
                text,
                file_name=f"{study.path.stem}.md",
                mime="text/markdown",
                icon=":material/download:",
                on_click="ignore",
            )
            _, _, body = text.partition("\n\n")  # its title stands on the page already
            for block in body.split("\n\n"):
                _show(block)


def _show(block: str) -> None:
    """A paragraph, a heading, or a table, which as Markdown would be cut at the edge of a narrow
    screen."""
    if not block.startswith("| "):
        st.markdown(block)
        return
    head, _, *rows = (
        [cell.strip() for cell in line[1:-1].split("|")] for line in block.split("\n")
    )
    table = pd.DataFrame(rows, columns=head)
    st.dataframe(table, hide_index=True, height="content", alt=said.ALT_REPORT)


@st.cache_resource(show_spinner=said.REPORT_WRITING, max_entries=20)
def _markdown(path: str, changed: tuple[int, ...], claims: tuple[Judgement, ...]) -> str:
    with one_thread():
        return study_report.of(*study_results.read(Path(path)), claims).to_markdown()
