"""The overview's parts: the first visit, the latest finished runs, and the studies that ship."""

from __future__ import annotations

import streamlit as st

from mslt_core.jobs.store import Store
from mslt_core.ui import results, sets, words, words_overview
from mslt_core.ui.sets import Groups, Sets

SHOWN = 4
"""Source sets that the overview compares, at most."""


def latest(store: Store) -> Sets | None:
    """The newest two or more source sets that can be compared, all but their sources and seeds
    alike; else the newest run alone; None while there is none."""
    found = sets.finished(store)
    families = list(found.families.values())
    alike = next((family for family in families if len(family) > 1), None) or next(
        iter(families), {}
    )
    chosen = found.choose(store, list(alike)[:SHOWN])
    return chosen if chosen.groups else None


def first_visit(store: Store) -> None:
    """What to do first, what one will get, and how long it takes."""
    with st.container(border=True):
        st.subheader(words_overview.FIRST_TITLE)
        st.markdown(words_overview.STILL_FIRST if results.busy(store) else words_overview.FIRST)
        st.page_link("pages/1_Train.py", label=words.FIRST_BUTTON, icon=":material/tune:")
    for column, (title, text) in zip(
        st.columns(len(words_overview.FIRST_STEPS)), words_overview.FIRST_STEPS, strict=True
    ):
        with column:
            st.markdown(title)
            st.caption(text)


def link_to_compare(groups: Groups) -> None:
    """A link to the Compare page with these runs chosen."""
    with st.container(horizontal=True):
        st.page_link(
            "pages/2_Compare.py",
            label=words_overview.MORE_COMPARE,
            icon=":material/grid_on:",
            query_params={"runs": ",".join(runs[0].run_id for runs in groups.values())},
        )
        st.page_link("pages/1_Train.py", label=words.FIRST_BUTTON, icon=":material/tune:")


def shipped() -> None:
    """Where the studies that come with the product can be read, without any training."""
    st.subheader(words_overview.SHIPPED)
    st.caption(words_overview.SHIPPED_WHAT)
    with st.container(horizontal=True):
        st.page_link(
            "pages/3_How_many.py",
            label=words_overview.SHIPPED_HOW_MANY,
            icon=":material/trending_up:",
        )
        st.page_link(
            "pages/4_Which.py", label=words_overview.SHIPPED_WHICH, icon=":material/checklist:"
        )
        st.page_link(
            "pages/7_Studies.py", label=words_overview.SHIPPED_CLAIMS, icon=":material/science:"
        )
