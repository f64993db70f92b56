"""Bad input is answered by one clear sentence and an exit status; nothing is left behind."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from safetensors.numpy import save_file

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
    "a store that cannot be written": ({"HOME": "FOLDER/file/store"}, 1, ["MSLT_HOME"]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, intents_cache):
    """Models with something wrong, and a file where a store should be."""
    path = tmp_path_factory.mktemp("bad")
    (path / "empty").mkdir()
    for name in ("broken", "garbled"):
        (path / name).mkdir()
        save_file({"w": np.zeros(9, dtype=np.float32)}, path / name / "model.safetensors")
        (path / name / "config.json").write_text('{"hidden_size": 8}')
    weights = path / "broken" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    (path / "garbled" / "config.json").write_text("{oops")
    (path / "file").write_text("not a folder")
    for name in CASES:  # the sentences are drawn once, not once a case
        shutil.copytree(intents_cache, home_of(path, name) / "cache" / "intents")
    return path


def home_of(folder, name):
    return folder / "homes" / name.replace(" ", "-")


def call(folder, name):
    options, _, _ = CASES[name]
    options = {key: value for key, value in {**GOOD, **options}.items() if value is not None}
    home = options.pop("HOME", str(home_of(folder, name)))
    words = [word for pair in options.items() for word in pair]
    environment = {key: value for key, value in os.environ.items() if key != "MSLT_DATASETS"}
    environment |= {"MSLT_HOME": home.replace("FOLDER", str(folder)), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "mslt_core", "run", "--json"]
        + [word.replace("FOLDER", str(folder)) for word in words],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )


@pytest.fixture(scope="module")
def answers(folder):
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(CASES, pool.map(lambda name: call(folder, name), CASES), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_bad_input_gets_one_sentence(name, answers, folder):
    _, status, words = CASES[name]
    answer = answers[name]
    assert answer.stdout == ""
    assert answer.stderr.startswith("Error: ")
    assert answer.stderr.count("\n") == 1, answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.returncode == status, answer.stderr
    for word in words:
        assert word in answer.stderr
    home = home_of(folder, name)
    left = [path for path in home.rglob("*") if path.is_file() and "cache" not in path.parts]
    assert left == [], "nothing may be queued or half written"


def test_other_commands_answer_in_the_same_way(home):
    for words, status in (
        (["languages", "--task", "poetry"], 2),
        (["nonsense"], 2),
        (["probe"], 2),
    ):
        answer = subprocess.run(
            [sys.executable, "-m", "mslt_core", *words], capture_output=True, text=True
        )
        assert answer.returncode == status
        assert answer.stderr.startswith("Error: ")
        assert answer.stderr.count("\n") == 1


def test_doctor_says_a_broken_store_and_exits_1(home):
    (home / "runs" / "0123456789abcdef").mkdir(parents=True)
    answer = subprocess.run(
        [sys.executable, "-m", "mslt_core", "doctor", "--json"], capture_output=True, text=True
    )
    report = json.loads(answer.stdout)
    assert answer.returncode == 1
    assert not report["sound"]
    (store,) = [check for check in report["checks"] if check["subject"] == "store"]
    assert "0123456789abcdef lacks run.json" in store["finding"]
