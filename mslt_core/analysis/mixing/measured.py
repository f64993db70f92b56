"""The whole measurement of one space: mixing, alignment and controls, over every subset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mslt_core.analysis.mixing.centroids import centroid_distances
from mslt_core.analysis.mixing.cka import debiased_cka
from mslt_core.analysis.mixing.controls import anisotropy, effective_rank
from mslt_core.analysis.mixing.estimate import Estimate, Pairs
from mslt_core.analysis.mixing.language_probe import language_probe
from mslt_core.analysis.mixing.neighbours import neighbour_mixing, pair_mixing
from mslt_core.analysis.mixing.retrieval import retrieval
from mslt_core.analysis.mixing.silhouette import (
    label_silhouette,
    language_silhouette,
    pair_silhouettes,
)
from mslt_core.analysis.mixing.space import (
    SUBSETS,
    Numbers,
    Space,
    Subset,
    Vectors,
    centred,
    cosines,
)
from mslt_core.analysis.threads import one_thread

OfPoints = dict[str, Estimate | None]


@dataclass(frozen=True, eq=False)
class Measured:
    """Of one space every estimate by subset and metric, and of every metric that two languages
    alone can have a matrix (languages, languages). seen: those that split it into subsets."""

    languages: tuple[str, ...]
    seen: tuple[str, ...]
    items: int
    estimates: Mapping[tuple[Subset, str], Estimate | None]
    matrices: Mapping[str, Numbers]


def measure(space: Space) -> Measured:
    """Every metric of a space, over all languages, the seen, the unseen, and mixed pairs.

    Takes a few seconds for 20 languages of 200 sentences, on one thread, so that the numbers are
    the same on any number of them. Raises nothing: what may be wrong with a space is found when it
    is made.
    """
    with one_thread():
        compared = cosines(centred(space))
        pairs = _of_pairs(space)
        matrices = {
            "language_silhouette": pair_silhouettes(space),
            "neighbour_mixing": pair_mixing(space, compared),
            **{key: found.values for key, found in pairs.items()},
        }
        estimates = _estimates(space, compared, pairs)
    return Measured(space.languages, space.members("seen"), space.items, estimates, matrices)


def measure_briefly(space: Space) -> Measured:
    """The same without what takes most of the time: the language probe, and the matrices."""
    with one_thread():
        estimates = _estimates(space, cosines(centred(space)), _of_pairs(space), brief=True)
    return Measured(space.languages, space.members("seen"), space.items, estimates, {})


def _of_pairs(space: Space) -> dict[str, Pairs]:
    """The metrics that are means over pairs of languages, by key."""
    return {
        "centroid_distance": centroid_distances(space),
        "retrieval": retrieval(space),
        "debiased_cka": debiased_cka(space),
    }


def _estimates(
    space: Space, compared: Vectors, pairs: Mapping[str, Pairs], brief: bool = False
) -> dict[tuple[Subset, str], Estimate | None]:
    """Of every subset and metric. compared: cosines of all pairs of centred points."""
    whole = _of_points(space, compared, brief)
    estimates: dict[tuple[Subset, str], Estimate | None] = {}
    for subset in SUBSETS:
        found = {key: of_pairs.mean(space.pairs(subset)) for key, of_pairs in pairs.items()}
        if subset != "mixed":
            found |= _of_part(space, space.members(subset), whole, brief)
        estimates |= {(subset, key): value for key, value in found.items()}
    return estimates


def _of_points(space: Space, compared: Vectors, brief: bool) -> OfPoints:
    """The metrics that are no means over pairs of languages, by key."""
    near = neighbour_mixing(space, compared)
    probe: OfPoints = {} if brief else {"language_probe": language_probe(space)}
    return {
        "language_silhouette": language_silhouette(space, compared),
        "neighbour_mixing": near.mixing,
        "same_language_share": near.share,
        **probe,
        "label_silhouette": label_silhouette(space),
        "effective_rank": effective_rank(space),
        "anisotropy": anisotropy(space),
    }


def _of_part(space: Space, tags: tuple[str, ...], whole: OfPoints, brief: bool) -> OfPoints:
    """The same of some languages alone. whole: of all, which need not be measured twice."""
    if tags == space.languages:
        return whole
    if len(tags) < 2:
        return dict.fromkeys(whole)
    part = space.only(tags)
    return _of_points(part, cosines(centred(part)), brief)
