"""Parallel UD from CoNLL-U files and as the hub has it: small copies made here, and the real one
if present."""

import os
import shutil
from pathlib import Path

import pytest
from datasets import ClassLabel, Dataset, Features, Sequence, Value, disable_progress_bars

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


# In the order of the hub's numbers.
TAGS = "NOUN PUNCT ADP NUM SYM SCONJ ADJ PART DET CCONJ PROPN PRON X _ ADV INTJ VERB AUX"
NAMED = Sequence(ClassLabel(names=TAGS.split()))
WORDS = ["de", "le", "25 000"]


def write_on_hub(root, config, upos, tags, names=NAMES):
    """A treebank as the hub's data set of all of them has it."""
    features = {name: Sequence(Value("string")) for name in ("tokens", "lemmas", "deprel")}
    rows = [
        {"sent_id": name, "text": f"text of {name}", "tokens": WORDS, "lemmas": WORDS,
         "upos": tags, "deprel": WORDS, "mwt": [{"id": "1-2", "form": "du"}]}
        for name in names
    ]  # fmt: skip
    features |= {name: Value("string") for name in ("sent_id", "text")}
    features["mwt"] = [{"id": Value("string"), "form": Value("string")}]
    path = root / "parquet" / config / "test.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    disable_progress_bars()
    Dataset.from_list(rows, Features({**features, "upos": upos})).to_parquet(str(path))
    return path


@pytest.fixture
def on_hub(small, tmp_path, monkeypatch):
    """The hub's data set beside the CoNLL-U files."""
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "home"))
    root = small.with_name("universal_dependencies")
    write_on_hub(root, "fr_pud", NAMED, [2, 8, 3])
    write_on_hub(root, "ar_pud", Sequence(Value("string")), ["ADP", "DET", "NUM"])
    write_on_hub(root, "zh_pud", NAMED, [2, 8, 3], NAMES[::-1][:40])
    for other in ("fr_gsd", "ja_pudluw"):
        write_on_hub(root, other, NAMED, [2, 8, 3])
    return root


def test_without_conllu_files_the_hubs_are_read_and_split_alike(on_hub, small):
    pud = task("pud-pos")
    languages, sizes = pud.languages(), pud.sizes()
    ids = {tag: [item.id for item in pud.items(tag, "test")] for tag in languages}
    shutil.rmtree(small)
    assert pud.where() == str(on_hub)
    assert pud.languages() == languages
    assert pud.sizes().equals(sizes)
    assert {tag: [item.id for item in pud.items(tag, "test")] for tag in languages} == ids
    for tag in ("fr", "ar"):  # tags as numbers with names, and as names
        item = pud.items(tag, "test")[0]
        assert item.words == tuple(WORDS)
        assert item.tags == ("ADP", "DET", "NUM")
        assert item.text == f"text of {item.id}"


@pytest.mark.parametrize(
    ("upos", "tags", "told"),
    [
        (Sequence(Value("int64")), [2, 8, 3], "has the tag '2', which is none of UD's"),
        (NAMED, [13, 8, 3], "has the tag '_', which is none of UD's"),
        (NAMED, [2, 8], "has 3 words and 2 tags"),
    ],
)
def test_files_of_the_hub_that_are_otherwise_are_told(on_hub, small, upos, tags, told):
    shutil.rmtree(small)
    path = write_on_hub(on_hub, "fr_pud", upos, tags)
    with pytest.raises(WorkFailed, match=told) as error:
        task("pud-pos").items("fr", "train")
    assert str(path) in str(error.value)


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
