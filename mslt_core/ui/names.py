"""What models are called wherever they stand, on pages, in figures and in a terminal."""

from __future__ import annotations

from mslt_core.catalog import models
from mslt_core.ui import words_compare


def before_name(model: str, alone: bool) -> str:
    """What a model before training is called. alone: whether it is the only one here."""
    untrained = model in models.CARDS and models.CARDS[model].kind == "random"
    name = words_compare.UNTRAINED if untrained else words_compare.PRETRAINED
    return name if alone else words_compare.BEFORE.format(before=name, model=model)
