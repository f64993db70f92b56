"""The data sets that a person has added: use them, look at them, delete them."""

from __future__ import annotations

import streamlit as st

from mslt_core.catalog.tasks import files
from mslt_core.spec import RunSpec
from mslt_core.ui import frame, results, words, words_data
from mslt_core.ui.plain import escaped


def listing() -> None:
    """What was added just now, and all that there is, each with what can be done with it."""
    names = files.imported()
    added = st.session_state.get("added")
    if added in names:
        st.success(words_data.ADDED.format(name=added), icon=":material/check:")
    st.subheader(words_data.OWN_SETS)
    if not names:
        st.caption(words_data.OWN_EMPTY)
    for name in sorted(names, key=lambda name: (name != added, name)):
        _card(name)


def say_added(name: str) -> None:
    """Remembers that this task is new, so that the page says so once it is drawn anew."""
    results.tested_by_default.clear()
    st.session_state.added = name


def counted(form: str, count: int) -> str:
    """`1 label`, `3 labels`: the words for a number, in which {s} stands for the plural."""
    return form.format(count=count, s="" if count == 1 else "s")


def _card(name: str) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{name}**", width="stretch")
            if st.button(
                words_data.TRAIN_ON_IT, key=f"train-{name}", icon=":material/tune:", type="tertiary"
            ):
                # The Train page takes what the session says before what the address says.
                st.session_state.task = name
                st.session_state.budget = _budget(name)
                st.switch_page("pages/1_Train.py", query_params={"task": name})
            st.button(
                words_data.BROWSE_IT,
                key=f"browse-{name}",
                icon=":material/table_view:",
                type="tertiary",
                on_click=_browse,
                args=(name,),
            )
            if st.button(
                words.DELETE, key=f"delete-{name}", icon=":material/delete:", type="tertiary"
            ):
                _confirm_delete(name)
        with frame.told():
            st.caption(_facts(name))


def _budget(name: str) -> int:
    """What any language alone can give, so that a first run needs no more choosing."""
    with frame.told():
        sizes = files.FilesTask(name).sizes()["train"]
        return int(min(RunSpec.budget, sizes[sizes > 0].min()))
    return RunSpec.budget


def _facts(name: str) -> str:
    """What is known of a data set without reading its items. Raises WorkFailed if it is damaged."""
    task = files.FilesTask(name)
    known = task.record()
    return words_data.OWN_SET_FACTS.format(
        items=sum(sum(splits.values()) for splits in known.sizes.values()),
        kind=words_data.OWN_KINDS[known.kind],
        languages=counted(words_data.OWN_LANGUAGES, len(known.sizes)),
        labels=counted(words_data.OWN_LABELS, len(known.labels)),
        source=escaped(task.source),
    )


def _browse(name: str) -> None:
    st.session_state.task = name
    st.session_state.view = "browse"


@st.dialog(words_data.REMOVE_TITLE)
@frame.told()
def _confirm_delete(name: str) -> None:
    st.markdown(words_data.REMOVE_SURE.format(name=name))
    with st.container(horizontal=True):
        if st.button(words.DELETE_YES, type="primary", icon=":material/delete:"):
            files.remove(name)
            results.tested_by_default.clear()
            st.rerun()
        if st.button(words.KEEP):
            st.rerun()
