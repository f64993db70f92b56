"""The leaderboard: how each criterion did on the chosen study, and whether any beats chance."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import pandas as pd
import streamlit as st

from mslt_core.analysis.measured import Sources
from mslt_core.analysis.selection import (
    OF_MODEL,
    SIMPLE,
    LanguageTable,
    corpus_of,
    language_table,
)
from mslt_core.analysis.study.claims import Judgement, choosable
from mslt_core.analysis.study.judging import Judged, Picked, judge_pick
from mslt_core.analysis.study.leaderboard import Leaderboard, leaderboard
from mslt_core.catalog import models
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.ui import study_picker, which_facts, words_which
from mslt_core.ui.charts import percent
from mslt_core.ui.views import csv
from mslt_core.ui.which import Asked
from mslt_core.ui.which_facts import Known, Wanted
from mslt_core.ui.which_words import correlation, name_of, picks_of, points, rank

GREY = "color: #767676"


@dataclass(frozen=True, eq=False)
class Board:
    """What is known of the criteria on a study: table has the languages of its pool. claim: whether
    a simple criterion beats a random pick. guess: how the set did that a person picked."""

    asked: Asked
    table: LanguageTable
    found: Leaderboard
    known: Known
    claim: Judgement
    guess: Picked | None


def wanted(asked: Asked) -> Wanted:
    """What two of the criteria need to know of the study's model."""
    settings = asked.declared.settings
    return Wanted(settings.model, settings.task, asked.measured.pool)


def board(
    store: Store, asked: Asked, partner: StudyFile | None, guess: Sources | None = None
) -> Board:
    """All criteria on a study. partner: the study by the other method (see which_partner)."""
    itself = asked.declared.settings.method == "probe"
    probe = None if itself else partner
    known = which_facts.known(store, wanted(asked))
    corpus, _ = corpus_of(asked.declared.settings.model)
    table = language_table(asked.measured.pool, corpus, known.facts)
    by_probe = study_picker.version(probe) if probe else ()
    key = (asked.version, asked.size, corpus, known.files if known.facts else (), by_probe)
    found, claim = _board(key, asked, table, probe)
    reasons = dict(found.lacking)
    if known.facts is None:
        reasons |= dict.fromkeys(OF_MODEL, known.why)
    if probe is None:
        reasons["probe"] = words_which.PROBE_ITSELF if itself else words_which.PROBE_NONE
    lacking = {name: reason for name, reason in reasons.items() if name in found.lacking}
    found = Leaderboard(found.numbers, found.judged, lacking)
    picked = judge_pick(asked.measured, [guess], asked.size, asked.over) if guess else None
    return Board(asked, table, found, known, claim, picked)


def sentence(board: Board) -> None:
    """Whether a criterion beats chance, what is at stake, and what to bear in mind."""
    asked, claim = board.asked, board.claim
    random = board.found.judged["random"]
    stakes = words_which.STAKES.format(
        sets=len(random.sets),
        k=asked.size,
        best=name_of(random.best),
        value=percent(max(score.value for score in random.scores)),
        regret=percent(random.random_regret.value),
        interval=words_which.FROM_TO.format(
            low=percent(random.random_regret.low), high=percent(random.random_regret.high)
        ),
    )
    st.markdown(f"{words_which.VERDICT[claim.verdict]} {claim.sentence} {stakes}")
    said = study_picker.caveats(asked.study, asked.measured)
    if said:
        st.caption(" ".join(said))


def show(board: Board) -> None:
    """The table, best pick first, and below it why some criteria say nothing."""
    rows = _rows(board)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(words_which.BOARD, width="stretch")
        csv(_tidy(board), "criteria")
    st.dataframe(_styled(rows), hide_index=True, alt=words_which.ALT_BOARD, height="content")
    st.caption(" ".join([words_which.BOARD_CAPTION, *_some(board)]))
    _say_lacking(board)


