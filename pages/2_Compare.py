"""Compare: choose finished source sets; see what each transferred, and how embeddings mix."""

import streamlit as st

from mslt_core.ui import comparison, frame, selection, words

with frame.page(words.COMPARE) as store:
    groups = selection.groups(store)
    if groups is None:
        st.caption(words.COMPARE_EMPTY)
        st.page_link("pages/1_Train.py", label=words.FIRST_BUTTON, icon=":material/tune:")
    elif not groups:
        st.caption(words.COMPARE_ONE)
    else:
        baseline, gain = selection.baseline(groups)
        st.markdown(comparison.sentence(store, groups, baseline))
        comparison.comparison(store, groups, baseline, gain)
        comparison.notes(groups)
