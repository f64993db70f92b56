"""A new study: its fields, how many runs these are and how long they take, and the button."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mslt_core.catalog.languages import language
from mslt_core.catalog.resolve import parse_languages, testable
from mslt_core.catalog.tasks import Task
from mslt_core.jobs import study_files
from mslt_core.jobs.store import Store
from mslt_core.spec import WorkFailed
from mslt_core.study_spec import StudySpec
from mslt_core.ui import data_browser, frame, pickers, studies, training_picker, words
from mslt_core.ui import words_studies as said
from mslt_core.ui.links import recall, remember, split
from mslt_core.ui.plain import escaped
from mslt_core.ui.studies_progress import takes_of

FIRST_SIZES = (1, 3)
"""What the paper's question is about: one language, or three."""


def new(store: Store) -> None:
    """The whole form; not in an st.form, so that the number of runs is told as they are chosen."""
    st.markdown(said.NEW)
    name, title = _names()
    model, task = pickers.model_and_task()
    values = training_picker.training(task) if task else {}
    if not (model and task):
        return
    try:
        offered, tested = task.languages(), testable(task)
    except WorkFailed as error:
        st.markdown(words.NO_DATA)
        st.caption(f"{words.NO_DATA_HELP} {error}")
        return
    with frame.told():
        sets = _sets(offered)
        targets = pickers.targets(tested)
        hint = _missing(store, name, title, sets, targets)
        if hint:
            st.caption(hint)
        else:
            _plan(store, _declared(name, title, model, task, values, sets, targets))


def _names() -> tuple[str, str]:
    left, right = st.columns([1, 2])
    recall("study_name", said.NAME_FIRST, str, lambda said: True)
    recall("study_title", said.TITLE_FIRST, str, lambda said: True)
    name = left.text_input(
        said.NAME, key="study_name", help=said.NAME_HELP, persist_state="session"
    )
    title = right.text_input(said.STUDY_TITLE, key="study_title", persist_state="session")
    return (name or "").strip(), (title or "").strip()


def _sets(offered: tuple[str, ...]) -> dict[str, Any]:
    """The fields `pool` and `sizes`, or `sets`, of a declaration; none where nothing is chosen.

    Raises BadArgument for what is no language.
    """
    if data_browser.switch(said.SETS, said.SETS_BY, "sets_by") == "list":
        text = st.text_area(
            said.LIST,
            key="sets_list",
            help=said.LIST_HELP,
            placeholder=said.LIST_HINT,
            persist_state="session",
        )
        lines = [parse_languages(line, "sets") for line in (text or "").splitlines()]
        sets = [list(line) for line in lines if line]
        return {"sets": sets} if sets else {}
    usual = [tag for tag in pickers.SEVEN if tag in offered] or list(offered[:3])
    recall("pool", usual, split, lambda said: isinstance(said, list) and set(said) <= set(offered))
    pool = st.multiselect(
        said.POOL,
        offered,
        key="pool",
        format_func=lambda tag: words.NAMED.format(name=language(tag).name, tag=tag),
        help=said.POOL_HELP,
        persist_state="session",
    )
    possible = range(1, len(pool) + 1)
    chosen = [size for size in st.session_state.get("sizes", FIRST_SIZES) if size in possible]
    st.session_state.sizes = chosen
    sizes = st.pills(
        said.SIZES_LABEL, possible, key="sizes", selection_mode="multi", persist_state="session"
    )
    remember({"pool": ",".join(pool)})
    return {"pool": list(pool), "sizes": sorted(sizes)} if pool and sizes else {}


def _missing(
    store: Store, name: str, title: str, sets: dict[str, Any], targets: tuple[str, ...]
) -> str:
    """What is to be done before there is a study, in a sentence; empty where there is one."""
    folders = (study_files.shipped_folder(), study_files.own_folder(store))
    if name and any(path.stem == name for folder in folders for path in folder.glob("*.toml")):
        return said.NAME_TAKEN.format(name=escaped(name))
    needed = (
        (name, said.NO_NAME),
        (title, said.NO_TITLE),
        (sets, said.NO_SETS),
        (targets, words.NO_TARGET),
    )
    return next((hint for there, hint in needed if not there), "")


def _declared(
    name: str,
    title: str,
    model: str,
    task: Task,
    values: dict[str, Any],
    sets: dict[str, Any],
    targets: tuple[str, ...],
) -> StudySpec:
    """The study that is asked for. Raises BadArgument where something is not allowed."""
    shared = {field: value for field, value in values.items() if field != "seeds"}
    run = {"model": model, "task": task.name, "targets": list(targets), **shared}
    seeds = sorted(values["seeds"])
    return StudySpec.from_dict({"name": name, "title": title, "seeds": seeds, "run": run, **sets})


def _plan(store: Store, study: StudySpec) -> None:
    """How many runs, how long, and the button, which writes the study and starts it."""
    runs = study.runs()
    number = {"sets": len(study.sets), "seeds": len(study.seeds), "runs": len(runs)}
    plural = {"s_sets": study.sets, "s": study.seeds, "s_runs": runs}
    s = {key: "" if len(counted) == 1 else "s" for key, counted in plural.items()}
    st.markdown(said.PLAN.format(**number, **s))
    st.caption(takes_of(store, runs))
    label = said.START.format(runs=len(runs), s_runs=s["s_runs"])
    if st.button(label, type="primary", icon=":material/play_arrow:", key="start-study"):
        with st.spinner(said.CHECKING):
            path = study_files.declare(store, study)
        study_files.start(store, path)
        studies.show(study.name)
        st.rerun()
