"""What the Compare page compares: source sets and a baseline, kept in the address."""

from __future__ import annotations

from itertools import chain
from zlib import crc32

import streamlit as st

from mslt_core.analysis.transfer import configuration, labels, settings, settings_labels
from mslt_core.jobs import queries
from mslt_core.jobs.ledger import State
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.ui import words, words_compare
from mslt_core.ui.links import recall, remember, split, wrong
from mslt_core.ui.sets import Families, Finished, Sets, default_baseline, finished

DEFAULT = 4
"""Source sets that are compared when nothing else is asked for."""
MOST_AT_ONCE = 20
"""Source sets up to which a click may choose all: charts of more cannot be read."""
MANY = 200
"""Source sets up to which those of all settings are offered in one list."""


def chosen(store: Store) -> Sets | None:
    """The chosen source sets; None while there is nothing to choose from."""
    found = finished(store)
    if not found.families:
        return None
    asked, missing = _linked(store)
    task = _task(found, asked)
    families = {key: family for key, family in found.families.items() if key.task == task}

    def there(spec: RunSpec) -> bool:
        return spec.task == task and bool(found.ids(spec))

    linked = [spec for spec in dict.fromkeys(asked) if there(spec)]
    usual = linked or _newest(families)
    last = st.session_state.get("sets_widget", "sets")
    before = st.session_state.get(last, usual)
    picked = _pick(found, families, before if all(map(there, before)) else usual)
    chosen = found.choose(store, picked)
    if missing:
        wrong("runs", ",".join(missing), "; ".join(chosen.names.values()))
    remember({"runs": ",".join(found.ids(spec)[0] for spec in picked)})
    return chosen


def _newest(families: Families) -> list[RunSpec]:
    """The newest configurations, all of the model of the newest: others could differ by it."""
    model = next(iter(families)).model
    alike = (family for key, family in families.items() if key.model == model)
    return list(chain.from_iterable(alike))[:DEFAULT]


def _pick(found: Finished, families: Families, picked: list[RunSpec]) -> list[RunSpec]:
    """Lets a person change what is picked."""
    offered = _offered(families, picked)
    names = labels(offered)
    called = {spec: f"{names[spec]} ({len(found.ids(spec))})" for spec in offered}
    # The browser tells what is picked by what it is called, which changes with what else is
    # offered: then the widget is another one, and begins with what the one before had.
    key = f"sets-{crc32(repr(list(called.values())).encode())}"
    st.session_state.sets_widget = key
    if key not in st.session_state:
        st.session_state[key] = picked
    return st.multiselect(
        words_compare.COMPARE_PICK,
        offered,
        key=key,
        format_func=called.__getitem__,
        help=words_compare.COMPARE_HELP,
        select_all=MOST_AT_ONCE,
    )


def _linked(store: Store) -> tuple[list[RunSpec], list[str]]:
    """The configurations that the address asks for, and the ids in it of which there is no finished
    run."""
    linked = split(st.query_params.get("runs", ""))
    runs = [run for run in queries.named(store.ledger, linked) if run.state is State.DONE]
    there = {run.run_id for run in runs}
    missing = [run_id for run_id in linked if run_id not in there]
    return [configuration(run.spec) for run in runs], missing


def _offered(families: Families, picked: list[RunSpec]) -> list[RunSpec]:
    """The configurations to pick from: of all settings, or where these are many, of one at a
    time. What is picked stays among them."""
    every = sum(map(len, families.values()))
    if len(families) > 1 and every > MANY:
        usual = settings(picked[0]) if picked else next(iter(families))
        recall("settings", usual, lambda said: usual, lambda key: key is None or key in families)
        names = settings_labels(families)
        key = st.selectbox(
            words_compare.COMPARE_SETTINGS,
            [*families, None],
            key="settings",
            format_func=lambda key: (
                names[key] if key else words_compare.COMPARE_ANY.format(count=every)
            ),
            help=words_compare.COMPARE_SETTINGS_HELP,
            width=480,
        )
        families = {key: families[key]} if key else families
    return list(dict.fromkeys([*chain.from_iterable(families.values()), *picked]))


def baseline(chosen: Sets) -> tuple[RunSpec, bool]:
    """The configuration that others are measured against, and whether to show gains over it."""
    ids = {runs[0].run_id: spec for spec, runs in chosen.groups.items()}
    by_spec = {spec: run_id for run_id, spec in ids.items()}
    usual = default_baseline(chosen.groups)
    recall("baseline", by_spec[usual], str, ids.__contains__)
    recall("show", "level", str, lambda name: name in ("level", "gain"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        named = st.selectbox(
            words_compare.BASELINE,
            list(ids),
            key="baseline",
            format_func=lambda run_id: chosen.names[ids[run_id]],
            width=320,
        )
        show = st.segmented_control(
            words_compare.LEVEL_GAIN,
            ["level", "gain"],
            key="show",
            format_func={"level": words_compare.LEVEL, "gain": words_compare.GAIN}.__getitem__,
            required=True,
        )
    remember({"baseline": named or "", "show": "gain" if show == "gain" else ""})
    return ids[named] if named else usual, show == "gain"


def _task(found: Finished, asked: list[RunSpec]) -> str:
    """The task whose runs are compared: one at a time, for their targets are not the same."""
    tasks = list(dict.fromkeys(key.task for key in found.families))
    default = asked[0].task if asked and asked[0].task in tasks else tasks[0]
    if len(tasks) == 1:
        return default
    recall("task_compared", default, str, tasks.__contains__)
    chosen = st.segmented_control(
        words.TASK, tasks, key="task_compared", required=True, label_visibility="collapsed"
    )
    return chosen or default
