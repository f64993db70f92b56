"""The rows of a table while it is checked: which are sound so far, what is wrong with others."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mslt_core.catalog.tasks.formats import Fault


class Audit:
    """The rows that are sound so far, and the faults of the others."""

    def __init__(self, rows: pd.DataFrame, faults: list[Fault], folder: bool) -> None:
        self.rows = rows
        self.faults = faults
        self._folder = folder
        self._faulty = pd.Series(False, index=rows.index)

    def fault(
        self, where: pd.Series[Any], kind: str, column: str, message: str, *fills: pd.Series[Any]
    ) -> None:
        """Faults the rows where `where` is true; `{}` in the message takes the row's value of each
        of the fills."""
        if not where.any():
            return
        self._faulty |= where
        found = self.rows[where]
        values = [fill.reindex(found.index) for fill in fills]
        for row, file, *words in zip(found["row"], found["file"], *values, strict=True):
            self.faults.append(Fault(int(row), column, message.format(*words), kind, file))

    def settle(self) -> None:
        """Drops the rows that were faulted."""
        self.rows = self.rows[~self._faulty]
        self._faulty = pd.Series(False, index=self.rows.index)

    def tell(self, kind: str, column: str, message: str, stops: bool) -> None:
        """A fault of the table as a whole."""
        self.faults.append(Fault(None, column, message, kind, stops=stops))

    def places(self, labels: pd.Series[Any]) -> pd.Series[Any]:
        """For each row, the place of the row with that index label, such as `row 5`."""
        known = self.rows.loc[labels]
        places = "row " + known["row"].astype(str)
        if self._folder:
            places = known["file"] + ", " + places
        return places.set_axis(labels.index)
