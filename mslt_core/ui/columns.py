"""How what stands side by side in Compare looks, models before training and source sets: the same
wherever it stands on the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mslt_core.ui.charts import MISSING, OKABE_ITO

if TYPE_CHECKING:  # it brings streamlit, and figures are drawn without
    from mslt_core.ui.sets import Sets

COLOURS = OKABE_ITO[:6]
"""Of the sets; the grey one is too like that of the models before training."""
SHAPES = ("circle", "square", "triangle-up", "cross", "triangle-down")


@dataclass(frozen=True)
class Look:
    """Colour and shape, together unlike any other's up to 30 sets."""

    colour: str
    shape: str


BEFORE_LOOK = Look(MISSING, "diamond")
"""Of every model before training."""


def looks(sets: Sets) -> dict[str, Look]:
    """The look of each fine-tuned source set, by its name."""
    return looks_of(sets.names[spec] for spec in sets.groups if spec.method == "finetune")


def looks_of(names: Iterable[str]) -> dict[str, Look]:
    """The looks of these, in their order: a shape for all, and another once colours run out."""
    return {
        name: Look(COLOURS[i % len(COLOURS)], SHAPES[i // len(COLOURS) % len(SHAPES)])
        for i, name in enumerate(names)
    }
