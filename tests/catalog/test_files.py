"""Imported data is a task as any other: whole or not there, and never changed."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mslt_core.catalog.resolve import resolve
from mslt_core.catalog.tasks import Item, task, task_names
from mslt_core.catalog.tasks.check import check
from mslt_core.catalog.tasks.files import FilesTask, add, imported, remove
from mslt_core.catalog.tasks.formats import Table
from mslt_core.catalog.tasks.tables import Columns
from mslt_core.spec import BadArgument, RunSpec, UserError, WorkFailed

COLUMNS = Columns(language="lang", text="text", label="label", split="split", id="id")
TOKENS = Columns(language="lang", text="words", tags="tags", split="split")


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "data"


def rows_of(languages=("de", "en"), mark=""):
    return [
        {
            "id": str(i),
            "lang": lang,
            "split": "test" if i > 6 else "train",
            "text": f"{lang} text {i}{mark}",
            "label": "ab"[i % 2],
        }
        for lang in languages
        for i in range(10)
    ]


def checked_of(rows, columns=COLUMNS):
    frame = pd.DataFrame(rows)
    names = [name for name in frame if isinstance(rows[0][name], str)]
    return check(Table(frame.astype(dict.fromkeys(names, "str")), (), "mine"), columns)


def test_imported_data_is_a_task(data):
    name = add(checked_of(rows_of()), "My intents, Größe 2!", "My intents.csv")
    assert name == "files:my-intents-grosse-2"
    assert imported() == [name]
    assert task_names()[-1] == name
    mine = task(name)
    assert (mine.name, mine.title, mine.kind, mine.metric) == (
        *(name, "My intents.csv", "sentence", "accuracy"),
    )
    assert mine.parallel
    assert mine.languages() == ("de", "en")
    assert mine.labels() == ("a", "b")
    assert mine.where() == str(data / "my-intents-grosse-2")
    assert mine.sizes().to_dict("records") == [
        {"language": lang, "train": 7, "dev": 0, "test": 3} for lang in ("de", "en")
    ]
    assert mine.items("en", "test") == [
        Item(id=str(i), text=f"en text {i}", label="ab"[i % 2]) for i in (7, 8, 9)
    ]
    assert mine.items("en", "dev") == []
    with pytest.raises(BadArgument, match="has no 'fr': it has de, en"):
        mine.items("fr", "test")


def test_words_and_tags_come_back_as_they_were():
    rows = [
        {
            "lang": lang,
            "split": split,
            "words": ["1 000", f"{lang}-{split}", str(i)],
            "tags": ["B-X", "I-X", "O"],
        }
        for lang in ("de", "ar")
        for split in ("train", "test")
        for i in range(2)
    ]
    mine = task(add(checked_of(rows, TOKENS), "ner", "ner.jsonl"))
    assert (mine.kind, mine.metric, mine.labels()) == ("token", "f1", ("B-X", "I-X", "O"))
    item = mine.items("ar", "test")[1]
    assert (item.words, item.tags) == (("1 000", "ar-test", "1"), ("B-X", "I-X", "O"))
    assert (item.text, item.gold) == ("1 000 ar-test 1", "B-X I-X O")


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip)


@settings(deadline=None, max_examples=25)
@given(words=st.lists(texts.filter(lambda text: text and "\ufffd" not in text), min_size=4))
def test_every_item_comes_back(tmp_path_factory, words):
    os.environ["MSLT_HOME"] = str(tmp_path_factory.mktemp("home"))
    rows = [
        {
            "lang": "en",
            "split": ("train", "test", "dev")[i % 3],
            "text": f"{i} {word}",
            "label": word,
        }
        for i, word in enumerate([*words, "another"])
    ]
    checked = checked_of(rows, Columns("lang", "text", "label", split="split"))
    if checked.stopping:
        return
    mine = task(add(checked, "mine", "mine.csv"))
    back = [item for split in ("train", "dev", "test") for item in mine.items("en", split)]
    assert sorted((item.text, item.label) for item in back) == sorted(
        (row["text"], row["label"]) for row in rows
    )
    assert {item.label for item in back} == set(mine.labels())


def test_equal_content_is_imported_once_and_other_content_beside_it(data):
    first = add(checked_of(rows_of()), "mine", "mine.csv")
    before = (data / "mine" / "data.json").read_bytes()
    assert add(checked_of(rows_of()), "mine", "other.csv") == first
    assert add(checked_of(rows_of(mark="!")), "mine", "mine.csv") == "files:mine-2"
    assert add(checked_of(rows_of(mark="?")), "mine", "mine.csv") == "files:mine-3"
    assert add(checked_of(rows_of(mark="!")), "mine", "mine.csv") == "files:mine-2"
    assert (data / "mine" / "data.json").read_bytes() == before
    assert imported() == ["files:mine", "files:mine-2", "files:mine-3"]


def test_the_fingerprint_is_that_of_the_languages_asked_for():
    one = task(add(checked_of(rows_of()), "one", "x"))
    more = task(add(checked_of(rows_of(("de", "en", "fr"))), "more", "x"))
    assert one.fingerprint(("de", "en")) == more.fingerprint(("en", "de"))
    assert one.fingerprint(("de",)) != one.fingerprint(("en",))
    changed = rows_of()
    changed[0]["text"] += "!"
    other = task(add(checked_of(changed), "other", "x"))
    assert other.fingerprint(("de",)) != one.fingerprint(("de",))
    assert other.fingerprint(("en",)) == one.fingerprint(("en",))


def test_faulty_data_is_refused_unless_its_rows_are_left_out(data):
    rows = rows_of()
    rows[3]["text"] = ""
    with pytest.raises(
        BadArgument, match=r"x\.csv has faults.*row 3, column text: the text is emp"
    ):
        add(checked_of(rows), "mine", "x.csv")
    assert imported() == []
    mine = task(add(checked_of(rows), "mine", "x.csv", skip_faulty=True))
    assert json.loads((data / "mine" / "data.json").read_text())["left_out"] == 1
    assert "1 faulty rows were left out" in mine.source
    one_label = [{**row, "label": "a"} for row in rows_of()]
    with pytest.raises(BadArgument, match="at least two labels"):
        add(checked_of(one_label), "mine", "x.csv", skip_faulty=True)


@pytest.mark.parametrize(
    "name", ["files:", "files:../mine", "files:/etc", "files:.x", "files:a/b", "files:Mine"]
)
def test_no_name_leads_out_of_the_folder(name, data):
    add(checked_of(rows_of()), "mine", "mine.csv")
    with pytest.raises(BadArgument, match="not the name of imported data"):
        task(name)
    with pytest.raises(BadArgument):
        remove(name)
    assert add(checked_of(rows_of()), f"../../{name}", "x").startswith("files:")
    assert {path.parent.parent for path in data.parent.parent.rglob("items.parquet")} == {data}


def test_what_is_removed_is_gone_and_told():
    name = add(checked_of(rows_of()), "mine", "mine.csv")
    mine = task(name)
    remove(name)
    assert imported() == []
    with pytest.raises(BadArgument, match=r"no imported data 'files:mine'.*none so far.*import it"):
        task(name)
    with pytest.raises(WorkFailed, match="import it again"):
        mine.languages()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", None])
@pytest.mark.parametrize("file", ["data.json", "items.parquet"])
def test_damage_is_told_and_does_not_hide_the_other_tasks(data, file, content):
    name = add(checked_of(rows_of()), "mine", "mine.csv")
    path = data / "mine" / file
    path.unlink() if content is None else path.write_bytes(content)
    mine = task(name)
    assert mine.title
    assert mine.source
    with pytest.raises(WorkFailed, match=r"files:mine is damaged.*remove it and import it again"):
        mine.items("de", "test")
    assert name in task_names()
    remove(name)
    assert add(checked_of(rows_of()), "mine", "mine.csv") == name


def test_a_flipped_bit_is_noticed(data):
    name = add(checked_of(rows_of()), "mine", "mine.csv")
    path = data / "mine" / "items.parquet"
    content = bytearray(path.read_bytes())
    content[content.index(b" text")] ^= 1
    path.write_bytes(content)
    with pytest.raises(WorkFailed, match="damaged"):
        task(name).items("de", "train")


IMPORT = """
import os, signal, sys
from pathlib import Path
from tests.catalog.test_files import add, checked_of, rows_of
{fault}
add(checked_of(rows_of()), "mine", "mine.csv")
"""
KILL = """
def killed(*_): os.kill(os.getpid(), signal.SIGKILL)
Path.rename = killed
"""
FULL_DISK = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
"""


