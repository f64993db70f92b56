"""The map is shared by its panels, repeatable, balanced, and honest about what it loses."""

import numpy as np
import pytest

from mslt_core.analysis.projection import project


def clouds(distance: float, n: int = 60, seed: int = 0) -> dict[str, np.ndarray]:
    """Three languages as clouds of points at some distance, on top of a common direction."""
    rng = np.random.default_rng(seed)
    centres = 5 + distance * np.eye(3, 16)
    return {
        lang: (centre + rng.normal(size=(n, 16))).astype(np.float16)
        for lang, centre in zip(("ar", "de", "zh"), centres, strict=True)
    }


def test_far_languages_are_far_and_mingled_ones_mingle_in_the_same_view() -> None:
    found = project({"pretrained": clouds(20), "tuned": clouds(0)})

    def spread(panel: str) -> float:
        part = found.points[found.points["panel"] == panel]
        return float(part.groupby("language")[["x", "y"]].mean().std().sum())

    assert spread("pretrained") > 5 * spread("tuned")


def test_panels_are_fitted_together() -> None:
    alone = project({"a": clouds(20)}).points
    copies = project({"a": clouds(20), "b": clouds(20)}).points
    first = copies[copies["panel"] == "a"]
    second = copies[copies["panel"] == "b"]
    np.testing.assert_allclose(first[["x", "y"]], second[["x", "y"]], atol=1e-5)
    np.testing.assert_allclose(np.abs(first[["x", "y"]]), np.abs(alone[["x", "y"]]), atol=1e-4)


def test_every_language_gives_the_same_number_of_the_same_items() -> None:
    panel = clouds(5, n=60)
    panel["de"] = panel["de"][:37]
    found = project({"a": panel, "b": clouds(5)}, items=20).points
    assert set(found.groupby(["panel", "language"]).size()) == {20}
    assert found["item"].max() < 37
    assert found.groupby(["panel", "language"])["item"].apply(tuple).nunique() == 1


def test_flat_data_is_shown_whole_and_trusted() -> None:
    rng = np.random.default_rng(2)
    angle = rng.uniform(0, 2 * np.pi, 50)
    circle = np.stack([np.cos(angle), np.sin(angle), np.zeros(50)], axis=1)
    found = project({"a": {"en": circle}})
    assert found.variance == pytest.approx(1)
    assert found.trustworthiness["a"] == pytest.approx(1)


def test_noise_is_not_trusted() -> None:
    noise = np.random.default_rng(3).normal(size=(300, 200))
    assert project({"a": {"en": noise}}, items=300).trustworthiness["a"] < 0.75


def test_length_and_common_direction_of_vectors_do_not_show() -> None:
    panel = clouds(5)
    longer = {lang: rows.astype(np.float32) * 7 for lang, rows in panel.items()}
    a = project({"a": panel}).points
    b = project({"a": longer}).points
    np.testing.assert_allclose(a[["x", "y"]], b[["x", "y"]], atol=1e-4)


@pytest.mark.parametrize("panels", [{}, {"a": {}}, {"a": {"en": np.ones((1, 4))}}])
def test_nothing_to_project_is_refused(panels: dict[str, dict[str, np.ndarray]]) -> None:
    with pytest.raises(ValueError, match="at least"):
        project(panels)
