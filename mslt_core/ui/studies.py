"""The studies of the page Studies: the list of all, and what the picked one is."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import pandas as pd
import streamlit as st
from streamlit.elements.arrow import DataframeStateInput

from mslt_core.jobs import study_files
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.spec import RunSpec
from mslt_core.study_spec import StudySpec
from mslt_core.ui import data_browser, frame, study_picker, words
from mslt_core.ui import words_studies as said
from mslt_core.ui.links import recall, remember
from mslt_core.ui.plain import escaped

ANSWERS = ("pages/3_How_many.py", "pages/4_Which.py")
"""Pages that are about the picked study, too."""


def view() -> str:
    """What the page shows: `list` or `new`."""
    return data_browser.switch(said.VIEW, said.VIEWS, "studies_view", show_label=False)


def show(name: str) -> None:
    """Has the page open on a study when it is drawn anew."""
    st.session_state.study = name
    del st.session_state["studies_view"]
    remember({"study": name, "studies_view": ""})


def picked(store: Store) -> StudyFile | None:
    """The list, and which study is picked in it; None, told, where there is none."""
    found = {study.path.stem: study for study in reversed(study_files.listed(store))}
    if not found:
        st.caption(words.STUDY_NONE)
        return None
    names = sorted(found, key=lambda name: (not found[name].shipped, name))
    recall("study", study_picker.usual([*found.values()]).path.stem, str, found.__contains__)
    shown: DataframeStateInput = {"selection": {"rows": [names.index(st.session_state.study)]}}
    event = st.dataframe(
        table([found[name] for name in names]),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default=shown,
        key=table_key(names),
        alt=said.ALT_LIST.format(count=len(names)),
        placeholder=said.NONE,
        height="content",
        column_config={said.COLUMNS["title"]: st.column_config.TextColumn(width=said.TITLE_WIDTH)},
    )
    # A plain value: the pages How many and Which begin with the same study.
    name = st.session_state.study = names[event["selection"]["rows"][0]]
    remember({"study": name})
    return found[name]


def table(studies: Sequence[StudyFile]) -> pd.DataFrame:
    """A row a study, in the columns that people read; faults only where there are any."""
    rows = [(*_declared(study), study.fault or None) for study in studies]
    found = pd.DataFrame(rows, columns=[*said.COLUMNS.values(), said.FAULT_COLUMN])
    return found if any(study.fault for study in studies) else found.drop(columns=said.FAULT_COLUMN)


def table_key(names: Sequence[str]) -> str:
    """A widget key of these rows: what is selected is a row's number."""
    return f"studies-{crc32(','.join(names).encode())}"


def about(study: StudyFile) -> None:
    """What a study is, in its title and one line, and where its answers are."""
    if study.declared is None:
        st.subheader(escaped(study.path.stem))
    else:
        st.subheader(escaped(study.declared.title))
        st.caption(settings(study.declared))
    file = said.FILE.format(
        name=study.path.stem, origin=_origin(study), path=escaped(str(study.path))
    )
    st.caption(file)
    if study.fault:
        st.error(study.fault, icon=":material/error:")
    elif study.outdated:
        st.warning(study.outdated, icon=":material/history:")
    elif study.by_item:
        with st.container(horizontal=True):
            for path, label, icon in frame.PAGES:
                if path in ANSWERS:
                    st.page_link(path, label=label, icon=icon)


def settings(declared: StudySpec) -> str:
    """How its runs are trained, in one line."""
    run = declared.settings
    sizes = sorted({len(sources) for sources in declared.sets})
    line = said.SETTINGS.format(
        model=run.model,
        task=run.task,
        method=words.METHODS[run.method].lower(),
        sets=len(declared.sets),
        s="" if len(declared.sets) == 1 else "s",
        sizes=said.SIZE_ONE if sizes == [1] else said.SIZES.format(sizes=numbers(sizes)),
        s_seeds="" if len(declared.seeds) == 1 else "s",
        seeds=numbers(declared.seeds),
        budget=run.budget,
        sampling=said.SAMPLING[run.sampling],
        targets=len(run.targets),
    )
    return line if run.method == "probe" else line + _finetuning(run)


def numbers(values: Sequence[int]) -> str:
    """`0 to 4`, or `1, 3, 7` where some are left out."""
    ordered = sorted(values)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return said.RANGE.format(low=ordered[0], high=ordered[-1])
    return ", ".join(map(str, ordered))


def _finetuning(run: RunSpec) -> str:
    trained = ""
    if run.layers is not None:
        trained = said.TRAINED_LAYERS.format(layers=run.layers)
    elif run.lora_rank is not None:
        trained = said.TRAINED_RANK.format(rank=run.lora_rank)
    return said.FINETUNE.format(
        epochs=run.epochs,
        learning_rate=run.learning_rate,
        batch_size=run.batch_size,
        trained=trained,
    )


def _declared(study: StudyFile) -> tuple[str | None, ...]:
    if study.declared is None:
        return (words.STUDY_WRONG.format(name=study.path.stem), *[None] * 5)
    run = study.declared.settings
    runs = said.RUNS.format(done=study.done, runs=study.runs)
    title, method = study.declared.title, words.METHODS[run.method]
    return title, runs, run.task, run.model, method, numbers(study.sizes)


def _origin(study: StudyFile) -> str:
    return said.SHIPPED if study.shipped else said.OWN