def _some(board: Board) -> list[str]:
    """That not all sets were measured, and how the probe is judged, where that is so."""
    measured = len(board.found.judged["random"].sets)
    every = comb(len(board.asked.measured.pool), board.asked.size)
    said = words_which.BOARD_SOME.format(measured=measured, every=f"{every:,}")
    some = [said] if measured < every else []
    return some + [words_which.BOARD_PROBE] * ("probe" in board.found.judged)


def _rows(board: Board) -> pd.DataFrame:
    """As people read it."""
    sets = len(board.found.judged["random"].sets)
    columns = {key: title.format(sets=sets) for key, title in words_which.BOARD_COLUMNS.items()}
    rows: list[tuple[str, ...]] = [
        (
            words_which.CRITERIA[name],
            words_which.ANY if name == "random" else picks_of(one.picks),
            rank(one.rank),
            points(one.random_regret if name == "random" else one.regret),
            correlation(one.spearman) if isinstance(one, Judged) else words_which.NONE,
            correlation(one.kendall) if isinstance(one, Judged) else words_which.NONE,
        )
        for name, one in _ordered(board)
    ]
    dashes = (words_which.NONE,) * (len(columns) - 1)
    rows += [(words_which.CRITERIA[name], *dashes) for name in board.found.lacking]
    return pd.DataFrame(rows, columns=list(columns.values()))


def _ordered(board: Board) -> list[tuple[str, Picked]]:
    """From the best pick to the worst, the guess among them."""
    judged: dict[str, Picked] = {str(name): one for name, one in board.found.judged.items()}
    if board.guess:
        judged["guess"] = board.guess
    return sorted(judged.items(), key=lambda pair: pair[1].rank.value)


def _styled(rows: pd.DataFrame) -> object:
    """Random in grey, the guess in bold."""
    first = rows.columns[0]
    look = {
        words_which.CRITERIA["random"]: GREY,
        words_which.CRITERIA["guess"]: "font-weight: bold",
    }
    return rows.style.apply(lambda row: [look.get(row[first], "")] * len(row), axis=1)


def _tidy(board: Board) -> pd.DataFrame:
    """The same as numbers."""
    rows = []
    for name, one in _ordered(board):
        values: dict[str, object] = {
            "criterion": name,
            "k": one.size,
            "sets": len(one.sets),
            "picks": " ".join("-".join(pick) for pick in one.picks),
        }
        intervals = {"rank": one.rank, "regret": one.regret}
        if isinstance(one, Judged):
            intervals |= {"spearman": one.spearman, "kendall": one.kendall}
            values["p"] = one.p
        for key, found in intervals.items():
            values |= {key: found.value, f"{key}_low": found.low, f"{key}_high": found.high}
        rows.append(values)
    return pd.DataFrame(rows)


def _say_lacking(board: Board) -> None:
    by_reason: dict[str, list[str]] = {}
    for name, reason in board.found.lacking.items():
        by_reason.setdefault(reason, []).append(words_which.CRITERIA[name])
    said = [
        words_which.LACKING.format(criterion=", ".join(names), reason=reason)
        for reason, names in by_reason.items()
    ]
    corpus, certain = corpus_of(board.asked.declared.settings.model)
    if not certain:
        model = board.asked.declared.settings.model
        said.append(words_which.SIZES_OF.format(corpus=models.CORPORA[corpus], model=model))
    if said:
        st.caption("  \n".join(said))


@st.cache_resource(show_spinner=words_which.JUDGING, max_entries=30)
def _board(
    key: tuple[object, ...], _asked: Asked, _table: LanguageTable, _probe: StudyFile | None
) -> tuple[Leaderboard, Judgement]:
    probe = study_picker.measured(_probe) if _probe else None
    found = leaderboard(_asked.measured, _table, _asked.size, _asked.over, probe)
    simple = {
        words_which.CRITERIA[name].lower(): numbers
        for name, numbers in found.numbers.items()
        if name in SIMPLE
    }
    return found, choosable(_asked.measured, simple, _asked.size, _asked.over)
