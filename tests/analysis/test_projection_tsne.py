"""t-SNE of all panels together: repeatable, of any size, and true to neighbours."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mslt_core.analysis.projection import Projection, project
from tests.analysis.test_projection import clouds

PROJECT = Path(__file__).resolve().parents[2]


def groups(n: int = 40, of: int = 10, d: int = 30) -> dict[str, np.ndarray]:
    """As many groups of sentences as t-SNE needs and two components cannot keep apart; each has
    the same sentences in two languages."""
    rng = np.random.default_rng(0)
    centres = np.repeat(4 * rng.normal(size=(of, d)), n // of, axis=0)
    return {lang: centres + rng.normal(size=(n, d)) for lang in ("de", "zh")}


def tsne(panels: dict[str, dict[str, np.ndarray]], **options: int) -> Projection:
    return project(panels, method="tsne", **options)


def test_the_same_points_each_time() -> None:
    first = tsne({"a": clouds(5), "b": clouds(1)})
    again = tsne({"a": clouds(5), "b": clouds(1)})
    assert first.points.equals(again.points)
    assert first.trustworthiness == again.trustworthiness


IN_A_PROCESS = """
import sys
import numpy as np
from tests.analysis.test_projection import clouds
from mslt_core.analysis.projection import project
panels = {name: clouds(5, n=200, seed=i) for i, name in enumerate("ab")}
points = project(panels, 200, "tsne", threads=int(sys.argv[1])).points
np.save(sys.argv[2], points[["x", "y"]].to_numpy())
"""


def test_the_same_points_on_any_number_of_threads(tmp_path: Path) -> None:
    """More points than the 1000 whose neighbours are searched exactly by default."""
    found = []
    for threads in (1, 2):
        file = tmp_path / f"{len(found)}.npy"
        command = [sys.executable, "-c", IN_A_PROCESS, str(threads), str(file)]
        of_threads = {"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "passive"}
        env = {**os.environ, **of_threads, "PYTHONPATH": str(PROJECT)}
        subprocess.run(command, env=env, check=True)
        found.append(np.load(file))
    np.testing.assert_array_equal(*found)


def test_neighbours_that_two_components_lose_are_kept() -> None:
    flat, found = project({"a": groups()}), tsne({"a": groups()})
    assert found.trustworthiness["a"] > 0.95
    assert found.trustworthiness["a"] > flat.trustworthiness["a"] + 0.05
    assert found.variance is None
    assert list(found.points.columns) == list(flat.points.columns)
    same = ["panel", "language", "item"]
    assert found.points[same].equals(flat.points[same])


def test_panels_are_embedded_together() -> None:
    """Points of one panel and the same points of another share their place."""
    found = tsne({"a": groups(), "b": groups()}).points
    first, second = (found[found["panel"] == name][["x", "y"]].to_numpy() for name in "ab")
    apart = np.linalg.norm(first - second, axis=1)
    assert np.median(apart) < 0.1 * np.linalg.norm(first.std(axis=0))


@pytest.mark.parametrize("n", [2, 3, 5, 12])
def test_few_points_have_a_smaller_perplexity(n: int, caplog: pytest.LogCaptureFixture) -> None:
    panel = {lang: rows[:n] for lang, rows in list(clouds(5).items())[:2]}
    found = tsne({"a": panel})
    assert len(found.points) == 2 * n
    assert np.isfinite(found.points[["x", "y"]]).all(axis=None)
    assert found.points[["x", "y"]].drop_duplicates().shape[0] == 2 * n
    assert not [entry for entry in caplog.records if entry.levelname == "WARNING"]


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_vectors_all_alike_are_refused(method: str) -> None:
    same = {"de": np.ones((5, 8), np.float16), "zh": np.ones((5, 8), np.float16)}
    with pytest.raises(ValueError, match="different vectors"):
        project({"a": same}, method=method)


def test_sentences_with_one_vector_do_not_break_it() -> None:
    panel = clouds(5)
    panel["de"][:30] = panel["de"][0]
    found = tsne({"a": panel, "b": panel})
    assert np.isfinite(found.points[["x", "y"]]).all(axis=None)
