"""Arrays that belong to items, kept on disk: computed once for each item, whoever asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from mslt_core.catalog.tasks import Item
from mslt_core.jobs.artefacts import replace_arrays
from mslt_core.training.inputs import item_key
from mslt_core.training.sharing import WAIT_SECONDS, Progress, after, locked

Arrays = tuple[NDArray[Any], ...]
"""What belongs to one item: an array for each part. Their lengths are the item's own."""
Known = dict[int, Arrays]
Compute = Callable[[dict[str, list[Item]], Progress], Iterable[Arrays]]
"""Gives the arrays of these languages' items, language by language, one item after another, and
says how many are done."""


def kept(
    paths: dict[str, Path],
    parts: tuple[str, ...],
    wanted: dict[str, list[Item]],
    compute: Compute,
    progress: Progress = lambda done, total: None,
    at_a_time: int | None = None,
) -> dict[str, list[Arrays]]:
    """Of each language's items the arrays, from the language's file; what is not there is computed
    and added to it.

    parts: names of an item's arrays. An item is known by its content, so changed data is never
    answered from old arrays; all else that shows in them must be part of the path. at_a_time:
    languages that are computed together; None: all. Processes that want the same languages at once
    share the work: each computes what no other is at, and takes the rest from the files.
    """
    keys = {lang: [item_key(item) for item in items] for lang, items in wanted.items()}
    known = {lang: _read(paths[lang], parts) for lang in wanted}
    counts = {lang: len(set(keys[lang]) - known[lang].keys()) for lang in wanted}
    missing = {lang: count for lang, count in counts.items() if count}
    done, total = 0, sum(missing.values())
    while missing:
        with locked({lang: paths[lang] for lang in missing}, at_a_time) as own:
            new_items: dict[str, dict[int, Item]] = {}
            for lang in own:
                known[lang] = _read(paths[lang], parts)  # again: another may have added to it
                items = dict(zip(keys[lang], wanted[lang], strict=True))
                if new := {key: item for key, item in items.items() if key not in known[lang]}:
                    new_items[lang] = new
            if new_items:
                asked = {lang: list(items.values()) for lang, items in new_items.items()}
                fresh = iter(compute(asked, after(done, total, progress)))
                for lang, items in new_items.items():
                    known[lang] |= {key: next(fresh) for key in items}
                    _write(paths[lang], parts, known[lang])
        done += sum(missing.pop(lang) for lang in own)
        progress(done, total)
        if not own:
            time.sleep(WAIT_SECONDS)
    return {lang: [known[lang][key] for key in keys[lang]] for lang in wanted}


def _read(path: Path, parts: tuple[str, ...]) -> Known:
    try:
        arrays = load_file(path)
        split = [
            np.split(arrays[part], np.cumsum(arrays[f"{part}_of"])[:-1])  # one array an item
            for part in parts
        ]
        return dict(zip(arrays["keys"].tolist(), zip(*split, strict=True), strict=True))
    except (OSError, SafetensorError, KeyError, ValueError):
        return {}  # a broken cache is computed anew


def _write(path: Path, parts: tuple[str, ...], known: Known) -> None:
    arrays = {"keys": np.fromiter(known, dtype=np.uint64, count=len(known))}
    for part, found in zip(parts, zip(*known.values(), strict=True), strict=True):
        arrays[part] = np.concatenate(found)
        arrays[f"{part}_of"] = np.array([len(one) for one in found])
    replace_arrays(path, arrays)


def halved(numbers: NDArray[np.float32]) -> NDArray[np.floating]:
    """The same as float16, or as they are where one of them is too large for it."""
    with np.errstate(over="ignore"):
        half = numbers.astype(np.float16)
    return half if np.isfinite(half).all() else numbers
