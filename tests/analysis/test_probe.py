"""The probe finds what is linear in the embeddings, and nothing where there is nothing."""

import numpy as np

from mslt_core.analysis.probe import fit_predict


def clouds(random, n, shift):
    labels = random.choice(["a", "b", "c"], n)
    rows = random.normal(size=(n, 20)).astype(np.float32)
    rows[:, :3] += shift * (labels[:, None] == ["a", "b", "c"])
    # A large direction that all embeddings of a model share must not hide the classes.
    return rows + 50 * np.ones(20, dtype=np.float32), labels.tolist()


def test_separate_clouds_are_told_apart_and_equal_ones_are_not():
    random = np.random.default_rng(0)
    for shift, low, high in ((8.0, 0.95, 1.0), (0.0, 0.2, 0.47)):
        train, labels = clouds(random, 400, shift)
        test, gold = clouds(random, 400, shift)
        assert low <= np.mean(fit_predict(train, labels, test) == np.array(gold)) <= high


def test_one_class_is_that_class():
    rows = np.zeros((3, 4), dtype=np.float32)
    assert fit_predict(rows, ["a"] * 3, rows[:2]).tolist() == ["a", "a"]
