"""Choices live in the address: a link, or a reload, opens the same view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from mslt_core.ui import words
from mslt_core.ui.plain import escaped

LONGEST = 80
"""Signs of what an address says wrongly that are told."""


@dataclass
class Arrival:
    """The address with which a page was opened."""

    page: str
    asked: dict[str, str]
    """What it said, as far as the page has not written that anew."""
    wrong: dict[str, tuple[str, Any]] = field(default_factory=dict)
    """What of it cannot be shown: a sentence, and the choice that stands in its place."""


def arrive(page: str) -> None:
    """A page begins: another than before, or the same drawn anew."""
    if page != _arrival().page:
        st.session_state.arrival = Arrival(page, st.query_params.to_dict())


def wrong(key: str, said: str, value: Any) -> None:
    """The address said what cannot be shown, and the choice is another. Nothing of what the page
    wrote there itself: that was right before something else was chosen."""
    if key in _arrival().asked:
        instead = ", ".join(value) if isinstance(value, (list, tuple)) else str(value or "")
        sentence = words.LINK_WRONG.format(
            asked=escaped(f"{key}={said[:LONGEST]}"), instead=escaped(instead) or words.LINK_NOTHING
        )
        _arrival().wrong[key] = (sentence, value)


def say_wrong() -> None:
    """What of the address is not shown, in one line, until something else is chosen."""
    found = _arrival().wrong.items()
    told = [said for key, (said, value) in found if st.session_state.get(key, value) == value]
    if told:
        st.caption(" ".join(told))


def _arrival() -> Arrival:
    found: Arrival = st.session_state.get("arrival") or Arrival("", {})
    return found


def recall(
    key: str, default: Any, parse: Callable[[str], Any], allowed: Callable[[Any], bool]
) -> None:
    """Give a widget its value before it is drawn: what it has, else what the address says, else
    the default. Where the address is wrong, `say_wrong` tells it."""
    if key in st.session_state and allowed(st.session_state[key]):
        return
    value = default
    if key in st.query_params:
        try:
            said = parse(st.query_params[key])
            fits = allowed(said)
        except ValueError:
            fits = False
        if fits:
            value = said
        else:
            wrong(key, st.query_params[key], default)
    st.session_state[key] = value


def remember(values: Mapping[str, str]) -> None:
    """Write choices into the address; an empty one leaves it."""
    for key, value in values.items():
        _arrival().asked.pop(key, None)
        if not value:
            st.query_params.pop(key, None)
        elif st.query_params.get(key) != value:
            st.query_params[key] = value


def unless(value: object, default: object) -> str:
    """A choice as the address holds it: nothing where it is the default."""
    return "" if value == default else str(value)


def split(text: str) -> list[str]:
    """The parts of a comma-separated list, each once."""
    return list(dict.fromkeys(part for part in text.split(",") if part))
