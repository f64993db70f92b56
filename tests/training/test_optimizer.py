"""AdamW is that of torch to the last bit, without torch's compiler."""

import pytest
import torch
from torch import nn

from mslt_core.training.optimizer import CLIP, AdamW, Group, norm_of
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
        optimizer.step(factor, torch.zeros(()))
        twin.step()
        schedule.step()
        optimizer.forget_gradients()
        twin.zero_grad()
        assert all(torch.equal(*pair) for pair in zip(ours, theirs, strict=True))
    assert all(parameter.grad is None for parameter in ours)


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_gradients_are_clipped_as_by_torch(factor):
    ours, theirs = parameters(), parameters()
    idle = nn.Parameter(torch.zeros(5))  # it meets no gradient
    optimizer = AdamW([Group([*ours, idle], 0.01, 1e-2)])
    twin = torch.optim.AdamW(theirs, lr=1e-2, weight_decay=0.01, fused=True)
    random = torch.Generator().manual_seed(1)
    for scale in (factor, 1.0):  # AdamW's first step looks at signs alone
        for one, other in zip(ours, theirs, strict=True):
            one.grad = scale * torch.randn(one.shape, generator=random)
            other.grad = one.grad.clone()
        optimizer.step(1.0, norm_of(one.grad for one in optimizer.parameters))
        torch.nn.utils.clip_grad_norm_(theirs, CLIP)
        twin.step()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-7)
    assert torch.equal(idle, torch.zeros(5))


def test_a_norm_is_that_of_torch():
    torch.manual_seed(0)
    gradients = [torch.randn(shape) for shape in ((50, 30), (7,), (2, 3, 4), ())]
    expected = nn.utils.get_total_norm(gradients)
    torch.testing.assert_close(norm_of([*gradients[:2], None, *gradients[2:]]), expected)
    rounded = [gradient.bfloat16() for gradient in gradients]
    expected = nn.utils.get_total_norm([gradient.float() for gradient in rounded])
    torch.testing.assert_close(norm_of(rounded), expected)


def test_a_step_does_not_import_torchs_compiler():
    code = """
import sys, torch
from mslt_core.training.optimizer import AdamW, Group, norm_of
parameter = torch.nn.Parameter(torch.ones(3))
parameter.grad = torch.ones(3)
AdamW([Group([parameter], 0.01, 0.1)]).step(1.0, norm_of([parameter.grad]))
print("torch._dynamo" in sys.modules)
"""
    assert printed(code) == "False"


def test_the_norm_of_no_gradients_is_0():
    assert norm_of([None, None]) == 0
