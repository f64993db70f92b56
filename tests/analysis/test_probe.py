"""The probe finds what is linear in the embeddings, and nothing where there is nothing."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_info, threadpool_limits

from mslt_core.analysis.probe import fit_predict

# What numpy and scipy bring; torch, where a test has loaded it, has libraries of its own.
OPENBLAS = ("libopenblas", "libscipy_openblas")


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


def test_it_is_the_plain_logistic_regression_of_scikit_learn():
    random = np.random.default_rng(1)
    for shift in (0.5, 2.0):  # classes that overlap, where a worse optimum would show
        train, labels = clouds(random, 300, shift)
        test, gold = clouds(random, 2000, shift)
        plain = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
        expected = plain.fit(train, labels).predict(test)
        said = fit_predict(train, labels, test)
        assert np.mean(said == expected) >= 0.999
        assert abs(np.mean(said == gold) - np.mean(expected == gold)) <= 0.001


def test_a_fit_stays_on_one_core_and_leaves_the_others_their_threads(monkeypatch):
    def threads():
        return [found["num_threads"] for found in threadpool_info() if found["prefix"] in OPENBLAS]

    during = []
    predict = LogisticRegression.predict

    def watched(self, rows):
        during.extend(threads())
        return predict(self, rows)

    monkeypatch.setattr(LogisticRegression, "predict", watched)
    train, labels = clouds(np.random.default_rng(2), 30, 1.0)
    with threadpool_limits(2):
        before = threads()
        assert set(before) == {2}
        fit_predict(train, labels, train)
        assert during == [1] * len(before)
        assert threads() == before
