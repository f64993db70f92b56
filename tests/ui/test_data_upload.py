"""Data of one's own: uploaded, shown, corrected, told of its faults, added as a task, deleted."""

import io

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mslt_core.catalog.tasks import task
from mslt_core.catalog.tasks.check import check
from mslt_core.catalog.tasks.files import add, imported, remove
from mslt_core.catalog.tasks.formats import Table
from mslt_core.catalog.tasks.tables import guess
from mslt_core.ui import words, words_data
from tests.ui.driver import button, open_page, run, text

DATA = "pages/6_Data.py"

ROWS = [
    ("id", "language", "split", "text", "label"),
    *(
        (str(i), language, "test" if i > 3 else "train", f"{word} {i}", "ab"[i % 2])
        for i in range(6)
        for language, word in (("en", "house"), ("de", "Haus"), ("ar", "بيت"))
    ),
]


def csv(rows):
    return "".join(f"{','.join(row)}\n" for row in rows).encode()


def upload(app, *files):
    return run(app, app.file_uploader[0].set_value([(n, b, "text/csv") for n, b in files]))


def own(*files):
    """The page after files were uploaded."""
    return upload(open_page(DATA, view="own"), *files)


def with_change(row, column, value):
    """The table with one other cell; rows as people count them, the header being row 1."""
    rows = [list(cells) for cells in ROWS]
    rows[row - 1][column] = value
    return csv(rows)


def test_before_anything_is_uploaded_the_page_shows_what_it_wants(store, started):
    app = open_page(DATA, view="own")
    assert words_data.OWN_EMPTY in text(app)
    assert list(app.dataframe[0].value.columns) == list(words_data.OWN_SAMPLE[0])
    assert "mslt_core data PATH" in text(app)


def test_an_upload_is_previewed_added_and_then_a_task(store, started):
    app = own(("My words.csv", csv(ROWS)))
    said = text(app)
    assert "18 items (sentences) in 3 languages, 2 labels; translations of one another." in said
    assert words_data.OWN_SOUND in said
    raw, sizes, labels, examples = (table.value for table in app.dataframe)
    assert raw.index.tolist() == [2, 3, 4]
    assert sizes["Language"].tolist() == ["Arabic (ar)", "German (de)", "English (en)"]
    assert labels[words_data.COUNT_TITLE].tolist() == [9, 9]
    assert examples["Text"].tolist()[:2] == ["بيت 0", "بيت 1"]
    assert "mslt_core data 'My words.csv'" in text(app)

    run(app, button(app, words_data.ADD_DATA.format(items=18)).click())
    assert app.success[0].value == words_data.ADDED.format(name="files:my-words")
    assert "**files:my-words**" in text(app)
    assert "upload" not in app.session_state
    assert imported() == ["files:my-words"]

    run(app, app.button(key="browse-files:my-words").click())
    assert app.selectbox(key="task").value == "files:my-words"
    assert "house 0" in text(app)


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_every_kind_of_file_gives_the_same(store, started, kind):
    frame = pd.DataFrame(ROWS[1:], columns=ROWS[0])
    buffer = io.BytesIO()
    {
        "csv": lambda: frame.to_csv(buffer, index=False),
        "tsv": lambda: frame.to_csv(buffer, index=False, sep="\t"),
        "jsonl": lambda: frame.to_json(buffer, orient="records", lines=True),
        "parquet": lambda: frame.to_parquet(buffer, index=False),
    }[kind]()
    said = text(own((f"words.{kind}", buffer.getvalue())))
    assert "18 items (sentences) in 3 languages, 2 labels; translations of one another." in said


def test_several_files_are_one_table_and_their_names_tell_the_language(store, started):
    def rows_of(tag):
        return csv([row[:1] + row[2:] for row in ROWS if row[1] in ("language", tag)])

    app = own(*((f"{tag}.csv", rows_of(tag)) for tag in ("en", "de")))
    assert "12 items (sentences) in 2 languages" in text(app)
    assert app.selectbox(key="column-language").value == "file.language"
    assert words_data.OWN_NAME_EMPTY in text(app)
    run(app, app.text_input(key="data_name").set_value("both"))
    run(app, button(app, words_data.ADD_DATA.format(items=12)).click())
    assert imported() == ["files:both"]


def test_faults_are_listed_by_row_and_faulty_rows_can_be_left_out(store, started):
    broken = with_change(3, 1, "Klingon!").replace(b"house 1,b", b",b") + b"9,en,train\n"
    app = own(("words.csv", broken))
    assert "Of 19 rows, 3 cannot be used" in text(app)
    faults = app.dataframe[-1].value
    assert faults["Row"].tolist() == [3, 5, 20]
    assert faults["Column"].tolist() == ["language", "text", ""]
    messages = faults[words_data.FAULT_COLUMNS["message"]].tolist()
    assert messages[0].startswith("'Klingon!' is not a language")
    assert messages[1:] == ["the text is empty", "3 fields, where the header has 5"]
    add_them = button(app, words_data.ADD_DATA.format(items=16))
    assert add_them.disabled
    assert words_data.ADD_BLOCKED.format(count=3, s="s") in text(app)

    run(app, app.button_group(key="fault_kind").set_value("empty text"))
    assert app.dataframe[-1].value["Row"].tolist() == [5]

    run(app, app.toggle(key="leave_out").set_value(True))
    assert "--skip-faulty" in text(app)
    run(app, button(app, words_data.ADD_DATA.format(items=16)).click())
    assert "3 faulty rows were left out" in text(app)


