"""The probe beside a fine-tuned study, or the other way round: the same sets at another cost."""

from __future__ import annotations

from collections.abc import Iterable

from mslt_core.jobs.study_files import StudyFile

SAME = ("model", "task", "budget", "sampling")
"""Settings in which two studies must not differ: else more than the method would."""


def partner(studies: Iterable[StudyFile], study: StudyFile) -> StudyFile | None:
    """Of studies by the other method with the same model, task, budget and sampling the one that
    shares most source sets, of several most targets; None where none with results does."""
    others = [(other, _shared(study, other)) for other in studies]
    found, (sets, targets) = max(others, key=lambda pair: pair[1])
    return found if sets and targets else None


def _shared(study: StudyFile, other: StudyFile) -> tuple[int, int]:
    """How many source sets and targets, none where the two are not to be compared."""
    if not (study.declared and other.declared and other.by_item):
        return 0, 0
    one, two = study.declared.settings, other.declared.settings
    if one.method == two.method or any(getattr(one, key) != getattr(two, key) for key in SAME):
        return 0, 0
    sets = {*study.declared.sets} & {*other.declared.sets}
    return len(sets), len({*one.targets} & {*two.targets})
