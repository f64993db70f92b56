"""The four claims judged on a study, kept in memory until its results change."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from pathlib import Path

import numpy as np
import streamlit as st

from mslt_core.analysis.measured import Measured, Sources
from mslt_core.analysis.selection import CRITERIA, Corpus, Facts, language_table, score
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
from mslt_core.analysis.threads import one_thread
from mslt_core.catalog import models
from mslt_core.jobs import language_facts, study_files, study_results
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.spec import BadArgument, UserError
from mslt_core.ui import study_picker

USUAL = 3
"""The size of set that the paper chooses."""
NOT_SIMPLE = ("probe", "random")
"""No simple criteria: the one trains, and the other is what they are to beat."""
OF_SCORES: tuple[Claim, ...] = ("helps", "not always", "choosable")


@dataclass(frozen=True)
class Judged:
    """What a study says of the claims, and what is to be borne in mind."""

    claims: tuple[Judgement, ...]
    """In the order of CLAIMS."""
    caveats: tuple[str, ...]


def judged(store: Store, study: StudyFile) -> Judged:
    """The claims judged on what a study measured so far. Seconds for hundreds of runs, at first."""
    assert study.declared
    settings = study.declared.settings
    pool = tuple(sorted({lang for sources in study.declared.sets for lang in sources}))
    facts = _facts_there(str(store.home), settings.model, settings.task, pool)
    return _judged(*study_picker.version(study), facts, store, study)


@st.cache_resource(show_spinner=False, max_entries=50)
def _judged(
    path: str, changed: tuple[int, ...], facts: tuple[str, ...], _store: Store, _study: StudyFile
) -> Judged:
    try:
        of_mixing = mingling(study_results.kept(Path(path)).mixing)
    except UserError as error:
        of_mixing = untested("mingling", str(error))
    try:
        # Not from the picker's memory: the arrays of all studies would stay there.
        measured = study_files.opened(Path(path))
    except UserError as error:
        return Judged((of_mixing, *(untested(claim, str(error)) for claim in OF_SCORES)), ())
    with one_thread():
        found = (helps(measured), not_always(measured), _choosable(_store, _study, measured, facts))
    return Judged((of_mixing, *found), tuple(study_picker.caveats(_study, measured)))


def _choosable(
    store: Store, study: StudyFile, measured: Measured, there: tuple[str, ...]
) -> Judgement:
    assert study.declared
    settings = study.declared.settings
    facts = None
    if there:
        facts = language_facts.stored(store, settings.model, settings.task, measured.pool)
    size = judged_size(measured)
    return choosable(measured, criteria(measured, size, _corpus(settings.model), facts), size)


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
    sets = [measured.sets[s] for s in of_size(measured, size)]
    table = language_table(measured.pool, corpus, facts)
    found: dict[str, dict[Sources, float]] = {}
    for criterion in CRITERIA:
        if criterion in NOT_SIMPLE or not sets:
            continue
        try:
            numbers = score(criterion, table, sets, measured.pool)
        except BadArgument:
            continue
        found[criterion] = dict(zip(sets, np.asarray(numbers).tolist(), strict=True))
    return found


def _corpus(model: str) -> Corpus:
    """Whose sizes stand for the model's pretraining data."""
    try:
        return models.card(model).pretraining or "cc100"
    except UserError:  # a folder that is gone
        return "cc100"


@st.cache_data(show_spinner=False, max_entries=100, ttl=60)
def _facts_there(home: str, model: str, task: str, pool: tuple[str, ...]) -> tuple[str, ...]:
    """The files of what the model makes of the languages; none unless all are there. A fresh copy
    has neither data nor model, so nothing is raised."""
    try:
        files = language_facts.paths(Store(Path(home)), model, task, pool).values()
    except UserError:
        return ()
    return tuple(map(str, files)) if all(file.exists() for file in files) else ()
