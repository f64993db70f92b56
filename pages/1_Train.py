"""Train: choose a model, a task and languages; queue runs; watch them."""

import streamlit as st

from mslt_core.ui import foretold, frame, panels, pickers, training_picker, words

with frame.page(words.TRAIN) as store:
    model, task = pickers.model_and_task()
    values = training_picker.training(task) if task else {}
    choose, act = st.columns([3, 2], gap="medium")
    with act:
        offer = st.container()
        if task and values["method"] == "probe":
            foretold.of_task(store, task.name)
        panels.live(store)  # before the data is looked up, which may take a moment or fail
    languages = None
    if task:
        with choose, frame.told():
            languages = pickers.languages(task)
    if model and task and languages:
        with offer, frame.told():
            panels.plan(store, panels.specs_of(model, task.name, *languages, values))
