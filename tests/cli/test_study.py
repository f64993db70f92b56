"""A study from its declaration to its report."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import psutil
import pytest

from mslt_core.analysis.mixing import METRICS
from mslt_core.analysis.stats import seeds_caveat
from mslt_core.analysis.transfer import Finished, transfer
from mslt_core.cli import study_wait
from mslt_core.cli.commands import main
from mslt_core.jobs import child, detached, study_files, study_results
from mslt_core.jobs import study as studies
from mslt_core.jobs.ledger import State
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_report import ON_MESSAGES
from mslt_core.spec import WorkFailed
from mslt_core.training import execute
from tests.conftest import kill_worker
from tests.jobs.support import until

SHIPPED = Path(__file__).parents[2] / "studies"
DECLARED = """
name = "mine"
title = "One or two"
sets = [["en"], ["zho_Hans", "de"]]
seeds = [{seeds}]

[run]
model = "tiny-random"
task = "sib200"
targets = ["de", "en", "fr", "zh"]
budget = 8
epochs = 1
max_length = 32
"""


@pytest.fixture
def store(parallel_executor):
    return parallel_executor.store


@pytest.fixture
def declaration(tmp_path):
    """A study of two sets and two seeds, in a folder of its own."""
    path = tmp_path / "mine.toml"
    path.write_text(DECLARED.format(seeds="0, 1"))
    return path


@pytest.fixture
def worker(parallel_executor, monkeypatch):
    """Executes the queue in this process where a worker would be started; returns what was
    queued each time."""
    found = []

    def ensure(home):
        store = parallel_executor.store
        found.append(store.ledger.counts()[State.QUEUED])
        process = psutil.Process()
        while claim := store.ledger.claim("test", process.pid, process.create_time()):
            child._execute(store, claim, parallel_executor)

    monkeypatch.setattr(study_wait, "ensure_worker", ensure)
    return found


def call(capsys, *words, status=0):
    with pytest.raises(SystemExit) as stopped:
        main(["study", *map(str, words)])
    printed = capsys.readouterr()
    assert stopped.value.code == status, printed.err
    return printed


def answer(capsys, *words, status=0):
    return json.loads(call(capsys, *words, "--json", status=status).out)


def test_a_study_is_run_once_and_its_results_are_kept_beside_it(capsys, store, declaration, worker):
    first = answer(capsys, "run", declaration)
    assert worker[0] == 4  # all were queued before the worker could claim one
    assert (first["study"], first["runs"], first["asked"], first["done"]) == ("mine", 4, 4, 4)
    assert first["failed"] == []
    scores = pd.read_parquet(declaration.with_suffix(".parquet"))
    assert list(scores) == list(study_results.SCORES)
    assert len(scores) == 4 * 4
    assert (scores["value"] == scores["correct"] / scores["n"]).all()
    for row in scores.itertuples():
        said = store.predictions(row.run_id)
        said = said[said["target"] == row.target].sort_values("item")
        assert row.right.tolist() == (said["gold"] == said["predicted"]).tolist()
        assert row.of.tolist() == [1] * len(said)
    assert scores["sources"].unique().tolist() == ["en", "de,zh"]
    assert scores["run_id"].tolist()[::4] == [
        run.run_id for run in studies.resolved(declaration).runs
    ]
    for run_id, part in scores.groupby("run_id"):
        assert part["value"].mean() == pytest.approx(store.mean(run_id))

    mixing = pd.read_parquet(declaration.with_suffix(".mixing.parquet"))
    assert list(mixing) == list(study_results.MIXING)
    before = mixing[mixing["space"] == "pretrained"]
    assert before["seed"].isna().all()
    assert (before["run_id"] == "").all()
    assert not before.duplicated(["sources", "subset", "metric"]).any()
    for run_id, part in mixing[mixing["space"] == "tuned"].groupby("run_id"):
        of_run = store.table(run_id, "mixing")
        of_run = of_run[of_run["space"] == "tuned"]
        assert part["value"].tolist() == pytest.approx(of_run["value"].tolist(), nan_ok=True)

    times = [path.stat().st_mtime_ns for path in map(Path, first["files"])]
    again = answer(capsys, "run", declaration)
    assert (again["stored_before"], again["asked"], again["files"]) == (4, 0, first["files"])
    assert [path.stat().st_mtime_ns for path in map(Path, again["files"])] == times
    assert list(declaration.parent.glob(".*")) == []


def test_runs_that_are_there_are_skipped_and_a_limit_is_kept(capsys, declaration, worker):
    declaration.write_text(DECLARED.format(seeds="10, 11"))
    assert answer(capsys, "run", declaration, "--limit", "1")["asked"] == 1
    states = [row["state"] for row in answer(capsys, "status", declaration)["runs"]]
    assert states == ["done", "missing", "missing", "missing"]
    assert len(pd.read_parquet(declaration.with_suffix(".parquet"))) == 4
    rest = answer(capsys, "run", declaration)
    assert (rest["stored_before"], rest["asked"], rest["done"]) == (1, 3, 3)
    assert answer(capsys, "status", declaration)["counts"] == {"done": 4}
    shown = call(capsys, "status", declaration).out
    assert "One or two" in shown
    assert "4 done" in shown


def test_a_failed_run_is_told_at_the_end_and_tried_again(capsys, declaration, worker, monkeypatch):
    declaration.write_text(DECLARED.format(seeds="20, 21"))
    real = execute.Executor.__call__

    def fails(self, job):
        if job.spec.seed == 20 and job.spec.sources == ("en",):
            raise WorkFailed("The memory ran out.")
        real(self, job)

    monkeypatch.setattr(execute.Executor, "__call__", fails)
    printed = call(capsys, "run", declaration, status=1)
    assert "3 done" in printed.out
    assert re.search("en with seed 20, run [0-9a-f]{16}: The memory ran out.", printed.out)
    assert printed.err.endswith(
        "Error: 1 of 4 runs failed, the first one so: The memory ran out. The same command tries "
        "them again.\n"
    )
    assert len(pd.read_parquet(declaration.with_suffix(".parquet"))) == 3 * 4
    monkeypatch.setattr(execute.Executor, "__call__", real)
    assert answer(capsys, "run", declaration)["asked"] == 1


def test_ctrl_c_stops_the_waiting_and_nothing_else(capsys, store, declaration, monkeypatch):
    declaration.write_text(DECLARED.format(seeds="30"))

    def press(home):
        raise KeyboardInterrupt

    monkeypatch.setattr(study_wait, "ensure_worker", press)
    printed = call(capsys, "run", declaration, status=130)
    assert "Stopped waiting: 0 runs go on and 2 stay queued" in printed.err
    ids = [run.run_id for run in studies.resolved(declaration).runs]
    assert {store.ledger.get(run_id).state for run_id in ids} == {State.QUEUED}
    for run_id in ids:
        store.ledger.delete(run_id)


def test_the_report_is_the_same_with_the_store_and_without(
    capsys, store, declaration, worker, monkeypatch, tmp_path
):
    answer(capsys, "run", declaration)
    found = answer(capsys, "report", declaration)
    assert found["interval"].startswith("95 %")
    assert (found["declared"], found["runs"]) == (4, 4)
    runs = [
        Finished(run.spec, store.predictions(run.run_id))
        for run in studies.resolved(declaration).runs
    ]
    means = transfer(runs, shared_items=True).means
    rows = [[row[name] for name in ("over", "value", "low", "high")] for row in found["scores"]]
    for row, mean in zip(rows, means[["over", "value", "low", "high"]].to_numpy(), strict=True):
        assert row == pytest.approx(mean.tolist())
    for row in found["mixing"]:
        assert row["value"] is None or row["low"] <= row["value"] <= row["high"]
    said = call(capsys, "report", declaration).out
    assert seeds_caveat(2) in said
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "empty"))
    assert answer(capsys, "report", declaration) == found
    monkeypatch.setenv("MSLT_DATASETS", str(tmp_path / "nothing"))
    assert answer(capsys, "report", declaration) == found  # needs no data
    assert call(capsys, "report", declaration).out == said
    assert said.startswith("# One or two\n")
    assert "| de, zh | 2 |" in said
    assert "| pretrained | en | de, zh |" in said
    assert said.count("| Translations retrieved |") >= 2
    assert "nan" not in said


def test_what_is_kept_of_runs_that_are_not_in_the_store_stays(
    capsys, store, declaration, worker, monkeypatch, tmp_path
):
    answer(capsys, "run", declaration)
    kept = {path: path.read_bytes() for path in declaration.parent.glob("*.parquet")}
    other = tmp_path / "other"
    shutil.copytree(store.home, other, symlinks=True)
    study = studies.resolved(declaration)
    copied = Store(other)
    for run in study.runs[1:]:
        copied.delete(run.run_id)
    results = study_results.gathered(copied, study)
    study_results.write(results, declaration, study.declared.settings)
    assert {path: path.read_bytes() for path in kept} == kept
    monkeypatch.setenv("MSLT_HOME", str(other))
    rows = answer(capsys, "status", declaration)["runs"]
    assert [row["state"] for row in rows] == ["done", "kept", "kept", "kept"]
    assert all(0 <= row["mean"] <= 1 for row in rows)


def test_what_is_kept_is_not_computed_again_on_another_machine(
    capsys, declaration, worker, monkeypatch, tmp_path
):
    answer(capsys, "run", declaration)
    kept = {path: path.read_bytes() for path in declaration.parent.glob("*.parquet")}
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "new"))
    found = answer(capsys, "run", declaration)
    assert (found["stored_before"], found["kept_before"], found["asked"]) == (0, 4, 0)
    assert {path: path.read_bytes() for path in kept} == kept
    declaration.write_text(declaration.read_text().replace("[0, 1]", "[0, 1, 2]"))
    assert answer(capsys, "status", declaration)["counts"] == {"kept": 4, "missing": 2}


def test_a_study_that_is_killed_leaves_what_was_measured(home, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MSLT_RUNS_AT_ONCE", "1")
    declaration = tmp_path / "mine.toml"
    text = DECLARED.format(seeds=", ".join(map(str, range(20)))).replace("sib200", "intents")
    text = text.replace('"de", "en", "fr", "zh"', '"en"').replace('["zho_Hans", "de"]', '["de"]')
    declaration.write_text(text)
    process = subprocess.Popen([sys.executable, "-m", "mslt_core", "study", "run", declaration])
    until(lambda: study_results.kept(declaration).run_ids, seconds=240)
    process.kill()
    process.wait()
    kill_worker(home)
    measured = study_results.kept(declaration)
    assert measured.by_item
    runs = len(measured.run_ids)
    assert 0 < runs < 40
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "new"))
    (tmp_path / "new" / "cache").mkdir(parents=True)
    (tmp_path / "new" / "cache" / "intents").symlink_to(home / "cache" / "intents")
    counts = answer(capsys, "status", declaration)["counts"]
    assert counts == {"kept": runs, "missing": 40 - runs}


def test_results_of_other_settings_are_replaced_only_as_a_whole(capsys, store, declaration, worker):
    answer(capsys, "run", declaration)
    declaration.write_text(declaration.read_text().replace("epochs = 1", "epochs = 2"))
    printed = call(capsys, "run", declaration, "--limit", "1", status=1)
    assert "they stay until all 4 runs of mine are in the store, which holds 1" in printed.err
    old = set(pd.read_parquet(declaration.with_suffix(".parquet"))["run_id"])
    assert answer(capsys, "run", declaration)["done"] == 3
    new = set(pd.read_parquet(declaration.with_suffix(".parquet"))["run_id"])
    assert len(new) == 4
    assert not old & new


def test_results_from_before_items_were_kept_are_read_and_made_anew(
    capsys, declaration, worker, monkeypatch, tmp_path
):
    answer(capsys, "run", declaration)
    path = declaration.with_suffix(".parquet")
    new = path.read_bytes()
    pd.read_parquet(path).drop(columns=["right", "of"]).to_parquet(path, index=False)
    old = study_results.kept(declaration)
    assert not old.by_item
    assert old.scores["right"].map(len).tolist() == [0] * 16
    with monkeypatch.context() as patch:
        patch.setenv("MSLT_HOME", str(tmp_path / "empty"))
        found = answer(capsys, "report", declaration)
    assert found["interval"] == "the lowest and the highest of the seeds"
    assert all(row["low"] <= row["value"] <= row["high"] for row in found["scores"])
    answer(capsys, "run", declaration)
    assert path.read_bytes() == new
    assert study_results.kept(declaration).by_item


def test_a_study_that_a_process_is_at_is_not_run_by_another(capsys, store, declaration):
    before = answer(capsys, "status", declaration)["counts"]
    with detached.alone(study_files.work(store, declaration)):
        printed = call(capsys, "run", declaration, status=1)
    assert "mine is being run by another process" in printed.err
    assert answer(capsys, "status", declaration)["counts"] == before


def test_a_broken_results_file_is_named(capsys, declaration, worker):
    answer(capsys, "run", declaration)
    path = declaration.with_suffix(".parquet")
    path.write_bytes(path.read_bytes()[:-9])
    printed = call(capsys, "report", declaration, status=1)
    assert f"The results {path} cannot be read" in printed.err
    assert "put a sound copy in its place" in printed.err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace('"mine"', '"yours"'), "name is 'yours': it must be 'mine'"),
        (lambda text: text.replace('"de"]', '"qqq"]'), "sets: 'qqq' is not a language"),
        (lambda text: text.replace('"fr"', '"la"'), "targets: sib200 has no la"),
        (lambda text: text.replace("budget = 8", "budget = 80000"), "budget is 80000"),
        (lambda text: text.replace("sib200", "poetry"), "There is no task 'poetry'"),
        (lambda text: text.replace("= [", "= ", 1), "is no TOML file"),
    ],
)
def test_what_is_wrong_in_a_declaration_gets_one_sentence(capsys, declaration, change, words):
    declaration.write_text(change(DECLARED.format(seeds="0")))
    for command in ("run", "status"):
        printed = call(capsys, command, declaration, status=2)
        assert printed.out == ""
        assert printed.err.startswith(f"Error: {declaration}" if "TOML" not in words else "Error")
        assert words in printed.err
        assert printed.err.count("\n") == 1


def test_what_makes_no_sense_gets_one_sentence(capsys, store, declaration):
    declaration.write_text(DECLARED.format(seeds="77"))
    assert "cannot be read: No such file" in call(capsys, "run", "nothing.toml", status=2).err
    assert "limit is 0" in call(capsys, "run", declaration, "--limit", "0", status=2).err
    assert "No run of mine has results" in call(capsys, "report", declaration, status=1).err


def test_an_estimate_of_what_is_left_stands_on_the_runs_that_are_done(
    capsys, store, declaration, worker
):
    answer(capsys, "run", declaration)
    declaration.write_text(DECLARED.format(seeds="40, 41"))
    study = studies.resolved(declaration)
    studies.queue(store, study.runs)
    records = [store.ledger.get(run.run_id) for run in study.runs]
    two, four = (studies.seconds_left(store, records[:n], 0.0) for n in (2, 4))
    assert 0 < two < four
    assert studies.seconds_left(store, [], 0.0) == 0
    for run in study.runs:
        store.ledger.delete(run.run_id)


def test_status_and_report_need_nothing_that_trains(capsys, declaration, worker):
    answer(capsys, "run", declaration)
    code = (
        "import sys; from mslt_core.cli.commands import main\n"
        f"try: main(['study', sys.argv[1], {str(declaration)!r}, '--json'])\n"
        "except SystemExit as stop: assert stop.code == 0\n"
        "heavy = {'torch', 'transformers', 'streamlit', 'altair'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    for command in ("status", "report"):
        done = subprocess.run([sys.executable, "-c", code, command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_report_says_every_measure(capsys, declaration, worker):
    answer(capsys, "run", declaration)
    found = answer(capsys, "report", declaration)
    assert {row["metric"] for row in found["mixing"]} == {metric.key for metric in METRICS}


def test_the_report_says_what_mixing_was_measured_on(capsys, declaration, worker):
    answer(capsys, "run", declaration)
    assert answer(capsys, "report", declaration)["sentences"] == ""
    declared = DECLARED.format(seeds="0").replace("sib200", "intents").replace('"fr", "zh"', '"zh"')
    declaration.write_text(declared.replace("zho_Hans", "zh"))
    for kept in declaration.parent.glob("*.parquet"):
        kept.unlink()
    answer(capsys, "run", declaration)
    assert answer(capsys, "report", declaration)["sentences"] == ON_MESSAGES
    assert ON_MESSAGES in call(capsys, "report", declaration).out


def test_the_runs_of_a_study_are_executed_two_at_once_by_a_worker(home, tmp_path, monkeypatch):
    monkeypatch.setenv("MSLT_RUNS_AT_ONCE", "2")
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    declaration = tmp_path / "mine.toml"
    text = DECLARED.format(seeds="0").replace("sib200", "intents")
    # Long enough for two to meet.
    text = text.replace("budget = 8\nepochs = 1\n", "budget = 400\nepochs = 4\n")
    declaration.write_text(text.replace('"de", "en", "fr", "zh"', '"en"'))
    done = subprocess.run(
        [sys.executable, "-m", "mslt_core", "study", "run", declaration, "--json"],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["done"] == 2
    store = Store(home)
    one, other = store.ledger.runs()
    assert one.pid != other.pid
    assert max(one.started, other.started) < min(one.finished, other.finished)
    for run in (one, other):
        assert ", 1 thread, " in store.run_json(run.run_id)["device"]
    # In one language there is nothing to mix, and so no mixing to keep.
    assert len(pd.read_parquet(declaration.with_suffix(".parquet"))) == 2
    assert not declaration.with_suffix(".mixing.parquet").exists()


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_what_is_shipped_can_be_read_without_data(capsys, path, tmp_path, monkeypatch):
    declared = studies.read(path)
    results = study_results.kept(path)
    told = results.scores[["sources", "seed"]].drop_duplicates()
    runs = {(",".join(spec.sources), spec.seed) for spec in declared.runs()}
    assert set(told.itertuples(index=False, name=None)) <= runs
    if results.run_ids:
        monkeypatch.setenv("MSLT_HOME", str(tmp_path / "empty"))
        monkeypatch.setenv("MSLT_DATASETS", str(tmp_path / "nothing"))
        assert answer(capsys, "report", path)["runs"] == len(told)
        if told.shape[0] == len(runs):
            counts = answer(capsys, "status", path)["counts"]
            assert counts == {"kept": len(runs)}
