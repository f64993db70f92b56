"""Tables are tidy, say None where there is nothing, and name every metric."""

import json

import numpy as np
import pandas as pd
import pytest

from mslt_core.analysis.mixing import (
    METRIC,
    METRICS,
    Measured,
    difference,
    matrix,
    measure,
    summary,
)
from mslt_core.spec import BadArgument
from tests.analysis.mixing.spaces import clouds, space, translations

VECTORS, LABELS = translations(items=40)
PAIRWISE = ["centroid_distance", "retrieval", "debiased_cka"]


def made(sources: tuple[str, ...], labels: tuple[str, ...] | None = LABELS) -> Measured:
    return measure(space(VECTORS, sources, labels))


def of(table: pd.DataFrame, subset: str) -> pd.DataFrame:
    return table[table["subset"] == subset].set_index("metric")


def test_every_subset_has_every_metric_in_order_and_mixed_pairs_the_pairwise_ones() -> None:
    table = summary(made(("ar", "de")))
    assert list(table.columns) == ["subset", "metric", "value", "low", "high", "null"]
    for subset in ("all", "seen", "unseen"):
        assert list(of(table, subset).index) == [metric.key for metric in METRICS]
    assert list(of(table, "mixed").index) == PAIRWISE
    for row in table.itertuples():
        assert row.low <= row.value <= row.high
        assert METRIC[row.metric].lowest <= row.low
        assert METRIC[row.metric].highest is None or row.high <= METRIC[row.metric].highest
    none = set(table[table["null"].isna()]["metric"])
    assert none == {"effective_rank", "anisotropy"}


@pytest.mark.parametrize("sources", [(), ("ar",)])
def test_a_subset_of_fewer_than_two_languages_has_none_and_not_nan(sources) -> None:
    table = summary(made(sources))
    seen = of(table, "seen")
    assert all(value is None for value in seen[["value", "low", "high", "null"]].to_numpy().ravel())
    assert of(table, "all")["value"].notna().all()
    assert ("mixed" in set(table[table["value"].notna()]["subset"])) == bool(sources)
    json.dumps(table.to_dict("records"), allow_nan=False)


def test_one_language_alone_has_no_value_at_all() -> None:
    found = measure(space(VECTORS[:1], ("ar",), LABELS))
    assert summary(found)["value"].isna().all()
    assert matrix(found).empty


def test_without_sources_the_unseen_are_all() -> None:
    table = summary(made(()))
    assert of(table, "all").equals(of(table, "unseen").assign(subset="all"))


@pytest.mark.parametrize("labels", [None, ("a",) * 40, tuple(map(str, range(40)))])
def test_without_classes_there_is_no_label_silhouette(labels) -> None:
    table = of(summary(made((), labels)), "all")
    assert list(table[table["value"].isna()].index) == ["label_silhouette"]


def test_a_subset_is_what_its_languages_alone_are() -> None:
    table = summary(made(("ar", "de")))
    alone = summary(measure(space(VECTORS[:2], (), LABELS)))
    for row in of(alone, "all").itertuples():
        assert of(table, "seen").loc[row.Index, "value"] == pytest.approx(row.value, abs=1e-6)


def test_the_matrix_has_every_pair_once_and_agrees_with_means_over_pairs() -> None:
    found = made(("ar", "de"))
    table = matrix(found)
    assert list(table.columns) == ["language_a", "language_b", "metric", "value"]
    assert set(table.groupby("metric").size()) == {6}
    assert (table["language_a"] < table["language_b"]).all()
    mixed = table[table["language_a"].isin(["ar", "de"]) & ~table["language_b"].isin(["ar", "de"])]
    for metric in PAIRWISE:
        mean = mixed[mixed["metric"] == metric]["value"].astype(float).mean()
        assert of(summary(found), "mixed").loc[metric, "value"] == pytest.approx(mean)


def test_points_that_are_all_one_leave_ratios_undefined_and_nothing_else() -> None:
    one = measure(space(np.ones((3, 20, 8)), (), tuple("ab" * 10)))
    table = of(summary(one), "all")
    assert set(table[table["value"].isna()].index) == {
        "centroid_distance",
        "debiased_cka",
        "effective_rank",
    }
    assert table.loc["language_silhouette", "value"] == pytest.approx(0, abs=1e-6)
    assert table.loc["label_silhouette", "value"] == pytest.approx(0, abs=1e-6)
    assert table.loc["neighbour_mixing", "value"] == pytest.approx(1, abs=0.1)
    assert table.loc["anisotropy", "value"] == pytest.approx(1)
    json.dumps(matrix(one).to_dict("records"), allow_nan=False)


def test_the_difference_is_that_of_the_values_and_has_a_sign() -> None:
    before = made(("ar", "de"))
    after = measure(space(VECTORS + clouds(3, 4, 40), ("ar", "de"), LABELS))
    table = difference(after, before)
    assert list(table.columns) == ["subset", "metric", "value", "low", "high"]
    for row in table.itertuples():
        old, new = (of(summary(each), row.subset).loc[row.metric] for each in (before, after))
        assert row.value == pytest.approx(new.value - old.value)
        assert row.low <= row.value <= row.high
    back = difference(before, after)
    np.testing.assert_allclose(back["value"].astype(float), -table["value"].astype(float))


def test_spaces_split_by_other_sources_differ_in_all_languages_only() -> None:
    table = difference(made(("ar", "de")), made(("en",)))
    assert set(table[table["value"].notna()]["subset"]) == {"all"}


def test_a_difference_needs_the_same_sentences_and_languages() -> None:
    for other in (space(VECTORS[:, :30]), space(VECTORS[:3])):
        with pytest.raises(BadArgument, match="same sentences in the same languages"):
            difference(measure(other), made(()))
