"""Texts counted in tokens: known answers, with a tokenizer whose tokens are the letters."""

import math

import pandas as pd
import pytest
from tokenizers import Tokenizer, pre_tokenizers, processors
from tokenizers.models import BPE

from mslt_core.catalog.tasks import Item
from mslt_core.jobs.lengths import MOST_ITEMS
from mslt_core.spec import RunSpec, WorkFailed
from mslt_core.training.lengths import count, measure, share_cut, tabulate
from tests.fakes import FakeTask


@pytest.fixture
def letters():
    """Every letter is a token, spaces are none; two special tokens around a text."""
    names = ["[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz0123456789:"]
    tokenizer = Tokenizer(BPE({name: i for i, name in enumerate(names)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = [("[CLS]", 0), ("[SEP]", 1)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=special
    )
    return tokenizer


def test_special_tokens_are_not_counted_and_both_texts_of_a_pair_are(letters):
    items = [Item("1", "ab cde", "x"), Item("2", "abc", "x", second="de fg")]
    assert count(letters, items) == [5, 7]


def test_counting_forgets_what_cut_or_padded_before(letters):
    letters.enable_truncation(3)
    letters.enable_padding(length=20)
    assert count(letters, [Item("1", "abcdefgh", "x")]) == [8]


def test_fertility_is_tokens_to_a_word_between_spaces():
    items = [Item("1", "one two three", "x"), Item("2", "four", "x")]
    found = measure(items, [6, 2], "Latn")
    assert found == {
        "items": 2,
        "tokens": 4.0,
        "tokens_per_word": 2.0,
        "characters_per_token": 17 / 8,
    }


def test_a_script_without_spaces_has_words_only_if_the_task_has_them():
    plain = [Item("1", "打开厨房的灯", "x")]
    assert math.isnan(measure(plain, [4], "Hans")["tokens_per_word"])
    words = ("打开", "厨房", "的", "灯")
    tagged = [Item("1", "打开厨房的灯", "", words=words, tags=("V", "N", "P", "N"))]
    assert measure(tagged, [6], "Hans")["tokens_per_word"] == 1.5


def test_items_longer_than_a_run_reads_are_cut(letters):
    room = RunSpec.max_length - 2  # beside the special tokens
    items = [Item("1", "a" * room, "x"), Item("2", "a" * (room + 1), "x")]
    assert share_cut(letters, items, "") == 0.5
    assert share_cut(letters, items, "q ") == 1.0


LETTERS = {"de": 6, "en": 3, "fi": 9}


class Texts(FakeTask):
    """Items in which a language has so many letters."""

    def items(self, language, split):
        if split == "dev" or language not in self.train:
            return []
        return [Item(f"{i}", "a" * LETTERS[language], "x") for i in range(self.train[language])]


def test_a_parallel_task_is_measured_against_english(letters, capsys):
    table = tabulate(letters, Texts({"de": 4, "en": 2, "fi": 2}), "train", "")
    assert table["relative"].tolist() == [2.0, 1.0, 3.0]
    assert table["tokens"].tolist() == [6.0, 3.0, 9.0]
    assert table["items"].tolist() == [4, 2, 2]
    assert capsys.readouterr().out.split() == ["0/3", "1/3", "2/3"]


@pytest.mark.parametrize(
    "chosen", [Texts({"de": 2, "en": 2}, parallel=False), Texts({"de": 2, "fi": 2})]
)
def test_without_translations_or_english_nothing_is_set_against_it(letters, chosen):
    assert tabulate(letters, chosen, "train", "")["relative"].isna().all()


def test_only_the_first_items_of_a_language_are_counted(letters):
    table = tabulate(letters, Texts({"en": MOST_ITEMS + 5}), "train", "")
    assert table["items"].tolist() == [MOST_ITEMS]


def test_a_split_without_items_is_a_sentence(letters):
    with pytest.raises(WorkFailed, match="The split dev of fake has no items to count"):
        tabulate(letters, Texts({"en": 2}), "dev", "")


def test_a_language_without_items_is_left_out(letters):
    table = tabulate(letters, Texts({"de": 0, "en": 2}), "train", "")
    pd.testing.assert_series_equal(table["language"], pd.Series(["en"], name="language"))
