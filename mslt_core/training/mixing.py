"""The last stage of a fine-tuning run: how far it mingled the languages.

The sentences of the map are measured as the model saw them before training and as it sees them
now, from the very vectors that are stored. A run is never lost for it: where there is nothing to
measure, or measuring fails, its record says why.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from mslt_core.analysis.mixing import Measured, Mixing, Space, measure
from mslt_core.analysis.mixing.space import FEWEST_ITEMS
from mslt_core.analysis.mixing.stored import from_arrays, to_arrays
from mslt_core.catalog.map_sentences import MapSentences
from mslt_core.catalog.tasks import Item
from mslt_core.jobs.artefacts import replace_arrays
from mslt_core.jobs.child import Cancelled, Job
from mslt_core.jobs.ledger import ClaimLost
from mslt_core.spec import RunSpec, UserError
from mslt_core.training.inputs import item_key

MEASURING_VERSION = 1
"""Raise it when a change of measuring changes the numbers: those of two versions are never compared
with each other, nor taken for each other."""

MOST_SENTENCES = 4000
"""Sentences of all languages together: 200 in each of 20, of 205 languages 19 in each. Every two of
them are compared, so time and memory grow with the square."""

STEPS = 2
"""Steps of the stage that measuring a run takes."""

Vectors = NDArray[np.floating]
"""Of one language the vectors of the map's items in their order, (n, d)."""


class NotMeasured(Exception):
    """Why a run has no mixing, in one sentence for a person."""


def measure_run(
    job: Job,
    cache: Path,
    shown: MapSentences,
    before: Mapping[str, Vectors],
    after: Mapping[str, Vectors],
    steps: int = STEPS,
) -> dict[str, str]:
    """Measure the sentences of the map before and after training, and write the table and the
    arrays `mixing` among the results. steps: those of the whole stage; these are the first STEPS.

    Returns what the run's record says of it: `basis`, which is equal for runs whose numbers can be
    compared, or `missing`, why there are none. Raises what the job raises.
    """
    try:
        sentences = sentences_of(job.spec, shown)
        with told():
            old, new = sentences.space(before), sentences.space(after)
        job.report("measuring", 0, steps)
        with told():
            untouched = measured_once(cache, old, measure)
        job.report("measuring", 1, steps)
        with told():
            mixing = Mixing(untouched, measure(new))
    except NotMeasured as reason:
        return {"basis": "", "missing": str(reason)}
    job.report("measuring", 2, steps)
    job.write_table("mixing", mixing.table())
    job.write_arrays("mixing", mixing.to_arrays())
    return {"basis": sentences.basis, "missing": ""}


@dataclass(frozen=True)
class Sentences:
    """The sentences that are measured: the same ones in every language, sorted by language."""

    items: dict[str, list[Item]]
    sources: frozenset[str]

    @property
    def labels(self) -> tuple[str, ...] | None:
        """The class of each; None where one has no single class: its words have tags, say, or its
        translations different labels."""
        found = [{item.label for item in same} for same in zip(*self.items.values(), strict=True)]
        if any(len(labels) > 1 or "" in labels for labels in found):
            return None
        return tuple(label for labels in found for label in labels)

    @property
    def basis(self) -> str:
        """16 hex digits that are others where other sentences are measured, or in another way."""
        digest = hashlib.sha256(str(MEASURING_VERSION).encode())
        for lang, items in self.items.items():
            digest.update(f"\n{lang}".encode())
            for item in items:
                digest.update(f" {item_key(item):016x}{item.label}".encode())
        return digest.hexdigest()[:16]

    def first(self, count: int) -> Sentences:
        """The first of them, so many in each language."""
        return replace(self, items={lang: items[:count] for lang, items in self.items.items()})

    def space(self, vectors: Mapping[str, Vectors]) -> Space:
        """The space of their vectors, which are the first of the map's. Raises as Space does."""
        stacked = np.stack([vectors[lang][: len(items)] for lang, items in self.items.items()])
        return Space(stacked, tuple(self.items), self.sources, self.labels)


def sentences_of(spec: RunSpec, shown: MapSentences) -> Sentences:
    """As many of the map's sentences as can be measured. Raises NotMeasured."""
    if spec.method != "finetune":
        raise NotMeasured("A probe leaves the embeddings as they are, so nothing can have mingled.")
    if len(spec.targets) < 2:
        raise NotMeasured("Mixing needs two languages or more, and the run has one target.")
    if shown.untranslated:
        raise NotMeasured(shown.untranslated)
    languages = sorted(shown.items)
    size = min(shown.number, MOST_SENTENCES // len(languages))
    if size < FEWEST_ITEMS:
        raise NotMeasured(
            f"Only {size} sentences could be compared in each of {len(languages)} targets, and "
            f"mixing needs {FEWEST_ITEMS}."
        )
    items = {lang: shown.items[lang][:size] for lang in languages}
    return Sentences(items, frozenset(spec.sources))


@contextmanager
def told() -> Iterator[None]:
    """Whatever goes wrong becomes NotMeasured: training may have taken hours. What ends a run, as a
    report may, passes."""
    try:
        yield
    except (NotMeasured, Cancelled, ClaimLost):
        raise
    except UserError as error:
        raise NotMeasured(str(error)) from error
    except Exception as error:
        traceback.print_exc()
        raise NotMeasured(
            f"Measuring failed ({type(error).__name__}: {' '.join(str(error).split())[:300]}); the "
            "run's log has more."
        ) from error


def measured_once(
    cache: Path, space: Space, measuring: Callable[[Space], Measured], kind: str = ""
) -> Measured:
    """The measurement of the untouched model: one for all runs with the same vectors, languages,
    sources and classes. kind: tells the ways of measuring apart."""
    digest = hashlib.sha256(space.vectors.tobytes())
    split = (space.languages, space.members("seen"), space.labels, space.vectors.shape)
    digest.update(f"{(MEASURING_VERSION, *split)!r}{kind}".encode())
    path = cache / "mixing" / f"{digest.hexdigest()[:16]}.safetensors"
    try:
        return from_arrays(load_file(path))
    except (FileNotFoundError, SafetensorError, KeyError, ValueError):
        found = measuring(space)  # a broken cache is computed anew
    replace_arrays(path, to_arrays(found))
    return found
