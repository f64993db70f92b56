"""Choices live in the address: a link, or a reload, opens the same view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st


def recall(
    key: str, default: Any, parse: Callable[[str], Any], allowed: Callable[[Any], bool]
) -> None:
    """Give a widget its value before it is drawn: what it has, else what the address says, else
    the default. What the address says wrongly is passed over."""
    if key in st.session_state and allowed(st.session_state[key]):
        return
    value = default
    if key in st.query_params:
        try:
            said = parse(st.query_params[key])
            value = said if allowed(said) else default
        except ValueError:
            pass
    st.session_state[key] = value


def remember(values: Mapping[str, str]) -> None:
    """Write choices into the address; an empty one leaves it."""
    for key, value in values.items():
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
