"""The linear probe: how well frozen embeddings alone tell the classes apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.threads import one_thread


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
    # The products are small: on two threads, beside another process, it takes ten times as long.
    with one_thread():
        predicted: NDArray[np.str_] = classifier.fit(train, labels).predict(test)
    return predicted
