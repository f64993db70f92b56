"""Compare: what did training on these languages do? A column for each source set."""

import streamlit as st

from mslt_core.ui import (
    comparison,
    frame,
    mixing,
    mixing_transfer,
    results,
    selection,
    words,
    words_compare,
)

with frame.page(words.COMPARE) as store:
    chosen = selection.chosen(store)
    if chosen is None:
        st.caption(words_compare.COMPARE_EMPTY)
        st.page_link("pages/1_Train.py", label=words.FIRST_BUTTON, icon=":material/tune:")
    elif not chosen.groups:
        st.caption(words_compare.COMPARE_ONE)
    else:
        baseline, gain = selection.baseline(chosen)
        st.markdown(comparison.sentence(store, chosen, baseline))
        comparison.comparison(store, chosen, baseline, gain)
        mixing.mixing(store, chosen, baseline)
        mixing_transfer.mixing_transfer(store, chosen)
        comparison.notes(store, chosen)
    results.say_left_out()
