"""Counting tokens in a process of its own: started once, followed, told of when it fails."""

import fcntl
import os

import pandas as pd
import pytest
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import BPE

from mslt_core.catalog.tasks.check import check
from mslt_core.catalog.tasks.files import add
from mslt_core.catalog.tasks.formats import Table
from mslt_core.catalog.tasks.tables import guess
from mslt_core.jobs import lengths
from mslt_core.jobs.lengths import Counting
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument
from tests.jobs.support import until
from tests.model_folders import save_model


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "home"))
    return Store(tmp_path / "home")


@pytest.fixture
def imported(store):
    """The name of a task with two languages; an English item has half the letters."""
    rows = [
        (str(i), language, split, text * (i + 1), "ab"[i % 2])
        for i, split in enumerate(("train", "train", "test", "test"))
        for language, text in (("en", "ab "), ("de", "abcd "))
    ]
    frame = pd.DataFrame(rows, columns=["id", "language", "split", "text", "label"], dtype="str")
    table = Table(frame, (), "letters.csv")
    return add(check(table, guess(table)), "letters", "letters.csv")


@pytest.fixture
def model(tmp_path):
    """A folder of a model whose tokens are letters."""
    folder = save_model(tmp_path / "model")
    tokenizer = Tokenizer(BPE({letter: i for i, letter in enumerate("abcd")}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def ended(path):
    """How a counting ended."""
    found = until(lambda: (now := lengths.progress(path)).state != "running" and now, 60)
    return found.state, found.message


def test_a_counting_is_followed_to_its_table(store, imported, model):
    counting = Counting(str(model), imported, "train")
    path = lengths.table_path(store, counting)
    assert lengths.progress(path).state == "none"
    path.with_suffix(".log").write_text("an earlier one was killed\n")
    assert lengths.progress(path).state == "failed"
    lengths.start(store, counting)
    assert lengths.progress(path).state == "running"
    lengths.start(store, counting)  # is going on already
    assert ended(path) == ("done", "")
    table = pd.read_parquet(path).set_index("language")
    assert table["tokens_per_word"].to_dict() == {"de": 4.0, "en": 2.0}
    assert table["relative"].to_dict() == {"de": 2.0, "en": 1.0}
    assert not list(path.parent.glob("*.tmp"))


def test_a_counting_that_fails_says_why(store, imported, model):
    (model / "tokenizer.json").write_text("{}")
    counting = Counting(str(model), imported, "train")
    path = lengths.table_path(store, counting)
    lengths.start(store, counting)
    state, message = ended(path)
    assert state == "failed"
    assert message.startswith(f"The tokenizer of {model} cannot be loaded")
    assert "Traceback" not in message


def test_the_last_line_is_how_far_it_is_while_the_lock_is_held(store, imported, model):
    path = lengths.table_path(store, Counting(str(model), imported, "train"))
    path.parent.mkdir(parents=True)
    path.with_suffix(".log").write_text("a warning\n0/2\n1/2\n\n")
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert lengths.progress(path) == lengths.Progress("running", "1/2")
    os.close(lock)  # killed
    assert lengths.progress(path) == lengths.Progress("failed", "1/2")


def test_other_data_another_model_or_split_is_another_table(store, imported, model, tmp_path):
    other = save_model(tmp_path / "other", weights={"bert.x": (3, 3)})
    countings = [
        Counting(str(model), imported, "train"),
        Counting(str(model), imported, "test"),
        Counting(str(other), imported, "train"),
        Counting(str(model), "intents", "train"),
    ]
    assert len({lengths.table_path(store, counting) for counting in countings}) == len(countings)


@pytest.mark.parametrize(
    ("model_name", "task", "said"),
    [("nobody", "intents", "There is no model"), ("me5-small", "nothing", "There is no task")],
)
def test_what_there_is_not_is_a_sentence(store, model_name, task, said):
    with pytest.raises(BadArgument, match=said):
        lengths.table_path(store, Counting(model_name, task, "train"))


def test_a_table_that_cannot_be_written_leaves_nothing(tmp_path):
    table = pd.DataFrame({"column": [object()]})
    with pytest.raises(Exception, match="object"):
        lengths.write(tmp_path / "lengths" / "x.parquet", table)
    assert not list((tmp_path / "lengths").iterdir())