def test_what_leaving_rows_out_does_not_mend_cannot_be_added(store, started):
    same = csv([ROWS[0], *((*row[:4], "a") for row in ROWS[1:])])
    app = own(("words.csv", same))
    assert "at least two labels are needed" in text(app)
    assert button(app, words_data.ADD_DATA.format(items=18)).disabled
    assert not app.toggle


def test_guessed_columns_can_be_corrected_and_the_command_says_so(store, started):
    app = own(("words.csv", csv([("id", "language", "split", "text", "title"), *ROWS[1:]])))
    assert app.selectbox(key="column-label").value == "title"
    run(app, app.selectbox(key="column-split").set_value(""))
    assert "--columns split=" in text(app)
    run(app, app.selectbox(key="column-label").set_value(""))
    assert "No column of words.csv is known to hold label" in app.error[0].value
    run(app, app.selectbox(key="column-label").set_value("title"))
    assert not app.error


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("words.parquet", b"PAR1 no more", "words.parquet cannot be read as Parquet"),
        ("words.csv", b"", "words.csv is empty."),
        ("words.csv", b"text,label\n", "words.csv holds no rows."),
        ("words.csv", b"a,a\n1,2\n", "words.csv has the column 'a' twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence_without_our_folders(
    store, started, name, content, said
):
    app = own((name, content))
    (error,) = app.error
    assert error.value.startswith(said)
    assert "/tmp" not in error.value
    upload(app, ("words.csv", csv(ROWS)))  # another one in its place
    assert not app.error
    assert "18 items" in text(app)


def test_names_of_files_lead_nowhere_and_mean_nothing(store, started):
    app = own(("../../**x**.csv", csv(ROWS)))
    assert r"What is in \.\.\/\.\.\/\*\*x\*\*\.csv" in text(app)
    assert not list(store.home.parent.glob("*.csv"))


def test_an_upload_is_still_there_after_another_view(store, started):
    app = own(("words.csv", csv(ROWS)))
    run(app, app.selectbox(key="column-id").set_value(""))
    run(app, app.button_group(key="view").set_value("browse"))
    run(app, app.button_group(key="view").set_value("own"))
    assert "18 items" in text(app)
    assert app.selectbox(key="column-id").value == ""
    run(app, button(app, words_data.OTHER_FILE).click())
    assert words.OWN_SAMPLE_CAPTION in text(app)


def _import():
    frame = pd.DataFrame(ROWS[1:], columns=ROWS[0], dtype="str")
    table = Table(frame, (), "words.csv")
    return add(check(table, guess(table)), "words", "words.csv")


def dialog(name):
    """The dialog alone, as Streamlit runs it once it is open."""
    script = f"""
from mslt_core.catalog.tasks.files import imported
from mslt_core.ui import data_sets
if {name!r} in imported() or "kept" in data_sets.st.session_state:
    data_sets._confirm_delete({name!r})
"""
    return run(AppTest.from_string(script))


def test_a_data_set_is_deleted_only_when_that_is_meant(store, started):
    name = _import()
    app = open_page(DATA, view="own")
    run(app, app.button(key=f"delete-{name}").click())
    assert words_data.REMOVE_SURE.format(name=name) in text(app)
    assert imported() == [name]
    app = dialog(name)
    run(app, button(app, words.DELETE_YES).click())
    assert imported() == []


def test_a_data_set_deleted_in_another_tab_is_a_sentence(store, started):
    name = _import()
    app = dialog(name)
    app.session_state["kept"] = True
    remove(name)
    run(app, button(app, words.DELETE_YES).click())
    assert "There is no imported data 'files:words'" in app.error[0].value


@pytest.mark.parametrize("page", ["pages/1_Train.py", DATA])
def test_removed_data_stays_chosen_and_nothing_else_takes_its_place(store, started, page):
    """A link, or a page that was open when another tab removed the data."""
    app = open_page(page, task="files:gone", sources="en")
    assert "There is no imported data 'files:gone'" in text(app)
    assert app.query_params["task"] == "files:gone"
    assert not [found for found in app.button if found.key == "queue"]
    run(app, app.selectbox(key="task").set_value("fake"))
    assert not app.error


def test_training_on_small_data_opens_with_a_budget_that_it_has(store, started):
    name = _import()
    app = open_page(DATA, view="own")
    run(app, app.button(key=f"train-{name}").click())
    assert app.session_state.task == name
    assert app.session_state.budget == min(task(name).sizes()["train"])


def test_damaged_data_is_a_sentence_and_can_be_deleted(store, started):
    name = _import()
    (store.home / "data" / "words" / "data.json").write_text("{")
    app = open_page(DATA, view="own")
    assert "is damaged" in app.error[0].value
    assert app.button(key=f"delete-{name}")
    app = open_page(DATA, task=name)
    assert "is damaged" in text(app)
