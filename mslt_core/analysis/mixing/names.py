"""What people call the metrics of mixing, and the languages that they are over."""

from __future__ import annotations

from mslt_core.analysis.mixing.space import Subset

TITLES: dict[Subset, str] = {
    "all": "All languages",
    "seen": "Languages trained on",
    "unseen": "Languages not trained on",
    "mixed": "Pairs of a language trained on with one that is not",
}
NAMES = {
    "language_silhouette": "Silhouette by language",
    "neighbour_mixing": "Languages among neighbours",
    "same_language_share": "Neighbours in the same language",
    "language_probe": "Language-ID accuracy",
    "centroid_distance": "Distance between languages",
    "retrieval": "Translations retrieved",
    "debiased_cka": "Likeness of layout (debiased CKA)",
    "label_silhouette": "Silhouette by class",
    "effective_rank": "Effective rank",
    "anisotropy": "Anisotropy",
}
