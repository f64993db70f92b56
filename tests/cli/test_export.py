"""Results of runs as files: what is in them, and when none is written."""

import builtins
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from mslt_core.catalog.resolve import resolve
from mslt_core.cli.commands import main
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from tests.executed import finished

TARGETS = ("de", "en", "fr", "zh")
NAMES = ("scores", "means", "mixing", "mixing-pairs")
TABLES = {f"{name}.{kind}" for name in NAMES for kind in ("csv", "parquet")}
FIGURES = {f"{name}.{kind}" for name in ("transfer", "mixing") for kind in ("png", "svg")}


def spec(*sources, task="sib200", targets=TARGETS, **fields):
    values = {"budget": 8, "epochs": 1, "max_length": 32, **fields}
    return RunSpec("tiny-random", task, sources, targets, **values)


@pytest.fixture
def runs(parallel_executor):
    """Two seeds of one set, and one of another."""
    specs = [spec("en"), spec("en", seed=1), spec("de", "zh")]
    return [finished(parallel_executor, resolve(one)) for one in specs]


def call(capsys, *words, status=0):
    with pytest.raises(SystemExit) as stopped:
        main(["export", *map(str, words)])
    printed = capsys.readouterr()
    assert stopped.value.code == status, printed.err
    return printed


def exported(capsys, runs, folder, *words, status=0):
    return call(capsys, "--runs", ",".join(runs), "--to", folder, *words, status=status)


def names(folder):
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def no_vl_convert(monkeypatch):
    real = builtins.__import__

    def missing(name, *rest, **more):
        if name == "vl_convert":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)


def test_tables_and_figures_are_written(capsys, parallel_executor, runs, tmp_path):
    told = json.loads(exported(capsys, runs, tmp_path / "new" / "out", "--json").out)
    folder = tmp_path / "new" / "out"
    assert set(told["files"]) == names(folder) == TABLES | FIGURES
    assert told["missing"] == ""
    for name in ("transfer", "mixing"):
        png, svg = folder / f"{name}.png", folder / f"{name}.svg"
        assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert png.stat().st_size > 10_000
        assert svg.read_text().startswith("<svg")
    drawn = (folder / "transfer.svg").read_text()
    for word in ("German (de)", "mean over all targets", "Accuracy in per cent"):
        assert word in drawn
    drawn = (folder / "mixing.svg").read_text()
    for word in ("Untrained", "Translations retrieved", "← more mixed", "95 % intervals"):
        assert word in drawn

    store = parallel_executor.store
    scores = pd.read_csv(folder / "scores.csv")
    pd.testing.assert_frame_equal(
        scores, pd.read_parquet(folder / "scores.parquet"), check_dtype=False
    )
    assert set(scores["configuration"]) == {"en", "de, zh"}
    means = pd.read_csv(folder / "means.csv").set_index(["configuration", "over"])["value"]
    assert means["de, zh", "all"] == pytest.approx(store.mean(runs[2]))
    both = (store.mean(runs[0]) + store.mean(runs[1])) / 2
    assert means["en", "all"] == pytest.approx(both)
    mixing = pd.read_parquet(folder / "mixing.parquet")
    assert set(mixing["sentences"]) == {"sib200"}
    assert mixing.groupby(["configuration", "space"])["seeds"].first().to_dict() == {
        ("de, zh", "pretrained"): 0,
        ("de, zh", "tuned"): 1,
        ("en", "pretrained"): 0,
        ("en", "tuned"): 2,
    }
    pairs = pd.read_parquet(folder / "mixing-pairs.parquet")
    values = pairs.query("metric == 'retrieval'").groupby(["configuration", "space"])["value"]
    assert set(values.size()) == {6}
    whole = mixing.query("metric == 'retrieval' and subset == 'all'")
    whole = whole.set_index(["configuration", "space"])["value"]
    pd.testing.assert_series_equal(values.mean(), whole.sort_index())


