"""All four claims judged on one study."""

from __future__ import annotations

from math import comb

import pandas as pd

from mslt_core.analysis.measured import Measured
from mslt_core.analysis.selection import Corpus, Facts, language_table
from mslt_core.analysis.study.claims.choosable import Criteria, choosable
from mslt_core.analysis.study.claims.judgement import Claim, Judgement, untested
from mslt_core.analysis.study.claims.mingling import mingling
from mslt_core.analysis.study.claims.scores import helps, not_always
from mslt_core.analysis.study.judging import of_size
from mslt_core.analysis.study.leaderboard import numbers_of
from mslt_core.analysis.threads import one_thread
from mslt_core.spec import UserError

USUAL = 3
"""The size of set that the paper chooses."""
NOT_SIMPLE = ("probe", "random")
"""No simple criteria: the one trains, and the other is what they are to beat."""
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
        size = judged_size(measured)
        simple = criteria(measured, size, corpus, facts)
        of_scores = (helps(measured), not_always(measured), choosable(measured, simple, size))
    return (of_mixing, *of_scores)


def judged_size(measured: Measured) -> int:
    """The size of sets by which criteria are judged: the paper's, unless not all its sets were
    measured but all of another one, as languages can be permuted only then."""
    pool = len(measured.pool)
    numbers = {size: len(of_size(measured, size)) for size in range(2, pool)}
    whole = [size for size, number in numbers.items() if number == comb(pool, size)]
    if USUAL in whole or not whole:
        return USUAL
    return max(whole, key=numbers.__getitem__)


def criteria(measured: Measured, size: int, corpus: Corpus, facts: Facts | None) -> Criteria:
    """Of each simple criterion its numbers of the measured sets of a size; without those of which
    some language lacks what they need, and none where no set has that size."""
    if not of_size(measured, size):
        return {}
    numbers, _ = numbers_of(measured, language_table(measured.pool, corpus, facts), size)
    return {name: found for name, found in numbers.items() if name not in NOT_SIMPLE}
