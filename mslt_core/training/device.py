"""Which device and number format this machine trains with. Neither is part of a run's identity."""

from __future__ import annotations

import os
import platform
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Device:
    """Where tensors live, and whether matrix products run in bfloat16 there."""

    name: str
    bf16: bool

    @property
    def torch(self) -> torch.device:
        return torch.device(self.name)

    def autocast(self) -> AbstractContextManager[None]:
        """Products in bfloat16 where the hardware has it; weights stay float32, and so do sums and
        norms, but in a `Bert` these are bfloat16 too."""
        context: AbstractContextManager[None] = torch.autocast(
            self.name, dtype=torch.bfloat16, enabled=self.bf16
        )
        return context

    def repeat_exactly(self) -> None:
        """Ask for kernels that give the same numbers each time, where the default ones do not.

        On the processor they do for one number of threads. An operation that CUDA has no such
        kernel for warns in the log.
        """
        if self.name == "cuda":
            # cuBLAS repeats itself only with a workspace of fixed size.
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
            torch.use_deterministic_algorithms(True, warn_only=True)

    def describe(self) -> str:
        """For people and for run.json, such as `CPU, 2 threads, bf16`."""
        if self.name == "cuda":
            where = torch.cuda.get_device_name()
        elif self.name == "mps":
            where = "Apple GPU"
        else:
            threads = torch.get_num_threads()
            where = f"CPU ({platform.machine()}), {threads} thread{'s' if threads > 1 else ''}"
        return f"{where}, {'bf16' if self.bf16 else 'fp32'}"


def choose_device() -> Device:
    """CUDA if it is there, else Apple's GPU, else the processor."""
    if torch.cuda.is_available():
        return Device("cuda", torch.cuda.is_bf16_supported(including_emulation=False))
    if torch.backends.mps.is_available():
        return Device("mps", bf16=False)
    return Device("cpu", _multiplies_in_bf16())


def _multiplies_in_bf16() -> bool:
    """Whether the processor has instructions for products in bfloat16. torch calls them supported
    wherever oneDNN has AVX-512, where without those instructions it emulates them: on a Xeon of
    2017 in 3.5 times the time that float32 takes."""
    able = torch.cpu.get_capabilities()
    if able.get("architecture") == "x86_64":
        return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def has_amx() -> bool:
    """Whether this processor multiplies in bfloat16 by AMX, several times as fast as others do."""
    return bool(torch.cpu.get_capabilities().get("amx_bf16"))
