"""All four claims judged on one study."""

from __future__ import annotations

import pandas as pd

from mslt_core.analysis.measured import Measured
from mslt_core.analysis.selection import SIMPLE, Corpus, Facts, language_table
from mslt_core.analysis.study.claims.choosable import Criteria, choosable
from mslt_core.analysis.study.claims.judgement import Claim, Judgement, untested
from mslt_core.analysis.study.claims.mingling import mingling
from mslt_core.analysis.study.claims.scores import helps, not_always
from mslt_core.analysis.study.judging import of_size
from mslt_core.analysis.study.leaderboard import numbers_of
from mslt_core.analysis.study.usual import usual_over, usual_size
from mslt_core.analysis.threads import one_thread
from mslt_core.spec import UserError

OF_SCORES: tuple[Claim, ...] = ("helps", "not always", "choosable")


def judge(
    measured: Measured | str, mixing: pd.DataFrame, corpus: Corpus, facts: Facts | None
) -> tuple[Judgement, ...]:
    """The claims in the order of CLAIMS; seconds for hundreds of runs.

    measured: what the study measured, or why that cannot be read, in a sentence. mixing: the rows
    that it keeps of mixing. corpus and facts: as for the language table, of the study's model; the
    criteria that need facts are left out without them.
    """
    try:
        of_mixing = mingling(mixing)
    except UserError as error:
        of_mixing = untested("mingling", str(error))
    if isinstance(measured, str):
        return (of_mixing, *(untested(claim, measured) for claim in OF_SCORES))
    with one_thread():
        size, over = usual_size(measured), usual_over(measured)
        simple = criteria(measured, size, corpus, facts)
        found = choosable(measured, simple, size, over)
        of_scores = (helps(measured), not_always(measured), found)
    return (of_mixing, *of_scores)


def criteria(measured: Measured, size: int, corpus: Corpus, facts: Facts | None) -> Criteria:
    """Of each simple criterion its numbers of the measured sets of a size; without those of which
    some language lacks what they need, and none where no set has that size."""
    if not of_size(measured, size):
        return {}
    numbers, _ = numbers_of(measured, language_table(measured.pool, corpus, facts), size)
    return {name: found for name, found in numbers.items() if name in SIMPLE}
