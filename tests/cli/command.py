"""The command line in the process of the tests, where it need not begin anew each time, and as a
process of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import pytest

from mslt_core.cli.commands import main


@dataclass(frozen=True)
class Said:
    """What a command left: its exit status, and what it wrote."""

    status: int
    out: str
    err: str


def here(capfd, *words):
    """One command in this process."""
    capfd.readouterr()
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    return Said(stopped.value.code, *capfd.readouterr())


def apart(*words, **options):
    """One command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "mslt_core", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=240,
        **options,
    )
    return Said(done.returncode, done.stdout, done.stderr)
