"""How languages mix in the models of source sets, as the page keeps it between reruns.

Nothing is measured here: a run's worker did that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.analysis.mixing import Mixing
from mslt_core.jobs.store import Store
from mslt_core.ui import measured_sets
from mslt_core.ui.measured_sets import Comparison, MeasuredSet, Spaces


@dataclass(frozen=True)
class Tables:
    """What there is to show of several sets. marks and points: see
    `measured_sets.marks_and_points`."""

    marks: pd.DataFrame
    points: pd.DataFrame
    trainings: tuple[Comparison, ...]
    """Of each set, from before training to after it."""
    between: Comparison | None
    """From the baseline to the other set with the most languages; None if there is one set alone,
    or for a reason."""
    apart: str
    """The reason: why these two cannot be compared; empty if they can."""
    same_seen: bool
    """Whether all sets were trained on the same languages, so that seen and unseen are, too."""


@dataclass(frozen=True, eq=False)
class Stored:
    """What was measured of a run, and its record, which says more of that."""

    mixing: Mixing | None
    record: Mapping[str, Any]

    @property
    def basis(self) -> str:
        """Equal for runs whose numbers can be compared."""
        return measured_sets.basis(self.record)

    @property
    def missing(self) -> str:
        """Why it was not measured; older ones do not say."""
        return str((self.record.get("mixing") or {}).get("missing", ""))


@st.cache_resource(show_spinner=False, max_entries=500)
def stored(home: str, run_id: str, finished: float) -> Stored:
    """What is stored of a run, only to be read. finished: a run that was deleted and trained again
    keeps its id, and may have what it had not before."""
    store = Store(Path(home))
    return Stored(store.mixing(run_id), store.run_json(run_id))


@st.cache_data(show_spinner=False, max_entries=50)
def tables(home: str, sets: tuple[MeasuredSet, ...], baseline: str) -> Tables:
    """The tables of sets of which each has at least one run that was measured, those with the
    most languages last. baseline: the name of the set that others are compared with; the first
    where that one was not measured."""
    spaces = [read(home, one) for one in sets]
    first = next((one for one in spaces if one.of.name == baseline), spaces[0])
    others = [one for one in spaces if one is not first]
    between, apart = measured_sets.between(first, others[-1]) if others else (None, "")
    return Tables(
        *measured_sets.marks_and_points(spaces),
        measured_sets.trainings(spaces),
        between,
        apart,
        same_seen=len({one.seen for one in spaces}) == 1,
    )


def read(home: str, of: MeasuredSet) -> Spaces:
    """A set with what was measured."""
    found = {seed: stored(home, run_id, finished) for seed, run_id, finished in of.runs}
    return Spaces.of_seeds(of, {seed: one.mixing for seed, one in found.items() if one.mixing})
