"""How many: how many source languages, at the same budget? A dot for each source set of a study."""

from mslt_core.ui import frame, how_many, study_picker
from mslt_core.ui import words_how_many as said

with frame.page(said.TITLE) as store:
    study = study_picker.picked(store)
    if study:
        how_many.how_many(study)
