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


@pytest.mark.skipif(not memory.STATUS.exists(), reason="needs Linux")
def test_what_was_freed_goes_back_and_the_peak_is_told_until_it_is_forgotten() -> None:
    found = subprocess.run(
        [sys.executable, "-c", HOLDER],
        env={**MEMORY, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    full, kept, left, peak, again = map(int, found.stdout.split())
    assert full > 195 * MB
    assert kept > 195 * MB  # or there would be nothing to give back
    assert left < 20 * MB
    assert 195 * MB < peak < full + 20 * MB
    assert again < 20 * MB
