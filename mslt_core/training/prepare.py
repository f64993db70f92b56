"""What a run trains and what it reads: an encoder with few embedding rows, or its top layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
import torch
from torch import nn

from mslt_core.catalog import parallel
from mslt_core.catalog.sampling import Example
from mslt_core.catalog.tasks import Item
from mslt_core.spec import RunSpec
from mslt_core.training.encoders import EncoderSource
from mslt_core.training.frozen import FrozenLayers
from mslt_core.training.inputs import Encoded, Ids
from mslt_core.training.sharing import Progress
from mslt_core.training.slim import rows_met
from mslt_core.training.tokens import TokenCache

if TYPE_CHECKING:
    from mslt_core.training.heads import Encoder

T = TypeVar("T")


@dataclass(frozen=True)
class Prepared:
    """An encoder to be trained, and the texts: of the examples, of the tests, target by target, and
    of the messages, language by language. `widen` is to be called after the training: until then
    only the examples can be read."""

    encoder: Encoder
    train: list[Encoded]
    test: list[Encoded]
    messages: list[Encoded]
    widen: Callable[[], None]


def slimmed(
    cache: Path,
    source: EncoderSource,
    spec: RunSpec,
    examples: list[Example],
    tests: dict[str, list[Item]],
    messages: dict[str, list[Item]],
) -> Prepared:
    """The whole encoder, with the embedding rows of these texts only. While it is trained it has
    those of the examples alone: the others get no gradient, and without it they stay as they are,
    but the optimizer would spend its time on them. messages: what is read besides the task's items;
    see `catalog.parallel`."""
    tokens = TokenCache(cache, source, spec.max_length)
    train, test = dealt(tokens.read(spec.task, wanted_items(examples, tests)), examples, tests)
    others = list(chain.from_iterable(tokens.read(parallel.NAME, messages).values()))
    rows = rows_met((text.ids for text in (*train, *test, *others)), source.pad_id)
    test, others = ([text.renumbered(rows) for text in part] for part in (test, others))
    if spec.lora_rank is not None:  # adapters leave the embeddings alone
        train = [text.renumbered(rows) for text in train]
        return Prepared(source.build(rows), train, test, others, lambda: None)
    taught = rows_met((text.ids for text in train), source.pad_id)
    encoder = source.encoder(taught)
    train = [text.renumbered(taught) for text in train]
    return Prepared(encoder, train, test, others, partial(_widen, encoder, source, rows, taught))


def _widen(encoder: Encoder, source: EncoderSource, rows: Ids, taught: Ids) -> None:
    """Give a trained encoder, which has the rows `taught` of its embeddings, all of `rows`: the
    others as they are in the source, which takes the memory for them only now."""
    learned = cast(nn.Embedding, encoder.get_input_embeddings()).weight
    table = source.words(rows)
    with torch.no_grad():
        table.weight[np.searchsorted(rows, taught)] = learned.to(table.weight.device)
    encoder.set_input_embeddings(table.to(learned.device))


def read_by(
    frozen: FrozenLayers,
    spec: RunSpec,
    examples: list[Example],
    tests: dict[str, list[Item]],
    messages: dict[str, list[Item]],
    progress: Progress,
) -> Prepared:
    """The layers above the frozen ones, and the texts of `slimmed` with what these give."""
    found = frozen.read(spec.task, wanted_items(examples, tests), spec.max_length, progress)
    others = frozen.read(parallel.NAME, messages, spec.max_length, progress)
    train, test = dealt(found, examples, tests)
    own = list(chain.from_iterable(others.values()))
    return Prepared(frozen.top(), train, test, own, lambda: None)


def wanted_items(examples: list[Example], tests: dict[str, list[Item]]) -> dict[str, list[Item]]:
    """Of each language the items that a run reads: its tests, then its examples."""
    wanted = {lang: list(items) for lang, items in tests.items()}
    for example in examples:
        wanted.setdefault(example.language, []).append(example.item)
    return wanted


def dealt(
    found: dict[str, list[T]], examples: list[Example], tests: dict[str, list[Item]]
) -> tuple[list[T], list[T]]:
    """What was found for `wanted_items`: of the examples, and of the tests, target by target."""
    given = {lang: iter(of) for lang, of in found.items()}
    test = [next(given[lang]) for lang, items in tests.items() for _ in items]
    return [next(given[example.language]) for example in examples], test
