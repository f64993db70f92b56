"""Is transfer from one language to another better where the two mix more before training?

That needs runs on single languages, each of them a target of the others too. Cells that share a
language are not independent, so the test is that of Mantel.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mslt_core.analysis.mantel import FEWEST_LANGUAGES, mantel
from mslt_core.analysis.mixing import METRIC, Measured
from mslt_core.analysis.stats import p_value
from mslt_core.spec import BadArgument
from mslt_core.ui import words_mixing

SURE = 0.05
USUAL = "neighbour_mixing"
"""The measure that stands for those that two languages alone do not have."""


def said(before: Measured, scores: pd.DataFrame, metric: str) -> str:
    """What a measure of pairs before training and the scores of their transfer say together.

    scores: a row a language trained on, a column a target. Empty where they are of fewer than
    FEWEST_LANGUAGES languages, or there is nothing to correlate.
    """
    tags = [tag for tag in before.languages if tag in scores.index and tag in scores.columns]
    if len(tags) < FEWEST_LANGUAGES:
        return ""
    measure = metric if metric in before.matrices else USUAL
    if measure not in before.matrices:
        return ""
    places = [before.languages.index(tag) for tag in tags]
    try:
        found = mantel(
            before.matrices[measure][np.ix_(places, places)],
            scores.loc[tags, tags].to_numpy(dtype=float),
        )
    except BadArgument:  # a gap, of which the tables tell
        return ""
    if found is None:
        return ""
    what = METRIC[measure]
    value = -found.value if what.more_mingled == "lower" else found.value
    way = "unclear" if found.p >= SURE else "better" if value > 0 else "worse"
    return words_mixing.LINK_PAIRS[way].format(
        what=words_mixing.LINK_PAIRS_MORE[what.family],
        metric=words_mixing.MIX_QUOTED[measure],
        rho=f"{value:+.2f}".replace("-", "−"),
        languages=len(tags),
        p=likely(found.p),
    )


def likely(p: float | None) -> str:
    """A p value in words, from languages that change places; None where there is none."""
    if p is None:
        return words_mixing.LINK_P["none"]
    return words_mixing.LINK_P["some"].format(p=p_value(p))
