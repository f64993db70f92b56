"""Which: which languages should I pick? Criteria for choosing, judged by what a study measured."""

from mslt_core.jobs import study_files
from mslt_core.ui import frame, which, which_page, which_recommend, words_which

with frame.page(words_which.TITLE) as store:
    studies = study_files.listed(store)
    asked = which.asked(studies)
    if asked is None or which_page.answers(store, studies, asked):
        which_recommend.recommend(store, studies)
