"""A long list, a page at a time. Which page is in the address."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import streamlit as st

from mslt_core.ui.links import remember


@dataclass(frozen=True)
class Pager:
    """Which page of a list is shown."""

    length: int
    """Rows of the list."""
    size: int
    """Rows of a page."""
    what: str
    """What the list is of and how it is filtered: another one begins at its first page."""

    @property
    def pages(self) -> int:
        return max(1, -(-self.length // self.size))

    @property
    def page(self) -> int:
        """The page that is shown, from 1 on."""
        return int(st.session_state.get(self._key, self._linked))

    def rows(self) -> slice:
        """The rows of the page."""
        return slice((self.page - 1) * self.size, self.page * self.size)

    def draw(self) -> None:
        """Lets a person choose the page."""
        page = 1
        if self.pages > 1:
            page = st.pagination(self.pages, default=self._linked, key=self._key)
        remember({"page": "" if page == 1 else str(page)})

    @property
    def _key(self) -> str:
        return f"page-{crc32(self.what.encode())}-{self.pages}"

    @property
    def _linked(self) -> int:
        """The page that the address says."""
        said = st.query_params.get("page", "")
        return int(said) if said.isdecimal() and 1 <= int(said) <= self.pages else 1


def first_page() -> None:
    """To be called when a filter is changed: its list begins at the first page."""
    remember({"page": ""})
