"""A person's own data on the command line: checked, imported, trained on; and its broken twin."""

import csv
import json
from functools import partial

import pytest

from tests.cli.command import here

HEADER = ["item", "language", "split", "text", "label"]
LANGUAGES = ("de", "en", "sw")
TINY = ["--model", "tiny-random", "--task", "files", "--budget", "8", "--epochs", "1"]


def good():
    """Three languages, two labels, twelve items in each, the last four for testing."""
    return [
        [str(i), lang, "test" if i > 8 else "train", f'{lang}, "sentence"\n{i}', "ab"[i % 2]]
        for lang in LANGUAGES
        for i in range(1, 13)
    ]


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


@pytest.fixture
def call(capfd):
    """One command."""
    return partial(here, capfd)


@pytest.fixture
def answer(call):
    """The one JSON object of a command."""

    def ask(*words):
        said = call(*words, "--json")
        assert said.status == 0, said.err
        return json.loads(said.out)

    return ask


def break_it(rows):
    """Faults of 13 kinds; answers the rows of each kind as a spreadsheet shows them."""
    at = {(row[1], row[0]): i for i, row in enumerate(rows)}

    def spoil(lang, item, column, value):
        rows[at[lang, item]][HEADER.index(column)] = value
        return at[lang, item] + 2

    faults = {
        "unknown language": spoil("de", "1", "language", "xx-nonsense"),
        "empty language": spoil("de", "2", "language", ""),
        "empty text": spoil("de", "3", "text", "  "),
        "empty label": spoil("de", "4", "label", ""),
        "unknown split": spoil("de", "5", "split", "later"),
        "empty id": spoil("de", "6", "item", ""),
        "undecodable text": spoil("de", "7", "text", "caf\ufffd"),
        "repeated id": spoil("en", "2", "item", "1"),
        "conflicting labels": spoil("sw", "8", "label", "b"),
        "item in training and in test": spoil("sw", "3", "split", "test"),
        "text in training and in test": spoil("en", "10", "text", rows[at["en", "4"]][3]),
        "label in one language only": spoil("sw", "12", "label", "c"),
    }
    rows[at["en", "12"]][4] = rows[at["de", "12"]][4] = "a"
    rows[at["sw", "12"]][0] = "99"
    rows[at["sw", "5"]].append("one more")
    rows[at["sw", "6"]].pop()
    return faults, [at["sw", "5"] + 2, at["sw", "6"] + 2]


def test_own_data_runs_as_any_task_does(call, answer, worker_here, home, tmp_path):
    path = write(tmp_path / "My data.csv", good())
    run = [*TINY, "--data", path, "--sources", "de,en"]
    first = answer("run", *run)
    assert [row["target"] for row in first["scores"]] == list(LANGUAGES)
    assert all(row["n"] == 4 for row in first["scores"])
    assert answer("run", *run) == {**first, "cached": True}
    # What was imported is a task of its own, wherever a task is named.
    by_name = ["files:my-data" if word == "files" else word for word in TINY]
    assert answer("run", *by_name, "--sources", "de,en") == {**first, "cached": True}
    assert answer("probe", *run[:6], "--data", path, "--sources", "sw")["method"] == "probe"
    rows = {row["name"]: row for row in answer("tasks")["tasks"]}
    assert (rows["files:my-data"]["languages"], rows["files:my-data"]["problem"]) == (3, "")
    (german, *_) = answer("languages", "--task", "files:my-data")["languages"]
    assert (german["language"], german["train"], german["test"]) == ("de", 8, 4)
    assert call("models").status == 0


def test_every_fault_of_a_broken_twin_is_told_with_its_row(call, home, tmp_path):
    rows = good()
    faults, ragged = break_it(rows)
    path = write(tmp_path / "broken.csv", rows)
    done = call("run", *TINY, "--data", path, "--sources", "de,en")
    assert done.status == 2
    assert done.out == ""
    lines = done.err.splitlines()
    told = {line.split(",")[0].split(":")[0]: line for line in lines}
    stopping = {kind: row for kind, row in faults.items() if kind != "label in one language only"}
    assert set(told) == {f"row {row}" for row in (*stopping.values(), *ragged)} | {"Error"}
    assert told[f"row {ragged[0]}"].endswith(": 6 fields, where the header has 5")
    assert told[f"row {ragged[1]}"].endswith(": 4 fields, where the header has 5")
    assert "column label: the label is empty" in told[f"row {faults['empty label']}"]
    assert told["Error"].endswith(
        "has 13 faults, so it is not imported: mend them, or leave those rows out with "
        "--skip-faulty."
    )
    assert not (home / "data").exists()
    assert not (home / "ledger.sqlite").exists()

    done = call("data", path, "--json")
    assert done.status == 2
    report = json.loads(done.out)
    by_kind = {fault["kind"]: fault["row"] for fault in report["faults"]}
    assert by_kind == {**faults, "too many or too few fields": ragged[1]}
    assert len(report["faults"]) == 14


