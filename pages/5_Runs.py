"""Runs: what is going on, what was done."""

from mslt_core.ui import frame, runs, words

with frame.page(words.RUNS) as store:
    runs.listing(store)