def import_with(fault):
    return subprocess.run(
        [sys.executable, "-c", IMPORT.format(fault=fault)], capture_output=True, text=True
    )


def test_a_killed_import_leaves_nothing_that_is_seen(data):
    assert import_with(KILL).returncode == -9
    (half,) = data.iterdir()
    assert imported() == []
    name = add(checked_of(rows_of()), "mine", "mine.csv")
    assert len(task(name).items("de", "test")) == 3
    assert half.exists(), "it could be that of a process that still works"
    os.utime(half, (0, 0))
    add(checked_of(rows_of(mark="!")), "mine", "mine.csv")
    assert not half.exists()


def test_a_full_disk_leaves_nothing_and_is_told(data):
    done = import_with(FULL_DISK)
    assert "WorkFailed" in done.stderr
    assert f"{data} cannot be written to (File too large): free some room" in done.stderr
    assert list(data.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "file"))
    with pytest.raises(WorkFailed, match="cannot be written to"):
        add(checked_of(rows_of()), "mine", "mine.csv")
    assert imported() == []


def test_two_imports_at_once_are_both_there():
    names: list[str] = []
    checked = [checked_of(rows_of(mark=str(i))) for i in range(6)]
    threads = [
        threading.Thread(target=lambda part=part: names.append(add(part, "mine", "mine.csv")))
        for part in checked
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names) == imported() == ["files:mine", *(f"files:mine-{i}" for i in range(2, 7))]


