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

from tests.conftest import kill_worker

RUN = ["run", "--model", "tiny-random", "--task", "intents", "--sources", "en,de"]
RUN += ["--targets", "en", "--budget", "40", "--epochs", "2", "--json"]
THREE = ["--targets", "en,fr,zh"]
EPOCHS = 12
LONG = [*RUN, "--budget", "400", "--epochs", str(EPOCHS)]
ENDLESS = [*RUN, "--budget", "400", "--epochs", "1000"]


def call(*words, **options):
    """One command: its one JSON object, or its error."""
    done = subprocess.run(
        [sys.executable, "-m", "mslt_core", *words],
        capture_output=True,
        text=True,
        timeout=240,
        **options,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def test_a_run_is_computed_once_and_then_answered_from_the_store(home):
    first = call(*RUN, *THREE)
    assert first["cached"] is False
    assert first["sources"] == ["de", "en"]
    assert [row["target"] for row in first["scores"]] == ["en", "fr", "zh"]
    assert all(0 <= row["value"] <= 1 and row["n"] >= 100 for row in first["scores"])
    values = {row["target"]: row["value"] for row in first["scores"]}
    assert first["mean"]["seen"] == pytest.approx(values["en"])
    assert first["mean"]["unseen"] == pytest.approx((values["fr"] + values["zh"]) / 2)

    again = call(*RUN, *THREE)
    assert again == {**first, "cached": True}
    # The order of languages is not part of a run.
    assert call(*RUN, *THREE, "--sources", "de,en")["run_id"] == first["run_id"]

    names = {path.name for path in (home / "runs" / first["run_id"]).iterdir()}
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
    assert call("doctor", "--json")["sound"]


def test_a_stored_answer_needs_no_torch(home):
    first = call(*RUN)
    code = (
        "import sys; from mslt_core.cli.commands import main\n"
        f"try: main({RUN!r})\nexcept SystemExit as stop: assert stop.code == 0\n"
        "heavy = {'torch', 'transformers', 'streamlit', 'sklearn', 'ray'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {**first, "cached": True}


def test_a_repeated_run_gives_the_same_scores(home):
    first = call(*RUN)
    another = home / "another"
    shutil.copytree(home / "cache" / "intents", another / "cache" / "intents")
    try:
        again = call(*RUN, env={**os.environ, "MSLT_HOME": str(another)})
    finally:
        kill_worker(another)
    assert again["cached"] is False
    assert again["scores"] == first["scores"]


def test_a_probe_runs_on_cached_embeddings(home):
    words = ["probe", *RUN[1:-5], "--budget", "40", "--json", *THREE]
    first = call(*words)
    assert first["method"] == "probe"
    assert len(first["scores"]) == 3
    assert list((home / "cache" / "embeddings").rglob("intents-en-mean.safetensors"))
    assert call("run", "--method", "probe", *words[1:])["run_id"] == first["run_id"]


@pytest.mark.parametrize("victim", ["child", "supervisor"])
def test_a_killed_process_costs_nothing_but_time(home, victim):
    from mslt_core.jobs.ledger import State
    from mslt_core.jobs.store import Store

    waiting = subprocess.Popen(
        [sys.executable, "-m", "mslt_core", *LONG], stdout=subprocess.PIPE, text=True
    )
    try:
        wait_for(lambda: (home / "ledger.sqlite").exists())
        ledger = Store(home).ledger
        (record,) = wait_for(lambda: [run for run in ledger.runs() if run.stage == "training"])
        child = psutil.Process(record.pid)
        supervisor = int((home / "worker.lock").read_text())
        os.kill(child.pid if victim == "child" else supervisor, signal.SIGKILL)
        wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
        out, _ = waiting.communicate(timeout=240)
    finally:
        waiting.kill()
    assert waiting.returncode == 0
    answer = json.loads(out)
    (record,) = ledger.runs()
    assert (record.run_id, record.state) == (answer["run_id"], State.DONE)
    assert record.pid != child.pid
    assert [path.name for path in (home / "runs").iterdir()] == [answer["run_id"]]
    assert list((home / "tmp").iterdir()) == []
    history = Store(home).history(answer["run_id"])
    # The last attempt's steps, whole, and none of the one that was killed.
    assert history["step"].tolist() == list(range(1, EPOCHS * 400 // 16 + 1))


def test_runs_that_wait_together_are_trained_at_once_on_their_part_of_the_cores(home, monkeypatch):
    from mslt_core.catalog.resolve import resolve
    from mslt_core.jobs.ledger import State
    from mslt_core.jobs.store import Store
    from mslt_core.jobs.worker import ensure_worker
    from mslt_core.spec import RunSpec

    monkeypatch.setenv("MSLT_RUNS_AT_ONCE", "2")
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    store = Store(home)
    for seed in (0, 1):
        spec = RunSpec("tiny-random", "intents", ("de",), ("en",), epochs=EPOCHS, seed=seed)
        store.ledger.enqueue(resolve(spec).run_id, spec)
    ensure_worker(home)
    wait_for(lambda: store.ledger.counts()[State.DONE] == 2)
    one, other = store.ledger.runs()
    assert one.pid != other.pid
    assert max(one.started, other.started) < min(one.finished, other.finished)
    for run in (one, other):
        assert ", 1 thread, " in store.run_json(run.run_id)["device"]


def test_the_data_of_the_one_who_asks_is_used(home, tmp_path, monkeypatch):
    """A worker that was started without MSLT_DATASETS serves one who has it."""
    monkeypatch.delenv("MSLT_DATASETS", raising=False)
    call(*RUN)
    for name in ("eng_Latn", "deu_Latn"):
        folder = tmp_path / "data" / "Davlan" / "sib200" / "data" / name
        folder.mkdir(parents=True)
        for split in ("train", "dev", "test"):
            rows = [f"{i}\t{('travel', 'health')[i % 2]}\t{name} {split} {i}" for i in range(30)]
            text = "\n".join(["index_id\tcategory\ttext", *rows]) + "\n"
            (folder / f"{split}.tsv").write_text(text)
    answer = call(
        *["run", "--model", "tiny-random", "--task", "sib200", "--sources", "en", "--json"],
        *["--budget", "20", "--epochs", "1"],
        env={**os.environ, "MSLT_DATASETS": "data", "PYTHONPATH": os.getcwd()},
        cwd=tmp_path,
    )
    assert [row["n"] for row in answer["scores"]] == [30, 30]


def test_ctrl_c_cancels_the_run(home):
    from mslt_core.jobs.ledger import State
    from mslt_core.jobs.store import Store

    waiting = subprocess.Popen(
        [sys.executable, "-m", "mslt_core", *ENDLESS],
        stderr=subprocess.PIPE,
        text=True,
        # Where the tests themselves run in the background, Ctrl-C is ignored by inheritance.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        wait_for(lambda: (home / "ledger.sqlite").exists())
        ledger = Store(home).ledger
        wait_for(lambda: [run for run in ledger.runs() if run.step >= 2])
        waiting.send_signal(signal.SIGINT)
        _, errors = waiting.communicate(timeout=60)
    finally:
        waiting.kill()
    assert waiting.returncode == 130
    assert errors == f"Error: Stopped: run {ledger.runs()[0].run_id} is cancelled.\n"
    wait_for(lambda: ledger.runs()[0].state is State.CANCELLED)
    assert list((home / "runs").iterdir()) == []


def test_lists_are_json(home):
    assert "me5-small" in {row["name"] for row in call("models", "--json")["models"]}
    tasks = {row["name"]: row for row in call("tasks", "--json")["tasks"]}
    assert tasks["intents"]["languages"] >= 24
    rows = call("languages", "--task", "intents", "--json")["languages"]
    by_tag = {row["language"]: row for row in rows}
    assert by_tag["de"]["family"] == "Indo-European"
    assert by_tag["zh"]["script"] == "Hans"
    assert all(row["train"] >= 300 and row["test"] >= 100 for row in rows)
