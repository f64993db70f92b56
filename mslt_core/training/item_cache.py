"""Arrays that belong to items, kept on disk: computed once for each item, whoever asks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from mslt_core.catalog.tasks import Item
from mslt_core.training.inputs import item_key

Arrays = tuple[NDArray[Any], ...]
"""What belongs to one item: an array for each part. Their lengths are the item's own."""
Known = dict[int, Arrays]
Compute = Callable[[dict[str, list[Item]]], Iterable[Arrays]]
"""Gives the arrays of these languages' items, language by language, one item after another."""


def kept(
    paths: dict[str, Path], parts: tuple[str, ...], wanted: dict[str, list[Item]], compute: Compute
) -> dict[str, list[Arrays]]:
    """Of each language's items the arrays, from the language's file; what is not there is computed
    and added to it.

    parts: names of an item's arrays. An item is known by its content, so changed data is never
    answered from old arrays; all else that shows in them must be part of the path.
    """
    known = {lang: _read(paths[lang], parts) for lang in wanted}
    keys = {lang: [item_key(item) for item in items] for lang, items in wanted.items()}
    missing: dict[str, dict[int, Item]] = {}
    for lang, items in wanted.items():
        new = {k: item for k, item in zip(keys[lang], items, strict=True) if k not in known[lang]}
        if new:
            missing[lang] = new
    if missing:
        fresh = iter(compute({lang: list(new.values()) for lang, new in missing.items()}))
        for lang, new in missing.items():
            known[lang] |= {key: next(fresh) for key in new}
            _write(paths[lang], parts, known[lang])
    return {lang: [known[lang][key] for key in keys[lang]] for lang in wanted}


def _read(path: Path, parts: tuple[str, ...]) -> Known:
    try:
        arrays = load_file(path)
        split = [
            np.split(arrays[part], np.cumsum(arrays[f"{part}_of"])[:-1])  # one array an item
            for part in parts
        ]
    except (FileNotFoundError, SafetensorError, KeyError):
        return {}  # a broken cache is computed anew
    return dict(zip(arrays["keys"].tolist(), zip(*split, strict=True), strict=True))


def _write(path: Path, parts: tuple[str, ...], known: Known) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {"keys": np.fromiter(known, dtype=np.uint64, count=len(known))}
    for part, found in zip(parts, zip(*known.values(), strict=True), strict=True):
        arrays[part] = np.concatenate(found)
        arrays[f"{part}_of"] = np.array([len(one) for one in found])
    temporary = path.with_suffix(f".{os.getpid()}")
    save_file(arrays, temporary)
    temporary.replace(path)
