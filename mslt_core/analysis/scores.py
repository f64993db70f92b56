"""From predictions to scores: accuracy and macro-F1 by target, and their means over targets."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import pandas as pd

METRIC = "accuracy"
"""The metric that means, rankings and heatmaps use."""


@dataclass(frozen=True)
class Means:
    """Mean score over all targets, those trained on, and the others; None over no target."""

    all: float | None
    seen: float | None
    unseen: float | None

    def to_dict(self) -> dict[str, float | None]:
        return asdict(self)


def score(predictions: pd.DataFrame) -> pd.DataFrame:
    """Scores by target: columns target, metric (`accuracy`, `macro_f1`), value (0 to 1), n.

    predictions: columns target, gold, predicted, a row an item. macro_f1 is the mean over the
    classes that stand in gold or predicted.
    """
    from sklearn.metrics import accuracy_score, f1_score

    rows = []
    for target, group in predictions.groupby("target", sort=True):
        gold, predicted = group["gold"], group["predicted"]
        values = {
            "accuracy": accuracy_score(gold, predicted),
            "macro_f1": f1_score(gold, predicted, average="macro"),
        }
        rows += [(target, metric, float(value), len(group)) for metric, value in values.items()]
    return pd.DataFrame(rows, columns=["target", "metric", "value", "n"])


def means(scores: pd.DataFrame, sources: tuple[str, ...], metric: str = METRIC) -> Means:
    """Means of one metric over all, seen and unseen targets."""
    values = scores[scores["metric"] == metric].set_index("target")["value"]
    seen = values.index.isin(sources)

    def mean(part: pd.Series[float]) -> float | None:
        return float(part.mean()) if len(part) else None

    return Means(mean(values), mean(values[seen]), mean(values[~seen]))
