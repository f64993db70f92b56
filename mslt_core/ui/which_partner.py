"""The probe beside a fine-tuned study, or the other way round: the same sets at another cost."""

from __future__ import annotations

from collections.abc import Iterable

from mslt_core.jobs.study_files import StudyFile


def partner(studies: Iterable[StudyFile], study: StudyFile) -> StudyFile | None:
    """Of studies of the same model and task by the other method the one that shares most source
    sets; None where none with results does."""
    others = [(other, _shared(study, other)) for other in studies]
    found, shared = max(others, key=lambda pair: pair[1])
    return found if shared else None


def _shared(study: StudyFile, other: StudyFile) -> int:
    """How many source sets, 0 where the two are not to be compared."""
    if not (study.declared and other.declared and other.by_item):
        return 0
    one, two = study.declared.settings, other.declared.settings
    alike = (one.model, one.task) == (two.model, two.task) and one.method != two.method
    return len({*study.declared.sets} & {*other.declared.sets}) if alike else 0
