"""What a study says of the number of languages, in sentences that claim no more than it shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from mslt_core.analysis.study.how_many import HowMany
from mslt_core.ui import words
from mslt_core.ui import words_how_many as said
from mslt_core.ui.charts import percent


def sentence(part: HowMany, over: str) -> str:
    """The fewest languages that may do as well as the best number, and the gain per doubling.

    part: the tables of one group of targets; over: what people call it.
    """
    sizes: Iterable[Any] = part.sizes.itertuples()
    rows = {row.k: row for row in sizes}
    if part.gains.empty:
        (row,) = rows.values()
        return said.ONE_SIZE.format(k=languages(row.k), over=over, **_mean(row))
    gain: Any = next(part.gains.itertuples())
    best, enough = rows[gain.best_k], rows[gain.enough_k]
    names = {"over": over, "best": languages(best.k), **_mean(best)}
    said_of_gain = {"gain": percent(gain.value, gain=True)}
    if pd.isna(gain.paired_k):
        lead = said.BEST.format(do=said.DOES[best.k == 1], **names)
        return f"{lead} {said.GAIN_ONE_SEED.format(**said_of_gain)}"
    paired = rows[gain.paired_k]
    if best.k == min(rows):
        parts = [said.ENOUGH_FEWEST.format(do=said.DOES[best.k == 1], **names)]
    else:
        if paired.k == best.k:
            lead = said.ENOUGH_BEST.format(do=said.DOES[False], **names)
        else:
            lead = said.ENOUGH.format(**names, **_few(paired), **_behind(paired))
        touches = said.TOUCHES.format(**_few(enough), interval=span(enough.low, enough.high))
        parts = [lead, touches]
    verdict = "more" if gain.low > 0 else "less" if gain.high < 0 else "none"
    change = {**said_of_gain, "interval": span(gain.low, gain.high, True)}
    return " ".join([*parts, said.GAIN.format(**change, verdict=said.VERDICT[verdict])])


def languages(k: int) -> str:
    """So many languages."""
    return said.ONE if k == 1 else said.MANY.format(k=k)


def span(low: float, high: float, gain: bool = False) -> str:
    """An interval in per cent, or signed in points."""
    return words.FROM_TO.format(low=percent(low, gain), high=percent(high, gain))


def _few(row: Any) -> dict[str, str]:
    return {"few": languages(row.k), "are": said.IS[row.k == 1]}


def _behind(row: Any) -> dict[str, str]:
    interval = span(row.behind_low, row.behind_high, gain=True)
    return {"behind": percent(row.behind), "behind_interval": interval}


def _mean(row: Any) -> dict[str, str]:
    return {
        "value": said.PERCENT.format(value=percent(row.value)),
        "interval": span(row.low, row.high),
    }
