"""Tables as people have them: kinds of files, encodings, rows as they count them, columns."""

import json
from contextlib import suppress

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mslt_core.catalog.tasks.tables import Columns, guess, read
from mslt_core.spec import BadArgument

TEXT = 'lang,text,label\nen,"He said ""go"",\nand left",a\nde,größer – 你好,b\n'
CELLS = [["en", 'He said "go",\nand left', "a"], ["de", "größer – 你好", "b"]]


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_csv_is_read_in_every_encoding(tmp_path, mark, encoding, newline):
    path = write(tmp_path / "a.csv", mark + TEXT.replace("\n", newline).encode(encoding))
    table = read(path)
    assert table.columns == ["lang", "text", "label"]
    found = [[cell.replace("\r", "") for cell in row] for row in table.rows.values.tolist()]
    assert found == CELLS
    assert table.faults == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_are_numbered_as_in_a_spreadsheet(tmp_path, delimiter):
    lines = ["lang|text", 'en|"two\nlines"', "", "de|x|too many", "fr|y", "it"]
    path = write(tmp_path / "a.csv", "\n".join(lines).replace("|", delimiter))
    table = read(path)
    assert table.rows.index.tolist() == [2, 5]
    assert [(fault.row, fault.message) for fault in table.faults] == [
        (4, "3 fields, where the header has 2"),
        (6, "1 fields, where the header has 2"),
    ]


def test_a_quotation_mark_that_never_closes_costs_only_its_row(tmp_path):
    path = write(tmp_path / "a.csv", 'lang,text\nen,"open\nde,y\nfr,z\nit,"a"b\nes,w\n')
    table = read(path)
    assert table.rows["lang"].tolist() == ["de", "fr", "es"]
    assert [(fault.row, fault.kind) for fault in table.faults] == [
        (2, "unreadable row"),
        (5, "unreadable row"),
    ]


def test_a_tsv_may_quote_or_not(tmp_path):
    plain = write(tmp_path / "plain.tsv", 'lang\ttext\nen\t"Go" he said\nde\tshe "went\n')
    assert read(plain).rows["text"].tolist() == ['"Go" he said', 'she "went']
    quoted = write(tmp_path / "quoted.tsv", 'lang\ttext\nen\t"a ""b""\tc\nd"\n')
    assert read(quoted).rows["text"].tolist() == ['a "b"\tc\nd']


