"""The claims panel: what the picked study says of each of the paper's four claims."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mslt_core.analysis.stats import p_number
from mslt_core.analysis.study.claims import Judgement, names
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_files import StudyFile
from mslt_core.ui import claims_chart, claims_judged, words
from mslt_core.ui import words_studies as said
from mslt_core.ui.charts import percent
from mslt_core.ui.views import as_chart

COLUMNS = 2


def panel(store: Store, study: StudyFile) -> None:
    """Nothing for a study without results, or one that is broken."""
    if study.declared is None or study.fault or not study.done:
        return
    with st.spinner(said.JUDGING):
        found = claims_judged.judged(store, study)
    settings = study.declared.settings
    st.markdown(summary(found.claims))
    partly = words.STUDY_PARTLY.format(done=study.done, runs=study.runs)
    caveats = [partly] * bool(study.left) + [*found.caveats]
    caveats.append(said.NOT_THE_PAPER.format(model=settings.model, task=settings.task))
    st.caption(" ".join(caveats))
    _effects(found.claims)
    for first in range(0, len(found.claims), COLUMNS):
        pair = found.claims[first : first + COLUMNS]
        for column, judgement in zip(st.columns(COLUMNS), pair, strict=True):
            with column:
                _claim(judgement)


def summary(claims: Sequence[Judgement]) -> str:
    """Which claims have which verdict, in one sentence."""
    parts = []
    for verdict, form in said.SUMMARY.items():
        named = [names.TITLES[one.claim] for one in claims if one.verdict == verdict]
        if named:
            parts.append(form.format(claims=", ".join(named)))
    return said.SUMMARY_OF.format(parts="; ".join(parts))


def effects(claims: Sequence[Judgement]) -> pd.DataFrame:
    """A row for each claim that could be tested, in points, with what a pointer is told."""
    rows = [
        {
            "claim": one.claim,
            "name": names.TITLES[one.claim],
            "effect": 100 * one.effect,
            "low": 100 * one.low,
            "high": 100 * one.high,
            "verdict": one.verdict,
            "said": percent(one.effect, gain=True),
            "interval": span(one),
            "p": p_cell(one.p),
        }
        for one in claims
        if one.effect is not None and one.low is not None and one.high is not None
    ]
    return pd.DataFrame(rows)


def table(claims: Sequence[Judgement]) -> pd.DataFrame:
    """Every number and sentence, points in the place of shares."""
    rows = [
        (
            names.TITLES[one.claim],
            one.verdict,
            *(
                None if end is None else 100 * end
                for end in (one.effect, one.low, one.high, one.highest)
            ),
            one.p,
            one.comparisons,
            one.seeds_needed,
            one.sentence,
        )
        for one in claims
    ]
    return pd.DataFrame(rows, columns=list(said.CLAIM_TABLE.values()))


def span(one: Judgement) -> str:
    """The interval in signed points."""
    assert one.low is not None and one.high is not None
    low, high = (percent(end, gain=True) for end in (one.low, one.high))
    return words.FROM_TO.format(low=low, high=high)


def p_cell(p: float | None) -> str:
    """Three decimals; a dash where nothing was tested."""
    if p is None or pd.isna(p):
        return said.NONE
    return p_number(p)


def _effects(claims: Sequence[Judgement]) -> None:
    tested = effects(claims)
    told = [
        said.ALT_EFFECT.format(
            claim=row.name, effect=row.said, interval=row.interval, verdict=row.verdict
        )
        for row in tested.itertuples(index=False)
    ]
    alt = said.ALT_CHART.format(effects="; ".join(told) or said.NOTHING_TESTED)
    if not as_chart(table(claims), "claims", said.CLAIMS, alt):
        return
    if tested.empty:
        st.caption(said.NOTHING_TESTED)
        return
    mingles = tested["claim"] == "mingling"
    for part, key in ((tested[~mingles], "score"), (tested[mingles], "mingling")):
        if len(part):
            drawn = claims_chart.chart(part, said.SIDES[key], threshold=key == "score")
            st.vega_lite_chart(drawn.to_dict(validate=False), alt=alt)
    st.caption(said.CHART_CAPTION)


def _claim(one: Judgement) -> None:
    """A claim with its verdict, what was found, the paper's pattern, and the test."""
    with st.container(border=True, height="stretch"):
        st.markdown(
            said.CLAIM_TITLE.format(
                claim=names.TITLES[one.claim],
                verdict=said.VERDICT[one.verdict],
                long=names.SAYS[one.claim],
            )
        )
        st.markdown(one.sentence)
        st.caption(said.PAPER.format(pattern=names.IN_THE_PAPER[one.claim]))
        with st.expander(said.HOW):
            st.markdown(said.HOW_CLAIM[one.claim])
            st.markdown(said.HOW_ALL)
            unit = said.SOUGHT["mingling" if one.claim == "mingling" else "score"]
            if one.seeds_needed:
                st.markdown(said.SEEDS_NEEDED.format(seeds=one.seeds_needed, unit=unit))
            elif one.p is not None and one.claim != "choosable":
                st.markdown(said.SEEDS_NOT_ENOUGH.format(unit=unit))
