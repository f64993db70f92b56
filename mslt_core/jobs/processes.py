"""Processes: whether one still lives and gets on, how it ended, and that it ends with another."""

from __future__ import annotations

import os
import signal
import threading
import time

import psutil

LOOK_SECONDS = 0.3


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


def how_ended(status: int) -> str:
    """What became of a process, as the rest of a sentence about it. status: its exit status, or
    minus the signal that ended it."""
    if status < 0:
        name = signal.Signals(-status).name
        killed = f"was killed (signal {-status}, {name})"
        return f"{killed}, perhaps for want of memory" if -status == signal.SIGKILL else killed
    return f"ended by itself (status {status})"


def last_line(text: str) -> str:
    """The last line of a log that says something, without a full stop at its end."""
    lines = (line.strip() for line in reversed(text.splitlines()))
    return (next(filter(None, lines), "") or "nothing").rstrip(".")


def end_with(supervisor: int) -> None:
    """From now on this process ends, whatever it computes, when the one that started it, whose pid
    this is, is gone."""

    def watch() -> None:
        while os.getppid() == supervisor:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
