"""The picker of the study, which How many and Which share, and what it measured, kept in memory."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mslt_core.analysis.measured import Measured
from mslt_core.jobs import study_files, study_results
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.ui import frame, words
from mslt_core.ui.caveats import caveats as of_seeds
from mslt_core.ui.links import recall, remember
from mslt_core.ui.plain import escaped

STUDIES = "pages/7_Studies.py"


def picked(store: Store) -> StudyFile | None:
    """The chosen one of all studies, as in `picked_of`."""
    return picked_of(study_files.listed(store))


def picked_of(listed: list[StudyFile]) -> StudyFile | None:
    """The chosen study; None, told, where there is none, it is wrong, or it has no results that
    these pages can read. Studies with results that tell only means are left out, unless there are
    no others."""
    if any(study.by_item for study in listed):
        listed = [study for study in listed if not _means_alone(study)]
    found = {study.path.stem: study for study in reversed(listed)}
    if not found:
        st.caption(words.STUDY_NONE)
        _link_to_studies()
        return None
    names = sorted(found, key=lambda name: (not found[name].shipped, name))
    recall("study", usual(list(found.values())).path.stem, str, found.__contains__)
    name = st.selectbox(
        words.STUDY,
        names,
        key="study",
        format_func=lambda name: label(found[name]),
        persist_state="session",
    )
    remember({"study": name})
    study = found[name]
    if study.fault:
        st.error(study.fault, icon=":material/error:")
        return None
    if not study.done:
        st.caption(study.outdated or words.STUDY_EMPTY.format(runs=study.runs))
        _link_to_studies()
        return None
    if _means_alone(study):
        st.caption(words.STUDY_MEANS_ALONE.format(name=escaped(label(study))))
        _link_to_studies(words.STUDY_ELSEWHERE)
        return None
    if study.left:
        st.caption(words.STUDY_PARTLY.format(done=study.done, runs=study.runs))
    return study


def measured(study: StudyFile) -> Measured:
    """What a study measured; read anew when its files change. Raises as `study_files.opened`."""
    return _measured(*version(study))


def version(study: StudyFile) -> tuple[str, tuple[int, ...]]:
    """What names the results of a study as they now are: a key for what is computed from them."""
    files = (study.path, study_results.score_path(study.path))
    return str(study.path), tuple(file.stat().st_mtime_ns for file in files if file.exists())


def caveats(study: StudyFile, found: Measured) -> list[str]:
    """What is said beside every answer of a study: a sentence each."""
    said = []
    if study.declared and study.declared.settings.method == "probe":
        said.append(words.STUDY_PROBE)
    if found.left_out:
        seeds = ", ".join(map(str, found.seeds))
        said.append(words.STUDY_LEFT_OUT.format(count=found.left_out, seeds=seeds))
    return [*said, *of_seeds(len(found.seeds), budgets_differ=False)]


def of_all(found: Measured, over: str) -> str:
    """What to bear in mind of means over all targets; nothing where none was trained on."""
    return words.STUDY_ALL if over == "all" and found.over("seen").any() else ""


def label(study: StudyFile) -> str:
    """What a study is called in a list."""
    if study.declared is None:
        return words.STUDY_WRONG.format(name=study.path.stem)
    declared = study.declared
    return words.STUDY_LABEL.format(
        title=declared.title, task=declared.settings.task, done=study.done, runs=study.runs
    )


def usual(studies: list[StudyFile]) -> StudyFile:
    """The study to begin with: one that can be read, fine-tuned rather than probed, with most
    runs."""
    return max(studies, key=lambda study: (study.by_item, _finetuned(study), study.done))


def _finetuned(study: StudyFile) -> bool:
    return study.declared is not None and study.declared.settings.method == "finetune"


def _means_alone(study: StudyFile) -> bool:
    """Whether its results do not tell of each test item, which all that is said here rests on."""
    return bool(study.done) and not study.by_item and not study.fault


def _link_to_studies(label: str = words.STUDY_COMPUTE) -> None:
    if any(path == STUDIES for path, *_ in frame.PAGES):
        st.page_link(STUDIES, label=label, icon=":material/science:")


@st.cache_resource(show_spinner=words.STUDY_READING, max_entries=8)
def _measured(path: str, changed: tuple[int, ...]) -> Measured:
    return study_files.opened(Path(path))
