"""The local engine: the child is a process on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mslt_core.jobs.engines import SUPERVISOR_VARIABLE
from mslt_core.jobs.machine import AT_ONCE_VARIABLE
from mslt_core.jobs.store import Store

MEMORY = {
    "GLIBC_TUNABLES": ":".join(
        f"glibc.malloc.{setting}"
        for setting in (
            "hugetlb=1",
            f"mmap_threshold={1 << 28}",
            f"trim_threshold={1 << 29}",
            f"top_pad={1 << 26}",
        )
    ),
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "128",
    "LRU_CACHE_CAPACITY": "1",
}
"""Environment of a child that says how memory is to be kept. The C library gives every large
tensor back to the system by default and asks for the next one afresh, which takes a twelfth of a
training step; a second thread gives back its heaps of 64 MB, fifty times a step, unless the padding
at their top is as large (read on Linux with glibc, elsewhere without meaning). For each of the last
1024 shapes of products torch keeps on a processor the program, 0.35 MB, and in each thread its
description, 0.27 MB. 128 programs spare most of what it takes to make them again (oneDNN's cache);
a description takes next to no time (torch's)."""

PROJECT = Path(__file__).resolve().parents[3]


class LocalEngine:
    """Runs `python -m <module> --home PATH --worker NAME`, its output in the store's child.log."""

    def __init__(
        self, store: Store, module: str = "mslt_core.training.execute", grace: float = 10.0
    ) -> None:
        self.store = store
        self.module = module
        self.grace = grace
        """Seconds that a child has to give its run back before it is killed."""
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the child prints outside of runs."""
        return self.store.logs_dir / "child.log"

    def start(self, worker: str, at_once: int) -> int:
        """Starts the child, one of up to at_once that are at work together; returns its pid."""
        settings = {**MEMORY, **environment(self.store), AT_ONCE_VARIABLE: str(at_once)}
        arguments = ["--home", str(self.store.home), "--worker", worker]
        self._child = launch(self.store, self.log, [self.module, *arguments], settings)
        return self._child.pid

    def poll(self) -> int | None:
        """None while the child lives; then its exit status, or minus the signal that ended it."""
        return self._child.poll() if self._child else 0

    def stop(self) -> None:
        """Asks the child to give its run back and end; kills it after the grace."""
        if self._child is None or self._child.poll() is not None:
            return
        self._child.terminate()
        try:
            self._child.wait(self.grace)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def launch(
    store: Store, log: Path, module: Sequence[str], env: Mapping[str, str], pipe: bool = False
) -> subprocess.Popen[bytes]:
    """Starts `python -m <module and its arguments>` for the supervisor that this process is, its
    output in the log; pipe: but what it says on standard output is to be read here."""
    with store.open_log(log) as file:
        return subprocess.Popen(
            [sys.executable, "-m", *module],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if pipe else file,
            stderr=file,
            env={**env, SUPERVISOR_VARIABLE: str(os.getpid())},
            # Ctrl-C in the supervisor's terminal is for the supervisor, which tells its child.
            start_new_session=True,
        )


def environment(store: Store) -> dict[str, str]:
    """The environment of a process that works for a store: it finds the store and this package,
    whatever folder the app was started from."""
    path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "MSLT_HOME": str(store.home), "PYTHONPATH": path}
