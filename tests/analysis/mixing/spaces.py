"""Spaces whose answers are known."""

import numpy as np

from mslt_core.analysis.mixing import Space

TAGS = ("ar", "de", "en", "fr", "hi", "ja", "ru", "zh")


def clouds(
    apart: float, languages: int = 3, items: int = 80, d: int = 16, seed: int = 0
) -> np.ndarray:
    """One cloud a language, at some distance, of sentences that have nothing to do with those of
    the others: (languages, items, d)."""
    rng = np.random.default_rng(seed)
    centres = apart * np.eye(languages, d)[:, None]
    return centres + rng.normal(size=(languages, items, d))


def translations(
    apart: float = 0.5,
    noise: float = 0.7,
    languages: int = 4,
    items: int = 60,
    d: int = 16,
    seed: int = 0,
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Sentences of three classes with translations near them, and languages at some distance:
    vectors and labels. Classes and languages are the same for every seed, sentences are not."""
    rng = np.random.default_rng(seed)
    fixed = np.random.default_rng(9)
    classes = 0.8 * fixed.normal(size=(3, d))
    centres = apart * fixed.normal(size=(len(TAGS), 1, d))[:languages]
    label = rng.integers(3, size=items)
    meaning = classes[label] + rng.normal(size=(items, d))
    vectors = meaning + centres + noise * rng.normal(size=(languages, items, d))
    return vectors, tuple(f"class {name}" for name in label)


def space(vectors: np.ndarray, sources: tuple[str, ...] = (), labels=None) -> Space:
    return Space(vectors, TAGS[: len(vectors)], frozenset(sources), labels)


def rotation(d: int, seed: int = 0) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]
