"""The tasks that can be chosen. A new family of tasks is one file here and one line below;
a data set in Parquet on the hub is one entry in `hub_tables`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mslt_core.catalog.tasks.base import Item, Kind, Metric, Split, Task
from mslt_core.catalog.tasks.files import PREFIX, FilesTask, imported
from mslt_core.catalog.tasks.hub_tables import TABLES
from mslt_core.catalog.tasks.hub_task import HubTask
from mslt_core.catalog.tasks.intents import IntentsTask
from mslt_core.catalog.tasks.pud_pos import PudPosTask
from mslt_core.catalog.tasks.sib200 import Sib200Task
from mslt_core.spec import BadArgument

__all__ = ["Item", "Kind", "Metric", "Split", "Task", "task", "task_names"]

_TASKS: dict[str, Callable[[], Task]] = {
    "intents": IntentsTask,
    "sib200": Sib200Task,
    "pud-pos": PudPosTask,
    **{table.name: partial(HubTask, table) for table in TABLES},
}


def task_names() -> tuple[str, ...]:
    """Names of all tasks, the bundled one first and imported data last."""
    return (*_TASKS, *imported())


def task(name: str) -> Task:
    """The task of that name. Raises BadArgument for any other."""
    if name.startswith(PREFIX):
        return FilesTask(name)
    if name not in _TASKS:
        raise BadArgument(
            f"There is no task {name!r}: take one of {', '.join(task_names())}, "
            f"or {PREFIX}NAME of data that was imported."
        )
    return _TASKS[name]()
