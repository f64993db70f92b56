import pytest
import torch

from mslt_core.training.device import choose_device, has_amx


@pytest.fixture
def processor(monkeypatch):
    """Sets what this machine's processor can do; torch says that bfloat16 is supported."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    supported = [True]
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: supported[0])

    def set_to(torch_says=True, **able):
        supported[0] = torch_says
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)

    return set_to


@pytest.mark.parametrize("instruction", ["avx512_bf16", "amx_bf16"])
def test_bfloat16_where_the_processor_multiplies_in_it(processor, instruction):
    processor(architecture="x86_64", **{"avx512_bf16": False, "amx_bf16": False, instruction: True})
    assert choose_device().bf16
    assert has_amx() == (instruction == "amx_bf16")


def test_float32_where_bfloat16_would_be_emulated(processor):
    processor(architecture="x86_64", avx512_f=True, avx512_bf16=False, amx_bf16=False)
    assert not choose_device().bf16


@pytest.mark.parametrize("says", [True, False])
def test_other_processors_as_torch_says(processor, says):
    processor(architecture="aarch64", torch_says=says)
    assert choose_device().bf16 == says