def test_files_that_are_there_are_replaced_only_when_asked(capsys, runs, tmp_path):
    (tmp_path / "means.csv").write_text("mine")
    refused = exported(capsys, runs, tmp_path, status=2).err
    assert "has means.csv already" in refused
    assert refused.count("\n") == 1
    assert names(tmp_path) == {"means.csv"}
    assert (tmp_path / "means.csv").read_text() == "mine"
    exported(capsys, runs, tmp_path, "--force")
    assert names(tmp_path) == TABLES | FIGURES
    assert (tmp_path / "means.csv").read_text() != "mine"


def test_a_full_disk_leaves_nothing_half_written(capsys, runs, tmp_path, monkeypatch):
    real, written = Path.write_bytes, []

    def full(self, content):
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(self)
        return real(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    assert "No space left on device" in exported(capsys, runs, tmp_path, status=1).err
    assert len(written) == 3
    assert names(tmp_path) == set()


def test_without_vl_convert_there_are_tables_and_one_sentence(
    capsys, runs, tmp_path, no_vl_convert
):
    printed = exported(capsys, runs, tmp_path)
    assert names(tmp_path) == TABLES
    assert "pip install vl-convert-python==1.9.0.post1" in printed.err
    assert printed.err.count("\n") == 1


def test_the_pin_that_is_told_is_that_of_the_tests():
    from mslt_core.cli.export_figures import PACKAGE

    assert PACKAGE in Path("requirements-dev.txt").read_text().split()


def test_probes_have_scores_and_no_mixing(capsys, parallel_executor, tmp_path):
    probe = finished(parallel_executor, resolve(spec("de", method="probe")))
    exported(capsys, [probe], tmp_path)
    assert "transfer.svg" in names(tmp_path)
    assert not any(name.startswith("mixing") for name in names(tmp_path))


def test_what_was_measured_on_messages_says_so(capsys, parallel_executor, tmp_path):
    intents = spec("de", task="intents", targets=("de", "en"))
    exported(capsys, [finished(parallel_executor, resolve(intents))], tmp_path)
    assert set(pd.read_csv(tmp_path / "mixing.csv")["sentences"]) == {"django-messages"}
    drawn = (tmp_path / "mixing.svg").read_text()
    assert "Measured on 12 interface messages of Django" in drawn


def test_what_cannot_be_exported_gets_one_sentence(capsys, parallel_executor, runs, tmp_path):
    intents = spec("de", task="intents", targets=("de", "en"))
    other = finished(parallel_executor, resolve(intents))
    for ids, words in (
        (["0123456789abcdef"], "There is no run 0123456789abcdef"),
        ([runs[0], runs[0]], "twice"),
        ([" "], "runs is empty"),
        ([runs[0], other], "several tasks, intents, sib200"),
    ):
        printed = exported(capsys, ids, tmp_path / "out", status=2)
        assert words in printed.err
        assert printed.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
    (tmp_path / "file").write_text("")
    printed = exported(capsys, runs, tmp_path / "file", status=1)
    assert "cannot be written to" in printed.err


def test_no_streamlit_is_started(runs, tmp_path):
    code = (
        "import sys; from mslt_core.cli.commands import main\n"
        f"words = ['export', '--runs', {','.join(runs)!r}, '--to', {str(tmp_path / 'out')!r}]\n"
        "try: main(words)\nexcept SystemExit as stop: assert stop.code == 0\n"
        "heavy = {'streamlit', 'torch', 'transformers'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_seeds_that_were_measured_in_two_ways_are_not_averaged(
    capsys, parallel_executor, runs, tmp_path, monkeypatch
):
    real = Store.run_json

    def of_an_older_way(self, run_id):
        record = real(self, run_id)
        return {**record, "mixing": {"basis": "older"}} if run_id == runs[0] else record

    monkeypatch.setattr(Store, "run_json", of_an_older_way)
    exported(capsys, runs[:2], tmp_path)
    mixing = pd.read_parquet(tmp_path / "mixing.parquet").query("space == 'tuned'")
    assert set(mixing["seeds"]) == {1}
    alone = Store.mixing(parallel_executor.store, runs[1]).table().query("space == 'tuned'")
    assert mixing["value"].dropna().tolist() == alone["value"].dropna().tolist()
