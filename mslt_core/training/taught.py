"""What a model is taught: texts, and of each the classes of what is classified in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from mslt_core.training.batching import collate
from mslt_core.training.device import Device
from mslt_core.training.heads import Classifier
from mslt_core.training.inputs import Encoded, Ids


@dataclass(frozen=True)
class Taught:
    """labels: of each text the class indices of what the model classifies, (1,) or, without the
    words that were cut off, (words,). device: where it is taught."""

    inputs: Sequence[Encoded]
    labels: Sequence[Ids]
    device: Device

    @cached_property
    def lengths(self) -> Ids:
        """Tokens of each text, (texts,)."""
        return np.array([len(text.ids) for text in self.inputs], dtype=np.int64)

    @cached_property
    def units(self) -> Ids:
        """How much is classified in each text, (texts,)."""
        return np.array([len(own) for own in self.labels], dtype=np.int64)

    def answered(self, model: Classifier, index: Ids) -> tuple[torch.Tensor, torch.Tensor]:
        """Of the texts of these numbers the model's logits, (units, classes), and the right
        classes, (units,)."""
        batch = collate(self.inputs, index, self.device.torch)
        with self.device.autocast():
            logits = model(batch)
        gold = torch.from_numpy(np.concatenate([self.labels[i] for i in index]))
        return logits, gold.to(self.device.torch)
