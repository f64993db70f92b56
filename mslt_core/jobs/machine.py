"""What of this machine a process may use, and how many runs it executes at once."""

from __future__ import annotations

import os
import platform
import re
from contextlib import suppress
from pathlib import Path

import psutil

from mslt_core.spec import BadArgument

AT_ONCE_VARIABLE = "MSLT_RUNS_AT_ONCE"
"""Environment variable that says how many; a worker tells it its children."""
MEMORY = 8 * 10**9
"""Bytes that a machine must have before two runs are executed at once by themselves."""
ACCELERATORS = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
"""What is there where there is a card: of NVIDIA, seen from Windows' Linux, of AMD."""
MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Says in a container how much of the machine's memory it may take, or `max`."""
TIME_LIMIT = Path("/sys/fs/cgroup/cpu.max")
"""Says in a container how many microseconds of processor time it may take in a period, or `max`,
and how long that is: `150000 100000` are one and a half cores."""


def runs_at_once() -> int:
    """As many as MSLT_RUNS_AT_ONCE says; else two where there are cores and memory for two, and
    one beside an accelerator, of which each run takes all.

    Two processes on a core each do more than one on two cores. Raises BadArgument when the variable
    says no such number.
    """
    said = os.environ.get(AT_ONCE_VARIABLE)
    if said:
        if not re.fullmatch("[1-9][0-9]{0,2}", said):
            raise BadArgument(
                f"{AT_ONCE_VARIABLE} is {said!r}: set it to a whole number from 1 to 999, the runs "
                "that are executed at once, or leave it out."
            )
        return int(said)
    return 2 if cores() >= 2 and _memory() >= MEMORY and not _accelerator() else 1


def cores_of_each() -> int:
    """The cores that each of the runs has that are executed at once, and a map beside them. Raises
    as `runs_at_once` does."""
    return max(1, cores() // runs_at_once())


def cores() -> int:
    """The cores that this process may use, at least one. A part of a core counts as none: a thread
    too many makes all of them wait."""
    can_ask = hasattr(os, "sched_getaffinity")
    there = len(os.sched_getaffinity(0)) if can_ask else os.cpu_count() or 1
    with suppress(OSError, ValueError, ZeroDivisionError):
        allowed, period = (int(part) for part in TIME_LIMIT.read_text().split())
        there = min(there, allowed // period)
    return max(1, there)


def _memory() -> int:
    """The bytes that this process may use."""
    total = int(psutil.virtual_memory().total)
    with suppress(OSError, ValueError):
        return min(total, int(MEMORY_LIMIT.read_text()))
    return total


def _accelerator() -> bool:
    """Whether training will find one, asked without torch, which takes a second to import."""
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    return apple or any(os.path.exists(path) for path in ACCELERATORS)
