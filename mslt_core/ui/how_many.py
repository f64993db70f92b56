"""The parts of How many: the answer, the chart of it, and the table by number of languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.analysis.measured import Measured
from mslt_core.analysis.stats import FEW_SEEDS
from mslt_core.analysis.study import how_many as analysis
from mslt_core.analysis.study.how_many import HowMany
from mslt_core.analysis.study.usual import usual_over
from mslt_core.jobs.study_files import StudyFile
from mslt_core.spec import RunSpec
from mslt_core.ui import frame, how_many_chart, study_picker, words
from mslt_core.ui import words_how_many as said
from mslt_core.ui.charts import percent
from mslt_core.ui.how_many_sentence import languages, sentence, span
from mslt_core.ui.links import recall, remember, unless
from mslt_core.ui.views import as_chart, csv


def how_many(study: StudyFile) -> None:
    """All that the page says of a study."""
    if study.declared is None:
        return
    found = study_picker.measured(study)
    tables = _tables(*study_picker.version(study), found)
    # A fragment: another group of targets draws this part alone.
    st.fragment(_panel)(study, study.declared.settings, found, tables)


@st.cache_resource(show_spinner=said.COMPUTING, max_entries=8)
def _tables(path: str, changed: tuple[int, ...], _found: Measured) -> HowMany:
    return analysis.how_many(_found)


@frame.told()
def _panel(study: StudyFile, settings: RunSpec, found: Measured, tables: HowMany) -> None:
    over = _over(tables.groups, usual_over(found))
    part = tables.part(over)
    targets = int(found.over("unseen")[0].sum()) if over == "unseen" else len(found.targets)
    called = said.OVER_LONG[over].format(count=targets)
    st.markdown(sentence(part, called))
    caveats = study_picker.caveats(study, found)
    if over == "seen":
        caveats.append(said.SEEN)
    if of_all := study_picker.of_all(found, over):
        caveats.append(of_all)
    if caveats:
        st.caption(" ".join(caveats))
    _chart(part, found, settings.budget)
    one_seed = len(found.seeds) == 1
    _by_size(part, said.ENDS_ONE_SEED if one_seed else said.ENDS)
    few = ", ".join(map(str, analysis.few_sets(tables)))
    some = [said.FEW_SETS.format(sizes=few)] if few else []
    st.caption(" ".join([*[said.NOT_BEHIND] * (not one_seed), *some, said.THESE]))
    about = {"model": settings.model, "task": settings.task, "budget": settings.budget}
    st.caption(said.PAPER.format(**about))


def _over(groups: list[str], usual: str) -> str:
    """Over which targets scores are means."""
    recall("many_over", usual, str, groups.__contains__)
    chosen = st.segmented_control(
        said.OVER_LABEL,
        groups,
        key="many_over",
        format_func=said.OVER.__getitem__,
        required=True,
        persist_state="session",
    )
    over = str(chosen or usual)
    remember({"many_over": unless(over, usual)})
    return over


def _chart(part: HowMany, found: Measured, budget: int) -> None:
    metric, seeds = words.METRICS[found.metric], len(found.seeds)
    if as_chart(_points(part, seeds), "how-many", said.CHART, _alt(part, metric)):
        drawn = how_many_chart.chart(part, seeds, said.Y.format(metric=metric))
        st.vega_lite_chart(drawn.to_dict(validate=False), alt=_alt(part, metric))
    seeds_too = [said.CAPTION_SEEDS] if 1 < seeds < FEW_SEEDS else []
    st.caption(" ".join([said.CAPTION.format(budget=budget), *seeds_too]))


def _by_size(part: HowMany, ends: str) -> None:
    """A row for each number of languages, and the CSV of its numbers. ends: what intervals of
    differences are, in words."""
    table = by_size(part)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(said.TABLE, width="stretch")
        csv(table, "how-many-by-size")
    st.dataframe(_in_words(table), hide_index=True, alt=said.ALT_TABLE)
    st.caption(said.TABLE_CAPTION.format(ends=ends))


def by_size(part: HowMany) -> pd.DataFrame:
    """The sizes, each with its best and its worst set and their scores; none where it has one."""
    ordered = part.points.sort_values("value", ascending=False)
    ends = {"best": ordered.groupby("k").head(1), "worst": ordered.groupby("k").tail(1)}
    table = part.sizes
    for end, rows in ends.items():
        columns = {"sources": end, "value": f"{end}_value"}
        table = table.merge(rows[["k", *columns]].rename(columns=columns), on="k")
    table.loc[table["sets"] == 1, ["worst", "worst_value"]] = None
    return table


def _in_words(table: pd.DataFrame) -> pd.DataFrame:
    found: Iterable[Any] = table.itertuples()
    rows = [
        (
            row.k,
            said.SETS_CELL.format(sets=row.sets, possible=row.possible),
            percent(row.value),
            span(row.low, row.high),
            _difference(percent(row.behind), row.behind_low, row.behind_high)
            if row.behind
            else said.NONE,
            _difference(percent(row.above, gain=True), row.above_low, row.above_high)
            if row.above_sets
            else said.NONE,
            _set(row.best, row.best_value),
            _set(row.worst, row.worst_value),
        )
        for row in found
    ]
    return pd.DataFrame(rows, columns=list(said.TABLE_COLUMNS.values()))


def _difference(value: str, low: float, high: float) -> str:
    """value: in words; with its interval, if there is one."""
    if pd.isna(low):
        return value
    return said.DIFFERENCE.format(value=value, interval=span(low, high, gain=True))


def _set(sources: str | None, value: float) -> str:
    if sources is None or pd.isna(sources):
        return said.NONE
    return said.SET_SCORE.format(sources=sources.replace(",", ", "), value=percent(value))


def _points(part: HowMany, seeds: int) -> pd.DataFrame:
    """The dots as people read them."""
    numbers = {name: (100 * part.points[name]).round(2) for name in ("value", "low", "high")}
    sources = part.points["sources"].str.replace(",", ", ")
    named = part.points.assign(**numbers, sources=sources, seeds=seeds)
    return named[list(said.POINTS_COLUMNS)].rename(columns=said.POINTS_COLUMNS)


def _alt(part: HowMany, metric: str) -> str:
    rows: Iterable[Any] = part.sizes.itertuples()
    sizes = "; ".join(
        said.ALT_SIZE.format(
            k=languages(row.k), value=percent(row.value), interval=span(row.low, row.high)
        )
        for row in rows
    )
    named = how_many_chart.named_lines(part.lines)
    lines = "; ".join(
        said.ALT_LINE.format(name=name, value=percent(value))
        for name, value in zip(named["name"], named["value"], strict=True)
    )
    return said.ALT.format(metric=metric, sets=len(part.points), sizes=sizes, lines=lines)
