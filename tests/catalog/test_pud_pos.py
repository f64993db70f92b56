"""Parallel UD from CoNLL-U files: a small copy made here, and the real one if present."""

import os
from pathlib import Path

import pytest

from mslt_core.catalog.tasks import task
from mslt_core.spec import BadArgument, WorkFailed

NAMES = [f"s{i:03}" for i in range(50)]


def sentence(name, words):
    """A sentence in CoNLL-U; of words, id -> (form, tag)."""
    rows = ["\t".join([i, form, "_", tag, *"______"]) for i, (form, tag) in words.items()]
    return "\n".join([f"# sent_id = {name}", f"# text = text of {name}", *rows]) + "\n\n"


@pytest.fixture
def small(tmp_path, monkeypatch):
    root = tmp_path / "universal-dependencies" / "pud"
    root.mkdir(parents=True)
    for lang, names in {"fr": NAMES, "ar": NAMES, "zh": NAMES[::-1][:40]}.items():
        words = {
            "1": (lang, "PRON"),
            "2-3": ("du", "_"),
            "2": ("de", "ADP"),
            "3": ("le", "DET"),
            "3.1": ("implied", "VERB"),
            "4": ("25 000", "NUM"),
        }
        text = "".join(sentence(name, words) for name in names)
        (root / f"{lang}_pud-ud-test.conllu").write_text(text, encoding="utf-8")
    monkeypatch.setenv("MSLT_DATASETS", str(tmp_path))
    return root


def test_words_are_the_syntactic_ones(small):
    item = task("pud-pos").items("fr", "test")[0]
    assert item.words == ("fr", "de", "le", "25 000")
    assert item.tags == ("PRON", "ADP", "DET", "NUM")
    assert item.gold == "PRON ADP DET NUM"
    assert item.text == f"text of {item.id}"


def test_a_sentence_is_in_one_split_whatever_the_language_and_however_many_it_has(small):
    pud = task("pud-pos")
    where = {}
    for lang in pud.languages():
        for split in ("train", "dev", "test"):
            for item in pud.items(lang, split):
                assert where.setdefault(item.id, split) == split
    assert sorted(where) == NAMES
    sizes = pud.sizes().set_index("language")
    assert sizes.loc["ar"].tolist() == [35, 5, 10]
    assert sizes.loc["zh"].sum() == 40


def test_the_split_belongs_to_the_fingerprint(small):
    pud = task("pud-pos")
    before = pud.fingerprint(("fr",))
    path = small / "zh_pud-ud-test.conllu"
    extra = sentence("another", {"1": ("x", "X")})
    path.write_text(path.read_text(encoding="utf-8") + extra, encoding="utf-8")
    assert pud.fingerprint(("fr",)) != before


@pytest.mark.parametrize(
    ("words", "told"),
    [({"1": ("x", "NOPE")}, "'NOPE'"), ({"1": ("x", "_")}, "'_'"), ({"x": ("x", "X")}, "CoNLL-U")],
)
def test_broken_files_are_told_in_one_sentence(small, words, told):
    path = small / "fr_pud-ud-test.conllu"
    path.write_text(sentence("s1", words), encoding="utf-8")
    with pytest.raises(WorkFailed, match=told) as error:
        task("pud-pos").items("fr", "train")
    assert str(path) in str(error.value)


def test_what_is_not_there_is_told(small, tmp_path, monkeypatch):
    with pytest.raises(BadArgument, match="no 'sw'"):
        task("pud-pos").items("sw", "train")
    for path in small.iterdir():
        path.unlink()
    with pytest.raises(WorkFailed, match="holds no Parallel UD"):
        task("pud-pos").languages()


@pytest.mark.skipif(
    not (Path(os.environ.get("MSLT_DATASETS", "none")) / "universal-dependencies" / "pud").is_dir(),
    reason="MSLT_DATASETS names no folder that holds universal-dependencies/pud",
)
def test_the_real_data_is_parallel_and_complete():
    pud = task("pud-pos")
    assert len(pud.languages()) == 18
    assert (pud.sizes()[["train", "dev", "test"]] == [700, 100, 200]).all().all()
    english, thai = ({i.id: i for i in pud.items(lang, "test")} for lang in ("en", "th"))
    assert english.keys() == thai.keys()
    # Words of the file: lines whose first column is a whole number.
    file = Path(os.environ["MSLT_DATASETS"]) / "universal-dependencies/pud/en_pud-ud-test.conllu"
    lines = file.read_text(encoding="utf-8").splitlines()
    words = sum(line.split("\t")[0].isdigit() for line in lines)
    parts = [pud.items("en", split) for split in ("train", "dev", "test")]
    assert sum(len(item.words) for part in parts for item in part) == words
