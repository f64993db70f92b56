"""The four claims judged on a study, kept in memory until its results change."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from pathlib import Path

import streamlit as st

from mslt_core.analysis.measured import Measured
from mslt_core.analysis.selection import Corpus, Facts, language_table
from mslt_core.analysis.study.claims import (
    Claim,
    Judgement,
    choosable,
    helps,
    mingling,
    not_always,
)
from mslt_core.analysis.study.claims.choosable import Criteria
from mslt_core.analysis.study.claims.judgement import untested
from mslt_core.analysis.study.judging import of_size
from mslt_core.analysis.study.leaderboard import numbers_of
from mslt_core.analysis.threads import one_thread
from mslt_core.jobs import study_files, study_results
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.spec import UserError
from mslt_core.ui import study_picker, which_facts
from mslt_core.ui.which_facts import Wanted

USUAL = 3
"""The size of set that the paper chooses."""
NOT_SIMPLE = ("probe", "random")
"""No simple criteria: the one trains, and the other is what they are to beat."""
OF_SCORES: tuple[Claim, ...] = ("helps", "not always", "choosable")


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
    pool = tuple(sorted({lang for sources in study.declared.sets for lang in sources}))
    known = which_facts.known(store, Wanted(settings.model, settings.task, pool))
    corpus, _ = which_facts.corpus_of(settings.model)
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
        of_mixing = mingling(study_results.read(Path(path))[1].mixing)
    except UserError as error:
        of_mixing = untested("mingling", str(error))
    try:
        # Not from the picker's memory: the arrays of all studies would stay there.
        measured = study_files.opened(Path(path))
    except UserError as error:
        return JudgedClaims((of_mixing, *(untested(claim, str(error)) for claim in OF_SCORES)), ())
    with one_thread():
        of_scores = (helps(measured), not_always(measured), _choosable(measured, corpus, _facts))
    return JudgedClaims((of_mixing, *of_scores), tuple(study_picker.caveats(_study, measured)))


def _choosable(measured: Measured, corpus: Corpus, facts: Facts | None) -> Judgement:
    size = judged_size(measured)
    return choosable(measured, criteria(measured, size, corpus, facts), size)


def judged_size(measured: Measured) -> int:
    """The size of sets by which criteria are judged: the paper's, unless not all its sets were
    measured but all of another one, as languages can be permuted only then."""
    pool = len(measured.pool)
    numbers = {size: len(of_size(measured, size)) for size in range(2, pool)}
    whole = [size for size, number in numbers.items() if number == comb(pool, size)]
    if USUAL in whole or not whole:
        return USUAL
    return max(whole, key=numbers.__getitem__)


def criteria(measured: Measured, size: int, corpus: Corpus, facts: Facts | None) -> Criteria:
    """Of each simple criterion its numbers of the measured sets of a size; without those of which
    some language lacks what they need."""
    numbers, _ = numbers_of(measured, language_table(measured.pool, corpus, facts), size)
    return {name: found for name, found in numbers.items() if name not in NOT_SIMPLE}
