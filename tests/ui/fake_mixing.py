"""Spaces made up and really measured, as workers would store them beside a run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from mslt_core.analysis.mixing import Measured, Mixing, Space, measure

LANGUAGES = ("ar", "de", "en", "zh")
ITEMS, HIDDEN = 30, 16


@cache
def measured(
    apart: float,
    sources: tuple[str, ...] = (),
    seed: int = 0,
    classes: float = 1.0,
    languages: tuple[str, ...] = LANGUAGES,
    labelled: bool = True,
) -> Measured:
    """A space in which languages, and classes, are as far apart as told. The sentences are the
    same for every seed; what training made of them is not."""
    fixed, luck = np.random.default_rng(9), np.random.default_rng((seed, round(100 * apart)))
    label = np.arange(ITEMS) % 3
    meaning = classes * 2 * fixed.normal(size=(3, HIDDEN))[label]
    meaning = meaning + fixed.normal(size=(ITEMS, HIDDEN))
    centres = fixed.normal(size=(len(languages), 1, HIDDEN))
    noise = 0.7 * luck.normal(size=(len(languages), ITEMS, HIDDEN))
    labels = tuple(map(str, label)) if labelled else None
    vectors = (meaning + apart * centres + noise).astype(np.float32)
    return measure(Space(vectors, languages, frozenset(sources), labels))


def mixing(sources: Sequence[str], apart: float = 0.3, seed: int = 0, **more: object) -> Mixing:
    """Languages lie far apart before training; after it they are `apart`."""
    sources = tuple(sources)
    kept = {key: value for key, value in more.items() if key != "classes"}
    return Mixing(
        before=measured(1.5, sources, **kept), after=measured(apart, sources, seed, **more)
    )
