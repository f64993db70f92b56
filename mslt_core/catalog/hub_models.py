"""Models of the hub: the copy in the local cache, and what the hub says of one that is not there.

Only `revision` and `parameters` ask the hub, and of each model once.
"""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path

from mslt_core.catalog import model_facts
from mslt_core.spec import WorkFailed

ASK_SECONDS = 10
"""How long an answer of the hub is waited for, and after how long without one it is asked again."""

_revisions: dict[str, str] = {}
_failures: dict[str, tuple[float, str]] = {}
"""Models that the hub was asked for in vain: when, and how that is told."""


def newest_copy(hub_id: str) -> Path | None:
    """The newest copy in the local hub cache, one with all of its weights before any other."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    folder = repo_folder_name(repo_id=hub_id, repo_type="model")
    snapshots = Path(constants.HF_HUB_CACHE) / folder / "snapshots"
    # A download by commit leaves no branch name behind, so the folders themselves are looked at.
    copies = [path.parent for path in snapshots.glob(f"*/{model_facts.CONFIG}")]
    order = [(model_facts.has_weights(path), path.stat().st_mtime, path) for path in copies]
    return max(order)[-1] if order else None


def revision(hub_id: str, hint: str = "") -> str:
    """The commit of the newest whole copy if there is one, which works offline and keeps a study
    on one model; else of the hub, whose small files are then fetched into the cache.

    hint: what to do where the hub has no weights that are loaded.
    Raises WorkFailed when the hub cannot be asked or has no such weights.
    """
    copy = newest_copy(hub_id)
    if copy and model_facts.has_weights(copy):
        return copy.name
    if hub_id in _revisions:
        return _revisions[hub_id]
    when, failure = _failures.get(hub_id, (0.0, ""))
    # A page asks whenever it is drawn, and should not wait for nothing each time.
    if failure and time.monotonic() - when < ASK_SECONDS:
        raise WorkFailed(failure)
    try:
        _revisions[hub_id] = _ask(hub_id, hint)
    except WorkFailed as error:
        _failures[hub_id] = (time.monotonic(), str(error))
        raise
    return _revisions[hub_id]


@lru_cache(maxsize=64)
def parameters(hub_id: str) -> int | None:
    """Numbers in the encoder of a model on the hub, from the headers of its weights; None if the
    hub does not tell them."""
    from huggingface_hub import HfApi

    try:
        found = HfApi().get_safetensors_metadata(
            hub_id, revision=_revisions.get(hub_id), timeout=ASK_SECONDS
        )
    except Exception:
        return None
    tensors: dict[str, list[int]] = {}
    for file in found.files_metadata.values():
        tensors |= {name: list(tensor.shape) for name, tensor in file.tensors.items()}
    return model_facts.count(tensors)


def _ask(hub_id: str, hint: str) -> str:
    from huggingface_hub import HfApi, hf_hub_download

    try:
        found = HfApi().model_info(hub_id, timeout=ASK_SECONDS)
    except Exception as error:
        raise WorkFailed(
            f"The model {hub_id} is neither in the local hub cache nor reachable on the hub "
            f"({type(error).__name__}): check the id and the network, or name a local folder."
        ) from None
    names = {file.rfilename for file in found.siblings or ()}
    if not any(name.endswith(".safetensors") for name in names):
        raise WorkFailed(
            f"The model {hub_id} has no safetensors weights on the hub, and other formats are not "
            f"loaded, because they can run code. {hint}".strip()
        )
    commit = str(found.sha)
    for name in sorted(names & {model_facts.CONFIG, model_facts.POOLING, model_facts.README}):
        try:
            hf_hub_download(hub_id, name, revision=commit, etag_timeout=ASK_SECONDS)
        except Exception:
            break  # then less is known of it until it is loaded
    return commit
