"""Studies: which there are, how far each is, and what it says of the paper's claims."""

from mslt_core.ui import frame, studies, studies_progress
from mslt_core.ui import words_studies as said

with frame.page(said.TITLE) as store:
    study = studies.picked(store)
    if study:
        studies.about(study)
        studies_progress.progress(store, study)
