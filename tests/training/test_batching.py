"""Batches hold every text once, with little padding, and scoring batches stay within bounds."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from mslt_core.training.batching import collate, scoring_order, training_order
from tests.training.texts import text

LENGTHS = st.lists(st.integers(1, 128), min_size=1, max_size=300).map(np.array)


@given(LENGTHS, st.integers(1, 40), st.integers(0, 9))
def test_an_epoch_visits_every_text_once(lengths, batch_size, seed):
    batches = training_order(lengths, batch_size, np.random.default_rng(seed))
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    assert max(map(len, batches)) <= batch_size
    assert len(batches) == -(-len(lengths) // batch_size)


@given(LENGTHS, st.integers(128, 4096))
def test_scoring_visits_every_text_once_within_its_budget(lengths, tokens):
    batches = list(scoring_order(lengths, tokens))
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    assert all(lengths[index].max() * len(index) <= tokens for index in batches)


def test_batches_of_like_length_pad_far_less_than_random_ones():
    random = np.random.default_rng(0)
    lengths = random.integers(5, 100, 700)

    def padded(batches):
        return sum(lengths[index].max() * len(index) for index in batches)

    ours = training_order(lengths, 16, np.random.default_rng(1))
    shuffled = np.array_split(random.permutation(700), 44)
    assert padded(ours) - lengths.sum() < 0.3 * (padded(shuffled) - lengths.sum())


def test_texts_stand_one_after_another_and_can_be_put_into_rows_and_back():
    inputs = [text([5, 6, 7], words=[0, 2]), text([8], words=[0])]
    batch = collate(inputs, np.array([1, 0]), device=torch.device("cpu"))
    assert batch.ids.tolist() == [8, 5, 6, 7]
    assert batch.positions.tolist() == [0, 0, 1, 2]
    assert batch.lengths.tolist() == [1, 3]
    assert batch.tokens == 4
    assert batch.types is None
    assert batch.words.tolist() == [0, 1, 3]
    rows = batch.padded(batch.ids)
    assert rows.tolist() == [[8, 0, 0], [5, 6, 7]]
    assert batch.mask().tolist() == [[1, 0, 0], [1, 1, 1]]
    assert torch.equal(batch.packed(rows), batch.ids)
    low = float("-inf")
    assert batch.score_mask(torch.float32).tolist() == [[[[0, low, low]]], [[[0, 0, 0]]]]


def test_texts_of_one_length_need_no_mask():
    batch = collate([text([5, 6]), text([7, 8])], np.array([0, 1]), device=torch.device("cpu"))
    assert batch.score_mask(torch.float32) is None
    assert batch.padded(batch.ids).tolist() == [[5, 6], [7, 8]]
    assert torch.equal(batch.packed(batch.padded(batch.ids)), batch.ids)
