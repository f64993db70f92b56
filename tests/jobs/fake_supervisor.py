"""python -m tests.jobs.fake_supervisor HOME [module=NAME] [stale_after=S] [idle_exit=S]
[patience=S], of the process that computes maps"""

from __future__ import annotations

import sys
from pathlib import Path

from mslt_core.jobs import supervisor, worker
from mslt_core.jobs.engines.local import LocalEngine
from mslt_core.jobs.machine import runs_at_once
from mslt_core.jobs.map_process import MapProcess
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError

if __name__ == "__main__":
    supervisor.POLL_SECONDS = 0.05  # tests are in a hurry
    home = Path(sys.argv[1])
    options = dict(argument.split("=") for argument in sys.argv[2:])
    idle_exit = options.get("idle_exit")
    module = options.get("module", "tests.jobs.fake_child")
    patience = float(options.get("patience", 900))
    store = Store(home)
    try:
        worker.supervise(
            home,
            idle_exit=float(idle_exit) if idle_exit else None,
            engines=[LocalEngine(store, module, grace=0.5) for _ in range(runs_at_once())],
            stale_after=float(options.get("stale_after", 60)),
            maps=MapProcess(store, "tests.jobs.fake_map", patience),
        )
    except UserError as error:
        sys.exit(str(error))
