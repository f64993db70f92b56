"""Items and what is said of them: which of an item's units get a label, and answers from labels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mslt_core.analysis.scores import CUT
from mslt_core.catalog.tasks import Item, Task
from mslt_core.training.encoders import EncoderSource
from mslt_core.training.heads import Units
from mslt_core.training.inputs import Encoded, Ids


def units_of(chosen: Task, source: EncoderSource) -> Units:
    """What of an item gets a label."""
    return "words" if chosen.kind == "token" else source.card.pooling


def names_of(item: Item, text: Encoded) -> list[str]:
    """The labels of an item's units, without those of words that were cut off."""
    if not item.words:
        return [item.label]
    return [tag for tag, place in zip(item.tags, text.words, strict=True) if place >= 0]


def classes_of(item: Item, text: Encoded, number: dict[str, int]) -> Ids:
    """The same as class indices, int64 (units,)."""
    return np.array([number[name] for name in names_of(item, text)], dtype=np.int64)


def answer_of(item: Item, text: Encoded, names: list[str]) -> str:
    """The predicted labels of an item's units as its answer, like `Item.gold`."""
    if not item.words:
        return names[0]
    given = iter(names)
    return " ".join(next(given) if place >= 0 else CUT for place in text.words)


def predictions_of(tests: dict[str, list[Item]], predicted: dict[str, list[str]]) -> pd.DataFrame:
    """A row an item: target, item, gold, predicted. predicted: of each target the answers, in the
    order of its items."""
    rows = [
        (target, item.id, item.gold, answer)
        for target, items in tests.items()
        for item, answer in zip(items, predicted[target], strict=True)
    ]
    return pd.DataFrame(rows, columns=["target", "item", "gold", "predicted"])
