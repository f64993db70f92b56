"""What a model's own files say of it, without its weights: its configuration, the headers of its
safetensors files, how it pools, and the front matter of its README.

The folder is one written by `save_pretrained`, or a snapshot in the hub's cache.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from mslt_core.catalog.languages import normalise
from mslt_core.spec import BadArgument

Pooling = Literal["mean", "first", "last"]
"""What of a text's token vectors stands for the text: their mean, or the first or last of them."""

CONFIG, POOLING, README = "config.json", "1_Pooling/config.json", "README.md"
"""The files that are read, beside the weights' headers."""
_WEIGHTS, _INDEX = "model.safetensors", "model.safetensors.index.json"

UNKNOWN_LICENCE = "see its page"

# The same size by the names that different kinds of model give it.
_LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
_HIDDEN = ("hidden_size", "n_embd", "d_model", "dim")

# Families of `model_type` that read from left to right, even when saved without their head.
_DECODERS = (
    *("bloom", "codegen", "cohere", "deepseek", "falcon", "gemma", "glm", "gpt", "granite"),
    *("llama", "ministral", "mistral", "mixtral", "modernbert-decoder", "mpt", "nemotron", "olmo"),
    *("openai-gpt", "opt", "phi", "qwen", "smollm", "stablelm", "starcoder", "xglm"),
)
# Encoders that can be saved with a causal head, and then still read both ways unless
# `is_decoder` is set; besides all that have "bert" in their name.
_EITHER = {"big_bird", "data2vec-text", "electra", "ernie", "roformer", "xlm", "xlnet", "xmod"}
_ENCODER_DECODERS = {"bart", "m2m_100", "marian", "mbart", "mt5", "t5", "umt5"}

# What the parts are called that hold a model's input embeddings. Their place in the names of the
# weights tells the encoder from the heads beside it.
_EMBEDDINGS = {"embeddings", "word_embeddings", "embed_tokens", "tok_embeddings", "embed_in", "wte"}
_NOT_TRAINED = {"position_ids", "token_type_ids", "inv_freq", "masked_bias"}

# Kinds of pooling of sentence-transformers, by the name of the switch in older files and by the
# value of `pooling_mode` in newer ones.
_POOLINGS: dict[str, Pooling] = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "first",
    "pooling_mode_lasttoken": "last",
    "mean": "mean",
    "cls": "first",
    "lasttoken": "last",
}


@dataclass(frozen=True)
class Facts:
    """Fields of a `ModelCard` that a folder tells; None, or empty, where it does not."""

    layers: int | None
    hidden: int | None
    parameters: int | None
    vocabulary: int | None
    positions: int | None
    licence: str
    pooling: Pooling
    decoder: bool
    languages: tuple[str, ...]
    note: str


def read(folder: Path, name: str = "") -> Facts:
    """What the files of a folder tell; read again only when one of them has changed.

    name: how people call the model, if not by its folder.
    Raises BadArgument when there is no configuration, a file is broken, or the model is of a kind
    that is not taken.
    """
    watched = (CONFIG, POOLING, README, _INDEX)
    files = [*(folder / name for name in watched), *sorted(folder.glob("*.safetensors"))]
    return _read(folder, name or str(folder), tuple(_state(path) for path in files))


def check_weights(folder: Path) -> None:
    """Raise BadArgument unless all of the weights are there, as safetensors."""
    files = _weights(folder)
    if not files:
        raise BadArgument(
            f"The folder {folder} holds no weights as {_WEIGHTS}; "
            "other formats are not loaded, because they can run code."
        )
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        raise BadArgument(
            f"The folder {folder} lacks {missing[0]}, which {_INDEX} names: copy the model again."
        )


def has_weights(folder: Path) -> bool:
    """Whether all of the weights are there, as safetensors."""
    files = _weights(folder)
    return bool(files) and all(path.is_file() for path in files)


@lru_cache(maxsize=256)
def _read(folder: Path, name: str, state: tuple[tuple[int, int], ...]) -> Facts:
    config = _config(folder)
    decoder = _is_decoder(config, name)
    pooling, note = _pooling(folder, "last" if decoder else "mean")
    licence, languages = _front_matter(folder)
    count = has_weights(folder) and "quantization_config" not in config
    return Facts(
        layers=_size(config, *_LAYERS),
        hidden=_size(config, *_HIDDEN),
        parameters=_parameters(folder) if count else None,
        vocabulary=_size(config, "vocab_size"),
        positions=_positions(config),
        licence=licence,
        pooling=pooling,
        decoder=decoder,
        languages=languages,
        note=note,
    )


