"""The place of a process that computes maps, beside the lanes for runs: a map never waits for a
run, nor a run for a map.

The process answers one request and ends. Its death costs nothing but time, until the same request
has cost two: then that is the answer.
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field

from mslt_core.jobs.engines.local import environment, launch
from mslt_core.jobs.map_files import MapFiles
from mslt_core.jobs.processes import how_ended, last_line
from mslt_core.jobs.store import Store, tail

DEATHS = 2
"""Deaths in a row that end a request."""
FAILED_SECONDS = 600.0
"""How long that holds: other programs may have taken the memory."""
FULL_SECONDS = 30.0
"""How long nothing is started after something could not be written."""
THREADS = {"OMP_WAIT_POLICY": "passive"}
"""Environment of the process: its threads sleep while they wait for one another. Where runs have
the cores too, those that spin keep the others from getting on: half a second became eight."""


@dataclass
class MapProcess:
    """At most one process, which computes the map that somebody waited for last."""

    store: Store
    module: str = "mslt_core.jobs.maps"
    patience: float = 900.0
    """Seconds after which a process is taken to hang."""
    _process: subprocess.Popen[bytes] | None = None
    _key: str = ""
    """What it computes."""
    _started: float = 0.0
    _not_before: float = 0.0
    """When, by the monotonic clock, something may be started again."""
    _deaths: dict[str, list[str]] = field(default_factory=dict)
    """Of a request how each process ended that did not answer it."""

    def __post_init__(self) -> None:
        self.files = MapFiles(self.store)
        self.log = self.store.logs_dir / "maps.log"

    def look(self) -> bool:
        """Buries the process if it has ended, starts one if a map is asked for; returns whether
        there is anything to do. Raises OSError, such as on a full disk."""
        if self._process is not None and self._lives(self._process):
            return True
        asked = self.files.asked()
        self._deaths = {key: how for key, how in self._deaths.items() if key in asked}
        if asked and time.monotonic() >= self._not_before:
            try:
                self._serve(asked[0])
            except OSError:
                self._not_before = time.monotonic() + FULL_SECONDS
                self._deaths = {}  # no request was at fault
                raise
        return bool(asked)

    def asked(self) -> bool:
        """Whether a map is asked for that is not computed yet."""
        return bool(self.files.asked())

    def stop(self) -> None:
        """Ends the process; what it computed is asked for as before. Idempotent."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _lives(self, process: subprocess.Popen[bytes]) -> bool:
        status = process.poll()
        if status is None and time.monotonic() - self._started < self.patience:
            return True
        if status is None:
            how = f"did not end within {self.patience / 60:.0f} minutes"
        else:
            how = how_ended(status)
        if status is not None and status > 0:
            how += f" and said at last: {last_line(tail(self.log, lines=5))}"
        self.stop()
        self._deaths.setdefault(self._key, []).append(how)
        return False

    def _serve(self, key: str) -> None:
        how = self._deaths.get(key, [])
        if len(how) < DEATHS:
            self._start(key)
            return
        self.files.fail(
            key,
            f"The map was given up after {len(how)} attempts, since its process {how[-1]}: show "
            "fewer runs on the map, or close other programs, and try again later.",
            FAILED_SECONDS,
        )

    def _start(self, key: str) -> None:
        module = [self.module, "--home", str(self.store.home), "--key", key]
        env = {**THREADS, **environment(self.store)}
        self._process = launch(self.store, self.log, module, env)
        self._key, self._started = key, time.monotonic()
