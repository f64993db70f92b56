"""The four claims of the paper, each judged on one study, and across studies."""

from mslt_core.analysis.study.claims.across import ACROSS, across
from mslt_core.analysis.study.claims.choosable import choosable
from mslt_core.analysis.study.claims.judge import judge
from mslt_core.analysis.study.claims.judgement import CLAIMS, Claim, Judgement, Verdict
from mslt_core.analysis.study.claims.mingling import mingling
from mslt_core.analysis.study.claims.scores import helps, not_always

__all__ = [
    "ACROSS",
    "CLAIMS",
    "Claim",
    "Judgement",
    "Verdict",
    "across",
    "choosable",
    "helps",
    "judge",
    "mingling",
    "not_always",
]
