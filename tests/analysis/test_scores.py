"""Scores against values worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2
from sklearn import metrics

from mslt_core.analysis.scores import CUT, count, entities, means, score

PREDICTIONS = pd.DataFrame(
    [
        ("de", "a", "a"),
        ("de", "a", "a"),
        ("de", "b", "a"),
        ("de", "b", "b"),
        ("en", "a", "a"),
        ("en", "b", "b"),
        ("zh", "a", "b"),
        ("zh", "b", "b"),
    ],
    columns=["target", "gold", "predicted"],
)


def test_accuracy_and_macro_f1():
    scores = score(PREDICTIONS, "labels").set_index(["target", "metric"])
    assert scores.loc[("de", "accuracy"), "value"] == 0.75
    # F1 of a: precision 2/3, recall 1, so 0.8; of b: precision 1, recall 1/2, so 2/3.
    assert scores.loc[("de", "macro_f1"), "value"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert scores.loc[("en", "macro_f1"), "value"] == 1
    assert scores.loc[("zh", "macro_f1"), "value"] == pytest.approx((0 + 2 / 3) / 2)
    assert scores.loc[("de", "accuracy"), "n"] == 4


def test_means_over_all_seen_and_unseen_targets():
    found = means(score(PREDICTIONS, "labels"), sources=("de", "fr"), metric="accuracy")
    assert found.all == pytest.approx((0.75 + 1 + 0.5) / 3)
    assert found.seen == 0.75
    assert found.unseen == pytest.approx(0.75)
    assert means(score(PREDICTIONS, "labels"), sources=("fr",), metric="accuracy").seen is None


TAG = st.sampled_from(["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"])
SENTENCES = st.lists(st.lists(st.tuples(TAG, TAG), min_size=1, max_size=12), min_size=1, max_size=6)


def table(sentences):
    """Predictions of pairs of gold and predicted tags."""
    rows = [
        ("en", " ".join(gold for gold, _ in pairs), " ".join(said for _, said in pairs))
        for pairs in sentences
    ]
    return pd.DataFrame(rows, columns=["target", "gold", "predicted"])


@pytest.mark.filterwarnings("ignore")  # seqeval warns where there is no entity
@settings(max_examples=500, deadline=None)
@given(SENTENCES)
def test_entity_scores_are_those_of_seqeval(sentences):
    scores = score(table(sentences), "entities").set_index("metric")["value"]
    gold, said = ([[pair[i] for pair in pairs] for pairs in sentences] for i in (0, 1))
    strict = {"mode": "strict", "scheme": IOB2, "zero_division": 0}
    assert scores["f1"] == pytest.approx(f1_score(gold, said, **strict))
    assert scores["precision"] == pytest.approx(precision_score(gold, said, **strict))
    assert scores["recall"] == pytest.approx(recall_score(gold, said, **strict))
    twice, both = (part.sum() for part in count(table(sentences), "entities"))
    assert (twice / both if both else 0) == pytest.approx(scores["f1"])


def test_an_entity_without_a_beginning_is_none():
    assert entities(["B-PER", "I-PER", "I-LOC", "O", "I-ORG", "B-LOC"]) == {
        ("PER", 0, 2),
        ("LOC", 5, 6),
    }


@settings(max_examples=100, deadline=None)
@given(SENTENCES)
def test_scores_of_tags_are_those_of_scikit_learn_over_all_words(sentences):
    scores = score(table(sentences), "tags").set_index("metric")["value"]
    gold, said = ([pair[i] for pairs in sentences for pair in pairs] for i in (0, 1))
    assert scores["accuracy"] == pytest.approx(metrics.accuracy_score(gold, said))
    assert scores["macro_f1"] == pytest.approx(metrics.f1_score(gold, said, average="macro"))
    right, of = (part.sum() for part in count(table(sentences), "tags"))
    assert right / of == pytest.approx(scores["accuracy"])


def test_a_word_that_was_cut_off_is_wrong_and_is_no_class():
    cut = pd.DataFrame([("en", "A B", f"A {CUT}")], columns=["target", "gold", "predicted"])
    scores = score(cut, "tags").set_index("metric")["value"]
    assert (scores["accuracy"], scores["macro_f1"]) == (0.5, 0.5)


def test_a_label_may_hold_spaces():
    row = pd.DataFrame([("en", "a b", "a c")], columns=["target", "gold", "predicted"])
    right, of = count(row, "labels")
    assert np.array_equal([right, of], [[0.0], [1.0]])
