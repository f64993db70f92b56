"""The tasks that the hub has as Parquet files, on small files in the hub's layout."""

from types import SimpleNamespace

import datasets
import pytest
from datasets import ClassLabel, Value
from huggingface_hub import HfApi

from mslt_core.catalog.sampling import sample
from mslt_core.catalog.tasks import folders, task
from mslt_core.catalog.tasks.hub_tables import MASSIVE, TABLES
from mslt_core.spec import BadArgument, RunSpec, WorkFailed
from tests.catalog.hub_files import FEATURES, FOLDERS, SPLITS, TEXT, file_of, rows_of, write

# The configurations of the data sets on the hub.
WIKIANN_CONFIGS = (
    "ace af als am an ang ar arc arz as ast ay az ba bar bat-smg be be-x-old bg bh bn bo br bs ca "
    "cbk-zam cdo ce ceb ckb co crh cs csb cv cy da de diq dv el eml en eo es et eu ext fa fi "
    "fiu-vro fo fr frr fur fy ga gan gd gl gn gu hak he hi hr hsb hu hy ia id ig ilo io is it ja "
    "jbo jv ka kk km kn ko ksh ku ky la lb li lij lmo ln lt lv map-bms mg mhr mi min mk ml mn mr "
    "ms mt mwl my mzn nap nds ne nl nn no nov oc or os pa pdc pl pms pnb ps pt qu rm ro ru rw sa "
    "sah scn sco sd sh si simple sk sl so sq sr su sv sw szl ta te tg th tk tl tr tt ug uk ur uz "
    "vec vep vi vls vo wa war wuu xmf yi yo zea zh zh-classical zh-min-nan zh-yue"
)
MASSIVE_CONFIGS = (
    "af-ZA all all_1.1 am-ET ar-SA az-AZ bn-BD ca-ES cy-GB da-DK de-DE el-GR en-US es-ES fa-IR "
    "fi-FI fr-FR he-IL hi-IN hu-HU hy-AM id-ID is-IS it-IT ja-JP jv-ID ka-GE km-KH kn-IN ko-KR "
    "lv-LV ml-IN mn-MN ms-MY my-MM nb-NO nl-NL pl-PL pt-PT ro-RO ru-RU sl-SL sq-AL sv-SE sw-KE "
    "ta-IN te-IN th-TH tl-PH tr-TR ur-PK vi-VN zh-CN zh-TW"
)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Two languages of each data set and one configuration of several."""
    datasets.disable_progress_bars()
    configs = {
        "xnli": ("en", "zh", "all_languages"),
        "paws-x": ("en", "ja"),
        "wikiann": ("en", "simple", "zh-classical"),
        "massive": ("en-US", "zh-TW", "all"),
    }
    for name, own in configs.items():
        for config in own:
            for split in SPLITS.values():
                write(tmp_path, name, config, split)
    monkeypatch.setenv("MSLT_DATASETS", str(tmp_path))
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "languages"),
    [
        ("xnli", ("en", "zh")),
        ("paws-x", ("en", "ja")),
        ("wikiann", ("en", "lzh")),
        ("massive", ("en", "zh-Hant")),
    ],
)
def test_configurations_become_languages_with_all_their_splits(root, name, languages):
    chosen = task(name)
    assert chosen.languages() == languages
    sizes = chosen.sizes()
    assert sizes["language"].tolist() == list(languages)
    assert (sizes[["train", "dev", "test"]] == 3).all().all()
    for language in languages:
        parts = {split: chosen.items(language, split) for split in SPLITS}
        for split, items in parts.items():
            assert len(items) == 3
            assert all(SPLITS[split] in item.text for item in items)
        # No id is in two splits.
        assert len({item.id for items in parts.values() for item in items}) == 9
    assert chosen.where() == str(root / FOLDERS[name])


@pytest.mark.parametrize("name", ["xnli", "paws-x", "massive"])
def test_equal_ids_are_translations(root, name):
    chosen = task(name)
    assert chosen.parallel
    first, second = (chosen.items(language, "test") for language in chosen.languages())
    assert [item.id for item in first] == [item.id for item in second]
    # The text begins with the language: what follows is the same sentence.
    assert [i.text.split(" ", 1)[1] for i in first] == [i.text.split(" ", 1)[1] for i in second]
    assert [item.gold for item in first] == [item.gold for item in second]


def test_what_columns_become(root):
    pair = task("xnli").items("en", "dev")[2]
    assert (pair.text, pair.second) == ("en validation 2", "so 2")
    assert pair.label == "contradiction"
    assert [item.label for item in task("paws-x").items("en", "dev")] == [
        *("different", "same", "different")
    ]
    assert task("massive").items("en", "test")[0].label == "alarm_set"
    named = task("wikiann").items("en", "test")[0]
    assert named.words == ("en", "test", "Jane", "Doe")
    assert named.tags == ("O", "O", "B-PER", "I-PER")
    assert named.text == "en test Jane Doe"


def test_pairs_without_translation_or_label_are_left_out(root):
    rows = [
        {"id": 7, "sentence1": "whole", "sentence2": "too", "label": 1},
        {"id": 8, "sentence1": "whole", "sentence2": "NS", "label": 1},
        {"id": 9, "sentence1": " ", "sentence2": "whole", "label": 1},
        {"id": 10, "sentence1": None, "sentence2": "whole", "label": 1},
        {"id": 11, "sentence1": "whole", "sentence2": "too", "label": -1},
        {"id": 12, "sentence1": "whole", "sentence2": "too", "label": None},
        {"id": 13, "sentence1": "whole", "sentence2": "NS 5", "label": 0},
    ]
    write(root, "paws-x", "ja", "test", rows)
    assert [item.id for item in task("paws-x").items("ja", "test")] == ["test-7", "test-13"]


def test_rows_left_out_do_not_shift_the_ids_of_others(root):
    rows = rows_of("xnli", "zh", "test")
    rows[1]["hypothesis"] = ""
    write(root, "xnli", "zh", "test", rows)
    xnli = task("xnli")
    assert [item.id for item in xnli.items("zh", "test")] == ["test-0", "test-2"]
    assert [item.id for item in xnli.items("en", "test")] == ["test-0", "test-1", "test-2"]


@pytest.mark.parametrize(
    ("words", "tags", "kept"),
    [
        (["", "Doe", "ran"], [1, 2, 0], (("Doe", "B-PER"), ("ran", "O"))),
        (["Jane", " ", "Doe"], [1, 2, 2], (("Jane", "B-PER"), ("Doe", "I-PER"))),
        (["Jane", "", "Roe"], [1, 1, 2], (("Jane", "B-PER"), ("Roe", "B-PER"))),
        (["", "", "Rome"], [5, 6, 6], (("Rome", "B-LOC"),)),
        (["Jane", None, "Rome"], [1, 0, 5], (("Jane", "B-PER"), ("Rome", "B-LOC"))),
        (["", "Doe"], [1, 3], (("Doe", "B-ORG"),)),
    ],
)
def test_blank_words_are_dropped_and_entities_still_begin(root, words, tags, kept):
    empty = {"langs": [], "spans": []}
    rows = [
        {"tokens": ["", ""], "ner_tags": [0, 0], **empty},
        {"tokens": words, "ner_tags": tags, **empty},
    ]
    write(root, "wikiann", "en", "test", rows)
    (item,) = task("wikiann").items("en", "test")
    assert item.id == "test-1"
    assert tuple(zip(item.words, item.tags, strict=True)) == kept


def test_files_without_names_of_classes_are_read_by_number(root):
    write(root, "xnli", "en", "test", features={**FEATURES["xnli"], "label": Value("int64")})
    labels = [item.label for item in task("xnli").items("en", "test")]
    assert labels == ["entailment", "neutral", "contradiction"]


def test_a_split_in_several_files_is_one(root):
    path = root / FOLDERS["wikiann"] / file_of("wikiann", "en", "train")
    path.unlink()
    for part in (0, 1):
        rows = [{**row, "tokens": [*"abc", str(part)]} for row in rows_of("wikiann", "en", "train")]
        write(root, "wikiann", "en", "", rows, file=f"en/train-0000{part}-of-00002.parquet")
    wikiann = task("wikiann")
    assert [item.words[3] for item in wikiann.items("en", "train")] == [*"000111"]
    assert wikiann.sizes().set_index("language").loc["en", "train"] == 6
    (root / FOLDERS["wikiann"] / "en/train-00001-of-00002.parquet").unlink()
    for ask in (wikiann.sizes, lambda: wikiann.items("en", "train")):
        with pytest.raises(WorkFailed, match="1 of the 2 files of its split 'train'"):
            ask()


def test_a_split_that_is_not_there_has_no_items(root):
    (root / FOLDERS["xnli"] / file_of("xnli", "zh", "train")).unlink()
    xnli = task("xnli")
    assert xnli.items("zh", "train") == []
    assert xnli.sizes().set_index("language").loc["zh"].tolist() == [0, 3, 3]
    with pytest.raises(BadArgument, match="xnli has 0 for it"):
        sample(xnli, RunSpec("m", "xnli", ("zh",), ("en",), budget=2))


def test_a_changed_file_changes_its_language_only_and_is_read_anew(root):
    xnli = task("xnli")
    before = {tag: xnli.fingerprint((tag,)) for tag in ("en", "zh")}
    assert xnli.items("en", "test")[0].text == "en test 0"
    rows = [{"premise": "other", "hypothesis": "h", "label": 0}] * 5
    write(root, "xnli", "en", "test", rows)
    assert xnli.fingerprint(("en",)) != before["en"]
    assert xnli.fingerprint(("zh",)) == before["zh"]
    assert xnli.items("en", "test")[0].text == "other"
    assert xnli.sizes().set_index("language").loc["en", "test"] == 5


def without(column):
    return {name: kind for name, kind in FEATURES["xnli"].items() if name != column}


SWAPPED = {
    **FEATURES["xnli"],
    "label": ClassLabel(names=["contradiction", "neutral", "entailment"]),
}
FEWER = {**FEATURES["xnli"], "label": ClassLabel(names=["entailment", "neutral"])}
NUMBERS = {**FEATURES["xnli"], "label": Value("int64")}
WORDS = {**FEATURES["xnli"], "label": TEXT}
COUNTS = {**FEATURES["xnli"], "premise": Value("int64")}


def fault(**columns):
    return [{"premise": "p", "hypothesis": "h", "label": 0, **columns}]


@pytest.mark.parametrize(
    ("rows", "features", "told"),
    [
        ([{"premise": "p", "label": 0}], without("hypothesis"), "no column 'hypothesis', but prem"),
        (None, SWAPPED, "class 0 of its column 'label' is 'contradiction'.* be 'entailment'"),
        (fault(), FEWER, "class 2 of its column 'label' is None, .* be 'contradiction'"),
        (fault(label=3), NUMBERS, "'label' is 3, not 0 to 2"),
        (fault(label="neutral"), WORDS, "'label' is 'neutral', not 0 to 2"),
        (fault(premise=5), COUNTS, "the columns premise, hypothesis, label hold something else"),
    ],
)
def test_a_file_that_is_not_the_hubs_is_told_in_one_sentence(root, rows, features, told):
    path = write(root, "xnli", "en", "test", rows, features)
    with pytest.raises(WorkFailed, match=told) as error:
        task("xnli").items("en", "test")
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_number_that_is_there_twice_and_unequal_lists_are_told(root):
    rows = rows_of("paws-x", "en", "test")
    write(root, "paws-x", "en", "test", [*rows, rows[0]])
    with pytest.raises(WorkFailed, match="a number is there twice"):
        task("paws-x").items("en", "test")
    rows = [{"tokens": ["a", "b"], "ner_tags": [0], "langs": [], "spans": []}]
    write(root, "wikiann", "en", "test", rows)
    with pytest.raises(WorkFailed, match="test-0 has 2 words and 1 tags"):
        task("wikiann").items("en", "test")


def test_a_truncated_file_is_told_in_one_sentence(root, capfd):
    path = root / FOLDERS["massive"] / file_of("massive", "en-US", "test")
    path.write_bytes(path.read_bytes()[:-20])
    massive = task("massive")
    for ask in (massive.sizes, lambda: massive.items("en", "test")):
        with pytest.raises(WorkFailed, match="cannot be read") as error:
            ask()
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)
    assert massive.items("en", "train")
    assert capfd.readouterr().err == ""


def test_a_language_that_is_not_there_and_a_folder_in_another_layout_are_told(root):
    with pytest.raises(BadArgument, match="xnli has no 'fr'"):
        task("xnli").items("fr", "train")
    with pytest.raises(BadArgument, match="xnli has no 'fr'"):
        task("xnli").fingerprint(("en", "fr"))
    folder = root / FOLDERS["xnli"]
    folder.rename(folder.with_name("old"))
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "en.parquet").touch()
    with pytest.raises(WorkFailed, match=r"does not hold facebook/xnli.*en/test-00000-of-00001"):
        task("xnli").languages()


def test_where_it_was_looked_for_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("MSLT_DATASETS", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for table in TABLES:
        with pytest.raises(WorkFailed, match=f"{table.repository} is neither in MSLT_DATASETS"):
            task(table.name).languages()


@pytest.fixture
def hub(root, monkeypatch):
    """A hub that has the files of `root` at one commit: its listing and its files, no network.
    What was asked of it is in `asked`, data cards in `cards`."""
    commit = "5da765365b0825bbfc3adcfd0504ce3be9c4a9b1"
    hub = SimpleNamespace(asked=[], cards={}, commit=commit)

    def dataset_info(self, repository, revision, timeout):
        hub.asked.append((repository, revision))
        files = (root / repository).rglob("*.parquet")
        names = [path.relative_to(root / repository).as_posix() for path in files]
        siblings = [SimpleNamespace(rfilename=name) for name in ["README.md", *names]]
        return SimpleNamespace(
            sha=commit, siblings=siblings, card_data=hub.cards.get(repository, {})
        )

    load_dataset = datasets.load_dataset

    def download(kind, *, data_files, **options):
        """What `datasets` does with an address of the hub, once the file is here."""
        assert all(f"@{commit}/" in address for address in data_files["rows"])
        paths = [
            address.replace("hf://datasets", str(root)).replace(f"@{commit}", "")
            for address in data_files["rows"]
        ]
        return load_dataset(kind, data_files={"rows": paths}, **options)

    monkeypatch.delenv("MSLT_DATASETS")
    monkeypatch.setattr(HfApi, "dataset_info", dataset_info)
    monkeypatch.setattr(datasets, "load_dataset", download)
    folders._on_hub.cache_clear()
    yield hub
    folders._on_hub.cache_clear()


@pytest.mark.parametrize("name", list(FOLDERS))
def test_on_the_hub_it_is_read_at_a_commit(root, hub, name, monkeypatch):
    chosen = task(name)
    root_there = f"hf://datasets/{FOLDERS[name]}@{hub.commit}"
    assert chosen.where() == root_there
    there = {tag: chosen.items(tag, "test") for tag in chosen.languages()}
    branch = "refs/convert/parquet" if name == "massive" else "main"
    assert set(hub.asked) == {(FOLDERS[name], branch)}
    # The hub is not asked again for a while.
    assert len(hub.asked) <= 2
    assert chosen.fingerprint(("en",)) == chosen.fingerprint(("en",))

    monkeypatch.undo()
    monkeypatch.setenv("MSLT_DATASETS", str(root))
    monkeypatch.setenv("MSLT_HOME", str(root / "home"))
    here = {tag: chosen.items(tag, "test") for tag in chosen.languages()}
    assert there == here


def test_on_the_hub_sizes_are_known_without_a_download(hub, monkeypatch):
    def none(*_, **__):
        raise AssertionError("it was downloaded")

    monkeypatch.setattr(datasets, "load_dataset", none)
    sizes = task("xnli").sizes().set_index("language")
    assert sizes.loc["zh"].tolist() == [392702, 2490, 5010]
    assert task("paws-x").sizes().set_index("language").loc["ja", "train"] == 49401
    assert task("massive").sizes().set_index("language").loc["zh-Hant", "test"] == 2974


def test_on_the_hub_the_data_card_tells_sizes_that_differ(hub):
    with pytest.raises(WorkFailed, match="does not tell how many rows 'en' has"):
        task("wikiann").sizes()

    def entry(config, rows):
        counts = zip(("validation", "test", "train"), rows, strict=True)
        splits = [{"name": name, "num_bytes": 1, "num_examples": n} for name, n in counts]
        return {"config_name": config, "features": [], "splits": splits}

    info = [entry("en", (10000, 10000, 20000)), entry("zh-classical", (100, 100, 100))]
    hub.cards[FOLDERS["wikiann"]] = {"pretty_name": "WikiANN", "dataset_info": info}
    folders._on_hub.cache_clear()
    sizes = task("wikiann").sizes().set_index("language")
    assert sizes.loc["en"].tolist() == [20000, 10000, 10000]
    assert sizes.loc["lzh"].tolist() == [100, 100, 100]


def listed(monkeypatch, name, configs):
    """The task's languages, with these configurations on the hub."""
    files = tuple(file_of(name, config, "test") for config in configs.split())
    there = folders.DatasetFolder("hf://datasets/x/y@0", files, "0")
    monkeypatch.setattr(folders, "find", lambda repository, revision: there)
    return task(name).languages()


