"""The verdict follows from the differences, metric by metric."""

import pandas as pd
import pytest

from mslt_core.analysis.mixing import METRICS, changes, judge

UP, DOWN, UNCLEAR = (0.3, 0.1, 0.5), (-0.3, -0.5, -0.1), (0.1, -0.1, 0.3)


def table(**changes: tuple[float, float, float]) -> pd.DataFrame:
    """Differences of all metrics: unclear where nothing else is said."""
    rows = [("all", metric.key, *changes.get(metric.key, UNCLEAR)) for metric in METRICS]
    return pd.DataFrame(rows, columns=["subset", "metric", "value", "low", "high"])


@pytest.mark.parametrize(
    ("changes", "mixing", "alignment", "separation"),
    [
        ({}, "unclear", "unclear", "unclear"),
        ({"language_silhouette": DOWN, "language_probe": DOWN}, "more", "unclear", "unclear"),
        ({"language_silhouette": DOWN, "neighbour_mixing": UP}, "more", "unclear", "unclear"),
        ({"language_silhouette": UP, "neighbour_mixing": DOWN}, "less", "unclear", "unclear"),
        ({"language_silhouette": DOWN}, "unclear", "unclear", "unclear"),
        ({"neighbour_mixing": UP, "same_language_share": DOWN}, "unclear", "unclear", "unclear"),
        (
            {"language_silhouette": DOWN, "neighbour_mixing": UP, "centroid_distance": UP},
            "unclear",
            "unclear",
            "unclear",
        ),
        ({"retrieval": DOWN}, "unclear", "less", "unclear"),
        ({"retrieval": DOWN, "debiased_cka": UP}, "unclear", "unclear", "unclear"),
        ({"label_silhouette": UP}, "unclear", "unclear", "more"),
    ],
)
def test_what_changed(changes, mixing: str, alignment: str, separation: str) -> None:
    verdict = judge(table(**changes))
    assert (verdict.mixing, verdict.alignment, verdict.separation) == (
        mixing,
        alignment,
        separation,
    )
    assert not verdict.maybe_collapsed


def test_more_mingled_with_classes_less_apart_may_be_a_collapse() -> None:
    changes = {"language_probe": DOWN, "centroid_distance": DOWN, "label_silhouette": DOWN}
    assert judge(table(**changes)).maybe_collapsed


def test_nothing_is_said_of_what_was_not_measured() -> None:
    nothing = table().astype({"value": object, "low": object, "high": object})
    nothing[["value", "low", "high"]] = None
    assert judge(nothing) == judge(table(), subset="seen")
    assert judge(nothing).mixing is None


def test_metrics_have_directions_unless_they_are_controls() -> None:
    for metric in METRICS:
        assert (metric.more_mingled is None) == (metric.family == "control")


def test_changes_of_single_metrics_are_read_in_their_direction() -> None:
    found = changes(table(language_probe=DOWN, retrieval=DOWN, effective_rank=DOWN))
    assert found.pop("language_probe") == "more"
    assert found.pop("retrieval") == "less"
    assert found.pop("effective_rank") == "less"
    assert set(found.values()) == {"unclear"}
    assert changes(table(), subset="seen") == {}