def _state(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (-1, 0)
    return (status.st_size, status.st_mtime_ns)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadArgument(f"{path} cannot be read as JSON: {error}.") from None
    if not isinstance(found, dict):
        raise BadArgument(f"{path} is not a model's configuration: it holds no JSON object.")
    return found


def _config(folder: Path) -> dict[str, Any]:
    if not (folder / CONFIG).exists():
        raise BadArgument(
            f"The folder {folder} holds no model: there is no {CONFIG} in it. "
            "Name a folder written by save_pretrained."
        )
    return _json(folder / CONFIG)


def _size(config: dict[str, Any], *names: str) -> int | None:
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and value > 0:
            return value
    return None


def _positions(config: dict[str, Any]) -> int | None:
    found = _size(config, "max_position_embeddings", "n_positions")
    # Models of RoBERTa's kind count positions from the number of their padding on.
    if found and "roberta" in str(config.get("model_type", "")):
        return found - int(config.get("pad_token_id") or 0) - 1
    return found


def _is_decoder(config: dict[str, Any], model: str) -> bool:
    kind = str(config.get("model_type", ""))
    if config.get("is_encoder_decoder") is True or kind in _ENCODER_DECODERS:
        raise BadArgument(
            f"{model} is an encoder-decoder ({kind}), a kind that is not taken: name an encoder "
            "such as FacebookAI/xlm-roberta-base, or a decoder of the BLOOM, Qwen or Llama kind."
        )
    if config.get("use_bidirectional_attention") is True:  # embedding models made of decoders
        return False
    if config.get("is_decoder") is True or kind.startswith(_DECODERS):
        return True
    architectures = config.get("architectures") or []
    causal = any(str(name).endswith(("ForCausalLM", "LMHeadModel")) for name in architectures)
    return causal and "bert" not in kind and kind not in _EITHER


def _pooling(folder: Path, usual: Pooling) -> tuple[Pooling, str]:
    """How a model pools its texts, and a note where its authors do it in another way."""
    path = folder / POOLING
    if not path.exists():
        return usual, ""
    config = _json(path)
    named = config.get("pooling_mode")
    switched = [name for name, on in config.items() if name.startswith("pooling_mode_") and on]
    modes = [named] if isinstance(named, str) else switched
    if len(modes) == 1 and modes[0] in _POOLINGS:
        return _POOLINGS[modes[0]], ""
    theirs = " and ".join(mode.removeprefix("pooling_mode_") for mode in modes) or "none"
    return usual, f"Its authors pool by {theirs}; here it is pooled by {usual}."


def _front_matter(folder: Path) -> tuple[str, tuple[str, ...]]:
    """Licence and languages (those that have a tag, sorted), as the README's first lines say."""
    from huggingface_hub import metadata_load

    try:
        said = metadata_load(folder / README) or {}
    except Exception:  # no README, or one that no parser of YAML takes: nothing is said
        return UNKNOWN_LICENCE, ()
    licence = said.get("license")
    if licence == "other":
        licence = said.get("license_name")
    languages = said.get("language")
    tags = set()
    for tag in languages if isinstance(languages, list) else [languages]:
        try:
            # YAML reads an unquoted `no`, Norwegian, as false.
            tags.add(normalise("no" if tag is False else str(tag)))
        except BadArgument:
            continue  # such as "multilingual" or "code"
    return (licence if isinstance(licence, str) else UNKNOWN_LICENCE), tuple(sorted(tags))


def _weights(folder: Path) -> list[Path]:
    """The files that the weights are in, in the order in which transformers looks for them."""
    if (folder / _WEIGHTS).is_file():
        return [folder / _WEIGHTS]
    if not (folder / _INDEX).is_file():
        return []
    shards = _json(folder / _INDEX).get("weight_map")
    names = sorted({str(name) for name in shards.values()}) if isinstance(shards, dict) else []
    return [folder / name for name in names]


def _parameters(folder: Path) -> int | None:
    """Numbers in the encoder, without pooler and heads; None where the names do not tell them."""
    shapes: dict[str, list[int]] = {}
    for path in _weights(folder):
        try:
            # Reads the header and compares it with the file's length; no weights.
            with safe_open(path, framework="numpy") as file:
                names = list(file.keys())
                shapes |= {name: file.get_slice(name).get_shape() for name in names}
        except (OSError, SafetensorError) as error:
            raise BadArgument(
                f"{path} is broken ({error}): copy or save the model again."
            ) from None
    return count(shapes)


def count(shapes: dict[str, list[int]]) -> int | None:
    """Numbers in an encoder whose weights have these names and shapes, pooler and heads left out;
    None where the names do not tell which those are."""
    prefixes = []
    for name in shapes:
        parts = name.split(".")
        first = next((i for i, part in enumerate(parts) if part in _EMBEDDINGS), None)
        if first is not None:
            prefixes.append("".join(f"{part}." for part in parts[:first]))
    if not prefixes:
        return None
    prefix = min(prefixes, key=len)
    total = 0
    for name, shape in shapes.items():
        parts = name.removeprefix(prefix).split(".")
        if not name.startswith(prefix) or parts[0] in ("pooler", "lm_head"):
            continue
        mask = parts[-1] == "bias" and len(shape) > 1  # GPT-2 saves its causal masks as biases
        if parts[-1] not in _NOT_TRAINED and not mask:
            total += prod(shape)
    return total
