"""AdamW is that of torch to the last bit, without torch's compiler."""

import torch
from torch import nn

from mslt_core.training.optimizer import AdamW, Group
from tests.jobs.support import printed

FACTORS = (0.5, 1.0, 0.7, 0.1)


def parameters() -> list[nn.Parameter]:
    torch.manual_seed(0)
    return [nn.Parameter(torch.randn(shape)) for shape in ((5, 3), (7,), (2, 2), (4,))]


def test_it_gives_what_torchs_own_gives():
    ours, theirs = parameters(), parameters()
    rates = 1e-2, 2e-1
    groups = [Group(ours[:2], 0.01, rates[0]), Group(ours[2:], 0.0, rates[1]), Group([], 0.1, 1.0)]
    optimizer = AdamW(groups)
    twin = torch.optim.AdamW(
        [
            {"params": theirs[:2], "weight_decay": 0.01, "lr": rates[0]},
            {"params": theirs[2:], "weight_decay": 0.0, "lr": rates[1]},
        ],
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(twin, lambda step: (*FACTORS, 0)[step])
    random = torch.Generator().manual_seed(1)
    for number, factor in enumerate(FACTORS):
        for one, other in zip(ours, theirs, strict=True):
            gradient = torch.randn(one.shape, generator=random)
            if number == 1 and one is ours[1]:
                continue  # it met no gradient in this step
            one.grad, other.grad = gradient, gradient.clone()
        optimizer.step(factor)
        twin.step()
        schedule.step()
        optimizer.forget_gradients()
        twin.zero_grad()
        assert all(torch.equal(*pair) for pair in zip(ours, theirs, strict=True))
    assert all(parameter.grad is None for parameter in ours)


def test_a_step_does_not_import_torchs_compiler():
    code = """
import sys, torch
from mslt_core.training.finetune import clip
from mslt_core.training.optimizer import AdamW, Group
parameter = torch.nn.Parameter(torch.ones(3))
parameter.grad = torch.ones(3)
clip([parameter])
AdamW([Group([parameter], 0.01, 0.1)]).step(1.0)
print("torch._dynamo" in sys.modules)
"""
    assert printed(code) == "False"
