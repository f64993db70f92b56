"""Whether a process that claimed a run still lives, and whether it gets on."""

from __future__ import annotations

import os

import psutil


def alive(pid: int, started: float) -> bool:
    """Whether the process with this pid that began at `started` (unix seconds) still runs here."""
    try:
        process = psutil.Process(pid)
        # A reused pid began later; two seconds allow for a clock that is set while it runs.
        if abs(process.create_time() - started) > 2:
            return False
        if process.status() != psutil.STATUS_ZOMBIE:
            return True
        # It ended. One of our own is alive until we asked for its exit status, which says why.
        return bool(process.ppid() == os.getpid())
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False


def stuck(pid: int) -> bool:
    """Whether the process is stopped, or waits for a disk that does not answer."""
    try:
        return psutil.Process(pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_DISK_SLEEP)
    except psutil.Error:
        return False
