"""A map process that goes wrong as the file `maps` of its store says; without one it is the real
one."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from mslt_core.analysis.projection import Projection, project
from mslt_core.jobs import artefacts, map_files, maps, processes


def waits(home: Path, *given: Any) -> Projection:
    """A long step in the middle of computing, until the test opens the gate."""
    (home / "in the middle").touch()
    while not (home / "map gate").exists():
        time.sleep(0.01)
    return project(*given)


def full(path: Path) -> Path:
    """A device on which every write fails as on a full disk."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    if path.suffix == map_files.ANSWER:
        beside.symlink_to("/dev/full")
    return beside


if __name__ == "__main__":
    processes.LOOK_SECONDS = 0.05  # tests are in a hurry
    home = Path(sys.argv[sys.argv.index("--home") + 1])
    with (home / "map processes.txt").open("a") as file:
        file.write(f"{os.getpid()}\n")
    said = home / "maps"
    match said.read_text() if said.exists() else "":
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hangs":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "cannot begin":
            sys.exit("No module named openTSNE.")
        case "gated":
            maps.project = lambda *given: waits(home, *given)
        case "full disk":
            artefacts.half = full
    maps.main()