def test_broken_lines_of_json_are_told_with_their_row(tmp_path):
    deep = "[" * 100_000
    lines = [
        '{"lang": "en", "words": ["a", "b"], "n": 1}',
        "",
        "{oops",
        "[1, 2]",
        deep,
        '{"lang": "de", "words": "c d", "x": null, "half": "\\ud83d"}',
    ]
    table = read(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert table.rows.index.tolist() == [1, 6]
    assert table.rows["words"].tolist() == [["a", "b"], "c d"]
    assert table.rows["n"].tolist() == ["1", ""]
    assert table.rows["half"].tolist() == ["", "?"]
    assert [fault.row for fault in table.faults] == [3, 4, 5]
    assert {fault.kind for fault in table.faults} == {"broken JSON"}


def test_parquet_cells_become_text_and_lists_stay_lists(tmp_path):
    frame = pd.DataFrame(
        {
            "lang": pd.Categorical(["en", "de", None]),
            "n": pd.array([1, None, 3], dtype="Int64"),
            "words": [["a", "b"], None, ["c", None]],
            "ids": [[1], [2, 3], []],
            "raw": [b"ok", b"\xff", None],
            "more": [{"a": 1}, {"a": 2}, None],
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    rows = read(tmp_path / "a.parquet").rows
    assert rows.index.tolist() == [1, 2, 3]
    assert rows["lang"].tolist() == ["en", "de", ""]
    assert rows["n"].tolist() == ["1", "", "3"]
    assert rows["words"].tolist() == [["a", "b"], "", ["c", ""]]
    assert rows["ids"].tolist() == [["1"], ["2", "3"], []]
    assert rows["raw"].tolist() == ["ok", "\ufffd", ""]
    assert rows["more"].tolist() == ['{"a": 1}', '{"a": 2}', ""]


def test_a_folder_is_one_table_and_its_names_tell_language_and_split(tmp_path):
    for name in ("de/train.csv", "de/test.csv", "zh-Hant/train.csv"):
        write(tmp_path / "data" / name, "text,label\nx,a\ny,b,c\n")
    write(tmp_path / "data" / "fr" / "validation.jsonl", '{"text": "z", "note": "n"}\n')
    write(tmp_path / "data" / "README.md", "not a table")
    table = read(tmp_path / "data")
    assert table.rows["file"].tolist() == [
        *("de/test.csv", "de/train.csv", "fr/validation.jsonl", "zh-Hant/train.csv")
    ]
    assert table.rows["file.language"].tolist() == ["de", "de", "fr", "zh-Hant"]
    assert table.rows["file.split"].tolist() == ["test", "train", "validation", "train"]
    assert table.rows["note"].tolist() == ["", "", "n", ""]
    assert [str(fault) for fault in table.faults] == [
        f"{name}, row 3: 3 fields, where the header has 2"
        for name in ("de/test.csv", "de/train.csv", "zh-Hant/train.csv")
    ]
    columns = guess(table)
    assert (columns.language, columns.split) == ("file.language", "file.split")


@pytest.mark.parametrize(
    ("name", "language"),
    [("train.de.csv", "de"), ("swh_Latn.csv", "sw"), ("my_data.csv", None), ("dev.csv", None)],
)
def test_the_name_of_one_file_may_tell_its_language(tmp_path, name, language):
    rows = read(write(tmp_path / name, "text,label\nx,a\n")).rows
    assert rows.get("file.language", pd.Series([None])).tolist() == [language]


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        (
            ["Lang", "Sentence", "Class", "item_id"],
            [["en", "a b", "x", "1"], ["de", "c d", "y", "1"]],
            Columns("Lang", "Sentence", "Class", id="item_id"),
        ),
        (
            ["premise", "hypothesis", "label", "locale", "set"],
            [["a", "b", "x", "en", "train"], ["c", "d", "y", "de", "test"]],
            Columns("locale", "premise", "label", second="hypothesis", split="set"),
        ),
        (
            ["language", "text", "tokens", "upos"],
            [["en", "a b", ["a", "b"], ["X", "Y"]], ["de", "c", ["c"], ["X"]]],
            Columns("language", "tokens", tags="upos"),
        ),
        (  # tags of another length than the text are no tags of its words
            ["language", "text", "tags", "label"],
            [["en", "a b c", "news", "x"], ["de", "d e f", "sport", "y"]],
            Columns("language", "text", "label"),
        ),
        (  # names that tell nothing: what is in the columns does
            ["a", "b", "c"],
            [["en", "hello there", "x"], ["de", "guten Tag", "y"]] * 2,
            Columns("a", "b", "c"),
        ),
        (  # ids that start anew in each split are none
            ["lang", "split", "id", "text", "label"],
            [
                ["en", split, str(i), f"{split} {i}", "x"]
                for split in ("train", "test")
                for i in "12"
            ],
            Columns("lang", "text", "label", split="split"),
        ),
    ],
)
def test_columns_are_guessed_by_name_and_content(tmp_path, header, rows, expected):
    lines = [json.dumps(dict(zip(header, row, strict=True))) for row in rows]
    assert guess(read(write(tmp_path / "a.jsonl", "\n".join(lines)))) == expected


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"lang,text\n", "holds no rows"),
        ("a.csv", b"MZ\x90\0\x03\0\0\n\0,\xff\n", "is no text"),
        ("a.csv", b"lang,text,lang\na,b,c\n", "'lang' twice"),
        ("a.csv", b",".join([b"x"] * 1001) + b"\n1\n", "at most 1000"),
        ("a.csv", b'lang,"te"xt\n1,2\n', "header of a.csv cannot be read"),
        ("a.parquet", b"PAR1 and no more", "cannot be read as Parquet"),
        ("a.xlsx", b"PK", "no table: name a .csv"),
        ("folder/readme.md", b"x", "holds no .csv"),
        ("", b"", "no file or folder"),
    ],
)
def test_what_is_no_table_is_told(tmp_path, name, content, words):
    path = tmp_path / name if name else tmp_path / "nothing.csv"
    if name:
        write(path, content)
    with pytest.raises(BadArgument, match=words):
        read(path.parent if name.startswith("folder") else path)


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8)


@given(rows=st.lists(st.tuples(cells, cells), min_size=1))
def test_what_a_spreadsheet_writes_is_read_as_it_was(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("t") / "a.csv"
    frame = pd.DataFrame(rows, columns=["one", "two"], dtype="str")
    frame.to_csv(path, index=False, quoting=1)
    table = read(path)
    assert table.faults == ()
    assert table.rows[["one", "two"]].values.tolist() == frame.values.tolist()


@given(content=st.binary(max_size=300), suffix=st.sampled_from(["csv", "tsv", "jsonl", "parquet"]))
def test_no_bytes_make_it_fall_over(tmp_path_factory, content, suffix):
    path = write(tmp_path_factory.mktemp("t") / f"a.{suffix}", content)
    with suppress(BadArgument):
        guess(read(path))