def test_faulty_rows_are_left_out_where_asked_and_that_is_told(call, answer, home, tmp_path):
    rows = good()
    break_it(rows)
    path = write(tmp_path / "broken.csv", rows)
    done = call("data", path, "--skip-faulty", "--name", "Mended")
    assert done.status == 0, done.err
    assert "36 rows, 13 of them faulty" in done.out
    assert "Imported as files:mended." in done.out
    record = json.loads((home / "data" / "mended" / "data.json").read_text())
    assert (record["left_out"], record["title"]) == (13, "broken.csv")
    (mine,) = [row for row in answer("tasks")["tasks"] if row["name"] == "files:mended"]
    assert "13 faulty rows were left out" in mine["source"]


def test_a_look_shows_what_is_in_it_and_imports_nothing(call, answer, home, tmp_path):
    path = write(tmp_path / "mine.csv", good())
    report = answer("data", path, "--check")
    assert report["task"] == ""
    assert (report["kind"], report["metric"], report["parallel"]) == ("sentence", "accuracy", True)
    assert report["columns"] == {
        "language": "language",
        "text": "text",
        "label": "label",
        "split": "split",
        "id": "item",
    }
    assert report["languages"][2] == {"language": "sw", "train": 8, "dev": 0, "test": 4}
    assert report["labels"] == {"a": 18, "b": 18}
    assert [row["language"] for row in report["examples"]] == list(LANGUAGES)
    shown = call("data", path, "--check").out
    for words in ("sentence task, parallel", "Swahili", "36 rows, 0 of them faulty", "count"):
        assert words in shown
    assert not (home / "data").exists()


def test_columns_are_corrected(answer, home, tmp_path):
    path = write(tmp_path / "mine.csv", good())
    report = answer("data", path, "--columns", "text=label, label=split,split=,id=")
    assert report["task"] == "files:mine"
    assert report["columns"] == {"language": "language", "text": "label", "label": "split"}
    assert report["parallel"] is False


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "--task", "files"], "name it by --data PATH"),
        (["run", "--data", "x.csv"], "the task is intents: add --task files"),
        (["probe", "--task", "sib200", "--skip-faulty"], "are for the task files"),
        (["run", "--task", "files", "--data", "nothing.csv"], "no file or folder nothing.csv"),
        (["run", "--task", "files:mine"], "no imported data 'files:mine'"),
        (["data", "mine.csv", "--columns", "word=text"], "'word' is none of language, text"),
        (["data", "mine.csv", "--columns", "text=words"], "has no column 'words', it has item"),
        (["data", "mine.csv", "--split-by", "chance"], "must be one of item, text"),
        (["run", "--lora-rank", "0"], "lora_rank is 0"),
    ],
)
def test_what_makes_no_sense_gets_one_sentence(call, home, tmp_path, words, sentence):
    write(tmp_path / "mine.csv", good())
    words = [str(tmp_path / "mine.csv") if word == "mine.csv" else word for word in words]
    sources = [] if words[0] == "data" else ["--sources", "en"]
    done = call(*words, *sources)
    assert done.status == 2
    assert done.err.startswith("Error: ")
    assert done.err.count("\n") == 1
    assert sentence in done.err


def test_very_many_faults_are_not_told_one_by_one_in_a_terminal(call, home, tmp_path):
    rows = [[str(i), "en", "train", "", "a"] for i in range(300)]
    path = write(tmp_path / "mine.csv", [*good(), *rows])
    done = call("data", path)
    assert done.status == 2
    assert done.err.count(": the text is empty\n") == 100
    assert "200 more rows: empty text (--json tells them all)" in done.err
    report = json.loads(call("data", path, "--json").out)
    assert sum(fault["kind"] == "empty text" for fault in report["faults"]) == 300


def test_what_is_in_data_does_nothing_to_a_terminal(call, home, tmp_path):
    rows = good()
    rows[0][3] = "\x1b[31mred\x1b[0m :smile:"
    rows[1][1] = "\x1b]0;title\x07"
    done = call("data", write(tmp_path / "words.csv", rows), "--check")
    assert "\x1b" not in done.out + done.err
    assert ":smile:" in done.out
