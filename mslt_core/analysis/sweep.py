"""Linear probes of many source sets at once, from embeddings that are there.

What the sets share is done once: items are put in order once for each language and seed, and
vectors are looked up by number. So all 127 sets of seven languages cost little but their fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.analysis.probe import fit_predict
from mslt_core.catalog.sampling import Example, ordered, take
from mslt_core.catalog.tasks import Item, Task
from mslt_core.spec import RunSpec

COLUMNS = ["sources", "seed", "target", "accuracy", "n"]


@dataclass(frozen=True)
class Embedded:
    """Items of one language and split, and their vectors, float32 (items, d)."""

    items: list[Item]
    vectors: NDArray[np.float32]


class Sweep:
    """Probes of a task whose items have one label each.

    train: of each possible source all its training items; test: of each target its test items.
    Raises ValueError where items and vectors are not equally many.
    """

    def __init__(self, task: Task, train: dict[str, Embedded], test: dict[str, Embedded]) -> None:
        for part in (*train.values(), *test.values()):
            if len(part.items) != len(part.vectors):
                raise ValueError(f"{len(part.items)} items have {len(part.vectors)} vectors")
        self._task = task
        self._train = train
        self._test = test
        self._places = {
            lang: {item.id: i for i, item in enumerate(part.items)} for lang, part in train.items()
        }
        self._gold = {
            lang: np.array([item.label for item in part.items]) for lang, part in test.items()
        }
        self._ordered = lru_cache(maxsize=None)(self._in_order)

    def accuracies(self, specs: Iterable[RunSpec]) -> pd.DataFrame:
        """One row a spec and target: sources (a tuple), seed, target, accuracy (0 to 1), n (items).

        Each set is sampled as a run of its spec is. Raises BadArgument, as `sampling.sample` does,
        where a source has too few items; KeyError for a language without vectors.
        """
        rows = [
            (spec.sources, spec.seed, target, float(np.mean(part)), len(part))
            for spec in specs
            for target, part in self.right(spec).items()
        ]
        return pd.DataFrame(rows, columns=COLUMNS)

    def right(self, spec: RunSpec) -> dict[str, NDArray[np.bool_]]:
        """Of each target whether its test items are answered rightly, in their order. Raises as
        `accuracies` does."""
        examples = self.examples(spec)
        places = [self._places[example.language][example.item.id] for example in examples]
        rows = zip(examples, places, strict=True)
        train = np.stack([self._train[example.language].vectors[i] for example, i in rows])
        tests = [self._test[target].vectors for target in spec.targets]
        names = [example.item.label for example in examples]
        said = fit_predict(train, names, np.concatenate(tests))
        answers = np.split(said, np.cumsum([len(part) for part in tests])[:-1])
        return {
            target: self._gold[target] == given
            for target, given in zip(spec.targets, answers, strict=True)
        }

    def examples(self, spec: RunSpec) -> list[Example]:
        """What `sampling.sample` gives for a spec. Raises BadArgument where a source has too few
        items; KeyError for a language without vectors."""
        pools = {lang: self._ordered(lang, spec.seed) for lang in spec.sources}
        return take(self._task, spec, pools)

    def _in_order(self, language: str, seed: int) -> dict[str, Item]:
        return ordered(self._train[language].items, seed)
