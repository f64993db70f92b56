"""Train: choose a model, a task and languages; queue runs; watch them."""

import streamlit as st

from mslt_core.spec import WorkFailed
from mslt_core.ui import frame, panels, pickers, words

with frame.page(words.TRAIN) as store:
    model, task = pickers.model_and_task()
    try:
        task.languages()
    except WorkFailed as error:
        st.markdown(words.NO_DATA)
        st.caption(f"{words.NO_DATA_HELP} {error}")
        panels.live(store)
    else:
        values = pickers.training(task)
        choose, act = st.columns([3, 2], gap="medium")
        with choose:
            sources = pickers.sources(task)
            targets = pickers.targets(task)
        with act:
            panels.plan(store, panels.specs_of(model, task, sources, targets, values))
            panels.live(store)