def test_a_language_without_test_items_is_no_target():
    rows = [
        row for row in rows_of(("de", "en", "fr")) if (row["lang"], row["split"]) != ("fr", "test")
    ]
    name = add(checked_of(rows), "mine", "mine.csv")
    spec = {"model": "tiny-random", "task": name, "sources": ("fr",), "budget": 5}
    assert resolve(RunSpec(**spec, targets=("de", "en"))).spec.task == name
    with pytest.raises(
        BadArgument, match=r"targets: files:mine has no test items for fr \(French\)"
    ):
        resolve(RunSpec(**spec, targets=("de", "fr")))


def test_a_fingerprint_stands_for_all_that_a_run_looks_at():
    """Labels number the classes, and whether items are parallel decides which the map shows."""
    two = rows_of()
    apart = [{**row, "id": f"fr{row['id']}", "lang": "fr"} for row in two[:10]]
    other = [{**row, "label": "c"} for row in apart]
    names = [add(checked_of(rows), "mine", "m") for rows in (two, two + apart, two + other)]
    assert [task(name).parallel for name in names] == [True, False, False]
    assert task(names[2]).labels() == ("a", "b", "c")
    assert len({task(name).fingerprint(("de", "en")) for name in names}) == 3


def test_the_home_is_looked_up_anew(tmp_path, monkeypatch):
    name = add(checked_of(rows_of()), "mine", "mine.csv")
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "another"))
    with pytest.raises(UserError):
        FilesTask(name)
    assert not Path(tmp_path / "another").exists()
