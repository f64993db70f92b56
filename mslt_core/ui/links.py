"""Choices live in the address: a link, or a reload, opens the same view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

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
    place: DeltaGenerator
    """Where it is told what of that cannot be shown."""
    wrong: dict[str, str] = field(default_factory=dict)
    """The sentences that tell it, by key."""
    instead: dict[str, str] = field(default_factory=dict)
    """What the page has written into the address in its place."""


def arrive(page: str) -> None:
    """A page begins: another than before, or the same drawn anew."""
    place = st.empty()
    found = _arrival()
    if found and found.page == page:
        found.place = place
        _say(found)
    else:
        st.session_state.arrival = Arrival(page, st.query_params.to_dict(), place)


def wrong(key: str, said: str, instead: Any) -> None:
    """Tells that the address said what cannot be shown, until another choice is made. Nothing of
    what the page wrote there itself: that was right before something else was chosen."""
    found = _arrival()
    if found and key in found.asked:
        shown = ", ".join(map(str, instead)) if isinstance(instead, list) else str(instead or "")
        found.wrong[key] = words.LINK_WRONG.format(
            asked=escaped(f"{key}={said[:LONGEST]}"), instead=escaped(shown) or words.LINK_NOTHING
        )
        _say(found)


def _say(found: Arrival) -> None:
    """In one line; nothing where all can be shown."""
    if found.wrong:
        found.place.caption(" ".join(found.wrong.values()))
    else:
        found.place.empty()


def _written(found: Arrival, key: str, value: str) -> None:
    """The page writes a choice into the address."""
    found.asked.pop(key, None)
    if key in found.wrong and found.instead.setdefault(key, value) != value:
        del found.wrong[key]
        _say(found)


def _arrival() -> Arrival | None:
    found: Arrival | None = st.session_state.get("arrival")
    return found


def recall(
    key: str, default: Any, parse: Callable[[str], Any], allowed: Callable[[Any], bool]
) -> None:
    """Give a widget its value before it is drawn: what it has, else what the address says, else
    the default. Where the address is wrong, that is told."""
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
    found = _arrival()
    for key, value in values.items():
        if found:
            _written(found, key, value)
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
