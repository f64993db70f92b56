"""Where a public data set is found: the folder that MSLT_DATASETS names, else the hub."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from mslt_core.spec import WorkFailed, datasets_folder

HUB_SECONDS = 300
"""How long an answer of the hub is kept."""


@dataclass(frozen=True)
class DatasetFolder:
    """The files of one hub repository, wherever they are.

    root is a local folder or a `hf://` address pinned to a commit, so that `datasets` reads both
    in the same way; revision is that commit, or "" for a local folder.
    """

    root: str
    files: tuple[str, ...]
    revision: str = ""
    rows: Mapping[tuple[str, str], int] = field(default_factory=dict, compare=False)
    """Numbers of rows by configuration and split, as the data card on the hub tells them; empty
    for a local folder, and where the card is silent."""

    def path(self, file: str) -> str:
        """Address of one file, as `datasets` takes it."""
        return f"{self.root}/{file}"

    def digest(self, files: list[str]) -> str:
        """Changes whenever one of these files may have changed."""
        digest = hashlib.sha256(self.revision.encode())
        for file in sorted(files):
            digest.update(file.encode())
            if not self.revision:
                digest.update(_file_digest(self.path(file)))
        return digest.hexdigest()


def find(repository: str, revision: str = "main") -> DatasetFolder:
    """The data set `owner/name`, from $MSLT_DATASETS/owner/name if that is there, else the hub, at
    the commit that the branch `revision` now has there.

    Raises WorkFailed, saying where it was looked for, when it is in neither place.
    """
    # The hub's answer is kept for a while, so that a page does not ask at every click.
    period = int(time.monotonic() // HUB_SECONDS)
    return local(repository) or _on_hub(repository, revision, datasets_folder(), period)


def local(repository: str) -> DatasetFolder | None:
    """The data set `owner/name` in $MSLT_DATASETS, None where it is not there."""
    datasets = datasets_folder()
    folder = Path(datasets) / repository
    if not datasets or not folder.is_dir():
        return None
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return DatasetFolder(str(folder.resolve()), tuple(sorted(files)))


@lru_cache(maxsize=64)
def _on_hub(repository: str, revision: str, datasets: str, period: int) -> DatasetFolder:
    # Only what was found is kept here: a failure is tried again on the next call.
    from huggingface_hub import HfApi

    try:
        info = HfApi().dataset_info(repository, revision=revision, timeout=10)
    except Exception as error:
        where = f"in MSLT_DATASETS ({datasets})" if datasets else "here (MSLT_DATASETS is not set)"
        raise WorkFailed(
            f"The data set {repository} is neither {where} nor reachable on the hub "
            f"({type(error).__name__}): set MSLT_DATASETS to a folder that holds {repository}/, "
            "or check the network."
        ) from None
    root = f"hf://datasets/{repository}@{info.sha}"
    files = (sibling.rfilename for sibling in info.siblings or [])
    return DatasetFolder(root, tuple(sorted(files)), str(info.sha), _rows(info.card_data))


def _rows(card: Any) -> dict[tuple[str, str], int]:
    """What a data card's `dataset_info` tells: a list, or of one configuration its entry alone.
    The card is a `DatasetCardData`, None where a branch has none."""
    told = (card.get("dataset_info") if card else None) or []
    return {
        (str(entry.get("config_name", "default")), split["name"]): int(split["num_examples"])
        for entry in (told if isinstance(told, list) else [told])
        for split in entry.get("splits") or []
    }


def _file_digest(path: str) -> bytes:
    try:
        status = os.stat(path)
        return _content_digest(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise WorkFailed(
            f"{path} cannot be read ({error.strerror}): look where MSLT_DATASETS points."
        ) from None


@lru_cache(maxsize=4096)
def _content_digest(path: str, size: int, mtime_ns: int) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
