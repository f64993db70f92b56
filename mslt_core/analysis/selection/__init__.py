"""Which source languages: criteria that score sets of them without training, and rankings."""

from mslt_core.analysis.selection.criteria import (
    AIMED,
    CRITERIA,
    OF_MODEL,
    OF_PAIRS,
    SIMPLE,
    Criterion,
    score,
)
from mslt_core.analysis.selection.ranking import Choice, Ranked, rank
from mslt_core.analysis.selection.table import (
    Corpus,
    Facts,
    LanguageTable,
    Measure,
    corpus_of,
    distances,
    imputed_shares,
    language_table,
    mostly_imputed,
)

__all__ = [
    "AIMED",
    "CRITERIA",
    "OF_MODEL",
    "OF_PAIRS",
    "SIMPLE",
    "Choice",
    "Corpus",
    "Criterion",
    "Facts",
    "LanguageTable",
    "Measure",
    "Ranked",
    "corpus_of",
    "distances",
    "imputed_shares",
    "language_table",
    "mostly_imputed",
    "rank",
    "score",
]
