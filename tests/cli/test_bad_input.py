"""Bad input is answered by one clear sentence and an exit status; nothing is left behind."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.cli.command import apart, here

GOOD = {
    "--model": "tiny-random",
    "--task": "intents",
    "--sources": "en,de",
    "--targets": "en,fr",
    "--budget": "20",
}

# name: options that differ from GOOD, exit status, words that the sentence must hold
CASES = {
    "unknown language": ({"--sources": "en,qqq"}, 2, ["sources", "qqq"]),
    "a name instead of a tag": ({"--sources": "german"}, 2, ["sources", "german"]),
    "a language the task lacks": ({"--targets": "en,la"}, 2, ["targets", "Latin", "intents has"]),
    "no sources": ({"--sources": ","}, 2, ["sources is empty"]),
    "sources not given": ({"--sources": None}, 2, ["--sources"]),
    "a source twice": ({"--sources": "en,eng,de"}, 2, ["sources", "en", "twice"]),
    "unknown task": ({"--task": "poetry"}, 2, ["poetry", "intents, sib200"]),
    "unknown model": ({"--model": "gpt"}, 2, ["gpt", "me5-small"]),
    "a model folder without weights": ({"--model": "FOLDER/empty"}, 2, ["config.json"]),
    "a broken weights file": ({"--model": "FOLDER/broken"}, 2, ["model.safetensors is broken"]),
    "a config that is no JSON": ({"--model": "FOLDER/garbled"}, 2, ["cannot be read as JSON"]),
    "a budget larger than the data": ({"--budget": "900000"}, 2, ["900000", "de", "lower"]),
    "k larger than the budget": ({"--budget": "1"}, 2, ["budget is 1 for 2 sources"]),
    "a negative budget": ({"--budget": "-5"}, 2, ["budget is -5", "1 to"]),
    "a budget that is no number": ({"--budget": "many"}, 2, ["--budget", "valid integer"]),
    "zero epochs": ({"--epochs": "0"}, 2, ["epochs is 0"]),
    "a learning rate of 0": ({"--learning-rate": "0"}, 2, ["learning_rate is 0"]),
    "unknown method": ({"--method": "guess"}, 2, ["method", "finetune, probe"]),
    "unknown sampling": ({"--sampling": "all"}, 2, ["sampling", "disjoint, parallel"]),
    "parallel items that are not": ({"--sampling": "parallel"}, 2, ["not translations"]),
    "more layers than there are": ({"--layers": "3"}, 2, ["layers is 3", "2 layers"]),
    "an unknown option": ({"--colour": "red"}, 2, ["--colour"]),
    "a data set that is nowhere": (
        {"--task": "sib200", "--sources": "en"},
        1,
        ["Davlan/sib200", "MSLT_DATASETS"],
    ),
    "a hub model that cannot be reached": ({"--model": "nobody/nothing"}, 1, ["nobody/nothing"]),
    "a store that cannot be written": ({"BLOCKED": "runs"}, 1, ["MSLT_HOME"]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Models with something wrong."""
    path = tmp_path_factory.mktemp("bad")
    (path / "empty").mkdir()
    for name in ("broken", "garbled"):
        (path / name).mkdir()
        save_file({"w": np.zeros(9, dtype=np.float32)}, path / name / "model.safetensors")
        (path / name / "config.json").write_text('{"hidden_size": 8}')
    weights = path / "broken" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    (path / "garbled" / "config.json").write_text("{oops")
    return path


@pytest.fixture
def words(folder, home, monkeypatch):
    """What to say for a case, to a store of its own."""
    monkeypatch.delenv("MSLT_DATASETS", raising=False)

    def of_case(name):
        options = {**GOOD, **CASES[name][0]}
        if blocked := options.pop("BLOCKED", ""):
            (home / blocked).symlink_to("/dev/null")  # no folder, and none can be made there
        given = [word for pair in options.items() if pair[1] is not None for word in pair]
        return ["run", "--json", *(word.replace("FOLDER", str(folder)) for word in given)]

    return of_case


def assert_one_sentence(said, name, home):
    _, status, words = CASES[name]
    assert said.out == ""
    assert said.err.startswith("Error: ")
    assert said.err.count("\n") == 1, said.err
    assert "Traceback" not in said.err
    assert said.status == status, said.err
    for word in words:
        assert word in said.err
    left = [path for path in home.rglob("*") if path.is_file() and "cache" not in path.parts]
    assert left == [], "nothing may be queued or half written"


@pytest.mark.parametrize("name", CASES)
def test_bad_input_gets_one_sentence(capfd, home, words, name):
    assert_one_sentence(here(capfd, *words(name)), name, home)


@pytest.mark.parametrize(
    "name", ["unknown language", "a broken weights file", "a hub model that cannot be reached"]
)
def test_a_process_of_its_own_says_no_more(home, words, name):
    assert_one_sentence(apart(*words(name)), name, home)


def test_other_commands_answer_in_the_same_way(capfd, home):
    for given in (["languages", "--task", "poetry"], ["nonsense"], ["probe"]):
        said = here(capfd, *given)
        assert said.status == 2
        assert said.err.startswith("Error: ")
        assert said.err.count("\n") == 1


def test_doctor_says_a_broken_store_and_exits_1(capfd, home):
    (home / "runs" / "0123456789abcdef").mkdir(parents=True)
    said = here(capfd, "doctor", "--json")
    report = json.loads(said.out)
    assert said.status == 1
    assert not report["sound"]
    (store,) = [check for check in report["checks"] if check["subject"] == "store"]
    assert "0123456789abcdef lacks run.json" in store["finding"]
