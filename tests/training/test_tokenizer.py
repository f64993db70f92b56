"""Tokenizers are read as their authors published them, whatever form that is."""

import json

import pytest
import sentencepiece

from mslt_core.catalog import models
from mslt_core.spec import WorkFailed
from mslt_core.training.tokenizer import load_tokenizer
from tests.training.kinds import TEXTS, save


@pytest.fixture
def folder(tmp_path):
    return save("deberta", tmp_path / "model")


def test_a_vocabulary_of_sentencepiece_alone_gives_its_own_pieces(folder, tmp_path):
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False}))
    (tmp_path / "texts").write_text("\n".join(TEXTS * 20), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(tmp_path / "texts"),
        model_prefix=str(folder / "spm"),
        vocab_size=120,
        hard_vocab_limit=False,
        pad_id=0,
        bos_id=1,
        eos_id=2,
        unk_id=3,
        pad_piece="[PAD]",
        bos_piece="[CLS]",
        eos_piece="[SEP]",
        unk_piece="[UNK]",
    )
    own = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spm.model"))
    found = load_tokenizer(models.card(str(folder)))
    for text in TEXTS:
        assert found.encode(text).ids == [1, *own.encode(text), 2]


def test_a_tokenizer_that_is_not_there_is_told_in_one_sentence(folder):
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    with pytest.raises(WorkFailed, match="tokenizer of") as told:
        load_tokenizer(models.card(str(folder)))
    assert "\n" not in str(told.value)


def test_a_broken_tokenizer_is_told_in_one_sentence(folder):
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(WorkFailed, match="cannot be loaded"):
        load_tokenizer(models.card(str(folder)))
