"""Which source languages: criteria that score sets of them without training, and rankings."""

from mslt_core.analysis.selection.criteria import (
    AIMED,
    CRITERIA,
    OF_MODEL,
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
    language_table,
)

__all__ = [
    "AIMED",
    "CRITERIA",
    "OF_MODEL",
    "Choice",
    "Corpus",
    "Criterion",
    "Facts",
    "LanguageTable",
    "Measure",
    "Ranked",
    "corpus_of",
    "distances",
    "language_table",
    "rank",
    "score",
]
