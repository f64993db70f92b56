"""The embedding map: several panels of sentence embeddings in one shared two-dimensional view.

A map is for looking only; what is claimed about mixing is measured in the full space.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ITEMS = 100
"""Sentences a language shown at most."""
TRUSTED_ON = 500
"""Points a panel on which trustworthiness is measured, at most."""
NEIGHBOURS = 12
PERPLEXITY = 30
"""How many neighbours of each point t-SNE looks at, softly; it needs three times as many points."""

Panel = Mapping[str, NDArray[np.floating]]
"""Embeddings of one model by language: (sentences, dimensions)."""
Method = Literal["pca", "tsne"]


@dataclass(frozen=True)
class Projection:
    """points: panel, language, item (index of the sentence), x, y. trustworthiness of each panel:
    the share of neighbours on the map that are neighbours in the full space (0 to 1; Venna and
    Kaski 2001). variance: the share of all panels' variance that the map shows (0 to 1); None of
    t-SNE, which shows neighbours instead."""

    points: pd.DataFrame
    trustworthiness: dict[str, float]
    variance: float | None


def project(
    panels: Mapping[str, Panel], items: int = ITEMS, method: Method = "pca", threads: int = 1
) -> Projection:
    """One projection fitted on all panels together, the same each time.

    Every language of every panel gives the same number of sentences, at most `items`, the same
    ones everywhere. Vectors are scaled to unit length and each panel is centred first: models
    differ in the length and the common direction of their vectors, which would otherwise be all
    that the map shows. Panels are not scaled to one another: how far a model spreads is to be
    seen. threads: of t-SNE. Raises ValueError where there is nothing to project.
    """
    if not panels or not all(panels.values()):
        raise ValueError("every panel needs at least one language")
    available = min(len(rows) for panel in panels.values() for rows in panel.values())
    if available < 2:
        raise ValueError("every language needs at least two sentences")
    chosen = _sample(available, items)
    spaces = {name: _centred(panel, chosen) for name, panel in panels.items()}
    rows = np.concatenate(list(spaces.values()))
    if np.abs(rows).max() < 1e-6:  # what rounding leaves of nothing
        raise ValueError("at least two sentences of a panel must have different vectors")
    flat, variance = _components(rows)
    if method == "tsne":
        flat = _neighbourhoods(rows, flat, threads)
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
    points = pd.concat(frames, ignore_index=True)
    return Projection(points, trusted, variance if method == "pca" else None)


def _sample(available: int, wanted: int) -> NDArray[np.int64]:
    if available <= wanted:
        return np.arange(available)
    return np.sort(np.random.default_rng(0).choice(available, size=wanted, replace=False))


def _centred(panel: Panel, chosen: NDArray[np.int64]) -> NDArray[np.float32]:
    rows = np.concatenate([vectors[chosen] for vectors in panel.values()]).astype(np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    centred: NDArray[np.float32] = rows - rows.mean(axis=0)
    return centred


def _components(rows: NDArray[np.float32]) -> tuple[NDArray[np.floating], float]:
    """The two principal components of each row, and the share of the variance that they are."""
    from sklearn.decomposition import PCA

    pca = PCA(n_components=2, svd_solver="covariance_eigh")
    flat: NDArray[np.floating] = pca.fit_transform(rows)
    # The sign of a component is arbitrary: the point farthest out is put on the positive side, so
    # that a map looks the same on every machine.
    farthest = np.abs(flat).argmax(axis=0)
    flat *= np.where(flat[farthest, [0, 1]] < 0, -1.0, 1.0)
    return flat, float(pca.explained_variance_ratio_.sum())


def _neighbourhoods(
    rows: NDArray[np.float32], start: NDArray[np.floating], threads: int
) -> NDArray[np.floating]:
    """t-SNE in the manner of Kobak and Berens (2019): it begins with the principal components, so
    that what is far apart there tends to stay so, and learns at a rate that grows with the number
    of points, which openTSNE does by itself.

    Within a panel vectors are of unit length around one centre, so that their distances order
    neighbours as cosines do. Neighbours are searched exactly: the approximate search, which is the
    default for many points, may find others the next time.
    """
    from openTSNE import TSNE, initialization

    first = initialization.rescale(start.astype(np.float64))
    first = initialization.jitter(first, random_state=0)  # no two may lie on one spot
    tsne = TSNE(
        perplexity=min(PERPLEXITY, (len(rows) - 1) / 3),
        initialization=np.ascontiguousarray(first),
        neighbors="exact",
        n_jobs=threads,
        random_state=0,
    )
    return np.asarray(tsne.fit(rows))


def _trustworthiness(space: NDArray[np.floating], flat: NDArray[np.floating]) -> float:
    from sklearn.manifold import trustworthiness

    some = _sample(len(space), TRUSTED_ON)
    # scikit-learn wants fewer neighbours than half the points.
    neighbours = min(NEIGHBOURS, (len(some) - 1) // 2)
    return float(trustworthiness(space[some], flat[some], n_neighbors=max(1, neighbours)))
