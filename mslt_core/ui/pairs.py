"""How two languages alone mix: a measure of every pair, in one model at a time."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mslt_core.analysis.mixing import METRIC, METRICS
from mslt_core.catalog.languages import language
from mslt_core.ui import measured_sets, pairs_chart, words, words_mixing
from mslt_core.ui.links import recall, remember, unless
from mslt_core.ui.measured_sets import MeasuredSet
from mslt_core.ui.mixing_sentence import number, towards
from mslt_core.ui.mixing_tables import read
from mslt_core.ui.views import as_chart


def pairs(home: str, sets: tuple[MeasuredSet, ...]) -> None:
    """A heatmap; nothing is read or made before it is asked for."""
    recall("pairs", False, lambda said: said == "yes", lambda said: isinstance(said, bool))
    shown = st.toggle(words_mixing.PAIRS, key="pairs", help=words_mixing.PAIRS_HELP)
    remember({"pairs": "yes" if shown else ""})
    if not shown:
        return
    found = _pairs(home, sets)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = _chosen("pairs_of", words_mixing.PAIRS_MODEL, list(dict.fromkeys(found["column"])))
        measured = set(found["metric"])
        offered = [metric.key for metric in METRICS if metric.key in measured]
        metric = _chosen("pairs_metric", words.MEASURE, offered)
    of_metric = found[found["metric"] == metric]
    of_model = of_metric[of_metric["column"] == model].dropna(subset=["value"])
    if of_model.empty:
        st.caption(words_mixing.MIX_UNDEFINED)
        return
    said = words_mixing.MIX_METRIC.format(
        metric=words_mixing.MIX_METRICS[metric], towards=towards(METRIC[metric])
    )
    alt = words_mixing.ALT_PAIRS.format(
        metric=words_mixing.MIX_METRICS[metric], column=model, pairs=len(of_model)
    )
    if as_chart(of_model, "pairs", said, alt):
        # One scale for all models, so that they can be looked at in turn.
        low, high = float(of_metric["value"].min()), float(of_metric["value"].max())
        drawn = pairs_chart.drawing(_cells(of_model), low, high, words.VALUE_TITLE)
        st.vega_lite_chart(drawn, alt=alt, width="content")
    st.caption(words_mixing.PAIRS_CAPTION)


def _chosen(key: str, label: str, offered: list[str]) -> str:
    recall(key, offered[0], str, offered.__contains__)
    called = words_mixing.MIX_METRICS.get
    chosen = str(
        st.selectbox(
            label, offered, key=key, format_func=lambda name: called(name, name), width=280
        )
    )
    remember({key: unless(chosen, offered[0])})
    return chosen


@st.cache_resource(show_spinner=False, max_entries=20)
def _pairs(home: str, sets: tuple[MeasuredSet, ...]) -> pd.DataFrame:
    return measured_sets.pairs([read(home, one) for one in sets])


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Each pair in both directions, as people read it."""
    turned = {"language_a": "language_b", "language_b": "language_a"}
    both = pd.concat([rows, rows.rename(columns=turned)], ignore_index=True)
    tags = sorted({*both["language_a"]})
    names = {tag: words.NAMED.format(name=language(tag).name, tag=tag) for tag in tags}
    return pd.DataFrame(
        {
            "a": both["language_a"].map(names),
            "b": both["language_b"].map(names),
            "tag_a": both["language_a"],
            "tag_b": both["language_b"],
            "value": both["value"],
            "said": [number(value) for value in both["value"]],
        }
    )
