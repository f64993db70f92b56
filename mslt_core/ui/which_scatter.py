"""A criterion against what was measured, a point a set."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mslt_core.analysis.measured import Sources
from mslt_core.analysis.selection import CRITERIA, Criterion
from mslt_core.ui import which_charts, words, words_which
from mslt_core.ui.charts import percent
from mslt_core.ui.links import recall, remember, unless
from mslt_core.ui.views import chart_or_table
from mslt_core.ui.which_board import Board
from mslt_core.ui.which_words import correlation, name_of

USUAL: Criterion = "syntax"
MOST_LABELS = 3
"""Tied picks up to which they are named in the chart."""


def picked(board: Board) -> Criterion | None:
    """The criterion to look at closely; None, told, where it says nothing of these sets."""
    offered = [name for name in CRITERIA if name != "random"]
    recall("criterion", USUAL, str, offered.__contains__)
    name = st.selectbox(
        words_which.CRITERION,
        offered,
        key="criterion",
        format_func=words_which.CRITERIA.__getitem__,
        width=320,
    )
    remember({"criterion": unless(name, USUAL)})
    st.caption(words_which.CRITERIA_HELP[name])
    if name in board.found.lacking:
        st.caption(
            words_which.LACKING.format(
                criterion=words_which.CRITERIA[name], reason=board.found.lacking[name]
            )
        )
        return None
    return name


def scatter(board: Board, criterion: Criterion) -> None:
    """The chart, its table and its caption."""
    guess = board.guess.picks[0] if board.guess else None
    points = points_of(board, criterion, guess)
    judged = board.found.judged[criterion]
    name, over = words_which.CRITERIA[criterion], words.OVER_SHORT[board.asked.over]
    mean = float(points["value"].mean())
    chart = which_charts.scatter(points, mean, name, words_which.SCORE_AXIS.format(targets=over))
    alt = words_which.ALT_SCATTER.format(
        sets=len(points),
        criterion=name,
        rho=correlation(judged.spearman),
        picks=" ".join(name_of(pick) for pick in judged.picks[:3]),
        best=name_of(judged.best),
    )
    table = points[["sources", "criterion", "value", "low", "high", "mark"]]
    title = words_which.SCATTER.format(criterion=name)
    of_half = [words_which.SCATTER_PROBE] * (criterion == "probe")
    caption = " ".join([words_which.SCATTER_CAPTION, *of_half])
    chart_or_table(chart, table, "which-scatter", alt, title, caption)


def points_of(board: Board, criterion: Criterion, guess: Sources | None) -> pd.DataFrame:
    """A row a set, by the scores that the criterion was judged by, in %."""
    measured = board.asked.measured
    judged, numbers = board.found.judged[criterion], board.found.numbers[criterion]
    targets = int(measured.over(board.asked.over)[0].sum())
    rows = []
    for sources, score in zip(judged.sets, judged.scores, strict=True):
        number = numbers[sources]
        is_guess = sources == guess
        mark = "pick" if sources in judged.picks else "other"
        if mark == "other" and sources == judged.best:
            mark = "best"
        rows.append(
            {
                "sources": name_of(sources),
                "criterion": number,
                "value": 100 * score.value,
                "low": 100 * score.low,
                "high": 100 * score.high,
                "mark": "guess" if is_guess else mark,
                "label": name_of(sources) if is_guess or mark != "other" else "",
                "said_criterion": f"{number:.3f}",
                "said_value": percent(score.value),
                "interval": words.FROM_TO.format(low=percent(score.low), high=percent(score.high)),
                "seeds": len(measured.seeds),
                "targets": targets,
            }
        )
    points = pd.DataFrame(rows)
    # Labels of many tied picks would cover one another.
    if len(judged.picks) > MOST_LABELS:
        points.loc[points["mark"] == "pick", "label"] = ""
    return points
