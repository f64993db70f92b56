"""What studies say of a criterion, and what of a question they do not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from mslt_core.analysis.selection import (
    OF_MODEL,
    Corpus,
    Criterion,
    Facts,
    LanguageTable,
    corpus_of,
    language_table,
    mostly_imputed,
)
from mslt_core.analysis.study.judging import Judged
from mslt_core.analysis.study.leaderboard import judged_one
from mslt_core.analysis.study.usual import judged_sizes, usual_over, usual_size
from mslt_core.catalog.languages import language
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.spec import BadArgument, UserError
from mslt_core.ui import study_picker, which_board, which_facts, which_partner, words_which
from mslt_core.ui.which import Asked
from mslt_core.ui.which_own import Own
from mslt_core.ui.which_words import correlation, points, rank


@dataclass(frozen=True, eq=False)
class Evidence:
    """How a criterion did on a study."""

    asked: Asked
    judged: Judged


def evidence(
    store: Store, studies: list[StudyFile], criterion: Criterion, k: int
) -> list[Evidence]:
    """On every study that can be judged, on its sets of k languages or else of its usual size, over
    the targets that one begins with there."""
    found = []
    for study in studies:
        if study.declared is None or not study.by_item:
            continue
        try:
            measured = study_picker.measured(study)
        except UserError:
            continue  # told where that study is chosen
        sizes = judged_sizes(measured)
        if not sizes:
            continue
        size = k if k in sizes else usual_size(measured)
        over = usual_over(measured)
        asked = Asked(study, study.declared, measured, size, over, guess_first=False)
        probe = _probe(studies, study) if criterion == "probe" else None
        if judged := _judged(store, asked, criterion, probe):
            found.append(Evidence(asked, judged))
    return found


def _probe(studies: list[StudyFile], study: StudyFile) -> StudyFile | None:
    """The probe of a fine-tuned study."""
    itself = study.declared and study.declared.settings.method == "probe"
    return None if itself else which_partner.partner(studies, study)


def _judged(
    store: Store, asked: Asked, criterion: Criterion, probe: StudyFile | None
) -> Judged | None:
    """None where the criterion says nothing of the sets."""
    wanted = which_board.wanted(asked)
    known = which_facts.known(store, wanted) if criterion in OF_MODEL else None
    facts = known.facts if known else None
    corpus, _ = corpus_of(wanted.model)
    by_probe = study_picker.version(probe) if probe else ()
    key = (asked.version, asked.size, corpus, known.files if known and facts else (), by_probe)
    return _of_one(key, criterion, asked, corpus, facts, probe)


@st.cache_resource(show_spinner=False, max_entries=100)
def _of_one(
    key: tuple[object, ...],
    criterion: Criterion,
    _asked: Asked,
    _corpus: Corpus,
    _facts: Facts | None,
    _probe: StudyFile | None,
) -> Judged | None:
    measured, size, over = _asked.measured, _asked.size, _asked.over
    languages = language_table(measured.pool, _corpus, _facts)
    probe = study_picker.measured(_probe) if _probe else None
    try:
        return judged_one(criterion, measured, languages, size, over, probe)
    except BadArgument:
        return None


def table(found: list[Evidence]) -> pd.DataFrame:
    """A row a study, as people read it."""
    rows = [
        (
            one.asked.declared.name,
            one.judged.size,
            rank(one.judged.rank, len(one.judged.sets)),
            f"{one.judged.random_rank:g}",
            points(one.judged.regret),
            points(one.judged.random_regret),
            correlation(one.judged.spearman),
        )
        for one in found
    ]
    return pd.DataFrame(rows, columns=list(words_which.EVIDENCE_COLUMNS))


def extrapolated(found: list[Evidence], own: Own, known: LanguageTable) -> list[str]:
    """What the studies did not measure of the question, a sentence each."""
    settings = [one.asked.declared.settings for one in found]
    sources = {tag for one in found for tag in one.asked.measured.pool}
    tested = {tag for one in found for tag in one.asked.measured.targets}
    choice, said = own.choice, []
    if own.task not in {each.task for each in settings}:
        said.append(words_which.NO_TASK.format(task=own.task))
    if own.model not in {each.model for each in settings}:
        said.append(words_which.NO_MODEL.format(model=own.model))
    if found and all(each.method == "probe" for each in settings):
        said.append(words_which.ONLY_PROBE)
    if choice.k not in {one.judged.size for one in found}:
        said.append(words_which.NO_SIZE.format(k=choice.k))
    if new := [tag for tag in choice.pool if tag not in sources]:
        said.append(words_which.NO_SOURCE.format(names=_named(new)))
    if choice.targets:
        said.append(words_which.NO_AIM)
    if new := [tag for tag in choice.targets if tag not in tested]:
        said.append(words_which.NO_TARGET.format(names=_named(new)))
    if guessed := mostly_imputed(known, own.criterion):
        said.append(words_which.MOSTLY_PREDICTED.format(names=_named(guessed)))
    return said


def _named(tags: Sequence[str]) -> str:
    return ", ".join(language(tag).name for tag in tags)
