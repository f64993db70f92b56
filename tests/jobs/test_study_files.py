"""The studies that pages list, open, write and start."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from mslt_core.jobs import detached, study_files, study_results
from mslt_core.jobs import study as studies
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_report import report
from mslt_core.jobs.study_results import Results
from mslt_core.spec import BadArgument, RunSpec, WorkFailed
from mslt_core.study_spec import StudySpec
from tests.jobs.support import until

SETTINGS = RunSpec("tiny-random", "intents", ("en",), ("de", "en"), budget=8, epochs=1)
MINE = StudySpec("mine", "Ours: “one” or \\ two", SETTINGS, (("en",), ("zh", "de")), (0, 1))


@pytest.fixture
def own(home: Path) -> Store:
    return Store(home)


def measure(path: Path, runs: tuple[RunSpec, ...]) -> None:
    """Results of some runs of a study, beside it."""
    ones = np.ones(3, np.uint16)
    rows = [
        (",".join(run.sources), run.seed, f"{n:016x}", target, "accuracy", 1.0, 3, 3, ones, ones)
        for n, run in enumerate(runs)
        for target in run.targets
    ]
    scores = pd.DataFrame(rows, columns=list(study_results.SCORES))
    study_results.write(Results(scores, study_results.no_mixing()), path, runs[0])


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        replace(SETTINGS, method="probe"),
        replace(SETTINGS, layers=1, learning_rate=3e-7),
        replace(SETTINGS, lora_rank=8, four_bit=True, sampling="parallel"),
    ],
)
def test_a_study_is_written_as_it_is_read(tmp_path: Path, settings: RunSpec) -> None:
    study = replace(MINE, settings=replace(settings, sources=MINE.sets[0]))
    path = tmp_path / "mine.toml"
    path.write_text(study_files.to_toml(study), encoding="utf-8")
    assert studies.read(path) == study


def test_a_study_of_ones_own_is_written_once_and_listed_with_those_that_ship(own: Store) -> None:
    path = study_files.declare(own, MINE)
    with pytest.raises(BadArgument, match="there is a study mine already"):
        study_files.declare(own, replace(MINE, title="Another"))
    with pytest.raises(BadArgument, match="there is a study sib200-triples already"):
        study_files.declare(own, replace(MINE, name="sib200-triples"))
    assert studies.read(path).title == MINE.title
    found = {file.path.stem: file for file in study_files.listed(own)}
    mine, triples = found["mine"], found["sib200-triples"]
    assert (mine.shipped, mine.runs, mine.done, mine.sizes) == (False, 4, 0, (1, 2))
    assert mine.left == MINE.runs()
    assert (triples.shipped, triples.runs, triples.sizes) == (True, 118, (1, 2, 3, 4, 5, 6, 7))
    assert found["mixing-sib200"].done == 9
    measure(path, MINE.runs()[:3])
    [mine] = [file for file in study_files.listed(own) if not file.shipped]
    assert (mine.done, mine.left) == (3, MINE.runs()[3:])


def test_runs_that_are_no_longer_declared_do_not_count(own: Store) -> None:
    path = study_files.declare(own, MINE)
    measure(path, MINE.runs())
    fewer = replace(MINE, sets=MINE.sets[:1], seeds=(0,))
    path.write_text(study_files.to_toml(fewer), encoding="utf-8")
    found = report(own, path)
    assert (found.runs, set(found.scores["sources"])) == (1, {"en"})
    block = study_files.opened(path)
    assert (block.sets, block.seeds, block.pool) == ((("en",),), (0,), ("en",))
    assert len(study_results.kept(path).run_ids) == 4
    assert study_files.looked_at(path, False).by_item
    other = replace(MINE, seeds=(7,))
    path.write_text(study_files.to_toml(other), encoding="utf-8")
    assert not study_files.looked_at(path, False).by_item


def test_a_study_partly_done_has_the_unseen_targets_of_the_whole(own: Store) -> None:
    """Else the group would change while runs come in."""
    path = study_files.declare(own, MINE)
    measure(path, MINE.runs()[:1])
    block = study_files.opened(path)
    assert (block.sets, block.pool) == ((("en",),), ("de", "en", "zh"))
    assert not block.over("unseen").any()


def test_what_the_task_cannot_give_is_not_written(own: Store) -> None:
    large = replace(MINE, settings=replace(SETTINGS, budget=5000))
    for study, words in ((large, "budget is 5000"), (replace(MINE, sets=(("la",),)), "no la")):
        with pytest.raises(BadArgument, match=words):
            study_files.declare(own, study)
    assert not any(not file.shipped for file in study_files.listed(own))


def test_a_file_that_is_wrong_is_told_and_hides_no_other(own: Store) -> None:
    path = study_files.declare(own, MINE)
    path.with_name("broken.toml").write_text("name =")
    path.with_suffix(".parquet").write_bytes(b"PAR1 no more")
    broken, mine = (file for file in study_files.listed(own) if not file.shipped)
    assert (broken.declared, broken.runs) == (None, 0)
    assert "broken.toml is no TOML file" in broken.fault
    assert (mine.runs, mine.done) == (4, 0)
    assert "mine.parquet cannot be read" in mine.fault


def test_a_study_is_opened_from_what_is_kept(own: Store) -> None:
    path = study_files.declare(own, MINE)
    with pytest.raises(WorkFailed, match="No run of mine has results"):
        study_files.opened(path)
    measure(path, MINE.runs()[:3])
    found = study_files.opened(path)
    assert (found.sets, found.seeds, found.left_out) == (MINE.sets, (0,), 1)
    assert not found.parallel  # intents are no translations of one another
    pd.read_parquet(path.with_suffix(".parquet")).drop(columns=["right", "of"]).to_parquet(
        path.with_suffix(".parquet")
    )
    with pytest.raises(WorkFailed, match="writes them anew"):
        study_files.opened(path)


def test_results_of_other_settings_are_told_and_count_as_none(own: Store) -> None:
    path = study_files.declare(own, MINE)
    measure(path, MINE.runs())
    assert not study_files.looked_at(path, False).left
    as_measured = path.read_text()
    path.write_text(as_measured.replace("budget = 8", "budget = 16"))
    edited = study_files.looked_at(path, False)
    assert (edited.done, edited.fault) == (0, "")
    told = "measured with other settings: budget 8, declared now is 16."
    assert told in edited.outdated
    for read in (study_files.opened, lambda path: report(own, path)):
        with pytest.raises(WorkFailed, match=told):
            read(path)
    # The name for people says nothing about what was measured, nor does the order of the targets.
    kept = as_measured.replace("Ours", "Yours").replace('["de", "en"]', '["en", "de"]')
    path.write_text(kept)
    assert study_files.looked_at(path, False).done == 4


def test_the_results_that_ship_say_their_settings() -> None:
    for path in study_files.shipped_folder().glob("*.parquet"):
        if ".mixing" not in path.name:
            assert study_results.SETTINGS in pq.read_schema(path).metadata, path.name


def test_studies_that_ship_open_without_data_and_without_what_trains(tmp_path: Path) -> None:
    code = """
