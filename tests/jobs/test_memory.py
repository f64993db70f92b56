"""What a process takes of memory is told, and what it freed goes back to the system."""

import subprocess
import sys

import pytest

from mslt_core.jobs import memory
from mslt_core.jobs.engines.local import MEMORY

MB = 1 << 20

# A process that keeps what it frees, as a child does: blocks of one MB, freed from the lowest on,
# so that all but the last lie under one that is in use.
HOLDER = """
import psutil
from mslt_core.jobs import memory

def held():
    return psutil.Process().memory_info().rss

memory.forget_peak()
before = held()
blocks = [b"1" * (1 << 20) for _ in range(200)]
full, last = held(), blocks.pop()
del blocks
kept = held()
memory.give_back()
print(full - before, kept - before, held() - before, memory.peak() - before)
memory.forget_peak()
print(memory.peak() - held())
"""


def printed(code: str, env: dict[str, str]) -> list[int]:
    """The numbers that a process with this environment prints."""
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**env, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(number) for number in found.stdout.split()]


@pytest.mark.skipif(not memory.STATUS.exists(), reason="needs Linux")
def test_what_was_freed_goes_back_and_the_peak_is_told_until_it_is_forgotten() -> None:
    full, kept, left, peak, again = printed(HOLDER, MEMORY)
    assert full > 195 * MB
    assert kept > 195 * MB  # or there would be nothing to give back
    assert left < 20 * MB
    assert 195 * MB < peak < full + 20 * MB
    assert again < 20 * MB


# Products of as many shapes as many batches have, and what the second half of them left behind.
SHAPES = """
import psutil, torch
from mslt_core.jobs import memory

if torch.cpu.get_capabilities().get("avx512_bf16"):
    torch.set_num_threads(1)
    rows, weights = (torch.ones(700, 384, dtype=torch.bfloat16) for _ in range(2))
    held = []
    for heights in (range(100, 400), range(400, 700)):
        for height in heights:
            torch.mm(rows[:height], weights[:384])
        memory.give_back()
        held.append(psutil.Process().memory_info().rss)
    print(held[1] - held[0])
"""


@pytest.mark.skipif(not memory.STATUS.exists(), reason="needs Linux")
def test_products_of_ever_new_shapes_take_no_more_memory() -> None:
    left = printed(SHAPES, MEMORY)
    if not left:
        pytest.skip("needs a processor that multiplies in bfloat16 by AVX-512")
    assert left[0] < 15 * MB
    assert printed(SHAPES, {})[0] > 45 * MB  # or nothing would have to be said
