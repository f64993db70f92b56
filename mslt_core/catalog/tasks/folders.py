"""Where a public data set is found: the folder that MSLT_DATASETS names, else the hub."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mslt_core.spec import WorkFailed


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
                status = os.stat(self.path(file))
                digest.update(_content_digest(self.path(file), status.st_size, status.st_mtime_ns))
        return digest.hexdigest()


@lru_cache(maxsize=4096)
def _content_digest(path: str, size: int, mtime_ns: int) -> bytes:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def find(repository: str) -> DatasetFolder:
    """The data set `owner/name`, from $MSLT_DATASETS/owner/name if that is there, else the hub.

    Raises WorkFailed, saying where it was looked for, when it is in neither place.
    """
    return _find(repository, os.environ.get("MSLT_DATASETS", ""))


@lru_cache(maxsize=64)
def _find(repository: str, datasets: str) -> DatasetFolder:
    # Only what was found is kept here: a failure is tried again on the next call.
    if datasets:
        local = Path(datasets) / repository
        if local.is_dir():
            files = (path.relative_to(local).as_posix() for path in local.rglob("*"))
            return DatasetFolder(str(local.resolve()), tuple(sorted(files)))
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
