"""What a study says of the number of languages, in sentences that claim no more than it shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mslt_core.analysis.study.how_many import HowMany
from mslt_core.ui import words
from mslt_core.ui import words_how_many as said
from mslt_core.ui.charts import percent


def sentence(part: HowMany, over: str) -> str:
    """The fewest languages that touch the best, and the gain per doubling.

    part: the tables of one group of targets; over: what people call it.
    """
    sizes: Iterable[Any] = part.sizes.itertuples()
    rows = {row.k: row for row in sizes}
    if part.gains.empty:
        (row,) = rows.values()
        return said.ONE_SIZE.format(k=languages(row.k), over=over, **_mean(row))
    gain: Any = next(part.gains.itertuples())
    best, enough = rows[gain.best_k], rows[gain.enough_k]
    names = {"over": over, "best": languages(best.k), "do": said.DOES[best.k == 1]}
    if best.k == min(rows):
        parts = [said.ENOUGH_FEWEST.format(**names, **_mean(best))]
    elif best.k == enough.k:
        parts = [said.ENOUGH_BEST.format(**names, **_mean(best))]
    else:
        reference = {f"best_{key}": value for key, value in _mean(best).items()}
        few = {"few": languages(enough.k), "are": said.IS[enough.k == 1]}
        parts = [
            said.ENOUGH.format(**names, **few, **_mean(enough), **reference),
            _behind(enough, few, gain.paired_k),
        ]
    verdict = "more" if gain.low > 0 else "less" if gain.high < 0 else "none"
    change = {"gain": percent(gain.value, gain=True), "interval": span(gain.low, gain.high, True)}
    return " ".join([*parts, said.GAIN.format(**change, verdict=said.VERDICT[verdict])])


def languages(k: int) -> str:
    """So many languages."""
    return said.ONE if k == 1 else said.MANY.format(k=k)


def span(low: float, high: float, gain: bool = False) -> str:
    """An interval in per cent, or signed in points."""
    return words.FROM_TO.format(low=percent(low, gain), high=percent(high, gain))


def _behind(row: Any, few: dict[str, str], paired: int) -> str:
    """How far a size that touches the best is behind it on the same items."""
    clear = row.behind_low > 0
    form = said.BEHIND_CLEAR if clear else said.BEHIND_UNCLEAR
    return form.format(
        **few,
        behind=percent(row.behind),
        interval=span(row.behind_low, row.behind_high, gain=not clear),
        paired=paired,
    )


def _mean(row: Any) -> dict[str, str]:
    return {
        "value": said.PERCENT.format(value=percent(row.value)),
        "interval": span(row.low, row.high),
    }
