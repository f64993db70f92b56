"""Facts of languages: asked for by a page, computed by a process of its own, read without it."""

import numpy as np
import pytest

from mslt_core.jobs import language_facts
from mslt_core.jobs.language_facts import Progress, ask, keep, paths, state, stored
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument
from tests import small_data
from tests.jobs.support import until

WANTED = ("tiny-random", "sib200", ("de", "en"))


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store beside a small SIB-200 of two languages."""
    small_data.write_sib200(tmp_path / "datasets")
    monkeypatch.setenv("MSLT_DATASETS", str(tmp_path / "datasets"))
    return Store(tmp_path / "home")


def ended(store, *wanted):
    return until(lambda: (now := state(store, *wanted)).state != "running" and now, 120)


def put(path):
    keep(path, np.array([1, 2], dtype=np.int32), np.ones(4, dtype=np.float32))


def test_what_is_asked_for_is_computed_beside_and_stays(store):
    assert stored(store, *WANTED) is None
    assert state(store, *WANTED) == Progress("none")
    ask(store, *WANTED)
    assert state(store, *WANTED).state == "running"
    ask(store, *WANTED)  # is going on already
    assert ended(store, *WANTED) == Progress("done")
    facts = stored(store, *WANTED)
    assert facts.subwords.keys() == facts.embeddings.keys() == {"de", "en"}
    assert {vector.shape for vector in facts.embeddings.values()} == {(32,)}
    shared = set(facts.subwords["de"]) & set(facts.subwords["en"])
    assert 0 < len(shared) < len(facts.subwords["en"])  # the topics, and not the language's name
    assert state(store, "tiny-random", "sib200", ("en",)) == Progress("done")


def test_why_it_failed_is_told_and_forgotten_when_asked_again(store, tmp_path, monkeypatch):
    (path,) = (tmp_path / "datasets").rglob("deu_Latn/train.tsv")
    path.write_text("index_id\tcategory\ttext\n")
    ask(store, *WANTED)
    said = ended(store, *WANTED)
    assert said.state == "failed"
    assert "de" in said.message
    assert "Traceback" not in said.message
    assert stored(store, *WANTED) is None
    # One of the languages is asked for by itself: another request.
    assert state(store, "tiny-random", "sib200", ("en",)) == Progress("none")


def test_a_damaged_file_is_as_if_it_had_never_been(store):
    for path in paths(store, *WANTED).values():
        put(path)
    assert stored(store, *WANTED).subwords["de"].tolist() == [1, 2]
    paths(store, *WANTED)["de"].write_bytes(b"half")
    assert stored(store, *WANTED) is None
    assert state(store, *WANTED) == Progress("none")


def test_another_model_task_or_version_of_the_data_is_another_place(store, tmp_path, monkeypatch):
    def place(model="tiny-random", task="sib200"):
        return paths(store, model, task, ("en",))["en"]

    found = {place(), place("random-init"), place(task="intents")}
    (path,) = (tmp_path / "datasets").rglob("eng_Latn/train.tsv")
    path.write_text(path.read_text().replace("number 3", "number three"))
    found.add(place())
    monkeypatch.setattr(language_facts, "FACTS_VERSION", 0)
    found.add(place())
    assert len(found) == 5


def test_what_there_is_not_is_told_at_once(store):
    with pytest.raises(BadArgument, match="There is no model 'nobody'"):
        ask(store, "nobody", "sib200", ("en",))
    with pytest.raises(BadArgument, match="languages: sib200 has no sw"):
        state(store, "tiny-random", "sib200", ("en", "sw"))
