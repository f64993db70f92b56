"""Finished runs that are named on the command line."""

from __future__ import annotations

from mslt_core.jobs.ledger import RunRecord, State
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument

_UNFINISHED = {
    State.QUEUED: "is queued",
    State.RUNNING: "is running",
    State.FAILED: "has failed",
    State.CANCELLED: "was cancelled",
}


def named(names: str) -> list[str]:
    """Ids from a comma-separated list. Raises BadArgument where it is empty or names one twice."""
    found = [name.strip() for name in names.split(",") if name.strip()]
    if not found:
        raise BadArgument("runs is empty: name one run or several, as in --runs A,B.")
    if len(set(found)) < len(found):
        raise BadArgument(f"runs names a run twice: {', '.join(found)}.")
    return found


def finished(store: Store, run_id: str) -> RunRecord:
    """The record of a run with sound results. Raises BadArgument, saying what became of it, for
    any other."""
    record = store.settle(run_id)
    if record is None:
        raise BadArgument(f"There is no run {run_id} in {store.home}: `run` prints the id of each.")
    if record.state is not State.DONE:
        why = f" ({record.message.rstrip('.')})" if record.message else ""
        raise BadArgument(
            f"Run {run_id} {_UNFINISHED[record.state]}{why}: name runs that are done."
        )
    return record
