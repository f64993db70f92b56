"""The four claims judged on a study, kept in memory until its results change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from mslt_core.analysis.selection import Corpus, Facts, corpus_of
from mslt_core.analysis.study.claims import CLAIMS, Judgement, judge
from mslt_core.analysis.study.claims.judgement import untested
from mslt_core.jobs import study_files, study_results
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.spec import UserError
from mslt_core.ui import study_picker, which_facts
from mslt_core.ui.which_facts import Wanted


@dataclass(frozen=True)
class JudgedClaims:
    """What a study says of the claims, and what is to be borne in mind."""

    claims: tuple[Judgement, ...]
    """In the order of CLAIMS."""
    caveats: tuple[str, ...]


def judged(store: Store, study: StudyFile) -> JudgedClaims:
    """The claims judged on what a study measured so far. Seconds for hundreds of runs, at first."""
    assert study.declared
    settings = study.declared.settings
    known = which_facts.known(store, Wanted(settings.model, settings.task, study.declared.pool))
    corpus, _ = corpus_of(settings.model)
    key = known.files if known.facts else ()
    return _judged(*study_picker.version(study), key, corpus, known.facts, study)


@st.cache_resource(show_spinner=False, max_entries=50)
def _judged(
    path: str,
    changed: tuple[int, ...],
    files: tuple[str, ...],
    corpus: Corpus,
    _facts: Facts | None,
    _study: StudyFile,
) -> JudgedClaims:
    try:
        declared, results = study_results.read(Path(path))
    except UserError as error:
        return JudgedClaims(tuple(untested(claim, str(error)) for claim in CLAIMS), ())
    try:
        # Not from the picker's memory: the arrays of all studies would stay there.
        measured = study_files.block(Path(path), declared, results)
    except UserError as error:
        return JudgedClaims(judge(str(error), results.mixing, corpus, _facts), ())
    caveats = tuple(study_picker.caveats(_study, measured))
    return JudgedClaims(judge(measured, results.mixing, corpus, _facts), caveats)
