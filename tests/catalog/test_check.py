"""Every kind of fault is told with its row; what is left is sound; the split keeps items whole."""

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mslt_core.catalog.tasks.check import check
from mslt_core.catalog.tasks.formats import Table
from mslt_core.catalog.tasks.tables import Columns, guess, read
from mslt_core.spec import BadArgument

COLUMNS = Columns(language="lang", text="text", label="label", split="split", id="id")
TOKENS = Columns(language="lang", text="words", tags="tags", split="split")
PAIRS = Columns(language="lang", text="text", second="second", label="label", split="split")


def good():
    """Two languages, items 0 to 7 in both, the last two for testing."""
    return [
        {
            "id": str(i),
            "lang": lang,
            "split": "test" if i > 5 else "train",
            "text": f"{lang} text {i}",
            "label": "ab"[i % 2],
        }
        for lang in ("de", "en")
        for i in range(8)
    ]


def tokens(**last):
    rows = [
        {"lang": lang, "split": split, "words": f"{lang} {split} w{i}", "tags": "O B-X I-X"}
        for lang in ("de", "en")
        for split in ("train", "test")
        for i in range(2)
    ]
    return [*rows[:-1], {**rows[-1], **last}]


def table_of(rows, first=1):
    """As a Parquet file would give it: rows numbered from 1."""
    frame = pd.DataFrame(rows).astype({key: "str" for key in rows[0] if type(rows[0][key]) is str})
    return Table(frame.set_axis(pd.RangeIndex(first, first + len(rows))), (), "mine")


def told(checked):
    return [(fault.kind, fault.row) for fault in checked.faults]


def test_sound_rows_become_items():
    checked = check(table_of(good()), COLUMNS)
    assert checked.faults == []
    assert (checked.kind, checked.metric, checked.parallel) == ("sentence", "accuracy", True)
    assert checked.items.iloc[0].to_dict() == {
        "language": "de",
        "split": "train",
        "id": "0",
        "text": "de text 0",
        "second": "",
        "label": "a",
        "words": [],
        "tags": [],
    }
    assert checked.sizes().to_dict("records") == [
        {"language": lang, "train": 6, "dev": 0, "test": 2} for lang in ("de", "en")
    ]
    assert checked.label_counts() == {"a": 8, "b": 8}


@pytest.mark.parametrize(
    ("row", "change", "kind", "words"),
    [
        (3, {"lang": "qqq"}, "unknown language", "'qqq' is not a language"),
        (3, {"lang": " "}, "empty language", "the language is empty"),
        (3, {"text": "\t"}, "empty text", "the text is empty"),
        (3, {"label": ""}, "empty label", "the label is empty"),
        (3, {"id": ""}, "empty id", "the id is empty"),
        (3, {"split": "later"}, "unknown split", "'later' is no split: train, dev"),
        (3, {"split": ""}, "unknown split", "'' is no split"),
        (3, {"text": "caf\ufffd"}, "undecodable text", "'caf\ufffd' (save the file as UTF-8)"),
        (3, {"id": "1"}, "repeated id", "'1' is in row 2 already, in the same language"),
        (12, {"label": "a"}, "conflicting labels", "'a', but row 4 gives the item '3' the label"),
        (12, {"split": "test"}, "item in training and in test", "'3' is for testing here and for"),
        (8, {"text": "de text 2"}, "text in training and in test", "training in row 3"),
    ],
)
def test_a_fault_of_a_row_is_told_with_its_row(row, change, kind, words):
    rows = good()
    rows[row - 1] = {**rows[row - 1], **change}
    checked = check(table_of(rows), COLUMNS)
    assert told(checked) == [(kind, row)]
    (fault,) = checked.faults
    assert words in fault.message
    assert fault.column in COLUMNS.__dict__.values()
    assert fault.stops
    assert (checked.left_out, len(checked.items)) == (1, 15)


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"tags": "O O"}, "unequal words and tags", "3 words and 2 tags"),
        ({"tags": ""}, "empty tags", "empty"),
        ({"tags": "O I-X O"}, "bad order of tags", "not IOB2"),
        ({"tags": "O B-X I-Y"}, "bad order of tags", "not IOB2"),
        ({"tags": "O B-X E-X"}, "bad order of tags", "not IOB2"),
    ],
)
def test_words_and_tags_that_do_not_go_together_are_told(change, kind, words):
    checked = check(table_of(tokens(**change)), TOKENS)
    assert told(checked) == [(kind, 8)]
    assert words in checked.faults[0].message


