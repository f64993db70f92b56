"""What the Compare page compares: source sets and a baseline, kept in the address."""

from __future__ import annotations

import streamlit as st

from mslt_core.analysis.transfer import configuration
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.ui import results, words
from mslt_core.ui.links import recall, remember, split
from mslt_core.ui.sets import Sets, by_configuration, default_baseline

DEFAULT = 4
"""Source sets that are compared when nothing else is asked for."""


def chosen(store: Store) -> Sets | None:
    """The chosen source sets; None while there is nothing to choose from."""
    finished = results.done(store.ledger.runs())
    if not finished:
        return None
    by_id = {run.run_id: run for run in finished}
    linked = split(st.query_params.get("runs", ""))
    asked = [by_id[run_id] for run_id in linked if run_id in by_id]
    if len(asked) < len(linked):
        st.caption(words.LINK_MISSING.format(count=len(linked) - len(asked)))
    task = _task(finished, asked)
    offered = by_configuration(store, [run for run in finished if run.spec.task == task])
    groups = offered.groups
    if not groups:
        return None
    first = [configuration(run.spec) for run in asked]
    default = [spec for spec in dict.fromkeys(first) if spec in groups] or list(groups)[:DEFAULT]
    recall(
        "sets",
        default,
        lambda said: default,
        lambda said: isinstance(said, list) and set(said) <= set(groups),
    )
    picked = st.multiselect(
        words.COMPARE_PICK,
        list(groups),
        key="sets",
        format_func=lambda spec: f"{offered.names[spec]} ({len(groups[spec])})",
        help=words.COMPARE_HELP,
    )
    remember({"runs": ",".join(groups[spec][0].run_id for spec in picked)})
    return offered.choose(store, picked)


def baseline(sets: Sets) -> tuple[RunSpec, bool]:
    """The configuration that others are measured against, and whether to show gains over it."""
    ids = {runs[0].run_id: spec for spec, runs in sets.groups.items()}
    by_spec = {spec: run_id for run_id, spec in ids.items()}
    usual = default_baseline(sets.groups)
    recall("baseline", by_spec[usual], str, ids.__contains__)
    recall("show", "level", str, lambda name: name in ("level", "gain"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            words.BASELINE,
            list(ids),
            key="baseline",
            format_func=lambda run_id: sets.names[ids[run_id]],
            width=320,
        )
        show = st.segmented_control(
            words.LEVEL_GAIN,
            ["level", "gain"],
            key="show",
            format_func={"level": words.LEVEL, "gain": words.GAIN}.__getitem__,
            required=True,
        )
    remember({"baseline": chosen or "", "show": "gain" if show == "gain" else ""})
    return ids[chosen] if chosen else usual, show == "gain"


def _task(finished: list[RunRecord], asked: list[RunRecord]) -> str:
    """The task whose runs are compared: one at a time, for their targets are not the same."""
    tasks = list(dict.fromkeys(run.spec.task for run in finished))
    default = asked[0].spec.task if asked else tasks[0]
    if len(tasks) == 1:
        return default
    recall("task_compared", default, str, tasks.__contains__)
    chosen = st.segmented_control(
        words.TASK, tasks, key="task_compared", required=True, label_visibility="collapsed"
    )
    return chosen or default
