"""The overview, entry of `streamlit run app.py`: what this is, and what it found last."""

import streamlit as st

from mslt_core.ui import comparison, frame, overview, words

with frame.page(words.APP) as store:
    st.markdown(words.WHAT)
    groups = overview.latest(store)
    if groups:
        st.subheader(words.LATEST)
        baseline = comparison.default_baseline(groups)
        st.markdown(comparison.sentence(store, groups, baseline))
        overview.link_to_compare(groups)
        comparison.comparison(store, groups, baseline, gain=False)
        comparison.notes(groups)
    else:
        overview.first_visit(store)
