"""What all studies together say of the claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd
import streamlit as st

from mslt_core.analysis.study.claims import CLAIMS, Judgement, across, names
from mslt_core.jobs import study_files
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.ui import claims_judged
from mslt_core.ui import words_studies as said
from mslt_core.ui.charts import percent
from mslt_core.ui.claims import p_cell
from mslt_core.ui.views import csv

Found = Mapping[str, Sequence[Judgement]]
"""The judgements of each study, by what it is called."""


def panel(store: Store) -> None:
    """Two tables: the verdict of each study on each claim, and their sums; nothing where no study
    has results."""
    studies = [one for one in study_files.listed(store) if one.done and not one.fault]
    if not studies:
        return
    with st.spinner(said.ACROSS_JUDGING):
        judged = [claims_judged.judged(store, one).claims for one in studies]
    found = dict(zip(map(called, studies), judged, strict=True))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(said.ACROSS, width="stretch")
        csv(long(found), "claims-across-studies")
    for rows, alt in ((by_study(found), said.ALT_STUDIES), (by_claim(found), said.ALT_ACROSS)):
        st.dataframe(
            rows,
            hide_index=True,
            placeholder=said.NONE,
            height="content",
            alt=alt,
        )
    st.caption(" ".join([said.ACROSS_CAPTION, *shared_runs(studies)]))


def called(study: StudyFile) -> str:
    """Its name, for titles are long and need not differ; with how many runs are done where some are
    missing, and that it is one's own, which may be called as one that ships."""
    own = "" if study.shipped else said.OWN_STUDY
    so_far = said.SO_FAR.format(done=study.done, runs=study.runs) if study.left else ""
    return f"{study.path.stem}{own}{so_far}"


def shared_runs(studies: Sequence[StudyFile]) -> list[str]:
    """A sentence for every two studies that have runs in common."""
    runs = [
        (study.path.stem, {*study.declared.runs()} - {*study.left})
        for study in studies
        if study.declared
    ]
    both = [(one, other, len(a & b)) for (one, a), (other, b) in combinations(runs, 2)]
    return [
        said.SHARED.format(one=one, other=other, count=count, s="s" * (count > 1))
        for one, other, count in both
        if count
    ]


def by_study(found: Found) -> pd.DataFrame:
    """A row a study, a column a claim: verdict and effect, None where it could not be tested; no
    effect where it is the clearest of several and not supported, for that is selection."""
    rows = [
        (title, *(_cell(one) for one in sorted(claims, key=lambda one: CLAIMS.index(one.claim))))
        for title, claims in found.items()
    ]
    return pd.DataFrame(rows, columns=[said.STUDY_COLUMN, *names.TITLES.values()])


def by_claim(found: Found) -> pd.DataFrame:
    """A row a claim: in how many studies it has which verdict, and the two p values in words."""
    table = across(found)
    for name in ("p_some", "p_all"):
        table[name] = [p_cell(p) for p in table[name]]
    table["claim"] = table["claim"].map(names.TITLES)
    return table.rename(columns=said.ACROSS_TABLE)


def long(found: Found) -> pd.DataFrame:
    """A row a study and claim, with every number."""
    rows = [
        (title, one.claim, one.verdict, one.effect, one.low, one.high, one.p, one.sentence)
        for title, claims in found.items()
        for one in claims
    ]
    columns = ["study", "claim", "verdict", "effect", "low", "high", "p", "sentence"]
    return pd.DataFrame(rows, columns=columns)


def _cell(one: Judgement) -> str | None:
    if one.effect is None:
        return None
    if one.comparisons > 1 and one.verdict != "supported":
        return one.verdict
    return said.CELL.format(verdict=one.verdict, effect=percent(one.effect, gain=True))
