"""The picker of the task, which the pages share."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mslt_core.catalog.tasks import Task, task, task_names
from mslt_core.catalog.tasks.files import PREFIX
from mslt_core.ui import frame, words
from mslt_core.ui.links import recall, remember


def pick(**options: Any) -> Task | None:
    """The chosen task; None, told, where that is data of one's own which was removed since. It
    stays chosen, for another task in its place would be trained on unasked."""
    names = list(task_names())
    recall("task", names[0], str, lambda name: name in names or str(name).startswith(PREFIX))
    if st.session_state.task not in names:
        names.append(st.session_state.task)
    name = st.selectbox(words.TASK, names, key="task", persist_state="session", **options)
    remember({"task": name})
    with frame.told():
        return task(name)
    return None
