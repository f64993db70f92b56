"""The overview, entry of `streamlit run app.py`: what this is, and what it found last."""

import streamlit as st

from mslt_core.ui import comparison, frame, overview, results, sets, words, words_overview

with frame.page(words.APP) as store:
    st.markdown(words_overview.WHAT)
    chosen = overview.latest(store)
    if chosen:
        st.subheader(words_overview.LATEST)
        baseline = sets.default_baseline(chosen.groups)
        st.markdown(comparison.sentence(store, chosen, baseline))
        overview.link_to_compare(chosen.groups)
        comparison.comparison(store, chosen, baseline, gain=False)
        comparison.notes(store, chosen)
    else:
        overview.first_visit(store)
    overview.shipped()
    results.say_left_out()
