"""AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), fused, with clipped gradients.

It gives what `torch.optim.AdamW` gives, by the same function. That class is not used: to make one
imports torch's compiler, which takes a second or two and 70 MB of each training process, and which
nothing here needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import nn
from torch.optim.adamw import adamw

BETAS = 0.9, 0.999
EPSILON = 1e-8
CLIP = 1.0
"""Largest norm of a step's gradient."""


@dataclass(frozen=True, eq=False)
class Group:
    """Parameters that share their weight decay and their learning rate at its peak."""

    parameters: Sequence[nn.Parameter]
    weight_decay: float
    learning_rate: float

    def among(self, parameters: Sequence[nn.Parameter]) -> Group:
        """Those that are among these."""
        ids = {id(parameter) for parameter in parameters}
        return replace(self, parameters=[one for one in self.parameters if id(one) in ids])


@dataclass(frozen=True, eq=False)
class _State:
    """Of one parameter the running means of its gradient and of its square, and the steps done."""

    mean: torch.Tensor
    square: torch.Tensor
    steps: torch.Tensor

    @classmethod
    def of(cls, parameter: nn.Parameter) -> _State:
        zero = torch.zeros((), dtype=torch.float32, device=parameter.device)
        return cls(torch.zeros_like(parameter), torch.zeros_like(parameter), zero)


@dataclass(frozen=True, eq=False)
class AdamW:
    """Decoupled weight decay, with the usual betas and epsilon; gradients are clipped to CLIP."""

    groups: Sequence[Group]
    _states: dict[nn.Parameter, _State] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        # Now, and not in the first step, where they would fill holes among what it frees.
        self._states.update({one: _State.of(one) for one in self.parameters})

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All that is trained."""
        return [parameter for group in self.groups for parameter in group.parameters]

    @torch.no_grad()
    def step(self, factor: float, norm: torch.Tensor) -> None:
        """One step with this share of each group's learning rate, by gradients which, perhaps
        together with others, have this norm, clipped to CLIP. Parameters without a gradient stay as
        they are."""
        excess = None
        if norm.device.type == "cpu":
            excess = ((norm + 1e-6) / CLIP).clamp(min=1.0)  # 1e-6: as torch clips
        else:  # apart: Apple's kernel passes over the excess (pytorch/pytorch#186360)
            nn.utils.clip_grads_with_norm_(self.parameters, CLIP, norm)
        for group in self.groups:
            own = [(one, one.grad) for one in group.parameters if one.grad is not None]
            states = [self._states[parameter] for parameter, _ in own]
            adamw(
                [parameter for parameter, _ in own],
                [gradient for _, gradient in own],
                [state.mean for state in states],
                [state.square for state in states],
                [],
                [state.steps for state in states],
                fused=True,
                grad_scale=excess,
                amsgrad=False,
                beta1=BETAS[0],
                beta2=BETAS[1],
                lr=group.learning_rate * factor,
                weight_decay=group.weight_decay,
                eps=EPSILON,
                maximize=False,
            )

    def forget_gradients(self) -> None:
        """Before the next step."""
        for parameter in self.parameters:
            parameter.grad = None


def norm_of(gradients: Iterable[torch.Tensor | None]) -> torch.Tensor:
    """The norm of all these gradients together, a scalar, float32; 0 of none."""
    given = [gradient for gradient in gradients if gradient is not None]
    if not given:
        return torch.zeros(())
    norm: torch.Tensor
    if given[0].device.type == "cpu":
        # Row by row, which all of torch's threads do: the norm of a whole tensor is taken by one.
        rows = (torch.linalg.vector_norm(one, dim=-1, dtype=torch.float32) for one in given)
        norm = torch.linalg.vector_norm(torch.cat([norms.flatten() for norms in rows]))
    else:
        norm = nn.utils.get_total_norm(given)
    return norm
