"""Maps of sentence embeddings: asked for by a page, computed by a process that the worker starts.

    python -m mslt_core.jobs.maps --home .mslt --key 0123456789abcdef

The files between them are in map_files.py; they survive the death of page, worker and machine.
"""

from __future__ import annotations

import argparse
import errno
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mslt_core.analysis.projection import project
from mslt_core.analysis.threads import one_thread
from mslt_core.jobs.engines import supervisor_pid
from mslt_core.jobs.machine import cores_of_each
from mslt_core.jobs.map_files import Map, MapFiles, MapSpec, When
from mslt_core.jobs.processes import end_with
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError, WorkFailed

__all__ = ["POINTS", "Map", "MapSpec", "MapState", "ask", "compute"]

POINTS = 1000
"""Points a panel, at most: as many sentences of each language as that allows."""
RETRY_SECONDS = 60.0
"""How long a failure holds that may pass: a run may be trained again, a cache filled."""

Vectors = Mapping[str, NDArray[Any]]
"""(sentences, dimensions) by language."""


class Impossible(WorkFailed):
    """Why there can be no map of these runs, now or later."""


@dataclass(frozen=True)
class MapState:
    """What has become of a map that was asked for."""

    map: Map | None
    """There once it was computed."""
    failed: str
    """Else why it cannot be computed, in one sentence; empty while it is waited for."""


def ask(store: Store, spec: MapSpec) -> MapState:
    """The map if it was computed; else asks for it, so that a worker computes it, or tells why not.
    Returns at once; the caller sees to it that there is a worker."""
    files = MapFiles(store)
    found = files.read(spec.key)
    if found is not None:
        return MapState(found, "")
    failed = files.failure(spec.key)
    if not failed:
        try:
            files.ask(spec)
        except OSError as error:
            failed = _sentence(error, store)
    return MapState(None, failed)


def compute(store: Store, spec: MapSpec) -> Map:
    """Computes a map in this process, unless that was done before, and keeps it.

    Raises WorkFailed or BadArgument, in one sentence, when it cannot be computed; OSError when it
    cannot be kept.
    """
    files = MapFiles(store)
    found = files.read(spec.key)
    if found is None:
        found = _compute(store, spec)
        files.keep(spec.key, found)
    else:
        files.settle(spec.key)
    return found


def answer(store: Store, key: str) -> None:
    """Answers a request with a map, or with the reason why not. Raises OSError when not even that
    can be written."""
    files = MapFiles(store)
    spec = files.request(key)
    if spec is None:
        return
    try:
        compute(store, spec)
    except Impossible as error:
        files.fail(key, str(error))
    except UserError as error:
        files.fail(key, str(error), RETRY_SECONDS)
    except Exception as error:
        traceback.print_exc()
        files.fail(key, _sentence(error, store), RETRY_SECONDS)


def _compute(store: Store, spec: MapSpec) -> Map:
    panels = [_vectors(store, spec, run_id, when) for run_id, when in spec.panels]
    common = sorted(set.intersection(*(set(panel) for panel in panels)))
    _check(panels, common)
    numbered = {
        str(number): {lang: panel[lang] for lang in common} for number, panel in enumerate(panels)
    }
    items = max(2, POINTS // len(common))
    try:
        with one_thread():  # of all but t-SNE, which is told its number of threads
            found = project(numbered, items, spec.method, cores_of_each())
    except ValueError as error:
        raise Impossible(f"These runs have no map: {error}.") from error
    types = {"panel": np.int64, "x": np.float32, "y": np.float32}
    return Map(found.points.astype(types), tuple(found.trustworthiness.values()), found.variance)


def _vectors(store: Store, spec: MapSpec, run_id: str, when: When) -> Vectors:
    """The vectors of one panel. Raises WorkFailed when they are not stored."""
    found: Vectors
    which = ""
    if spec.layer is not None and spec.pooling is not None:
        found = store.layer_vectors(run_id, when, spec.pooling, spec.layer)
        which = f" of layer {spec.layer}"
    else:
        found = store.pretrained(run_id) if when == "before" else store.embeddings(run_id)
    if found:
        return found
    if when == "before":
        raise WorkFailed(
            f"The sentence vectors{which} from before the training of run {run_id} are not stored: "
            "they are made again by the next run on the same model, task and targets."
        )
    raise WorkFailed(
        f"Run {run_id} keeps no sentence vectors{which} from after its training: show it before "
        "training, or another run."
    )


def _check(panels: list[Vectors], common: list[str]) -> None:
    """Raises Impossible for panels that cannot stand in one projection."""
    sizes = sorted({int(rows.shape[1]) for panel in panels for rows in panel.values()})
    if len(sizes) > 1:
        raise Impossible(
            "The sentence vectors of these models differ in size "
            f"({', '.join(map(str, sizes))}), so one projection cannot show them: show models of "
            "one size."
        )
    if len(common) < 2:
        raise Impossible(
            "A map needs two languages or more that all runs in it were tested on, and these have "
            f"{common[0] if common else 'none'} in common: show runs with more of the same targets."
        )
    if min(len(panel[lang]) for panel in panels for lang in common) < 2:
        raise Impossible(
            "A map needs two sentences or more of each language, and of some there is one: show "
            "runs with more test sentences."
        )
    if not all(np.isfinite(panel[lang]).all() for panel in panels for lang in common):
        raise Impossible(
            "Some sentence vectors of these runs are no finite numbers, so they have no place on a "
            "map: training may have diverged, so try a lower learning rate."
        )


def _sentence(error: Exception, store: Store) -> str:
    """What went wrong, in one sentence for a person."""
    if isinstance(error, MemoryError):
        return "The memory ran out: show fewer runs on the map, or close other programs."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk that holds {store.home} is full: free some room, or set MSLT_HOME to a "
            "folder on another disk."
        )
    text = " ".join(str(error).split())[:300]
    return f"The map could not be computed ({type(error).__name__}: {text})."


def main() -> None:
    """Answer one request, unless the worker that started this process is gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--key", required=True)
    arguments = parser.parse_args()
    end_with(supervisor_pid())
    try:
        answer(Store(arguments.home), arguments.key)
    except (UserError, OSError) as error:  # such as a full disk, which keeps it from answering
        sys.exit(str(error))


if __name__ == "__main__":
    main()