def test_the_languages_of_wikiann(monkeypatch):
    languages = listed(monkeypatch, "wikiann", WIKIANN_CONFIGS)
    # All 176 but Simple English, Taraškievica, Banyumasan, and Emilian with Romagnol.
    assert len(WIKIANN_CONFIGS.split()) == 176
    assert len(languages) == 172
    assert {"gsw", "sq", "sgs", "be", "cbk", "vro", "lzh", "nan", "yue", "zh"} <= set(languages)
    assert {"nb", "nn", "sr", "sr-Latn", "fil", "bho"} <= set(languages)
    # None is taken for a family of languages.
    assert not {"bat", "fiu", "map", "bh", "no", "als"} & set(languages)


def test_the_languages_of_massive_and_xnli(monkeypatch):
    languages = listed(monkeypatch, "massive", MASSIVE_CONFIGS)
    # Chinese in both scripts are two languages.
    assert len(languages) == 52
    assert {"zh", "zh-Hant", "nb", "fil", "sl"} <= set(languages)
    assert "all" not in languages
    assert len(set(MASSIVE.labels)) == len(MASSIVE.labels) == 60
    fifteen = "ar bg de el en es fr hi ru sw th tr ur vi zh"
    assert " ".join(listed(monkeypatch, "xnli", f"all_languages {fifteen}")) == fifteen
    assert " ".join(listed(monkeypatch, "paws-x", "de en es fr ja ko zh")) == "de en es fr ja ko zh"


def test_a_parallel_task_trains_on_nothing_that_it_tests(root):
    for name in ("xnli", "paws-x", "massive"):
        chosen = task(name)
        tags = chosen.languages()
        tested = {item.id for tag in tags for item in chosen.items(tag, "test")}
        spec = RunSpec("m", name, tags, tags, budget=3)
        examples = sample(chosen, spec)
        assert len({example.item.id for example in examples}) == 3
        assert not {example.item.id for example in examples} & tested
    assert not task("wikiann").parallel
