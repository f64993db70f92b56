"""What is kept of a run: its mixing before and after training, as arrays that lose nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.analysis.mixing.estimate import Estimate
from mslt_core.analysis.mixing.measured import Measured
from mslt_core.analysis.mixing.metrics import METRICS
from mslt_core.analysis.mixing.space import SUBSETS, Numbers
from mslt_core.analysis.mixing.tables import SUMMARY, summary

Arrays = dict[str, NDArray[Any]]


BEFORE, AFTER = "pretrained", "tuned"
"""The spaces of a run in tables: before its training, and after it."""


@dataclass(frozen=True, eq=False)
class Mixing:
    """The same sentences as a model sees them before and after training, split into subsets by
    the languages that it was trained on."""

    before: Measured
    after: Measured

    def table(self) -> pd.DataFrame:
        """A row a space (BEFORE or AFTER), subset and metric: space, and the columns of
        `summary` as numbers, NaN where there is no value."""
        tables = {BEFORE: self.before, AFTER: self.after}
        parts = [summary(space).assign(space=name) for name, space in tables.items()]
        numbers = dict.fromkeys(("value", "low", "high", "null"), float)
        return pd.concat(parts, ignore_index=True)[["space", *SUMMARY]].astype(numbers)

    def to_arrays(self) -> Arrays:
        """Named arrays from which `from_arrays` makes an equal one."""
        sides = {"before": self.before, "after": self.after}
        return {
            f"{side}/{name}": array
            for side, measured in sides.items()
            for name, array in to_arrays(measured).items()
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Mixing:
        """Raises KeyError or ValueError for arrays that are none of `to_arrays`."""

        def side(name: str) -> Measured:
            prefix = f"{name}/"
            named = {key: array for key, array in arrays.items() if key.startswith(prefix)}
            return from_arrays({key.removeprefix(prefix): array for key, array in named.items()})

        return cls(side("before"), side("after"))


def to_arrays(measured: Measured) -> Arrays:
    """What was measured of one space, as named arrays:

    - `languages`, the tags with a line's end between them, as UTF-8; `seen` (languages,), whether
      each is one of those; `items` (1,), their number;
    - `estimate/<subset>/<metric>` (2 + items,): the value, its null (NaN for none), and what each
      item adds; (0,) where there is no value;
    - `matrix/<metric>` (languages, languages).
    """
    arrays: Arrays = {
        "languages": np.frombuffer("\n".join(measured.languages).encode(), dtype=np.uint8),
        "seen": np.array([tag in measured.seen for tag in measured.languages], dtype=bool),
        "items": np.array([measured.items]),
    }
    for (subset, metric), estimate in measured.estimates.items():
        arrays[f"estimate/{subset}/{metric}"] = _row(estimate)
    for metric, values in measured.matrices.items():
        arrays[f"matrix/{metric}"] = np.ascontiguousarray(values)
    return arrays


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Measured:
    """The inverse of `to_arrays`. Raises KeyError or ValueError for other arrays."""
    languages = tuple(arrays["languages"].tobytes().decode().split("\n"))
    seen = tuple(tag for tag, own in zip(languages, arrays["seen"], strict=True) if own)
    (items,) = (int(number) for number in arrays["items"])
    keys = [(subset, metric.key) for subset in SUBSETS for metric in METRICS]
    named = {key: f"estimate/{key[0]}/{key[1]}" for key in keys}
    estimates = {
        key: _estimate(arrays[name], items) for key, name in named.items() if name in arrays
    }
    matrices = {
        metric.key: arrays[f"matrix/{metric.key}"]
        for metric in METRICS
        if f"matrix/{metric.key}" in arrays
    }
    return Measured(languages, seen, items, estimates, matrices)


def _row(estimate: Estimate | None) -> Numbers:
    if estimate is None:
        return np.empty(0)
    null = np.nan if estimate.null is None else estimate.null
    return np.concatenate([[estimate.value, null], estimate.contributions])


def _estimate(row: Numbers, items: int) -> Estimate | None:
    if not len(row):
        return None
    if row.shape != (2 + items,):
        raise ValueError(f"an estimate over {items} items has {len(row)} numbers")
    value, null = float(row[0]), float(row[1])
    return Estimate(value, row[2:], None if np.isnan(null) else null)