import json, sys
from mslt_core.jobs import study_files
from mslt_core.jobs.store import Store
files = study_files.listed(Store())
opened = {}
for file in files:
    if file.done and study_files.study_results.kept(file.path).by_item:
        found = study_files.opened(file.path)
        opened[file.path.stem] = (len(found.sets) * len(found.seeds) + found.left_out, file.done)
heavy = {"torch", "transformers", "datasets", "streamlit", "sklearn"} & set(sys.modules)
print(json.dumps([opened, sorted(heavy), [file.fault for file in files]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"MSLT_HOME": str(tmp_path), "PATH": "", "MSLT_DATASETS": str(tmp_path / "nothing")},
        cwd=study_files.PROJECT,
    )
    assert done.returncode == 0, done.stderr
    opened, heavy, faults = json.loads(done.stdout)
    assert heavy == []
    assert set(faults) == {""}
    assert "sib200-probe" in opened
    assert all(runs == of for runs, of in opened.values())


def test_a_study_is_started_apart_from_this_process_and_only_once(own: Store) -> None:
    probes = replace(MINE, settings=replace(SETTINGS, method="probe"))
    path = study_files.declare(own, probes)
    for _ in range(2):
        study_files.start(own, path)
        assert study_files.running(own, path)
    until(lambda: not study_files.running(own, path), seconds=240)
    assert study_files.failure(own, path) == ""
    said = json.loads((own.logs_dir / "study-mine.log").read_text())
    assert (said["asked"], said["failed"]) == (4, [])
    [mine] = [file for file in study_files.listed(own) if not file.shipped]
    assert mine.done == 4


def test_a_study_that_a_terminal_is_at_is_running_and_is_not_started(own: Store) -> None:
    path = study_files.declare(own, MINE)
    work = study_files.work(own, path)
    with detached.alone(work) as first, detached.alone(work) as second:
        assert first and not second
        assert study_files.running(own, path)
        study_files.start(own, path)
        assert not detached.log(work).exists()
    assert not study_files.running(own, path)


def test_why_a_started_study_failed_is_told(own: Store) -> None:
    path = study_files.declare(own, MINE)
    path.write_text(path.read_text().replace('"en"', '"la"'))
    study_files.start(own, path)
    until(lambda: not study_files.running(own, path), seconds=120)
    assert "intents has no la (Latin)" in study_files.failure(own, path)


def test_an_estimate_of_probes_needs_no_run_before_it(own: Store) -> None:
    probes = replace(MINE, settings=replace(SETTINGS, method="probe"))
    assert study_files.seconds(own, probes.runs()) == 4 * study_files.PROBE_SECONDS
    assert study_files.seconds(own, MINE.runs()) is None
    assert study_files.seconds(own, ()) == 0
