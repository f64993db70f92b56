"""Compare: choose finished source sets; see what each transferred, and how embeddings mix."""

import streamlit as st

from mslt_core.ui import comparison, frame, mixing, results, selection, words

with frame.page(words.COMPARE) as store:
    chosen = selection.chosen(store)
    if chosen is None:
        st.caption(words.COMPARE_EMPTY)
        st.page_link("pages/1_Train.py", label=words.FIRST_BUTTON, icon=":material/tune:")
    elif not chosen.groups:
        st.caption(words.COMPARE_ONE)
    else:
        baseline, gain = selection.baseline(chosen)
        st.markdown(comparison.sentence(store, chosen, baseline))
        comparison.comparison(store, chosen, baseline, gain)
        mixing.mixing(store, chosen)
        comparison.notes(store, chosen)
    results.say_left_out()
