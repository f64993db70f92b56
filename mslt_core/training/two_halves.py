"""A training step on two cores: each half of a batch goes through the model in a thread of its own.

Where two threads share each operation, they hand every tensor over from core to core, and wait for
each other thousands of times a step. Halves meet four times. The numbers are those of the whole
batch up to rounding: the halves share one set of weights, what dropout draws is drawn for the whole
and then dealt out, and the gradients of both are added up, in bfloat16 those of linear layers.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

import numpy as np
import torch
from torch import nn

from mslt_core.training import bert
from mslt_core.training.attention import in_a_row
from mslt_core.training.bert import Bert
from mslt_core.training.device import has_amx
from mslt_core.training.dropout import Dropout, Mask, Place
from mslt_core.training.heads import Classifier
from mslt_core.training.inputs import Ids
from mslt_core.training.optimizer import AdamW, Group, norm_of
from mslt_core.training.taught import Taught

HALVES = 2
LARGEST = 1600
"""Tokens of the largest batch that is halved: all that is drawn for it is held, also for layers
that are computed twice. For texts of 40 tokens that is 30 kB a token of E5-small, for texts of 128
56 kB."""
FEW = 500_000
"""Numbers that are updated at once."""

T = TypeVar("T")


def pays(model: Classifier, taught: Taught, batch_size: int) -> bool:
    """Whether halves train faster here, in little more memory: with two threads on a processor that
    multiplies in bfloat16 by AVX-512, on an AMD EPYC by 1 to 10 %, the more the farther apart its
    cores are. By AMX, where products take a fifth of a step, whole batches are 6 % faster; with
    more threads, or with larger batches, nobody has measured it."""
    device = taught.device
    if device.name != "cpu" or not device.bf16 or not isinstance(model.encoder, Bert):
        return False
    fits = bool(torch.cpu.get_capabilities().get("avx512_bf16")) and not has_amx()
    largest = np.sort(taught.lengths)[-batch_size:].sum()
    return fits and torch.get_num_threads() == HALVES and bool(largest <= LARGEST)


class TwoHalves:
    """Trains a model in training mode, whose encoder is a Bert on the processor, as
    `finetune.Whole` does. Hooks of the model are called for each half, by its thread.

    Inside `with` it has a second thread, and the calling one has one thread of torch."""

    def __init__(self, model: Classifier, groups: Sequence[Group], taught: Taught) -> None:
        self._taught = taught
        self._bert, self._dropout = cast(Bert, model.encoder), model.dropout
        self._rounded = _rounded(model) if taught.device.bf16 else {}
        self._halves = [_Half(model, self._rounded) for _ in range(HALVES)]
        trained = [parameter for group in groups for parameter in group.parameters]
        self._own = [[trained[i] for i in part] for part in in_two([p.numel() for p in trained])]
        self._optimizers = [
            [AdamW([group.among(few) for group in groups]) for few in _few_at_a_time(own)]
            for own in self._own
        ]

    def __enter__(self) -> TwoHalves:
        self._threads = torch.get_num_threads()
        self._other = ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(1,))
        torch.set_num_threads(1)
        return self

    def __exit__(self, *_: object) -> None:
        torch.set_num_threads(self._threads)
        self._other.shutdown()

    def __call__(self, index: Ids, factor: float) -> float:
        """One step, on the texts of these numbers, with this share of the learning rates; returns
        the loss."""
        lengths, units = self._taught.lengths[index], self._taught.units[index]
        parts = in_two(lengths)
        self._draw(lengths, units, parts)
        losses = self._both(lambda half: self._backward(half, index[parts[half]], units.sum()))
        norm = torch.hypot(*self._both(lambda half: norm_of(map(self._gradient, self._own[half]))))
        self._both(lambda half: self._update(half, norm, factor))
        return sum(losses)

    def _both(self, work: Callable[[int], T]) -> tuple[T, T]:
        """What it gives for either half, both at once."""
        other = self._other.submit(work, 1)
        try:
            return work(0), other.result()
        finally:
            del other  # what it raised would hold it, and with it the models

    def _draw(self, lengths: Ids, units: Ids, parts: Sequence[Ids]) -> None:
        """Draw for the whole batch what `Classifier` and `Bert` draw, in their order, and deal it
        out. lengths, units: of each text its tokens, and what of it is classified. parts: places in
        the batch."""
        encoder = self._bert
        dtype = torch.bfloat16 if self._taught.device.bf16 else torch.float32
        tokens, width, depth = int(lengths.sum()), encoder.config.hidden_size, len(encoder.layers)
        longest, heads = in_a_row(int(lengths.max())), encoder.config.heads
        first = encoder.dropout.mask((tokens, width), dtype)
        _ = encoder.attention_dropout.place  # begins it from torch's generator, as the next draws
        last = self._dropout(torch.ones(int(units.sum()), width))
        of_tokens, of_units = (_stretches(counts, parts) for counts in (lengths, units))
        filled = [_filled(rows, encoder.filled_to) for rows in of_tokens]
        rows = [torch.from_numpy(part) for part in parts]
        own = [in_a_row(max(lengths[part], default=0)) for part in parts]

        def of_states() -> list[list[Mask]]:
            shape = bert.drawn_for(tokens), width
            drawn = (encoder.dropout.mask(shape, dtype) for _ in range(2 * depth))
            return [[_rows(mask, part) for part in filled] for mask in drawn]

        def of_scores() -> list[list[Mask]]:
            shape = len(lengths) * heads, longest, longest
            drawn = (encoder.attention_dropout.mask(shape, dtype) for _ in range(depth))
            return [
                [_scores(mask, heads, *each) for each in zip(rows, own, strict=True)]
                for mask in drawn
            ]

        states, scores = self._both(lambda half: (of_states, of_scores)[half]())
        for number, half in enumerate(self._halves):
            begun = _rows(first, of_tokens[number])
            half.states.takes([begun, *(masks[number] for masks in states)])
            half.scores.takes([masks[number] for masks in scores])
            half.pooled.takes([_rows(last, of_units[number])])

    def _backward(self, half: int, index: Ids, units: int) -> float:
        """Its part of the loss; the gradients of both are added up by torch, which locks each."""
        if not len(index):
            return 0.0
        answered = self._taught.answered(self._halves[half].model, index)
        loss = nn.functional.cross_entropy(*answered, reduction="sum") / units
        loss.backward()  # type: ignore[no-untyped-call]
        self._halves[half].forget()
        return loss.item()

    def _gradient(self, parameter: nn.Parameter) -> torch.Tensor | None:
        return self._rounded.get(parameter, parameter).grad

    def _update(self, half: int, norm: torch.Tensor, factor: float) -> None:
        """A step of its own parameters, a few at a time, so that their gradients in float32 stay in
        the processor's cache."""
        for optimizer in self._optimizers[half]:
            rounded = [(p, self._rounded[p]) for p in optimizer.parameters if p in self._rounded]
            for parameter, copied in rounded:
                parameter.grad = None if copied.grad is None else copied.grad.float()
            optimizer.step(factor, norm)
            optimizer.forget_gradients()
            with torch.no_grad():
                for parameter, copied in rounded:
                    copied.grad = None
                    copied.copy_(parameter)


