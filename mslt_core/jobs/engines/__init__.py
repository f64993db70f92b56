"""Engines: the ways in which a supervisor can have a child that executes runs."""

from __future__ import annotations

import os
from typing import Protocol

SUPERVISOR_VARIABLE = "MSLT_SUPERVISOR"
"""Environment variable that tells a child the pid of the supervisor it must not outlive."""


def supervisor_pid() -> int:
    """The supervisor that started this process, which tells its pid: it may be gone before this
    process is ready to ask."""
    return int(os.environ.get(SUPERVISOR_VARIABLE) or os.getppid())


class Engine(Protocol):
    """One child at a time, which serves the ledger's queue (see child.py)."""

    def start(self, worker: str, at_once: int) -> int:
        """Starts a child that claims runs under the name `worker` and is one of up to at_once that
        are at work together; returns its pid."""
        ...

    def poll(self) -> int | None:
        """None while the child lives; then its exit status, or minus the signal that ended it."""
        ...

    def stop(self) -> None:
        """Asks the child to give its run back and end; kills it if it does not. Idempotent."""
        ...
