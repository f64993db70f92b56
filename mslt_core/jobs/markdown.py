"""Tables and numbers in Markdown."""

from __future__ import annotations

from math import isnan


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table; all columns but the first are numbers."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def percent(value: float, low: float, high: float) -> str:
    """A share in per cent with its interval, if there is one."""
    return f"{100 * value:.1f}" + ("" if isnan(low) else f" [{100 * low:.1f}, {100 * high:.1f}]")


def points(value: float, low: float, high: float) -> str:
    """A difference of shares in points with its interval, if there is one."""
    ends = "" if isnan(low) else f" [{100 * low:+.1f}, {100 * high:+.1f}]"
    return f"{100 * value:+.1f}{ends}"
