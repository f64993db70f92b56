"""Seeds taken together: values are means, and intervals cover seeds as well as sentences."""

import numpy as np
import pytest

from mslt_core.analysis.mixing import Measured, difference, measure, pooled, summary
from mslt_core.analysis.stats import bootstrap, interval
from mslt_core.spec import BadArgument
from tests.analysis.mixing.spaces import space, translations

SOURCES = ("ar", "de")


def trained(seed: int) -> Measured:
    """The same sentences in a model that came out differently for every seed."""
    vectors, labels = translations(items=30)
    luck = 0.5 * np.random.default_rng(seed).normal(size=(len(vectors), 1, vectors.shape[2]))
    return measure(space(vectors + luck, SOURCES, labels))


def test_the_seeds_share_one_bootstrap_with_the_sentences() -> None:
    seeds = [trained(seed) for seed in range(3)]
    table = summary(pooled(seeds)).set_index(["subset", "metric"])
    for key in (("all", "language_silhouette"), ("seen", "retrieval"), ("mixed", "debiased_cka")):
        of = [one.estimates[key] for one in seeds]
        stacked = np.stack([one.contributions for one in of])
        low, high = interval(bootstrap([(stacked, np.ones(stacked.shape))], shared_items=True)[0])
        row = table.loc[key]
        assert row.value == pytest.approx(np.mean([one.value for one in of]))
        assert row.null == pytest.approx(np.mean([one.null for one in of]))
        assert (row.low, row.high) == pytest.approx((low, high), abs=1e-9)


def test_one_seed_is_what_it_was() -> None:
    one = trained(0)
    assert summary(pooled([one])).equals(summary(one))
    for key, values in pooled([one]).matrices.items():
        np.testing.assert_array_equal(values, one.matrices[key])


def test_seeds_that_differ_make_a_value_less_sure() -> None:
    def width(seeds: list[Measured]) -> float:
        row = summary(pooled(seeds)).query("subset == 'all' and metric == 'centroid_distance'")
        return float((row["high"] - row["low"]).iloc[0])

    assert width([trained(seed) for seed in range(4)]) > 1.2 * width([trained(0)] * 4)


def test_differences_are_paired_by_seed() -> None:
    before = pooled([trained(seed) for seed in range(3)])
    nothing = difference(pooled([trained(seed) for seed in range(3)]), before)
    assert (nothing[["value", "low", "high"]].dropna().astype(float) == 0).all(axis=None)


def test_what_one_seed_lacks_the_mean_lacks() -> None:
    vectors, labels = translations(items=30)
    unlabelled = measure(space(vectors, SOURCES))
    found = pooled([measure(space(vectors, SOURCES, labels)), unlabelled])
    assert found.estimates["all", "label_silhouette"] is None
    assert found.estimates["all", "effective_rank"] is not None
    assert found.estimates["all", "effective_rank"].null is None


def test_only_what_was_measured_on_the_same_can_be_pooled() -> None:
    vectors, _ = translations(items=30)
    others = [space(vectors[:, :20]), space(vectors[:3]), space(vectors, ("en",))]
    for other in others:
        with pytest.raises(BadArgument, match="same languages and sentences"):
            pooled([trained(0), measure(other)])
    with pytest.raises(BadArgument):
        pooled([])
