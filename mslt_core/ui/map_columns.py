"""Which models have a panel on the embedding map: before training, and after it on each set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from numpy.typing import NDArray

from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import results
from mslt_core.ui.columns import BEFORE_LOOK, Look, looks
from mslt_core.ui.names import before_name
from mslt_core.ui.sets import Sets, told

PANELS = 7
"""Tuned models that the map shows at most, beside those before training: two rows of four."""


@dataclass(frozen=True)
class Column:
    """A panel: its name and look, and the run whose vectors it shows."""

    name: str
    look: Look
    run: RunRecord
    when: Literal["before", "after"]
    seen: frozenset[str]
    """The languages trained on; of a model before training, those that any set was trained on."""
    seed: int | None = None
    """Of the run, if the set has others too."""


@dataclass(frozen=True)
class MapColumns:
    """The panels in their order, and what could not be among them."""

    columns: tuple[Column, ...]
    no_before: tuple[str, ...]
    """Models whose vectors from before training are not stored."""
    other_sentences: tuple[str, ...]
    """Source sets whose vectors are of other messages than those of most."""
    other_space: tuple[str, ...]
    """Source sets whose vectors have another size than those of the first."""
    left_over: int
    """How many fine-tuned source sets are too many."""

    @property
    def finished(self) -> tuple[float, ...]:
        """When the runs ended: one that was deleted and trained again keeps its id."""
        return tuple(column.run.finished or 0.0 for column in self.columns)


def map_columns(store: Store, sets: Sets) -> MapColumns:
    """The panels of these sets, each of the set's first run; those of one model stand together."""
    tuned = [spec for spec in sets.groups if spec.method == "finetune"]
    shown = tuned[:PANELS] or list(sets.groups)[:1]
    runs = {sets.names[spec]: sets.groups[spec][0] for spec in shown}
    widths = _widths(store, runs)
    runs = {name: run for name, run in runs.items() if name in widths}
    shown_of = {name: _sentences(store, run) for name, run in runs.items()}
    usual = Counter(shown_of.values()).most_common(1)
    other_sentences = tuple(name for name in runs if shown_of[name] != usual[0][0])
    runs = {name: run for name, run in runs.items() if name not in other_sentences}
    known = looks(sets)
    repeated = {sets.names[spec] for spec, group in sets.groups.items() if len(group) > 1}
    everywhere = frozenset(tag for run in runs.values() for tag in run.spec.sources)
    models = list(dict.fromkeys(run.spec.model for run in runs.values()))
    found: list[tuple[Column, int]] = []
    no_before = []
    for model in models:
        of_model = {name: run for name, run in runs.items() if run.spec.model == model}
        before = _before(store, of_model)
        if before is None:
            no_before.append(model)
        else:
            name = before_name(model, alone=len(models) == 1)
            found.append((Column(name, BEFORE_LOOK, before[0], "before", everywhere), before[1]))
        found += [
            (_after(name, known[name], run, name in repeated), widths[name])
            for name, run in of_model.items()
            if widths[name]
        ]
    fitting = [column for column, width in found if width == found[0][1]]
    others = [
        column.name for column, _ in found if column not in fitting and column.when == "after"
    ]
    return MapColumns(
        tuple(fitting), tuple(no_before), other_sentences, tuple(others), len(tuned[PANELS:])
    )


def _after(name: str, look: Look, run: RunRecord, repeated: bool) -> Column:
    seed = run.spec.seed if repeated else None
    return Column(name, look, run, "after", frozenset(run.spec.sources), seed)


def _sentences(store: Store, run: RunRecord) -> str:
    """Equal for runs whose maps can stand side by side. Of test items those of the languages in
    common are the same for all targets; of messages the choice depends on all of them."""
    said = told(store, run)
    return said.fingerprint if said else ""


def _widths(store: Store, runs: Mapping[str, RunRecord]) -> dict[str, int]:
    """The size of each run's vectors, 0 of a run without; runs that are broken are left out."""
    found = {}
    for name, run in runs.items():
        try:
            found[name] = _width_after(str(store.home), run.run_id, run.finished or 0.0)
        except UserError as error:
            results.leave_out(store, run, error)
    return found


def _before(store: Store, runs: Mapping[str, RunRecord]) -> tuple[RunRecord, int] | None:
    """The first of the runs whose vectors from before training are stored, and their size."""
    for run in runs.values():
        path = store.pretrained_path(str(results.run_json(store, run).get("pretrained", "")))
        # Unlike results these come and go, so a look at the file is taken each time.
        stamp = path.stat().st_mtime_ns if path.is_file() else 0
        width = _width_before(str(store.home), run.run_id, stamp)
        if width:
            return run, width
    return None


@st.cache_data(show_spinner=False, max_entries=500)
def _width_after(home: str, run_id: str, finished: float) -> int:
    return _width(Store(Path(home)).embeddings(run_id))


@st.cache_data(show_spinner=False, max_entries=500)
def _width_before(home: str, run_id: str, stamp: int) -> int:
    try:
        return _width(Store(Path(home)).pretrained(run_id)) if stamp else 0
    except (UserError, OSError, ValueError):
        return 0  # a cache that is damaged is as good as none


def _width(vectors: Mapping[str, NDArray[Any]]) -> int:
    return int(next(iter(vectors.values())).shape[1]) if vectors else 0
