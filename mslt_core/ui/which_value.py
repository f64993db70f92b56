"""What each language is worth as a source, over all measured sets."""

from __future__ import annotations

import streamlit as st

from mslt_core.analysis.study.value import Worth, worth
from mslt_core.catalog.languages import language
from mslt_core.spec import BadArgument
from mslt_core.ui import which_charts, words, words_which
from mslt_core.ui.charts import percent
from mslt_core.ui.views import chart_or_table
from mslt_core.ui.which import Asked


def value(asked: Asked) -> None:
    """The chart, its table, and what the numbers mean; a sentence where they cannot be told."""
    try:
        found = _worth(asked.version, asked)
    except BadArgument as error:
        st.subheader(words_which.WORTH)
        st.caption(str(error))
        return
    rows = found.table
    names = [words.NAMED.format(name=language(tag).name, tag=tag) for tag in rows["language"]]
    shown = rows.assign(
        name=names,
        said=[percent(one, gain=True) for one in rows["value"]],
        interval=[
            words.FROM_TO.format(low=percent(low, gain=True), high=percent(high, gain=True))
            for low, high in zip(rows["low"], rows["high"], strict=True)
        ],
    )
    shown[["value", "low", "high"]] *= 100
    alt = words_which.ALT_WORTH.format(
        values="; ".join(f"{name} {said}" for name, said in zip(names, shown["said"], strict=True))
    )
    against = words_which.WORTH_ALONE if found.whole else words_which.WORTH_MEAN
    caption = words_which.WORTH_CAPTION.format(against=against.format(alone=percent(found.alone)))
    exact = words_which.WORTH_EXACT if found.exact else words_which.WORTH_FIT
    chart_or_table(
        which_charts.values(shown),
        rows,
        "which-worth",
        alt,
        words_which.WORTH,
        f"{caption} {exact.format(sets=found.sets)}",
    )


@st.cache_resource(show_spinner=False, max_entries=20)
def _worth(version: tuple[object, ...], _asked: Asked) -> Worth:
    return worth(_asked.measured, _asked.over)
