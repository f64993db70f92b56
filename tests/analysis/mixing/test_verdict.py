"""The verdict follows from the differences, metric by metric."""

import numpy as np
import pandas as pd
import pytest

from mslt_core.analysis.mixing import METRICS, Space, changes, difference, judge, measure

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


@pytest.mark.parametrize(
    ("controls", "signs"),
    [
        ({"label_silhouette": DOWN}, ("label_silhouette",)),
        ({"label_silhouette": UP, "effective_rank": DOWN}, ("effective_rank",)),
        ({"anisotropy": UP, "effective_rank": DOWN}, ("effective_rank", "anisotropy")),
        ({"label_silhouette": UP, "effective_rank": UP, "anisotropy": DOWN}, ()),
        ({"label_silhouette": DOWN, "effective_rank": UP, "anisotropy": UP}, ("label_silhouette",)),
    ],
)
def test_controls_tell_of_a_collapse_where_languages_mingle_more(controls, signs) -> None:
    found = judge(table(language_probe=DOWN, centroid_distance=DOWN, **controls))
    assert found.collapsed_by == signs
    assert found.maybe_collapsed == bool(signs)
    assert not judge(table(**controls)).maybe_collapsed


def test_a_collapse_onto_the_classes_is_seen_though_these_are_further_apart() -> None:
    rng = np.random.default_rng(0)
    label = np.arange(60) % 4
    classes = rng.normal(size=(4, 32))
    meaning = classes[label] / 2 + rng.normal(size=(60, 32))
    centres, noise = rng.normal(size=(4, 1, 32)), rng.normal(size=(4, 60, 32))
    whole = meaning + 0.7 * (centres + noise)
    collapsed = 4 * classes[label] + 0.15 * whole
    before, after = (
        measure(
            Space(
                vectors.astype(np.float32),
                ("ar", "de", "en", "zh"),
                frozenset({"en"}),
                tuple(map(str, label)),
            )
        )
        for vectors in (whole, collapsed)
    )
    found = judge(difference(after, before))
    assert (found.mixing, found.separation) == ("more", "more")
    assert "effective_rank" in found.collapsed_by


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
