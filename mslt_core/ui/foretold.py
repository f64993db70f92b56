"""How well the probe's ranking of source sets foretells that of fine-tuned models.

Told on Which of the study that is open, and on Train wherever a probe is offered.
"""

from __future__ import annotations

import streamlit as st

from mslt_core.analysis.measured import Over
from mslt_core.analysis.stats import p_value
from mslt_core.analysis.study.surrogate import Surrogate, surrogate
from mslt_core.analysis.study.usual import USUAL_SIZE, usual_over
from mslt_core.jobs import study_files
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.spec import BadArgument
from mslt_core.ui import frame, study_picker, words_which
from mslt_core.ui.which import Asked
from mslt_core.ui.which_partner import partner
from mslt_core.ui.which_words import correlation


def of_open_study(asked: Asked, other: StudyFile | None) -> None:
    """Of the study that is open and the one by the other method, if there is one."""
    if other is None:
        st.caption(words_which.FORETELLS_NONE)
    else:
        st.caption(sentence(asked.study, other, asked.size, asked.over))


def of_task(store: Store, task: str) -> None:
    """Of the studies of a task, in a place that is opened by hand, for reading them takes
    seconds."""
    place = st.expander(
        words_which.FORETELLS_TITLE,
        icon=":material/query_stats:",
        key="foretold",
        on_change="rerun",
    )
    if not place.open:
        return
    with place, frame.told():
        found = pair(store, task)
        if found is None:
            st.caption(words_which.FORETELLS_NONE_OF_TASK.format(task=task))
            return
        over = usual_over(study_picker.measured(found[0]))
        st.caption(sentence(*found, USUAL_SIZE, over))


def pair(store: Store, task: str) -> tuple[StudyFile, StudyFile] | None:
    """The fine-tuned study of a task that has most results, of those with one by probe beside."""
    studies = study_files.listed(store)
    tuned = [
        study
        for study in studies
        if study.declared and study.by_item and study.declared.settings.task == task
        if study.declared.settings.method == "finetune"
    ]
    pairs = [(study, partner(studies, study)) for study in tuned]
    found = [(study, other) for study, other in pairs if other is not None]
    return max(found, key=lambda pair: pair[0].done, default=None)


def sentence(study: StudyFile, other: StudyFile, size: int, over: Over) -> str:
    """With the correlation; what it would take where there is none."""
    assert study.declared
    probed = study.declared.settings.method == "probe"
    cheap, dear = (study, other) if probed else (other, study)
    key = (study_picker.version(cheap), study_picker.version(dear), size, over)
    try:
        found = _surrogate(key, cheap, dear)
    except BadArgument as error:
        return words_which.FORETELLS_NOT.format(reason=error)
    said = words_which.FORETELLS.format(
        sets=len(found.sets),
        k=size,
        targets=len(found.targets),
        rho=correlation(found.spearman),
        verdict=words_which.FORETELLS_VERDICT[_verdict(found)],
        p="" if found.p is None else words_which.FORETELLS_P.format(p=p_value(found.p)),
    )
    if found.itself is None:
        return said
    itself = f"{found.itself:.2f}"
    return f"{said} {words_which.FORETELLS_ITSELF.format(seeds=found.seeds, rho=itself)}"


def _verdict(found: Surrogate) -> str:
    """By the permutation of languages where there is one, for sets that share languages are not
    independent; else by the interval."""
    sure = found.p < 0.05 if found.p is not None else found.spearman.low > 0
    return "well" if sure else "unclear"


@st.cache_resource(show_spinner=words_which.FORETELLS_READING, max_entries=20)
def _surrogate(
    key: tuple[object, object, int, Over], _cheap: StudyFile, _dear: StudyFile
) -> Surrogate:
    _, _, size, over = key
    return surrogate(study_picker.measured(_cheap), study_picker.measured(_dear), size, over)
