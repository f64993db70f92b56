"""A child without torch, which executes a run in the manner that the run's model names."""

from __future__ import annotations

import argparse
import os
import signal
import time
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd

from mslt_core.jobs import child
from mslt_core.jobs.child import Job, serve
from mslt_core.jobs.database import transaction
from mslt_core.jobs.ledger import Ledger
from mslt_core.spec import WorkFailed

MEAN = 0.75


def execute(job: Job) -> None:
    home = job.folder.parents[1]
    with (home / "executions.txt").open("a") as file:
        file.write(f"{job.run_id} {job.attempt}\n")
    print(f"this is attempt {job.attempt} of {job.run_id}")
    job.append_history(1, 2.5, 1000.0)
    job.report("training", 1, 3, loss=2.5, tokens_per_second=1000.0)
    match job.spec.model:
        case "gated":  # goes on, reporting, until the test opens the gate
            while not (home / "gate").exists():
                job.report("training", 2, 3)
                time.sleep(0.01)
        case "one long step":  # goes on without a report
            while not (home / "gate").exists():
                time.sleep(0.01)
        case "hangs with the ledger" if job.attempt == 1:
            while not (home / "hang").exists():
                time.sleep(0.01)
            with transaction(home / "ledger.sqlite", write=True) as db:  # it is heard of last
                db.execute(
                    "UPDATE runs SET heartbeat = heartbeat + 1 WHERE run_id = ?", [job.run_id]
                )
            with transaction(home / "ledger.sqlite", write=True):
                os.kill(os.getpid(), signal.SIGSTOP)
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "killed once" if job.attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        case "killed after storing" if job.attempt == 1:
            Ledger.finish = _die  # type: ignore[method-assign]
        case "user error":
            raise WorkFailed("The weights are broken: fetch them again.")
        case "error":
            raise ValueError("no such\nthing")
        case "memory":
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        case "no result":
            return
        case "full disk":  # a device on which every write fails as on a full disk
            (job.folder / "scores.parquet").symlink_to("/dev/full")
    write_results(job)
    job.complete({"mean": {"all": MEAN, "seen": None, "unseen": MEAN}, "metric": "accuracy"}, MEAN)


def write_results(job: Job) -> None:
    scores = [("de", "accuracy", MEAN, 4)]
    job.write_table("scores", pd.DataFrame(scores, columns=["target", "metric", "value", "n"]))
    job.write_arrays("embeddings", {"de": np.arange(6, dtype=np.float16).reshape(3, 2).T})


def _die(*_: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


if __name__ == "__main__":
    # Tests are in a hurry.
    child.POLL_SECONDS, child.HEARTBEAT_SECONDS, child.CANCEL_SECONDS = 0.05, 0.3, 0.6
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--worker", required=True)
    arguments = parser.parse_args()
    serve(arguments.home, arguments.worker, execute)