def test_lists_of_words_may_hold_spaces_and_tags_may_not():
    rows = [{**row, "words": row["words"].split(), "tags": ["NOUN", "X", "X"]} for row in tokens()]
    rows[0]["words"][1] = "1 000"
    checked = check(table_of(rows), TOKENS)
    assert (checked.faults, checked.kind, checked.metric) == ([], "token", "accuracy")
    assert checked.items["words"][0] == ["de", "1 000", "w0"]
    assert checked.items["text"][0] == "de 1 000 w0"
    assert checked.label_counts() == {"NOUN": 8, "X": 16}
    rows[1]["tags"][1] = "A B"
    rows[2]["words"][0] = " "
    rows[3]["tags"][2] = "_"
    faults = told(check(table_of(rows), TOKENS))
    assert faults[:3] == [("empty word", 3), ("bad tag", 2), ("bad tag", 4)]


def test_tags_of_entities_are_scored_as_entities():
    checked = check(table_of(tokens()), TOKENS)
    assert (checked.faults, checked.metric) == ([], "f1")
    assert check(table_of(tokens(tags="I-X O O")), TOKENS).faults[0].kind == "bad order of tags"


def test_a_second_text_makes_pairs_and_must_not_be_empty():
    rows = [{**row, "second": f"second {i}"} for i, row in enumerate(good())]
    rows[9]["second"] = ""
    # One first text with two second texts, one for training and one for testing, is no leak.
    rows[15]["text"] = rows[14]["text"] = rows[8]["text"]
    checked = check(table_of(rows), PAIRS)
    assert (checked.kind, told(checked)) == ("pair", [("empty second text", 10)])
    rows[15]["second"] = rows[8]["second"]
    assert told(check(table_of(rows), PAIRS))[1:] == [("text in training and in test", 16)]


def test_what_one_of_several_languages_has_alone_is_told_and_stops_nothing():
    rows = good()
    rows += [{**rows[0], "lang": "fr", "id": str(i), "text": f"fr {i}"} for i in (10, 11)]
    rows[-1]["label"] = "c"
    checked = check(table_of(rows), COLUMNS)
    assert told(checked) == [
        ("label in one language only", 18),
        ("a language without test rows", None),
    ]
    assert checked.stopping == []
    assert checked.faults[0].message.startswith("'c' is in fr only (1 rows")
    assert checked.left_out == 0


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({"label": "a"}, ["too few labels"]),
        ({"split": "dev"}, ["no training rows", "no test rows"]),
        ({"lang": "en"}, ["repeated id"]),
        ({"text": ""}, ["empty text", "too few labels", "no training rows", "no test rows"]),
    ],
)
def test_what_the_whole_lacks_cannot_be_left_out(change, kinds):
    checked = check(table_of([{**row, **change} for row in good()]), COLUMNS)
    assert list(dict.fromkeys(fault.kind for fault in checked.stopping)) == kinds
    assert [fault.kind for fault in checked.fatal] == [k for k in kinds if k not in ROWS]


ROWS = {"repeated id", "empty text"}


def test_a_column_that_is_missing_or_wrong_is_told():
    table = table_of(good())
    for columns, words in (
        (Columns(language="lang", text="text"), r"known to hold label \(or tags\).*id, lang"),
        (Columns(text="text", label="label"), "known to hold language"),
        (Columns("lang", "text", "class"), "no column 'class', it has id, lang"),
        (Columns("lang", "text", "label", tags="id"), "not both"),
        (Columns("lang", "text", "text"), "text and label: both are the column 'text'"),
        (Columns("lang", "text", "label", second="label"), "label and second: both are"),
    ):
        with pytest.raises(BadArgument, match=words):
            check(table, columns)
    many = [{"lang": f"l{i}", "text": "x", "label": "y"} for i in range(1001)]
    with pytest.raises(BadArgument, match="1001 different values: these are no languages"):
        check(table_of(many), Columns("lang", "text", "label"))


def test_rows_of_a_folder_are_told_with_their_file(tmp_path):
    for name in ("de", "en"):
        lines = ["id,split,text,label"]
        lines += [f"{r['id']},{r['split']},{name} {r['text']},{r['label']}" for r in good()[:8]]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    with (tmp_path / "en.csv").open("a") as file:
        file.write("7,test,again,b\n")
    table = read(tmp_path)
    checked = check(table, guess(table))
    assert [str(fault) for fault in checked.faults] == [
        "en.csv, row 10, column id: the id '7' is in en.csv, row 9 already, in the same language"
    ]


def test_without_ids_a_row_is_known_by_its_number():
    rows = [{key: row[key] for key in ("lang", "split", "text", "label")} for row in good()]
    checked = check(table_of(rows, first=2), Columns("lang", "text", "label", split="split"))
    assert not checked.parallel
    assert checked.items["id"].tolist() == [str(row) for row in range(2, 18)]


def test_items_are_parallel_where_languages_share_their_ids():
    rows = good()
    for row in rows[8:]:
        row["id"] = f"en-{row['id']}"
    assert not check(table_of(rows), COLUMNS).parallel


# The seeded split -------------------------------------------------------------------------------

UNSPLIT = Columns(language="lang", text="text", label="label", id="id")


