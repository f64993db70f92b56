"""Why these languages: how far apart a criterion sees those of the pool, and what else is known of
them."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import streamlit as st

from mslt_core.analysis.measured import Sources
from mslt_core.analysis.selection import (
    OF_PAIRS,
    Criterion,
    LanguageTable,
    Measure,
    corpus_of,
    distances,
    imputed_shares,
)
from mslt_core.catalog import models
from mslt_core.catalog.language_vectors import LICENCE, SOURCE
from mslt_core.catalog.languages import language
from mslt_core.ui import which_charts, words, words_which
from mslt_core.ui.views import chart_or_table
from mslt_core.ui.which_board import Board
from mslt_core.ui.which_words import name_of

FINE = 0.1
"""Distances that are all below this need three decimals."""


def why(board: Board, criterion: Criterion) -> None:
    """The matrix of distances, where the criterion is a sum of them."""
    picks = board.found.judged[criterion].picks
    pick, name = picks[0], words_which.CRITERIA[criterion]
    title = words_which.WHY.format(pick=name_of(pick))
    measure = next((one for one in OF_PAIRS if one == criterion), None)
    if measure and len(pick) > 1:
        _matrix(board.table, measure, pick, title)
    else:
        st.subheader(title)
        said = words_which.WHY_ALONE if measure else words_which.WHY_NO_PAIRS
        st.caption(said.format(criterion=name))
    if len(picks) > 1:
        st.caption(words_which.WHY_TIED.format(count=len(picks)))


def facts(board: Board, criterion: Criterion) -> None:
    """A table of the pool, as wide as the page: it has more columns than half of it holds."""
    pick = board.found.judged[criterion].picks[0]
    corpus, _ = corpus_of(board.asked.declared.settings.model)
    table = facts_of(board.table, criterion, pick, models.CORPORA[corpus])
    st.dataframe(table, hide_index=True, alt=words_which.ALT_FACTS, height="content")
    said = imputed_sentence(board.table, criterion)
    if said:
        st.caption(said)


def imputed_sentence(table: LanguageTable, criterion: str) -> str:
    """Which languages have predicted values, and how many; empty where none has."""
    shares = imputed_shares(table, criterion)
    told = [
        words_which.IMPUTED_OF.format(name=language(tag).name, share=share)
        for tag, share in sorted(shares.items(), key=lambda pair: -pair[1])
        if share
    ]
    if not told:
        return ""
    return words_which.IMPUTED.format(shares=", ".join(told), source=SOURCE, licence=LICENCE)


def facts_of(table: LanguageTable, criterion: str, pick: Sources, corpus: str) -> pd.DataFrame:
    """A row a language, those of the pick first: script, pretraining size, predicted share."""
    shares = imputed_shares(table, criterion)
    rows = []
    for tag, size in zip(table.tags, table.sizes, strict=True):
        found = language(tag)
        row: dict[str, object] = {
            words.LANGUAGE_TITLE: words.NAMED.format(name=found.name, tag=tag),
            words_which.PICKED: words.YES if tag in pick else "",
            words_which.SCRIPT: found.script,
            words_which.FAMILY: found.family,
            words_which.SIZE.format(corpus=corpus): words_which.NONE
            if np.isnan(size)
            else f"{size:,.1f}",
        }
        if shares:
            row[words_which.PREDICTED] = f"{shares[tag]:.0%}"
        rows.append(row)
    return pd.DataFrame(rows).sort_values(words_which.PICKED, ascending=False, kind="stable")


def cells_of(table: LanguageTable, measure: Measure, pick: Sources) -> pd.DataFrame:
    """A row a pair of languages, each pair both ways: one, other (names), distance (NaN of a
    language to itself), picked (whether both are in the pick), and said, within for a pointer."""
    apart = distances(table, measure)
    names = [language(tag).name for tag in table.tags]
    rows = [
        (
            names[i],
            names[j],
            np.nan if i == j else apart[i, j],
            i != j and {table.tags[i], table.tags[j]} <= {*pick},
        )
        for i, j in product(range(len(names)), repeat=2)
    ]
    cells = pd.DataFrame(rows, columns=["one", "other", "distance", "picked"])
    said = [words_which.NONE if np.isnan(d) else f"{d:.3f}" for d in cells["distance"]]
    return cells.assign(said=said, within=np.where(cells["picked"], words.YES, words.NO))


def _matrix(table: LanguageTable, measure: Measure, pick: Sources, title: str) -> None:
    cells = cells_of(table, measure, pick)
    digits = 3 if cells["distance"].max() < FINE else 2
    tags = (*pick, *(tag for tag in table.tags if tag not in pick))
    chart = which_charts.matrix(cells, [language(tag).name for tag in tags], digits)
    apart = distances(table, measure)
    pairs = [float(apart[i, j]) for i, j in combinations(table.rows(pick), 2)]
    alt = words_which.ALT_MATRIX.format(
        criterion=words_which.CRITERIA[measure], languages=len(tags), pick=name_of(pick)
    )
    caption = words_which.MATRIX_CAPTION.format(
        sum=" + ".join(f"{pair:.3f}" for pair in pairs), total=f"{sum(pairs):.3f}"
    )
    behind = cells.drop(columns=["said", "within"]).dropna()
    chart_or_table(chart, behind, "which-distances", alt, title, caption)
