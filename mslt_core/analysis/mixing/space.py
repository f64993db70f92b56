"""A space: the vectors of the same sentences in several languages, as one model sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mslt_core.spec import BadArgument, WorkFailed

Vectors = NDArray[np.float32]
Numbers = NDArray[np.float64]

Subset = Literal["all", "seen", "unseen", "mixed"]
"""Of which languages a value is: all; those trained on; the others; or, where a value is a mean
over pairs, the pairs of one trained on with one that is not."""
SUBSETS: tuple[Subset, ...] = ("all", "seen", "unseen", "mixed")

SHUFFLES = 10
"""How many shuffles a null is the mean of: each is a mean over all points, so few will do."""
FEWEST_ITEMS = 10
NOISE = 1e-6
"""Vectors of unit length that differ by less than this differ by rounding."""
MOST_POINTS = 10_000
"""Every pair of points is compared: this many fill 400 MB with their cosines."""


@dataclass(frozen=True, eq=False)
class Space:
    """Parallel sentences as vectors, and what is known of their languages and classes.

    Languages are kept sorted and vectors scaled to unit length: models differ in the length of
    their vectors, of which cosines, and so neighbours and silhouettes, know nothing. Points are
    counted language by language: point l * items + i is item i in language l.

    Raises BadArgument for arrays that do not fit each other, or are too small or too large;
    WorkFailed for a vector that has no direction.
    """

    vectors: Vectors
    """(languages, items, d); item i is the same sentence in every language."""
    languages: tuple[str, ...]
    sources: frozenset[str] = frozenset()
    """Languages that split the space into seen and unseen; those that are not in it are ignored."""
    labels: tuple[str, ...] | None = None
    """Class of each item; None where the task has none."""

    def __post_init__(self) -> None:
        given = np.asarray(self.vectors, dtype=np.float32)
        _check(given, self.languages, self.labels)
        order = sorted(range(len(self.languages)), key=lambda place: self.languages[place])
        lengths = np.linalg.norm(given, axis=2, keepdims=True)
        for place in order:
            if not (np.isfinite(lengths[place]) & (lengths[place] > 0)).all():
                raise WorkFailed(
                    f"The vectors of {self.languages[place]} are not all finite and above zero in "
                    "length, so they cannot be compared: training may have diverged, so try a "
                    "lower learning rate."
                )
        object.__setattr__(self, "vectors", (given / lengths)[order])
        object.__setattr__(self, "languages", tuple(self.languages[place] for place in order))
        object.__setattr__(self, "sources", frozenset(self.sources))

    @property
    def items(self) -> int:
        """Number of sentences in each language."""
        return int(self.vectors.shape[1])

    @property
    def points(self) -> Vectors:
        """(languages * items, d)"""
        return self.vectors.reshape(-1, self.vectors.shape[2])

    def members(self, subset: Subset) -> tuple[str, ...]:
        """Languages of a subset, sorted; those of `mixed` are all, since either is in a pair."""
        seen = tuple(tag for tag in self.languages if tag in self.sources)
        unseen = tuple(tag for tag in self.languages if tag not in self.sources)
        return {"seen": seen, "unseen": unseen}.get(subset, self.languages)

    def only(self, languages: tuple[str, ...]) -> Space:
        """The same sentences in some of the languages. Raises BadArgument for none of them."""
        places = [place for place, tag in enumerate(self.languages) if tag in languages]
        tags = tuple(self.languages[place] for place in places)
        return replace(self, vectors=self.vectors[places], languages=tags)

    def pairs(self, subset: Subset) -> NDArray[np.bool_]:
        """Which pairs of two languages belong to a subset, each once: (languages, languages)."""
        seen = np.array([tag in self.sources for tag in self.languages], dtype=bool)
        chosen = {
            "all": np.ones((len(seen), len(seen)), dtype=bool),
            "seen": np.outer(seen, seen),
            "unseen": np.outer(~seen, ~seen),
            "mixed": seen[:, None] != seen,
        }[subset]
        return np.triu(chosen, k=1)


def centred(space: Space, by_language: bool = False) -> Vectors:
    """Vectors centred on the mean of all points, or of their language's, and again of unit length:
    (languages, items, d). Those that lie on the centre stay there.

    A direction that all vectors share would otherwise make all cosines alike.
    """
    centre = space.vectors.mean(axis=1 if by_language else (0, 1), keepdims=True)
    found = space.vectors - centre
    unit: Vectors = found / np.maximum(np.linalg.norm(found, axis=2, keepdims=True), NOISE)
    return unit


def cosines(vectors: Vectors) -> Vectors:
    """Of each pair of points of unit length (languages, items, d), (points, points)."""
    points = vectors.reshape(-1, vectors.shape[2])
    product: Vectors = points @ points.T
    return product


def shuffles(
    languages: int, items: int, times: int = SHUFFLES, seed: int = 0
) -> Iterator[NDArray[np.int64]]:
    """Languages dealt anew to the translations of each item, several times: (languages, items).

    Labels are dealt within an item, not over all points: translations of one sentence lie
    together in an aligned space, and that is as it should be, whatever their languages.
    """
    rng = np.random.default_rng(seed)
    for _ in range(times):
        yield rng.permuted(np.tile(np.arange(languages)[:, None], items), axis=0)


def _check(vectors: Vectors, languages: tuple[str, ...], labels: tuple[str, ...] | None) -> None:
    if vectors.ndim != 3:
        raise BadArgument(
            f"vectors have {vectors.ndim} axes: they must be (languages, items, dimensions)."
        )
    of_languages, items, dimensions = vectors.shape
    if not languages or of_languages != len(languages) or len(set(languages)) != len(languages):
        raise BadArgument(
            f"vectors are of {of_languages} languages, and the names are {', '.join(languages)}: "
            "each language needs one name of its own."
        )
    if items < FEWEST_ITEMS or not dimensions:
        raise BadArgument(
            f"vectors are of {items} items with {dimensions} dimensions: mixing needs at least "
            f"{FEWEST_ITEMS} sentences that all languages share."
        )
    if of_languages * items > MOST_POINTS:
        raise BadArgument(
            f"vectors are of {of_languages} languages with {items} items: together they may have "
            f"at most {MOST_POINTS} sentences, so take fewer items."
        )
    if labels is not None and len(labels) != items:
        raise BadArgument(f"labels are of {len(labels)} items, and vectors are of {items}.")
