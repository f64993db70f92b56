"""What the Compare page compares: source sets and a baseline, kept in the address."""

from __future__ import annotations

import streamlit as st

from mslt_core.analysis.transfer import configuration, labels
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.ui import comparison, results, words
from mslt_core.ui.links import recall, remember, split

DEFAULT = 4
"""Source sets that are compared when nothing else is asked for."""


def groups(store: Store) -> dict[RunSpec, list[RunRecord]] | None:
    """The chosen configurations with their runs; None while there is nothing to choose from."""
    finished = results.done(store.ledger.runs())
    if not finished:
        return None
    by_id = {run.run_id: run for run in finished}
    asked = [by_id[run_id] for run_id in split(st.query_params.get("runs", "")) if run_id in by_id]
    chosen_task = _task(finished, asked)
    offered = results.by_configuration(run for run in finished if run.spec.task == chosen_task)
    names = labels(offered)
    first = [configuration(run.spec) for run in asked if run.spec.task == chosen_task]
    default = list(dict.fromkeys(first)) or list(offered)[:DEFAULT]
    recall(
        "sets",
        default,
        lambda said: default,
        lambda said: isinstance(said, list) and set(said) <= set(offered),
    )
    chosen = st.multiselect(
        words.COMPARE_PICK,
        list(offered),
        key="sets",
        format_func=lambda spec: f"{names[spec]} ({len(offered[spec])})",
        help=words.COMPARE_HELP,
    )
    remember({"runs": ",".join(offered[spec][0].run_id for spec in chosen)})
    return results.in_order({spec: offered[spec] for spec in chosen})


def baseline(groups: dict[RunSpec, list[RunRecord]]) -> tuple[RunSpec, bool]:
    """The configuration that others are measured against, and whether to show gains over it."""
    names = labels(groups)
    ids = {runs[0].run_id: spec for spec, runs in groups.items()}
    by_spec = {spec: run_id for run_id, spec in ids.items()}
    recall("baseline", by_spec[comparison.default_baseline(groups)], str, ids.__contains__)
    recall("show", "level", str, lambda name: name in ("level", "gain"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            words.BASELINE,
            list(ids),
            key="baseline",
            format_func=lambda run_id: names[ids[run_id]],
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
    return ids[chosen] if chosen else comparison.default_baseline(groups), show == "gain"


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
