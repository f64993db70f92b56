"""The bundled task keeps its promises on the real templates: sizes, splits, clean sentences."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hassil.intents import RangeSlotList
from hassil.parse_expression import parse_sentence

from mslt_core.catalog.languages import language, normalise
from mslt_core.catalog.tasks import intents, intents_sampler
from mslt_core.catalog.tasks.base import Item, Split, Task
from mslt_core.catalog.tasks.intents import INTENTS, LANGUAGES, IntentsTask
from mslt_core.catalog.tasks.intents_sampler import slots
from mslt_core.spec import BadArgument

SPLITS: tuple[Split, ...] = ("train", "dev", "test")
Data = dict[str, dict[Split, list[Item]]]


@pytest.fixture(scope="module")
def cache(intents_cache: Path) -> Path:
    return intents_cache


@pytest.fixture(scope="module")
def data(cache: Path) -> Data:
    """Every language, drawn once."""
    task: Task = IntentsTask(cache)
    return {tag: {split: task.items(tag, split) for split in SPLITS} for tag in task.languages()}


def test_the_languages_are_many_and_written_in_many_scripts() -> None:
    task = IntentsTask()
    assert len(task.languages()) >= 24
    assert {"ar", "de", "en", "es", "fr", "ru", "zh"} <= set(task.languages())
    assert len({language(tag).script for tag in task.languages()}) >= 5
    assert [tag for tag in task.languages() if normalise(tag) != tag] == []
    assert task.languages() == tuple(sorted(LANGUAGES))
    assert len(task.labels()) >= 12


def test_each_language_has_enough_sentences(data: Data) -> None:
    sizes = {tag: {split: len(items) for split, items in of.items()} for tag, of in data.items()}
    assert {tag: n for tag, n in sizes.items() if n["train"] < 700 or n["test"] < 200} == {}
    assert {tag: n for tag, n in sizes.items() if n["dev"] < 100} == {}


def test_each_intent_is_in_training_and_test_of_each_language(data: Data) -> None:
    for tag, of in data.items():
        train = Counter(item.label for item in of["train"])
        test = Counter(item.label for item in of["test"])
        assert set(train) == set(test) == set(INTENTS), tag
        assert min(train.values()) >= 20, (tag, train)
        assert min(test.values()) >= 4, (tag, test)
        assert max(train.values()) <= 50, (tag, train)


def test_no_template_and_no_text_is_in_two_splits(data: Data) -> None:
    for tag, of in data.items():
        templates = {
            split: {item.id.rsplit(":", 1)[0] for item in items} for split, items in of.items()
        }
        texts = [item.text.casefold() for items in of.values() for item in items]
        ids = [item.id for items in of.values() for item in items]
        assert not templates["train"] & templates["test"], tag
        assert not templates["dev"] & (templates["train"] | templates["test"]), tag
        assert len(set(texts)) == len(texts), tag
        assert len(set(ids)) == len(ids), tag


def test_ids_name_language_intent_template_and_number(data: Data) -> None:
    for tag, of in data.items():
        for item in of["train"]:
            named, intent, template, n = item.id.split(":")
            assert (named, intent) == (tag, item.label)
            assert template.isdecimal()
            assert n.isdecimal()


def test_sentences_have_nothing_of_the_template_left(data: Data) -> None:
    left = re.compile(r"[{}\[\]<>()|;_\\]|\s\s|^\s|\s$|^$|\bfloor floor\b")
    bad = [
        item.text
        for of in data.values()
        for items in of.values()
        for item in items
        if left.search(item.text)
    ]
    assert bad == []


def test_our_names_are_said(data: Data) -> None:
    for tag, of in data.items():
        said = " ".join(item.text for item in of["train"])
        unsaid = [room for room in slots(tag)["area"] if room not in said]
        assert unsaid == [], tag


@pytest.mark.parametrize("tag", LANGUAGES)
def test_each_language_has_names_for_rooms_floors_and_devices(tag: str) -> None:
    names = slots(tag)
    devices = {name for kind, of in names.items() if kind not in ("area", "floor") for name in of}
    assert len(set(names["area"])) >= 6
    assert len(devices) >= 6
    assert len(set(names["floor"])) >= 2
    assert all(name and name == name.strip() for of in names.values() for name in of)


def test_sizes_are_the_numbers_of_items(data: Data, cache: Path) -> None:
    sizes = IntentsTask(cache).sizes()
    assert list(sizes.columns) == ["language", "train", "dev", "test"]
    assert sizes["language"].tolist() == list(data)
    for row in sizes.to_dict("records"):
        assert {split: row[split] for split in SPLITS} == {
            split: len(items) for split, items in data[row["language"]].items()
        }


def test_what_is_drawn_does_not_depend_on_the_process(data: Data, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from mslt_core.catalog.tasks.intents import IntentsTask; "
        "task = IntentsTask(Path(sys.argv[1])); "
        "print([[item for item in task.items(t, s)] for t in ('en', 'zh') for s in "
        "('train', 'test')])"
    )
    here = [data[tag][split] for tag in ("en", "zh") for split in ("train", "test")]
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / seed)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert done.stdout.strip() == repr(here)


def test_what_a_page_asks_first_needs_no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(*_: object) -> list[intents.Sentence]:
        raise AssertionError("drew sentences")

    monkeypatch.setattr(intents, "sample", drawn)
    task = IntentsTask(Path("/nonexistent"))
    assert task.languages()
    assert task.labels()
    assert task.fingerprint(("en", "de"))


def test_the_second_time_reads_the_disk(
    data: Data, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intents, "sample", None)
    assert IntentsTask(cache).items("th", "train") == data["th"]["train"]


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "another table"])
def test_a_damaged_file_is_made_again(data: Data, tmp_path: Path, damage: str) -> None:
    task = IntentsTask(tmp_path)
    task.items("th", "test")
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    middle = len(whole) // 3
    flipped = whole[:middle] + bytes(byte ^ 0xFF for byte in whole[middle : middle + 50])
    if damage == "another table":
        pd.DataFrame({"text": ["good morning"]}).to_parquet(file)
    else:
        file.write_bytes(
            {
                "truncated": whole[:middle],
                "flipped": flipped + whole[middle + 50 :],
                "empty": b"",
            }[damage]
        )
    assert IntentsTask(tmp_path).items("th", "test") == data["th"]["test"]
    assert file.read_bytes() == whole
    assert [path.suffix for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


def test_a_folder_that_cannot_be_written_does_no_harm(data: Data, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file, where the folder should be")
    assert IntentsTask(blocked / "cache").items("th", "dev") == data["th"]["dev"]
    assert blocked.read_text().startswith("a file")


def test_the_default_folder_is_in_the_home_of_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = IntentsTask()
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "home"))
    task.items("th", "test")
    (file,) = (tmp_path / "home" / "cache" / "intents").iterdir()
    assert file.name == f"th-{task.fingerprint(('th',))[:12]}.parquet"


def test_the_fingerprint_follows_what_the_sentences_come_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = IntentsTask(tmp_path / "a").fingerprint(("en",))
    assert IntentsTask(tmp_path / "b").fingerprint(("en",)) == before
    other = tmp_path / "slots.csv"
    text = intents_sampler.SLOTS_TABLE.read_text(encoding="utf-8")
    other.write_text(text.replace("kitchen", "kitchenette"), encoding="utf-8")
    for name, value in (
        ("SLOTS_TABLE", other),
        ("SAMPLER_VERSION", 999),
        ("version", lambda _: "0.0.1"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(intents, name, value)
            assert IntentsTask().fingerprint(("en",)) != before


def test_a_language_it_lacks_is_refused_with_those_it_has() -> None:
    for ask in (
        lambda: IntentsTask().items("yo", "train"),
        lambda: IntentsTask().fingerprint(("en", "yo")),
    ):
        with pytest.raises(BadArgument, match=r"no 'yo': it has ar, .*zh-Hant\."):
            ask()


def _says(template: str, domain: str = "", **known: tuple[str, ...]) -> set[str]:
    """All that a template of a toy grammar says in many draws."""
    number = RangeSlotList(name="number", start=1, stop=3)
    rules = {"the": parse_sentence("(the|my)")}
    walk = intents_sampler._Walk({"number": number}, rules, known)
    block = {"sentences": [template], "requires_context": {"domain": [domain] if domain else []}}
    (parsed,) = intents_sampler._templates({"data": [block]}, known)
    dice = intents_sampler.random.Random(0)
    said: set[str] = set()
    while (text := intents_sampler._new_text(parsed, dice, walk, said)) is not None:
        said.add(text)
    return said


def test_a_template_says_each_of_its_branches() -> None:
    assert _says("[please] (dim;{area}) to {number}", area=("hall",)) >= {
        "dim hall to 1",
        "hall dim to 3",
        "please dim hall to 2",
    }
    assert _says("open <the> {name}", "cover", cover=("gate",), lock=("door",)) == {
        "open the gate",
        "open my gate",
    }


def test_a_slot_that_nothing_fills_leaves_the_sentence_out() -> None:
    assert _says("cancel the {timer_name} timer") == set()
    assert _says("where is {name}", "person", light=("lamp",)) == set()
    assert _says("cancel [the {timer_name}] timer") == {"cancel timer"}


def test_what_nobody_says_is_left_out() -> None:
    assert _says("light {floor} [floor]", floor=("ground floor",)) == {"light ground floor"}
    assert _says("tänd {area}[e|me][t|n][s]", area=("köket",)) == {"tänd köket"}
    assert _says("éteins (la|l'|l' ) {area}", area=("cuisine",)) == {"éteins la cuisine"}


def test_a_template_that_is_written_twice_is_one_template() -> None:
    blocks = [
        {"sentences": ["start {name}", "go"], "requires_context": {"domain": ["fan"]}},
        {"sentences": ["start {name}"], "requires_context": {"domain": ["light"]}},
    ]
    known = {"fan": ("fan",), "light": ("lamp",)}
    first, second = intents_sampler._templates({"data": blocks}, known)
    assert (first.number, first.names) == (0, ("fan", "lamp"))
    assert second.number == 1
