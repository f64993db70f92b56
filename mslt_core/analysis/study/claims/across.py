"""What several studies say of the claims together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from mslt_core.analysis.study.claims.judgement import CLAIMS, Judgement

ACROSS = [
    "claim", "studies", "supported", "not_supported", "undecided", "above", "p_some", "p_all",
]  # fmt: skip


def across(studies: Mapping[str, Sequence[Judgement]]) -> pd.DataFrame:
    """A row a claim, columns ACROSS. studies: of each, by name, its judgements.

    studies counts those that could test the claim; above those whose effect is above 0, NA where
    the effect told is the clearest of several: that is above 0 by selection alone. p_some is
    the p value of "at least one study supports it" (the least p times their number, Bonferroni),
    p_all that of "every study supports it" (the largest p). Both hold for studies that are not
    independent, as those of one model or with the same sentences are not; a sign test would not.
    """
    rows = []
    for claim in CLAIMS:
        of_claim = [one for found in studies.values() for one in found if one.claim == claim]
        tested = [one for one in of_claim if one.p is not None]
        verdicts = [one.verdict for one in tested]
        p = [one.p for one in tested if one.p is not None]
        rows.append(
            (
                claim,
                len(tested),
                *(verdicts.count(v) for v in ("supported", "not supported", "undecided")),
                _above(tested),
                min(1.0, len(p) * min(p)) if p else float("nan"),
                max(p) if p else float("nan"),
            )
        )
    return pd.DataFrame(rows, columns=ACROSS).astype({"above": "Int64"})


def _above(tested: Sequence[Judgement]) -> int | None:
    if any(one.comparisons > 1 for one in tested):
        return None
    return sum(one.effect is not None and one.effect > 0 for one in tested)
