"""What a model makes of the languages of a task, for the criteria that need it: kept in the cache,
a file a language, and computed by a process of its own.

A page may not load a model, so `ask` starts `python -m mslt_core.training.language_facts`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.selection import Facts
from mslt_core.catalog import models
from mslt_core.catalog.resolve import check_languages
from mslt_core.catalog.tasks import task as find_task
from mslt_core.jobs import detached
from mslt_core.jobs.artefacts import replace_arrays
from mslt_core.jobs.detached import Progress as Progress
from mslt_core.jobs.store import Store
from mslt_core.spec import TRAINING_VERSION

COUNTED_TEXTS = 10_000
"""Training texts of a language whose sub-words are counted, at most."""
EMBEDDED_TEXTS = 200
"""Training texts that its mean sentence vector stands on, at most; of a parallel task the same ones
in every language. On SIB-200 they rank triples as 500 do (Spearman .998)."""

FACTS_VERSION = 1
"""Part of the files' place: raise it when a change of the computing changes the facts."""


def stored(store: Store, model: str, task: str, languages: tuple[str, ...]) -> Facts | None:
    """The facts of these languages, if those of all are there. Reads files only.

    Raises BadArgument for a model, task or language that there is not, WorkFailed when one of them
    cannot be looked up.
    """
    files = paths(store, model, task, languages)
    if not all(path.exists() for path in files.values()):
        return None
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    found = {}
    for lang, path in files.items():
        try:
            found[lang] = load_file(path)
        except (OSError, SafetensorError):
            path.unlink(missing_ok=True)  # a damaged file of the cache is computed again
            return None
    return Facts(
        subwords={lang: arrays["subwords"] for lang, arrays in found.items()},
        embeddings={lang: arrays["embedding"] for lang, arrays in found.items()},
    )


def state(store: Store, model: str, task: str, languages: tuple[str, ...]) -> Progress:
    """How far the computing of what these languages lack is. Raises as `stored` does."""
    return state_of([*paths(store, model, task, languages).values()])


def state_of(files: Collection[Path]) -> Progress:
    """The same of their files, which `paths` looks up in data and model."""
    return detached.progress(_work(files), lambda: all(path.exists() for path in files))


def ask(store: Store, model: str, task: str, languages: tuple[str, ...]) -> None:
    """Starts to compute what these languages lack, unless that is going on already. Returns at
    once. Raises as `stored` does."""
    files = paths(store, model, task, languages)
    command = ["mslt_core.training.language_facts", "--model", model, "--task", task]
    command += ["--languages", ",".join(files)]
    detached.start(store, _work(files.values()), command)


def paths(store: Store, model: str, task: str, languages: tuple[str, ...]) -> dict[str, Path]:
    """The file of each language, sorted. Raises as `stored` does."""
    chosen = find_task(task)
    check_languages(chosen, languages, "languages")
    versions = (str(FACTS_VERSION), str(TRAINING_VERSION))
    data = chosen.fingerprint(chosen.languages())
    parts = (*versions, models.fingerprint(models.card(model)), task, data)
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    folder = store.cache_dir / "language-facts" / key
    return {lang: folder / f"{lang}.safetensors" for lang in sorted(set(languages))}


def keep(path: Path, subwords: NDArray[np.int32], embedding: NDArray[np.float32]) -> None:
    """Makes the facts of a language its file, whole or not at all."""
    replace_arrays(path, {"subwords": subwords, "embedding": embedding})


def _work(files: Iterable[Path]) -> Path:
    """What the lock and the log of a request for these files stand beside."""
    ordered = sorted(files)
    names = ",".join(path.stem for path in ordered)
    return ordered[0].with_name(hashlib.sha256(names.encode()).hexdigest()[:16])
