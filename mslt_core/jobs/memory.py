"""What memory this process takes, and giving back what it no longer needs.

A child keeps freed memory for its next tensors (see engines/local.py), so without this it would
hold through all of a run the most that any stage of the runs before it took.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


def give_back() -> None:
    """Gives freed memory back to the system; does nothing where the C library is not glibc."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def forget_peak() -> None:
    """Lets `peak` begin anew, on Linux."""
    with suppress(OSError):
        CLEAR.write_text("5", encoding="ascii")


def peak() -> int | None:
    """The most bytes that this process had in memory since `forget_peak`; None but on Linux."""
    with suppress(OSError, StopIteration):
        lines = STATUS.read_text(encoding="ascii").splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
    return None
