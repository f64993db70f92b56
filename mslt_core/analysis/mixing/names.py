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
    "language_silhouette": "silhouette by language",
    "neighbour_mixing": "mixing of neighbours",
    "same_language_share": "own-language neighbours",
    "language_probe": "language told by a probe",
    "centroid_distance": "distance of centroids",
    "retrieval": "retrieval of translations",
    "debiased_cka": "debiased CKA",
    "label_silhouette": "silhouette by class",
    "effective_rank": "effective rank",
    "anisotropy": "mean cosine",
}
