"""The embedding map: several panels of sentence embeddings in one shared two-dimensional view.

A map is for looking only; what is claimed about mixing is measured in the full space.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ITEMS = 100
"""Sentences a language shown at most."""
TRUSTED_ON = 500
"""Points a panel on which trustworthiness is measured, at most."""
NEIGHBOURS = 12

Panel = Mapping[str, NDArray[np.floating]]
"""Embeddings of one model by language: (sentences, dimensions)."""


@dataclass(frozen=True)
class Projection:
    """points: panel, language, item (index of the sentence), x, y. trustworthiness of each panel:
    the share of neighbours on the map that are neighbours in the full space (0 to 1; Venna and
    Kaski 2001). variance: the share of all panels' variance that the map shows (0 to 1)."""

    points: pd.DataFrame
    trustworthiness: dict[str, float]
    variance: float


def project(panels: Mapping[str, Panel], items: int = ITEMS) -> Projection:
    """One principal component analysis fitted on all panels together.

    Every language of every panel gives the same number of sentences, at most `items`, the same
    ones everywhere. Vectors are scaled to unit length and each panel is centred first: models
    differ in the length and the common direction of their vectors, which would otherwise be all
    that the map shows. Panels are not scaled to one another: how far a model spreads is to be
    seen. Raises ValueError where there is nothing to project.
    """
    from sklearn.decomposition import PCA

    if not panels or not all(panels.values()):
        raise ValueError("every panel needs at least one language")
    available = min(len(rows) for panel in panels.values() for rows in panel.values())
    if available < 2:
        raise ValueError("every language needs at least two sentences")
    chosen = _sample(available, items)
    spaces = {name: _centred(panel, chosen) for name, panel in panels.items()}
    pca = PCA(n_components=2, svd_solver="covariance_eigh")
    flat = pca.fit_transform(np.concatenate(list(spaces.values())))
    _fix_signs(flat)
    frames, trusted, start = [], {}, 0
    for name, panel in panels.items():
        part = flat[start : start + len(spaces[name])]
        start += len(part)
        trusted[name] = _trustworthiness(spaces[name], part)
        columns = {
            "panel": name,
            "language": np.repeat(list(panel), len(chosen)),
            "item": np.tile(chosen, len(panel)),
            "x": part[:, 0],
            "y": part[:, 1],
        }
        frames.append(pd.DataFrame(columns))
    variance = float(pca.explained_variance_ratio_.sum())
    return Projection(pd.concat(frames, ignore_index=True), trusted, variance)


def _sample(available: int, wanted: int) -> NDArray[np.int64]:
    if available <= wanted:
        return np.arange(available)
    return np.sort(np.random.default_rng(0).choice(available, size=wanted, replace=False))


def _centred(panel: Panel, chosen: NDArray[np.int64]) -> NDArray[np.float32]:
    rows = np.concatenate([vectors[chosen] for vectors in panel.values()]).astype(np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    centred: NDArray[np.float32] = rows - rows.mean(axis=0)
    return centred


def _fix_signs(flat: NDArray[np.floating]) -> None:
    """The sign of a component is arbitrary: the point farthest out is put on the positive side,
    so that a map looks the same on every machine."""
    farthest = np.abs(flat).argmax(axis=0)
    flat *= np.where(flat[farthest, [0, 1]] < 0, -1.0, 1.0)


def _trustworthiness(space: NDArray[np.floating], flat: NDArray[np.floating]) -> float:
    from sklearn.manifold import trustworthiness

    some = _sample(len(space), TRUSTED_ON)
    # scikit-learn wants fewer neighbours than half the points.
    neighbours = min(NEIGHBOURS, (len(some) - 1) // 2)
    return float(trustworthiness(space[some], flat[some], n_neighbors=max(1, neighbours)))
