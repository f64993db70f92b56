"""Which items a run trains on: a fixed total budget, shared by the sources, paired by seed.

The order of items is one seeded permutation that all source sets share: items are sorted by a
hash of seed and id. So the same seed gives any two source sets the most similar training data
that their languages allow, and the order does not depend on which other items exist.
"""

from __future__ import annotations

import hashlib
import heapq
from dataclasses import dataclass

from mslt_core.catalog.tasks.base import Item, Task
from mslt_core.spec import BadArgument, RunSpec


@dataclass(frozen=True)
class Example:
    """An item and the language that it is in."""

    language: str
    item: Item


def check_budget(task: Task, spec: RunSpec) -> None:
    """Raise BadArgument where the task cannot give what the spec asks for, judged by its sizes
    alone, so that a person is told before anything is queued."""
    if spec.sampling == "parallel" and not task.parallel:
        raise BadArgument(
            f"sampling is 'parallel', but the items of {task.name} are not translations of "
            "one another: take 'disjoint'."
        )
    sizes = dict(task.sizes().set_index("language")["train"])
    for lang, share in spec.shares().items():
        if share > sizes[lang]:
            _refuse(task, spec, lang, share, int(sizes[lang]))
    if spec.sampling == "disjoint" and task.parallel and spec.budget > max(sizes.values()):
        raise BadArgument(
            f"budget is {spec.budget}, but {task.name} has {max(sizes.values())} different "
            "training items, and 'disjoint' sampling uses each in one language only: lower the "
            "budget, or take 'parallel'."
        )


def sample(task: Task, spec: RunSpec) -> list[Example]:
    """The training examples of a run: `spec.budget` of them, grouped by source language.

    `disjoint` gives no item id to two sources; `parallel` gives all sources the same ids.
    Raises BadArgument, naming the language and its size, when a source has too few items.
    """
    check_budget(task, spec)
    # The others take less than the budget, so what comes after it cannot be reached.
    most = spec.budget if spec.sampling == "disjoint" else None
    pools = {lang: ordered(task.items(lang, "train"), spec.seed, most) for lang in spec.sources}
    return take(task, spec, pools)


def take(task: Task, spec: RunSpec, pools: dict[str, dict[str, Item]]) -> list[Example]:
    """As `sample`, from the training items of each source as `ordered` gives them: for many source
    sets of one seed, which share them. The budget is not checked but where items run out."""
    if spec.sampling == "parallel":
        pools = _shared({lang: pools[lang] for lang in spec.sources})
    taken: set[str] = set()
    examples: list[Example] = []
    for lang, share in spec.shares().items():
        free = [item for key, item in pools[lang].items() if key not in taken]
        if len(free) < share:
            _refuse(task, spec, lang, share, len(free))
        chosen = free[:share]
        if spec.sampling == "disjoint":
            taken.update(item.id for item in chosen)
        examples.extend(Example(lang, item) for item in chosen)
    return examples


def map_sample(task: Task, languages: tuple[str, ...], n: int = 200) -> dict[str, list[Item]]:
    """Test items for the embedding map: equally many of each language, at most n, the same for
    every run; in a parallel task the same items in every language, in the same order."""
    return of_map({lang: task.items(lang, "test") for lang in languages}, task.parallel, n)


def of_map(tests: dict[str, list[Item]], parallel: bool, n: int = 200) -> dict[str, list[Item]]:
    """As `map_sample`, from all the test items of each language: the ids alone decide."""
    pools = {lang: ordered(items, seed=0) for lang, items in tests.items()}
    if parallel:
        pools = _shared(pools)
    size = min(n, *(len(items) for items in pools.values()))
    return {lang: list(items.values())[:size] for lang, items in pools.items()}


def _shared(pools: dict[str, dict[str, Item]]) -> dict[str, dict[str, Item]]:
    """The items that every language has, in each language's order."""
    shared = set.intersection(*(set(items) for items in pools.values()))
    return {
        lang: {key: item for key, item in items.items() if key in shared}
        for lang, items in pools.items()
    }


def ordered(items: list[Item], seed: int, most: int | None = None) -> dict[str, Item]:
    """Items by id, in the order that the seed gives; only the first of them, if told how many."""

    def rank(item: Item) -> bytes:
        return hashlib.sha256(f"{seed}:{item.id}".encode()).digest()

    found = sorted(items, key=rank) if most is None else heapq.nsmallest(most, items, key=rank)
    return {item.id: item for item in found}


def _refuse(task: Task, spec: RunSpec, lang: str, share: int, free: int) -> None:
    raise BadArgument(
        f"budget is {spec.budget}, so {lang} must give {share} training items, but {task.name} "
        f"has {free} for it: lower the budget or add sources."
    )
