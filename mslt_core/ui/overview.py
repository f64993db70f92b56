"""The overview's parts: the first visit, and the latest finished runs."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.ui import results, words
from mslt_core.ui.sets import Groups, Sets, by_configuration

SHOWN = 4
"""Source sets that the overview compares, at most."""


def latest(store: Store) -> Sets | None:
    """The newest two or more source sets that can be compared, all but their sources and seeds
    alike; else the newest run alone; None while there is none."""
    finished = results.with_record(store, results.done(store.ledger.runs()))
    if not finished:
        return None
    families: dict[str, list[RunRecord]] = {}
    for run in finished:
        families.setdefault(_but_sources(run.spec), []).append(run)
    several = [f for f in families.values() if len({run.spec.sources for run in f}) > 1]
    alike = (several or list(families.values()))[0]
    found = by_configuration(store, alike)
    chosen = found.choose(store, list(found.groups)[:SHOWN])
    return chosen if chosen.groups else None


def first_visit(store: Store) -> None:
    """What to do first, what one will get, and how long it takes."""
    with st.container(border=True):
        st.subheader(words.FIRST_TITLE)
        st.markdown(words.STILL_FIRST if results.active(store.ledger.runs()) else words.FIRST)
        st.page_link("pages/1_Train.py", label=words.FIRST_BUTTON, icon=":material/tune:")
    for column, (title, text) in zip(
        st.columns(len(words.FIRST_STEPS)), words.FIRST_STEPS, strict=True
    ):
        with column:
            st.markdown(title)
            st.caption(text)


def link_to_compare(groups: Groups) -> None:
    """A link to the Compare page with these runs chosen."""
    with st.container(horizontal=True):
        st.page_link(
            "pages/2_Compare.py",
            label=words.MORE_COMPARE,
            icon=":material/grid_on:",
            query_params={"runs": ",".join(runs[0].run_id for runs in groups.values())},
        )
        st.page_link("pages/1_Train.py", label=words.FIRST_BUTTON, icon=":material/tune:")


def _but_sources(spec: RunSpec) -> str:
    return replace(spec, sources=("und",), seed=0).canonical()