class _Half:
    """A model that shares its weights with another, and drops out what it is given to."""

    def __init__(self, model: Classifier, rounded: dict[nn.Parameter, nn.Parameter]) -> None:
        """rounded: what to have in the place of some weights."""
        shared = {id(own): rounded.get(own, own) for own in model.parameters()}
        self.model = copy.deepcopy(model, shared)
        self.states, self.scores, self.pooled = _Given(), _Given(), _Given()
        encoder = cast(Bert, self.model.encoder)
        encoder.kept_tokens = bert.KEPT_TOKENS // HALVES
        encoder.dropout, encoder.attention_dropout = self.states, self.scores
        self.model.dropout = self.pooled  # type: ignore[assignment]

    def forget(self) -> None:
        """All that it was given, which it has taken."""
        for given in (self.states, self.scores, self.pooled):
            given.forget()


class _Given(Dropout):
    """Has masks that were drawn before, one after the other."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self.takes([])

    def takes(self, masks: list[Mask]) -> None:
        self._masks, self._next = masks, 0

    def forget(self) -> None:
        assert self._next == len(self._masks), "more was drawn than is taken"
        self.takes([])

    def mask(self, shape: tuple[int, ...], dtype: torch.dtype, rows: int = 0) -> Mask:
        mask = self._masks[self._next]
        assert mask is None or (mask.shape, mask.dtype) == (shape, dtype)
        self._next += 1
        return mask

    @property
    def place(self) -> Place:
        return {"next": self._next}

    def _move(self, place: Place | None) -> None:
        if place is not None:
            self._next = place["next"]


def in_two(sizes: Sequence[int] | Ids) -> list[Ids]:
    """Numbers of these things, sorted, in two parts of about the same size: the largest first, each
    to the smaller part (Graham 1969, doi 10.1137/0117039)."""
    parts: tuple[list[int], list[int]] = [], []
    loads = [0, 0]
    for i in np.argsort(-np.asarray(sizes), kind="stable"):
        smaller = int(loads[1] < loads[0])
        parts[smaller].append(int(i))
        loads[smaller] += int(sizes[i])
    return [np.sort(np.array(part, dtype=np.int64)) for part in parts]


def _few_at_a_time(parameters: Sequence[nn.Parameter]) -> Iterator[list[nn.Parameter]]:
    few: list[nn.Parameter] = []
    for parameter in parameters:
        few.append(parameter)
        if sum(one.numel() for one in few) >= FEW:
            yield few
            few = []
    if few:
        yield few


def _rounded(model: Classifier) -> dict[nn.Parameter, nn.Parameter]:
    """The weights of linear layers in bfloat16, once for both halves."""
    return {
        own: nn.Parameter(own.detach().bfloat16(), own.requires_grad)
        for module in model.modules()
        if isinstance(module, nn.Linear)
        for own in module.parameters()
    }


def _stretches(counts: Ids, parts: Sequence[Ids]) -> list[torch.Tensor]:
    """Of things that stand in stretches of these lengths, the places of each part's."""
    of = np.repeat(np.arange(len(counts)), counts)
    return [torch.from_numpy(np.flatnonzero(np.isin(of, part))) for part in parts]


def _filled(places: torch.Tensor, multiple: int) -> torch.Tensor:
    return nn.functional.pad(places, (0, -len(places) % multiple))


def _rows(mask: Mask, places: torch.Tensor) -> Mask:
    return None if mask is None else mask.index_select(0, places)


def _scores(mask: Mask, heads: int, rows: torch.Tensor, longest: int) -> Mask:
    """Of a mask (rows * heads, longest, longest) these rows, cut to a longest text of their own."""
    if mask is None:
        return None
    by_text = mask.view(-1, heads, *mask.shape[1:]).index_select(0, rows)
    return by_text[:, :, :longest, :longest].contiguous().flatten(0, 1)
