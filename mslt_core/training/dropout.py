"""Dropout that is drawn quickly on a processor.

There torch draws one number after another, on one core: for a step of E5-small that takes as long
as a third of all its matrix products. Here numpy draws 64 bits at a time, and each 15 of them
decide over one number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

_CHANCES = 1 << 15

Place = Mapping[str, Any]
"""How far a generator of numpy has come, as it tells it."""
Mask = torch.Tensor | None
"""What to multiply numbers with, 0 or a scale; None where nothing is dropped."""


class Dropout(nn.Module):
    """Sets a share of numbers to 0 while training, and scales the others up so that the mean stays.

    On a processor the scale is one that bfloat16 holds exactly, and the share is what belongs to
    it: of a rate of 0.1 they are 1.109375 and 0.0986. The masks follow from torch's global
    generator as it is when the first one is drawn, or its place is asked for. Elsewhere this is
    torch's own dropout.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        scale = torch.tensor(1 / (1 - rate), dtype=torch.bfloat16)
        self._scale_bits = int(scale.view(torch.int16))
        self._dropped = round(_CHANCES * (1 - 1 / float(scale)))
        self._bits: np.random.SFC64 | None = None

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        if numbers.device.type != "cpu":
            return F.dropout(numbers, self.rate, self.training)
        mask = self.mask(numbers.shape, numbers.dtype)
        return numbers if mask is None else numbers * mask

    def mask(self, shape: tuple[int, ...], dtype: torch.dtype, rows: int = 0) -> Mask:
        """For numbers of this shape on a processor. rows: how many to draw, if more than these; the
        last are passed over."""
        if not self.training or self._dropped == 0:
            return None
        count = math.prod(shape)
        words = self._generator().random_raw(-(-max(count, rows * math.prod(shape[1:])) // 4))
        drawn = torch.from_numpy(words.view(np.int16))[:count]
        # From 0 up to the chances; beyond int16, so below 0, if it is to be kept; all bits set, or
        # none; the scale's.
        chance = drawn.bitwise_and_(_CHANCES - 1)
        kept = chance.add_(_CHANCES - self._dropped).bitwise_right_shift_(15)
        return kept.bitwise_and_(self._scale_bits).view(torch.bfloat16).view(shape).to(dtype)

    @property
    def place(self) -> Place | None:
        """How far the generator has come; None where nothing is dropped."""
        return self._generator().state if self.training and self._dropped else None

    @contextmanager
    def back_at(self, place: Place | None) -> Iterator[None]:
        """What is drawn inside is what was drawn after that place; then it goes on as before."""
        now = self.place
        self._move(place)
        try:
            yield
        finally:
            self._move(now)

    def _move(self, place: Place | None) -> None:
        if place is not None:
            self._generator().state = cast(Any, place)  # numpy has a private type for it

    def _generator(self) -> np.random.SFC64:
        if self._bits is None:
            self._bits = np.random.SFC64(int(torch.randint(2**62, ())))
        return self._bits
