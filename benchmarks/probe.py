"""How fast linear probes are once the embeddings are there: one source set, and all 127 of seven.

    .venv/bin/python -m benchmarks.probe [--json] [--short] [--store FOLDER]

A child embeds the task with me5-small through the product's own cache, in a fresh store or in the
one that is named; its time is told apart. Then this process, which has no torch, probes: one source
set (several times), and all sets of the seven languages with three seeds (--short: one), budget 700
and 20 targets each, on SIB-200, or on the bundled task `intents` where that is not found. A sweep's
seconds have in them all but the embedding: reading the vectors' file, sampling, fits, scores.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import (
    PREFERRED_TARGETS,
    Sheet,
    child,
    environment,
    in_markdown,
    spread,
    tell,
    temporary_home,
)
from mslt_core.analysis.sweep import Embedded, Sweep
from mslt_core.catalog.resolve import testable
from mslt_core.catalog.tasks import Item, Split, Task, task
from mslt_core.spec import RunSpec, UserError

POOL = ("ar", "de", "en", "es", "fr", "ru", "zh")
SEEDS, SHORT_SEEDS = (0, 1, 2), (0,)
TIMES = 5
"""How often one set is probed."""
SHOWN = (("en",), ("ar", "de", "zh"), POOL)
"""Source sets whose accuracy is told, to be compared with what is known of them."""
VECTORS = "vectors.npz"


def chosen_task() -> Task:
    """SIB-200 if it is here, else the bundled task."""
    try:
        found = task("sib200")
        found.items("en", "test")
        return found
    except UserError as error:
        print(f"{error} Taking intents instead.", file=sys.stderr)
        return task("intents")


def spec_of(chosen: Task, sources: tuple[str, ...], seed: int) -> RunSpec:
    """The probe of one source set."""
    targets = tuple(lang for lang in PREFERRED_TARGETS if lang in testable(chosen))
    return RunSpec("me5-small", chosen.name, sources, targets, "probe", budget=700, seed=seed)


def embed(home: Path) -> None:
    """What the child does: all that the probes need, into one file beside the cache."""
    from mslt_core.catalog import models
    from mslt_core.training.device import choose_device
    from mslt_core.training.embed import PretrainedEmbeddings
    from mslt_core.training.encoders import load_source

    chosen = chosen_task()
    spec, card = spec_of(chosen, POOL, 0), models.card("me5-small")
    source = load_source(card, models.fingerprint(card))
    cache = PretrainedEmbeddings(home / "cache", source, choose_device())
    wanted = {(lang, "test"): chosen.items(lang, "test") for lang in spec.targets}
    wanted |= {(lang, "train"): chosen.items(lang, "train") for lang in POOL}
    items: dict[str, list[Item]] = {}
    for (lang, _), part in wanted.items():
        items.setdefault(lang, []).extend(part)
    found = cache.vectors(chosen.name, items, spec.max_length, lambda done, total: None)
    given = {lang: iter(rows) for lang, rows in found.items()}
    arrays = {
        _array(lang, split): np.concatenate([next(given[lang]) for _ in part])
        for (lang, split), part in wanted.items()
    }
    np.savez(home / VECTORS, **arrays)


def sweep_of(chosen: Task, home: Path) -> Sweep:
    """A sweep over the vectors that the child has written."""
    targets = spec_of(chosen, POOL, 0).targets
    with np.load(home / VECTORS) as arrays:

        def embedded(lang: str, split: Split) -> Embedded:
            return Embedded(chosen.items(lang, split), arrays[_array(lang, split)])

        train = {lang: embedded(lang, "train") for lang in POOL}
        test = {lang: embedded(lang, "test") for lang in targets}
    return Sweep(chosen, train, test)


def _array(lang: str, split: str) -> str:
    return f"{split}-{lang}"


def measure(home: Path, seeds: tuple[int, ...]) -> dict[str, Any]:
    """Embed in a child, then probe here."""
    started = time.perf_counter()
    child(["benchmarks.probe", "--embed", str(home)], environment(home))
    embedding = time.perf_counter() - started
    chosen = chosen_task()
    base = spec_of(chosen, ("en",), 0)
    started = time.perf_counter()
    sweep_of(chosen, home).accuracies([base])  # imports scikit-learn too
    first = time.perf_counter() - started
    ones = []
    for number in range(TIMES):
        started = time.perf_counter()
        sweep_of(chosen, home).accuracies([replace(base, sources=("ar", "de", "zh"), seed=number)])
        ones.append(time.perf_counter() - started)
    sets = [part for k in range(1, len(POOL) + 1) for part in combinations(POOL, k)]
    specs = [replace(base, sources=sources, seed=seed) for seed in seeds for sources in sets]
    started = time.perf_counter()
    found = sweep_of(chosen, home).accuracies(specs)
    seconds = time.perf_counter() - started
    means = found.groupby("sources", sort=False)["accuracy"].mean()
    return {
        "task": chosen.name,
        "targets": len(base.targets),
        "sets": len(sets),
        "seeds": len(seeds),
        "embedding_seconds": embedding,
        "first_set_seconds": first,
        "one_set_seconds": spread(ones),
        "all_sets_seconds": seconds,
        "fits_per_second": len(specs) / seconds,
        "torch": "torch" in sys.modules,
        "accuracy": {",".join(sources): float(means[sources]) for sources in SHOWN},
    }


def sheets(result: dict[str, Any]) -> list[Sheet]:
    """The result as a table."""
    one = result["one_set_seconds"]
    rows = [
        ("first set in a fresh process, seconds", f"{result['first_set_seconds']:.2f}"),
        ("one set, seconds", f"{one['median']:.2f} ({one['min']:.2f}–{one['max']:.2f})"),
        (
            f"{result['sets']} sets × {result['seeds']} seeds × {result['targets']} targets, s",
            f"{result['all_sets_seconds']:.1f}",
        ),
        ("fits a second", f"{result['fits_per_second']:.1f}"),
        ("embedding once, seconds", f"{result['embedding_seconds']:.0f}"),
        *(
            (f"mean accuracy of {sources}", f"{value:.3f}")
            for sources, value in result["accuracy"].items()
        ),
    ]
    return [Sheet(f"Linear probes of {result['task']}, budget 700", ("what", "measured"), rows)]


def markdown(result: dict[str, Any]) -> str:
    """The section of a report."""
    return in_markdown(sheets(result))


def main() -> None:
    """Measure, and print a table or JSON."""
    if "--embed" in sys.argv:
        embed(Path(sys.argv[-1]))
        return
    with temporary_home() as fresh:
        named = sys.argv[sys.argv.index("--store") + 1] if "--store" in sys.argv else ""
        home = Path(named).absolute() if named else fresh
        os.environ.update(environment(home))
        result = measure(home, SHORT_SEEDS if "--short" in sys.argv else SEEDS)
    tell(result, sheets(result))


if __name__ == "__main__":
    main()
