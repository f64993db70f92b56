"""The linear probe: how well frozen embeddings alone tell the classes apart."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


def fit_predict(
    train: NDArray[np.float32], labels: list[str], test: NDArray[np.float32]
) -> NDArray[np.str_]:
    """Predicted labels of `test` by a logistic regression fitted on `train`.

    train: (n, d); labels: n names; test: (m, d). Features are standardised on the training data,
    because embeddings of one model share a large common direction. Returns m names; where all
    labels are one, that one.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if len(set(labels)) == 1:
        return np.full(len(test), labels[0])
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
    # The products are so small that two threads wait for each other longer than they work: beside
    # another process ten times as long.
    with _threads().limit(limits=1):
        predicted: NDArray[np.str_] = classifier.fit(train, labels).predict(test)
    return predicted


@cache
def _threads() -> Any:
    """What sets the threads of the libraries that a fit multiplies with. To look for them takes a
    good part of a fit's time, so it is done once, when scikit-learn has loaded them."""
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
