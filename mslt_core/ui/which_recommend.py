"""Recommend: the sets of one's own languages that a criterion ranks first, what is known of that
criterion, and what is not."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mslt_core.analysis.selection import (
    OF_MODEL,
    LanguageTable,
    Ranked,
    corpus_of,
    language_table,
    mostly_imputed,
    rank,
    score,
)
from mslt_core.analysis.selection.criteria import MEASURES
from mslt_core.analysis.study.leaderboard import mean_scores
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.spec import BadArgument
from mslt_core.ui import frame, study_picker, which_evidence, which_facts, which_own, words_which
from mslt_core.ui.views import csv
from mslt_core.ui.which_facts import Wanted
from mslt_core.ui.which_own import Own
from mslt_core.ui.which_why import imputed_sentence
from mslt_core.ui.which_words import name_of

SHOWN = 10


@frame.told()
def recommend(store: Store, studies: list[StudyFile]) -> None:
    """Choices, ranked sets, and what is known and extrapolated."""
    st.header(words_which.OWN)
    st.caption(words_which.OWN_CAPTION)
    own = which_own.own()
    if own is None:
        return
    probe = _probe(studies, own) if own.criterion == "probe" else None
    wanted = Wanted(own.model, own.task, own.languages)
    known = which_facts.known(store, wanted) if own.criterion in OF_MODEL else None
    if known and known.facts is None:
        st.caption(
            words_which.LACKING.format(
                criterion=words_which.CRITERIA[own.criterion], reason=known.why
            )
        )
        which_facts.offer(store, wanted, known, "own_facts")
        return
    corpus, _ = corpus_of(own.model)
    table = language_table(own.languages, corpus, known.facts if known else None)
    found = _ranked(own, table, probe)
    best = _show(own, table, found)
    _act(own, best, probe)
    _say_known(store, studies, own, table)


def _probe(studies: list[StudyFile], own: Own) -> StudyFile:
    """The study by probe of this model and task with most runs. Raises BadArgument."""
    fitting = [
        study
        for study in studies
        if study.declared
        and study.by_item
        and study.declared.settings.method == "probe"
        and (study.declared.settings.model, study.declared.settings.task) == (own.model, own.task)
    ]
    if not fitting:
        raise BadArgument(words_which.OWN_NO_PROBE.format(model=own.model, task=own.task))
    return max(fitting, key=lambda study: study.done)


def _ranked(own: Own, table: LanguageTable, probe: StudyFile | None) -> list[Ranked]:
    probed = mean_scores(study_picker.measured(probe)) if probe else None
    choice, sets = own.choice, own.choice.sets()
    return rank(sets, score(own.criterion, table, sets, choice.pool, choice.targets, probed))


def _show(own: Own, table: LanguageTable, found: list[Ranked]) -> Ranked:
    """The first sets; returns the one that was clicked, else the first."""
    mostly = mostly_imputed(table, own.criterion)
    rows = [
        (
            words_which.RANK_TIED.format(rank=one.rank) if one.tied else str(one.rank),
            ", ".join(f"{tag}*" if tag in mostly else tag for tag in one.languages),
            f"{one.score:.3f}",
        )
        for one in found[:SHOWN]
    ]
    everything = pd.DataFrame(
        [(one.rank, one.tied, "-".join(one.languages), one.score) for one in found],
        columns=["rank", "tied", "languages", "score"],
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(_title(own), width="stretch")
        csv(everything, "recommended")
    event = st.dataframe(
        pd.DataFrame(rows, columns=list(words_which.OWN_COLUMNS)),
        hide_index=True,
        alt=words_which.ALT_OWN,
        height="content",
        on_select="rerun",
        selection_mode="single-row",
        key="own_sets",
    )
    tied = sum(one.rank == 1 for one in found)
    said = [words_which.OWN_SHOWN.format(shown=len(rows), sets=f"{len(found):,}")]
    if tied > 1:
        said.append(words_which.OWN_TIED.format(count=tied))
    if mostly:
        said.append(words_which.OWN_STAR)
    if predicted := imputed_sentence(table, own.criterion):
        said.append(predicted)
    st.caption(" ".join(said))
    picked = [row for row in event["selection"]["rows"] if row < len(rows)]
    return found[picked[0] if picked else 0]


def _title(own: Own) -> str:
    name = words_which.CRITERIA[own.criterion]
    if not own.choice.targets:
        return words_which.OWN_BY.format(criterion=name)
    near = own.criterion in MEASURES  # the others have a number of their own for the targets
    said = words_which.OWN_NEAR if near else words_which.OWN_FOR
    return said.format(criterion=own.criterion if near else name)


def _act(own: Own, best: Ranked, probe: StudyFile | None) -> None:
    """To Train with these ticked, and the ranking on the command line."""
    label = words_which.OWN_TRAIN.format(sources=name_of(best.languages))
    if st.button(label, icon=":material/tune:", type="primary"):
        st.session_state.sources = list(best.languages)
        st.switch_page("pages/1_Train.py")
    st.code(command(own, probe), language="sh", wrap_lines=True)


def command(own: Own, probe: StudyFile | None) -> str:
    """The ranking on the command line."""
    choice = own.choice
    options = {
        "pool": ",".join(choice.pool),
        "k": str(choice.k),
        "criterion": own.criterion,
        "must-contain": ",".join(choice.must_contain),
        "targets": ",".join(choice.targets),
        "model": own.model if own.criterion in (*OF_MODEL, "pretraining") else "",
        "task": own.task if own.criterion in OF_MODEL else "",
        "study": str(probe.path) if probe else "",
    }
    parts = [f"--{name} {value}" for name, value in options.items() if value]
    return " ".join(["python -m mslt_core select", *parts])


def _say_known(store: Store, studies: list[StudyFile], own: Own, table: LanguageTable) -> None:
    """Known and extrapolated, apart."""
    found = which_evidence.evidence(store, studies, own.criterion, own.choice.k)
    st.subheader(words_which.KNOWN)
    if found:
        rows, alt = which_evidence.table(found), words_which.ALT_EVIDENCE
        st.dataframe(rows, hide_index=True, alt=alt, height="content")
        of_halves = [words_which.BOARD_PROBE] * (own.criterion == "probe")
        st.caption(" ".join([words_which.KNOWN_CAPTION, *of_halves]))
    else:
        st.caption(words_which.KNOWN_NOTHING)
    st.subheader(words_which.EXTRAPOLATED)
    said = which_evidence.extrapolated(found, own, table)
    st.markdown("\n".join(f"- {one}" for one in [*said, words_which.ALWAYS]))
