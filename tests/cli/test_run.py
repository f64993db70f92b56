"""The command line from end to end, with the worker and its child, on a tiny model."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest

from mslt_core.jobs.ledger import State
from mslt_core.jobs.store import Store
from tests.cli.command import apart, here
from tests.conftest import kill_worker

RUN = ["run", "--model", "tiny-random", "--task", "intents", "--sources", "en,de"]
RUN += ["--targets", "en,fr,zh", "--budget", "40", "--epochs", "2", "--json"]
EPOCHS = 8
LONG = [*RUN, "--budget", "400", "--epochs", str(EPOCHS)]
ENDLESS = [*RUN, "--budget", "400", "--epochs", "1000"]


def answer(said):
    """The one JSON object of a command."""
    assert said.status == 0, said.err
    return json.loads(said.out)


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.fixture(scope="module")
def served(tmp_path_factory, intents_cache):
    """A store whose worker was started by a command, and knows of no data sets."""
    path = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(intents_cache, path / "cache" / "intents")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSLT_HOME", str(path))
        patch.delenv("MSLT_DATASETS", raising=False)
        yield path
        kill_worker(path)


@pytest.fixture(scope="module")
def first(served):
    """The answer to a run that was not stored."""
    return answer(apart(*RUN))


def test_a_run_is_computed_once_and_then_answered_from_the_store(capfd, served, first):
    assert first["cached"] is False
    assert first["sources"] == ["de", "en"]
    assert [row["target"] for row in first["scores"]] == ["en", "fr", "zh"]
    assert all(0 <= row["value"] <= 1 and row["n"] >= 100 for row in first["scores"])
    values = {row["target"]: row["value"] for row in first["scores"]}
    assert first["mean"]["seen"] == pytest.approx(values["en"])
    assert first["mean"]["unseen"] == pytest.approx((values["fr"] + values["zh"]) / 2)

    again = answer(here(capfd, *RUN))
    assert again == {**first, "cached": True}
    # The order of languages is not part of a run.
    other_order = answer(here(capfd, *RUN, "--sources", "de,en"))
    assert other_order["run_id"] == first["run_id"]

    names = {path.name for path in (served / "runs" / first["run_id"]).iterdir()}
    assert names == {
        "predictions.parquet",
        "scores.parquet",
        "embeddings.safetensors",
        "mixing.parquet",
        "mixing.safetensors",
        "layers.parquet",
        "layers.safetensors",
        "history.jsonl",
        "run.json",
    }
    assert answer(here(capfd, "doctor", "--json"))["sound"]


def test_a_stored_answer_needs_no_torch(first):
    code = (
        "import sys; from mslt_core.cli.commands import main\n"
        f"try: main({RUN!r})\nexcept SystemExit as stop: assert stop.code == 0\n"
        "heavy = {'torch', 'transformers', 'streamlit', 'sklearn', 'ray'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {**first, "cached": True}


def test_a_probe_runs_on_cached_embeddings(capfd, served):
    words = ["probe", *RUN[1:-5], "--budget", "40", "--json"]
    probe = answer(here(capfd, *words))
    assert probe["method"] == "probe"
    assert len(probe["scores"]) == 3
    assert list((served / "cache" / "embeddings").rglob("intents-en-mean.safetensors"))
    by_method = answer(here(capfd, "run", "--method", "probe", *words[1:]))
    assert by_method["run_id"] == probe["run_id"]


def test_the_data_of_the_one_who_asks_is_used(served, first, tmp_path):
    """The worker, started without MSLT_DATASETS, serves one who has it."""
    assert first
    for name in ("eng_Latn", "deu_Latn"):
        folder = tmp_path / "data" / "Davlan" / "sib200" / "data" / name
        folder.mkdir(parents=True)
        for split in ("train", "dev", "test"):
            rows = [f"{i}\t{('travel', 'health')[i % 2]}\t{name} {split} {i}" for i in range(30)]
            text = "\n".join(["index_id\tcategory\ttext", *rows]) + "\n"
            (folder / f"{split}.tsv").write_text(text)
    found = apart(
        *["run", "--model", "tiny-random", "--task", "sib200", "--sources", "en", "--json"],
        *["--budget", "20", "--epochs", "1"],
        env={**os.environ, "MSLT_DATASETS": "data", "PYTHONPATH": os.getcwd()},
        cwd=tmp_path,
    )
    assert [row["n"] for row in answer(found)["scores"]] == [30, 30]


def test_ctrl_c_cancels_the_run(served):
    waiting = subprocess.Popen(
        [sys.executable, "-m", "mslt_core", *ENDLESS],
        stderr=subprocess.PIPE,
        text=True,
        # Where the tests themselves run in the background, Ctrl-C is ignored by inheritance.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    ledger = Store(served).ledger

    def endless():
        return next((run for run in ledger.runs() if run.spec.epochs == 1000), None)

    try:
        wait_for(lambda: (run := endless()) and run.step >= 2)
        waiting.send_signal(signal.SIGINT)
        _, errors = waiting.communicate(timeout=60)
    finally:
        waiting.kill()
    assert waiting.returncode == 130
    run_id = endless().run_id
    assert errors == f"Error: Stopped: run {run_id} is cancelled.\n"
    wait_for(lambda: endless().state is State.CANCELLED)
    assert not (served / "runs" / run_id).exists()


def test_killed_processes_cost_nothing_but_time(capfd, home, first):
    """First the child is killed; then, while the run is in its second attempt, the supervisor."""
    waiting = subprocess.Popen(
        [sys.executable, "-m", "mslt_core", *LONG], stdout=subprocess.PIPE, text=True
    )
    killed = set()
    try:
        wait_for(lambda: (home / "ledger.sqlite").exists())
        ledger = Store(home).ledger

        def in_training():
            return [
                run
                for run in ledger.runs()
                if run.state is State.RUNNING and run.stage == "training" and run.pid not in killed
            ]

        for victim in ("child", "supervisor"):
            (record,) = wait_for(in_training)
            child = psutil.Process(record.pid)
            supervisor = int((home / "worker.lock").read_text())
            os.kill(child.pid if victim == "child" else supervisor, signal.SIGKILL)
            wait_for(lambda gone=child: not is_alive(gone))
            killed.add(child.pid)
        out, _ = waiting.communicate(timeout=240)
    finally:
        waiting.kill()
    assert waiting.returncode == 0
    found = json.loads(out)
    (record,) = ledger.runs()
    assert (record.run_id, record.state) == (found["run_id"], State.DONE)
    assert len(killed | {record.pid}) == 3
    assert [path.name for path in (home / "runs").iterdir()] == [found["run_id"]]
    assert list((home / "tmp").iterdir()) == []
    history = Store(home).history(found["run_id"])
    # The last attempt's steps, whole, and none of those that were killed.
    assert history["step"].tolist() == list(range(1, EPOCHS * 400 // 16 + 1))

    # A run gives the same scores here as in another store and another process.
    again = answer(here(capfd, *RUN))
    assert again["cached"] is False
    assert again["scores"] == first["scores"]


def is_alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_lists_are_json(capfd, served):
    def rows(*words):
        return answer(here(capfd, *words, "--json"))[words[0]]

    assert "me5-small" in {row["name"] for row in rows("models")}
    tasks = {row["name"]: row for row in rows("tasks")}
    assert tasks["intents"]["languages"] >= 24
    languages = rows("languages", "--task", "intents")
    by_tag = {row["language"]: row for row in languages}
    assert by_tag["de"]["family"] == "Indo-European"
    assert by_tag["zh"]["script"] == "Hans"
    assert all(row["train"] >= 300 and row["test"] >= 100 for row in languages)
