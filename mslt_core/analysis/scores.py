"""From predictions to scores by target, and their means over targets.

Every score is a ratio of two sums over items, so that items can be resampled: right answers over
answers (accuracy), or twice the right entities over those that stand in the text and those that
were predicted (F1).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.catalog.tasks import Kind, Metric

Answers = Literal["labels", "tags", "entities"]
"""What gold and predicted of an item hold: one label; tags with a space between them; or IOB2 tags
that mark entities."""

CUT = "_"
"""What is predicted for a word that the length limit cut off: always wrong."""


@dataclass(frozen=True)
class Means:
    """Mean score over all targets, those trained on, and the others; None over no target."""

    all: float | None
    seen: float | None
    unseen: float | None

    def to_dict(self) -> dict[str, float | None]:
        return asdict(self)


def answers_of(kind: Kind, metric: Metric) -> Answers:
    """What the answers of a task are."""
    if kind != "token":
        return "labels"
    return "entities" if metric == "f1" else "tags"


def metric_of(answers: Answers) -> Metric:
    """The metric that means, rankings and heatmaps use."""
    return "f1" if answers == "entities" else "accuracy"


def count(
    predictions: pd.DataFrame, answers: Answers
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each item what it adds to the two sums whose ratio is the score, each (items,).

    predictions: columns gold, predicted, a row an item.
    """
    if answers == "labels":
        right = predictions["gold"].to_numpy() == predictions["predicted"].to_numpy()
        return right.astype(float), np.ones(len(right))
    one = _tags if answers == "tags" else _entities
    pairs = zip(predictions["gold"], predictions["predicted"], strict=True)
    counts = np.array([one(gold.split(), said.split()) for gold, said in pairs], dtype=float)
    counts = counts.reshape(-1, 2)
    return counts[:, 0], counts[:, 1]


def entities(tags: list[str]) -> set[tuple[str, int, int]]:
    """Entities that tags mark in strict IOB2: (type, first word, word after the last).

    One begins with B-X and goes on with I-X; an I-X without such a beginning marks nothing.
    """
    found = set()
    begin, kind = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        if kind and tag != f"I-{kind}":
            found.add((kind, begin, place))
            kind = ""
        if tag.startswith("B-"):
            begin, kind = place, tag[2:]
    return found


def score(predictions: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    """Scores by target: columns target, metric, value (0 to 1), n (items).

    predictions: columns target, gold, predicted, a row an item. Metrics are `accuracy` and
    `macro_f1` over labels or tags, macro_f1 being the mean over the classes that stand in gold or
    predicted; of entities `f1`, `precision` and `recall`, an entity being right when its type and
    both ends are (Tjong Kim Sang and De Meulder 2003).
    """
    measure = _entity_scores if answers == "entities" else _class_scores
    rows = [
        (target, metric, value, len(group))
        for target, group in predictions.groupby("target", sort=True)
        for metric, value in measure(group, answers).items()
    ]
    return pd.DataFrame(rows, columns=["target", "metric", "value", "n"])


def means(scores: pd.DataFrame, sources: tuple[str, ...], metric: str) -> Means:
    """Means of one metric over all, seen and unseen targets."""
    values = scores[scores["metric"] == metric].set_index("target")["value"]
    seen = values.index.isin(sources)

    def mean(part: pd.Series[float]) -> float | None:
        return float(part.mean()) if len(part) else None

    return Means(mean(values), mean(values[seen]), mean(values[~seen]))


def _tags(gold: list[str], said: list[str]) -> tuple[int, int]:
    return sum(a == b for a, b in zip(gold, said, strict=True)), len(gold)


def _entities(gold: list[str], said: list[str]) -> tuple[int, int]:
    there, predicted = entities(gold), entities(said)
    return 2 * len(there & predicted), len(there) + len(predicted)


def _class_scores(group: pd.DataFrame, answers: Answers) -> dict[str, float]:
    from sklearn.metrics import accuracy_score, f1_score

    gold, said = (list(group[name]) for name in ("gold", "predicted"))
    if answers == "tags":
        gold, said = (" ".join(part).split() for part in (gold, said))
    classes = sorted({*gold, *said} - ({CUT} if answers == "tags" else set()))
    return {
        "accuracy": float(accuracy_score(gold, said)),
        "macro_f1": float(f1_score(gold, said, labels=classes, average="macro", zero_division=0)),
    }


def _entity_scores(group: pd.DataFrame, answers: Answers) -> dict[str, float]:
    twice, both = (float(part.sum()) for part in count(group, answers))
    there = sum(len(entities(text.split())) for text in group["gold"])
    return {
        "f1": twice / both if both else 0.0,
        "precision": twice / 2 / (both - there) if both > there else 0.0,
        "recall": twice / 2 / there if there else 0.0,
    }