def splits(rows, columns=UNSPLIT, **options):
    """Where each sound row went: its language and text to its split."""
    items = check(table_of(rows), columns, **options).items
    return dict(
        zip(zip(items["language"], items["text"], strict=True), items["split"], strict=True)
    )


rows_with_repeats = st.lists(
    st.tuples(st.sampled_from(["de", "en", "fr"]), st.integers(0, 30), st.integers(0, 12)),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[:2],
).map(
    lambda rows: [
        {"lang": lang, "id": str(item), "text": f"{lang} {text}", "label": str(item % 2)}
        for lang, item, text in rows
    ]
)


@settings(deadline=None, max_examples=30)
@given(rows=rows_with_repeats, seed=st.integers(0, 5))
def test_equal_ids_and_equal_texts_are_never_parted(rows, seed):
    checked = check(table_of(rows), UNSPLIT, seed=seed)
    assert [fault.kind for fault in checked.faults if fault.row is not None and fault.stops] == []
    assert checked.left_out == 0
    for keys in (["id"], ["language", "text"]):
        assert (checked.items.groupby(keys)["split"].nunique() == 1).all()


@settings(deadline=None, max_examples=30)
@given(rows=rows_with_repeats, order=st.randoms(use_true_random=False))
def test_the_split_does_not_depend_on_the_order_of_rows(rows, order):
    shuffled = order.sample(rows, len(rows))
    for split_by in ("item", "text"):
        assert splits(shuffled, split_by=split_by) == splits(rows, split_by=split_by)


@settings(deadline=None, max_examples=30)
@given(rows=rows_with_repeats)
def test_the_split_does_not_change_when_a_language_is_added(rows):
    more = [{"lang": "sw", "id": str(i), "text": f"sw {i}", "label": str(i % 2)} for i in range(31)]
    with_more = splits(rows + more)
    assert all(with_more[key] == split for key, split in splits(rows).items())


def test_the_split_is_70_10_20_and_another_for_another_seed():
    rows = [
        {"lang": "en", "id": str(i), "text": f"text {i}", "label": str(i % 2)} for i in range(4000)
    ]
    found = pd.Series(splits(rows)).value_counts(normalize=True)
    assert np.allclose(found[["train", "dev", "test"]], [0.7, 0.1, 0.2], atol=0.03)
    assert splits(rows) != splits(rows, seed=1)


def test_by_text_equal_texts_stay_together_in_all_languages():
    rows = [
        {"lang": lang, "id": str(i), "text": f"OK {i % 9}", "label": str(i % 2)}
        for i, lang in enumerate(["de", "en"] * 30)
    ]
    items = check(table_of(rows), replace(UNSPLIT, id=""), split_by="text").items
    assert (items.groupby("text")["split"].nunique() == 1).all()
    assert items["split"].nunique() > 1


def test_by_text_translations_of_one_item_stay_together_too():
    rows = [
        {"lang": lang, "id": str(i), "text": f"{lang} {i}", "label": str(i % 2)}
        for i in range(60)
        for lang in ("de", "en")
    ]
    items = check(table_of(rows), UNSPLIT, split_by="text").items
    assert (items.groupby("id")["split"].nunique() == 1).all()
    assert items["split"].nunique() == 3


# The whole --------------------------------------------------------------------------------------

messy = st.lists(
    st.fixed_dictionaries(
        {
            "lang": st.sampled_from(["de", "en", "fr", "", "qq"]),
            "split": st.sampled_from(["train", "Test", "valid", "x"]),
            "id": st.sampled_from(["1", "2", "3", "4", ""]),
            "text": st.sampled_from(["a", "b", "c", "d", " ", "\ufffd"]),
            "label": st.sampled_from(["x", "y", ""]),
        }
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=30)
@given(rows=messy)
def test_what_is_left_has_no_fault_of_a_row(rows):
    checked = check(table_of(rows), COLUMNS)
    assert len(checked.items) + checked.left_out == len(rows)
    faulty = {fault.row for fault in checked.stopping if fault.row is not None}
    assert len(faulty) == checked.left_out
    if len(checked.items):
        sound = checked.items.rename(columns={"language": "lang"})
        again = check(table_of(sound.to_dict("records")), COLUMNS)
        assert again.left_out == 0


def test_200_000_rows_are_checked_in_seconds(tmp_path):
    n = 200_000
    frame = pd.DataFrame(
        {
            "id": np.arange(n) // 4,
            "lang": np.array(["de", "en", "fr", "zh"])[np.arange(n) % 4],
            "text": [f"sentence number {i} of very many" for i in range(n)],
            "label": np.array(["a", "b", "c"])[np.arange(n) // 4 % 3],
        }
    )
    frame.to_parquet(tmp_path / "large.parquet")
    started = time.process_time()  # seconds of computing, however busy the machine is
    table = read(tmp_path / "large.parquet")
    checked = check(table, guess(table))
    assert time.process_time() - started < 8  # a loop by row would take far longer
    assert len(checked.items) == n
    assert checked.parallel
