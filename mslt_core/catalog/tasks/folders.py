"""Where a public data set is found: the folder that MSLT_DATASETS names, else the hub."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

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


def find(repository: str) -> DatasetFolder:
    """The data set `owner/name`, from $MSLT_DATASETS/owner/name if that is there, else the hub.

    Raises WorkFailed, saying where it was looked for, when it is in neither place.
    """
    datasets = datasets_folder()
    if datasets:
        local = Path(datasets) / repository
        if local.is_dir():
            files = (path.relative_to(local).as_posix() for path in local.rglob("*"))
            return DatasetFolder(str(local.resolve()), tuple(sorted(files)))
    # The hub's answer is kept for a while, so that a page does not ask at every click.
    return _on_hub(repository, datasets, int(time.monotonic() // HUB_SECONDS))


@lru_cache(maxsize=64)
def _on_hub(repository: str, datasets: str, period: int) -> DatasetFolder:
    # Only what was found is kept here: a failure is tried again on the next call.
    from huggingface_hub import HfApi

    try:
        info = HfApi().dataset_info(repository, timeout=10)
    except Exception as error:
        where = f"in MSLT_DATASETS ({datasets})" if datasets else "here (MSLT_DATASETS is not set)"
        raise WorkFailed(
            f"The data set {repository} is neither {where} nor reachable on the hub "
            f"({type(error).__name__}): set MSLT_DATASETS to a folder that holds {repository}/, "
            "or check the network."
        ) from None
    root = f"hf://datasets/{repository}@{info.sha}"
    files = (sibling.rfilename for sibling in info.siblings or [])
    return DatasetFolder(root, tuple(sorted(files)), str(info.sha))


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
