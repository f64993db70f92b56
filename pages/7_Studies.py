"""Studies: which there are, how far each is, and what it says of the paper's claims."""

from mslt_core.ui import (
    claims,
    claims_across,
    frame,
    studies,
    studies_form,
    studies_progress,
    studies_report,
)
from mslt_core.ui import words_studies as said

with frame.page(said.TITLE) as store:
    if studies.view() == "new":
        studies_form.new(store)
    elif study := studies.picked(store):
        studies.about(study)
        studies_progress.progress(store, study)
        claims.panel(store, study)
        studies_report.report(store, study)
        claims_across.panel(store)
