"""What people call the claims, what each says, and what the paper found."""

from __future__ import annotations

from mslt_core.analysis.study.claims.judgement import Claim

TITLES: dict[Claim, str] = {
    "mingling": "Mingling",
    "helps": "Helps",
    "not always": "Not always",
    "choosable": "Choosable",
}
SAYS: dict[Claim, str] = {
    "mingling": "More source languages make the embedding spaces of languages mingle more.",
    "helps": "Several source languages beat one at the same budget.",
    "not always": "Not every combination does: some lose to a single language.",
    "choosable": "Simple criteria find good combinations.",
}
IN_THE_PAPER: dict[Claim, str] = {
    "mingling": "yes, the more source languages the more mingled [from its abstract].",
    "helps": (
        "yes [from its abstract]; steep from one language to three, then flat [as summarised by "
        "others]."
    ),
    "not always": (
        "an arbitrary combination is not always better, and some lose to English alone [from its "
        "abstract]."
    ),
    "choosable": (
        "yes [from its abstract]; diversity of typology and of writing systems did best, "
        "pretraining size and vocabulary coverage worst [as summarised by others]. Later work "
        "(arXiv 2603.27651) found that criteria hardly differ and a random choice does well [as "
        "summarised by others]."
    ),
}
