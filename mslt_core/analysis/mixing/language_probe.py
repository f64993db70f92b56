"""The language-ID probe: can a linear classifier tell the language of a sentence it never met?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.mixing.estimate import Estimate, estimate
from mslt_core.analysis.mixing.space import Space, Vectors
from mslt_core.analysis.probe import fit_predict

FOLDS = 5


def language_probe(space: Space) -> Estimate | None:
    """Accuracy of a logistic regression that names the language, on held-out sentences (0 to 1;
    1 / languages is chance).

    Every sentence is held out once, in all its translations, in one of FOLDS folds. The null is
    chance, which is exactly what is expected when languages are dealt anew within each item.
    None where the space has fewer than two languages.
    """
    languages, items = len(space.languages), space.items
    if languages < 2:
        return None
    right = np.empty((languages, items))
    for fold in range(FOLDS):
        held_out = np.arange(items) % FOLDS == fold
        train, test = (_rows(space, chosen) for chosen in (~held_out, held_out))
        named = fit_predict(train, _names(space, ~held_out), test)
        answers = np.array(_names(space, held_out))
        right[:, held_out] = (named == answers).reshape(languages, -1)
    contributions = right.mean(axis=0)
    return estimate(float(contributions.mean()), contributions, 1 / languages)


def _rows(space: Space, chosen: NDArray[np.bool_]) -> Vectors:
    return space.vectors[:, chosen].reshape(-1, space.vectors.shape[2])


def _names(space: Space, chosen: NDArray[np.bool_]) -> list[str]:
    return [tag for tag in space.languages for _ in range(int(chosen.sum()))]
