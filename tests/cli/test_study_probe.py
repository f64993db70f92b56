"""A study by probe: its runs in this process, as they would have come from the queue."""

import argparse
import json

import numpy as np
import pytest

from mslt_core.cli.commands import main
from mslt_core.jobs import probe_study, study_results
from mslt_core.jobs import study as studies
from mslt_core.training import vectors
from tests.executed import finished

DECLARED = """
name = "mine"
title = "Probes"
pool = ["de", "en", "zh"]
sizes = [1, 3]
seeds = [{seeds}]

[run]
model = "tiny-random"
task = "{task}"
method = "probe"
targets = ["de", "en", "fr"]
budget = 9
max_length = 32
"""


@pytest.fixture
def declaration(tmp_path, parallel_executor):
    path = tmp_path / "mine.toml"
    path.write_text(DECLARED.format(seeds="0, 1", task="sib200"))
    return path


@pytest.fixture
def embedded(monkeypatch):
    """Has this process embed where a child would; returns the sources of each time."""
    found = []

    def embed(store, run, sources, path, tell):
        found.append(sources)
        spec = run.spec
        fields = {"model": spec.model, "task": spec.task, "max_length": spec.max_length}
        vectors.embed(
            argparse.Namespace(
                home=store.home, sources=sources, targets=list(spec.targets), to=path, **fields
            )
        )

    monkeypatch.setattr(probe_study, "_embed", embed)
    return found


def call(capsys, *words, status=0):
    with pytest.raises(SystemExit) as stopped:
        main(["study", *map(str, words)])
    printed = capsys.readouterr()
    assert stopped.value.code == status, printed.err
    return printed


def answer(capsys, *words, status=0):
    return json.loads(call(capsys, *words, "--json", status=status).out)


def test_probes_in_one_process_give_what_runs_of_the_queue_give(
    capsys, declaration, parallel_executor
):
    found = answer(capsys, "run", declaration)  # with a real child
    assert (found["asked"], found["done"]) == (8, 8)
    assert found["files"] == [str(declaration.with_suffix(".parquet"))]  # and no mixing
    kept = study_results.kept(declaration).scores
    study = studies.resolved(declaration)
    assert list(dict.fromkeys(kept["run_id"])) == [run.run_id for run in study.runs]
    queued = [study.runs[i] for i in (0, 3, 7)]
    store = parallel_executor.store
    for run in queued:
        finished(parallel_executor, run)
    ids = [run.run_id for run in queued]
    alone = study_results.of_store(store, study, ids).scores
    mine = kept[kept["run_id"].isin(ids)].reset_index(drop=True)
    scalars = [name for name in study_results.SCORES if name not in study_results.BY_ITEM]
    assert mine[scalars].equals(alone[scalars])
    for name in study_results.BY_ITEM:
        assert [part.tolist() for part in mine[name]] == [part.tolist() for part in alone[name]]
    for run in queued:
        store.delete(run.run_id)


def test_what_is_done_is_not_done_again(capsys, declaration, embedded):
    assert answer(capsys, "run", declaration, "--limit", "3")["asked"] == 3
    assert answer(capsys, "status", declaration)["counts"] == {"kept": 3, "missing": 5}
    assert answer(capsys, "run", declaration)["asked"] == 5
    before = declaration.with_suffix(".parquet").read_bytes()
    assert answer(capsys, "run", declaration)["asked"] == 0
    assert declaration.with_suffix(".parquet").read_bytes() == before
    assert len(embedded) == 2
    found = answer(capsys, "report", declaration)
    assert found["runs"] == 8
    assert found["interval"].startswith("95 %")
    assert found["mixing"] == []


def test_ctrl_c_leaves_what_is_done(capsys, declaration, embedded, monkeypatch):
    real, calls = probe_study.Sweep.right, []

    def pressed(self, spec):
        calls.append(spec)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(self, spec)

    monkeypatch.setattr(probe_study.Sweep, "right", pressed)
    printed = call(capsys, "run", declaration, status=130)
    assert "Stopped: 2 of 8 runs are done and kept" in printed.err
    assert len(study_results.kept(declaration).run_ids) == 2
    assert answer(capsys, "run", declaration)["asked"] == 6


def test_results_of_other_settings_stay_until_all_runs_are_there(capsys, declaration, embedded):
    answer(capsys, "run", declaration)
    old = study_results.kept(declaration).run_ids
    declaration.write_text(declaration.read_text().replace("budget = 9", "budget = 6"))
    printed = call(capsys, "run", declaration, "--limit", "2", status=1)
    assert "they stay until all 8 runs" in printed.err
    assert study_results.kept(declaration).run_ids == old
    assert answer(capsys, "run", declaration)["done"] == 8
    assert not study_results.kept(declaration).run_ids & old


def test_a_child_that_dies_is_told_with_its_last_words(capsys, declaration, monkeypatch):
    monkeypatch.setattr(probe_study, "MODULE", "mslt_core.nothing")
    printed = call(capsys, "run", declaration, status=1)
    assert "The texts were not embedded" in printed.err
    assert "No module named mslt_core.nothing. The same command tries it again." in printed.err
    assert not declaration.with_suffix(".parquet").exists()


def test_probes_of_words_go_through_the_queue(declaration):
    assert probe_study.in_place(studies.read(declaration).settings)
    declaration.write_text(DECLARED.format(seeds="0", task="pud-pos"))
    assert not probe_study.in_place(studies.read(declaration).settings)


def test_items_are_kept_in_the_order_of_their_ids():
    order = {"en": np.argsort(["b", "a", "c"])}
    run = studies.ResolvedRun(
        studies.RunSpec("tiny-random", "sib200", ("en",), ("en",), "probe"), "0" * 16, "", ""
    )
    right = {"en": np.array([True, False, False])}
    [row] = probe_study._scores(run, right, order).itertuples()
    assert (row.right.tolist(), row.of.tolist()) == ([0, 1, 0], [1, 1, 1])
    assert (row.correct, row.n, row.value) == (1, 3, 1 / 3)
