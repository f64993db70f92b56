"""How many of the queued runs may begin on this machine, and which has it to itself.

A run that is alone computes with all cores. Two processes that did so together would wait for each
other's threads, up to ten times as long as they work: so runs that are in progress together have a
part of the cores each, and nothing begins beside a run that is alone.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import takewhile

QUEUED_IN_TURN = "FROM runs WHERE state = 'queued' ORDER BY position, created, rowid"


@dataclass(frozen=True)
class Openings:
    """What may begin on a machine."""

    running: int
    """Runs in progress there."""
    free: int
    """Queued runs that may begin beside them now."""

    @property
    def alone(self) -> bool:
        """Whether what begins next is to have the machine to itself."""
        return self.running == 0 and self.free == 1


def openings(db: sqlite3.Connection, host: str, at_once: int) -> Openings:
    """What may begin on `host`, which executes up to at_once runs at the same time. Costs the same
    however many runs there are."""
    running = [
        bool(row["alone"])
        for row in db.execute(
            "SELECT alone FROM runs WHERE state = 'running' AND host = ?", (host,)
        )
    ]
    left = 0 if any(running) else max(0, at_once - len(running))
    rows = db.execute(f"SELECT attempt {QUEUED_IN_TURN} LIMIT ?", (left,))
    attempts = [row["attempt"] for row in rows]
    if attempts and attempts[0] > 0:
        # Its process died, perhaps for want of memory: now it gets all that there is.
        return Openings(len(running), 0 if running else 1)
    return Openings(len(running), len(list(takewhile(lambda attempt: attempt == 0, attempts))))
