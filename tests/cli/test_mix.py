"""The mixing of runs, from the end of their training to the command line."""

import json
import re
import shutil
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from mslt_core.analysis.mixing import METRICS
from mslt_core.analysis.stats import seeds_caveat
from mslt_core.catalog.resolve import resolve
from mslt_core.cli import mix_table
from mslt_core.cli.commands import main
from mslt_core.jobs import child
from mslt_core.jobs.ledger import State
from mslt_core.jobs.store import NEVER_MEASURED
from mslt_core.spec import RunSpec, WorkFailed
from mslt_core.training import mixing, outcome
from mslt_core.ui import measured_sets
from mslt_core.ui.mixing_sentence import sentence
from mslt_core.ui.words_mixing import MIX_MESSAGES, MIX_METRICS
from tests.executed import claimed, finished

TARGETS = ("de", "en", "fr", "zh")


@pytest.fixture
def executor(parallel_executor):
    return parallel_executor


@pytest.fixture
def store(executor):
    return executor.store


def spec(*sources, task="sib200", targets=TARGETS, **fields):
    values = {"budget": 8, "epochs": 1, "max_length": 32, **fields}
    return RunSpec("tiny-random", task, sources, targets, **values)


@pytest.fixture
def one(executor):
    return finished(executor, resolve(spec("de", "en")))


@pytest.fixture
def other(executor):
    return finished(executor, resolve(spec("de", "en", seed=1)))


@pytest.fixture
def chinese(executor):
    return finished(executor, resolve(spec("fr", "zh")))


@pytest.fixture
def spoilt(executor):
    """A run that a test may spoil."""
    run_id = finished(executor, resolve(spec("fr", seed=9)))
    yield run_id
    shutil.rmtree(executor.store.folder(run_id), ignore_errors=True)
    executor.store.ledger.delete(run_id)


def mix(capsys, *runs, status=0, words=()):
    with pytest.raises(SystemExit) as stopped:
        main(["mix", "--runs", ",".join(runs), *words])
    printed = capsys.readouterr()
    assert stopped.value.code == status, printed.err
    return printed


def mix_json(capsys, *runs):
    return json.loads(mix(capsys, *runs, words=["--json"]).out)


def refused(capsys, *runs, status=2):
    printed = mix(capsys, *runs, status=status)
    assert printed.out == ""
    assert printed.err.startswith("Error: ")
    assert printed.err.count("\n") == 1
    return printed.err


def test_a_run_stores_what_was_measured_and_answers_for_it(store, one):
    assert store.run_json(one)["mixing"]["missing"] == ""
    assert {"mixing.parquet", "mixing.safetensors"} <= store.run_json(one)["checksums"].keys()
    found = store.mixing(one)
    assert found.before.languages == found.after.languages == TARGETS
    assert found.before.seen == ("de", "en")
    assert found.table().equals(store.table(one, "mixing"))
    assert store.run_json(one)["seconds_by_stage"]["measuring"] > 0
    after, before = (side.estimates["all", "anisotropy"] for side in (found.after, found.before))
    assert after.value != before.value


def test_the_model_before_training_is_measured_once_for_two_runs(executor, monkeypatch):
    spaces = []
    real = mixing.measure
    monkeypatch.setattr(mixing, "measure", lambda space: spaces.append(space) or real(space))
    targets = ("de", "en", "fr")
    for seed in (0, 1):
        finished(executor, resolve(spec("de", targets=targets, seed=seed)))
    assert len(spaces) == 3


def test_rows_and_differences_as_json(capsys, store, one, other):
    found = mix_json(capsys, one, other)
    rows = {(row["run_id"], row["subset"], row["metric"]): row for row in found["rows"]}
    assert len(rows) == len(found["rows"])  # the model before training stands once
    both = f"{one},{other}"
    assert {key[0] for key in rows} == {"pretrained", one, other, both}
    assert {key[2] for key in rows} == {metric.key for metric in METRICS}
    for run_id, space in ((one, "tuned"), ("pretrained", "pretrained"), (other, "tuned")):
        stored = store.table(one if run_id == "pretrained" else run_id, "mixing")
        for row in stored[stored["space"] == space].itertuples():
            told = rows[run_id, row.subset, row.metric]
            for field in ("value", "low", "high", "null"):
                number = getattr(row, field)
                assert told[field] == (None if np.isnan(number) else number)
    pairs = {(row["after"], row["before"]) for row in found["differences"]}
    assert pairs == {(both, "pretrained")}  # seeds of one set are not compared with each other
    for row in found["differences"]:
        after, before = (
            rows[row[side], row["subset"], row["metric"]]["value"] for side in ("after", "before")
        )
        if row["value"] is None:
            assert after is None
        else:
            assert row["value"] == pytest.approx(after - before)
            assert row["low"] <= row["value"] <= row["high"]


def test_runs_with_other_sources_share_the_model_before_training_in_all_languages_only(
    capsys, one, chinese
):
    found = mix_json(capsys, one, chinese)
    untouched = [row for row in found["rows"] if row["run_id"] == "pretrained"]
    shared = {row["subset"]: row["runs"] for row in untouched if row["metric"] == "retrieval"}
    assert shared["all"] == [one, chinese]
    for subset in ("seen", "unseen"):
        runs = [row["runs"] for row in untouched if row["subset"] == subset]
        assert [one] in runs
        assert [chinese] in runs
    between = [row for row in found["differences"] if row["before"] == one]
    assert {row["subset"] for row in between if row["value"] is not None} == {"all"}


def test_a_table_and_a_sentence_for_people(capsys, monkeypatch, one, chinese):
    monkeypatch.setattr(mix_table, "NOTE", "")
    printed = mix(capsys, one, chinese).out
    for subset in ("all", "seen", "unseen", "mixed"):
        assert mix_table.TITLES[subset] in printed
    words = " ".join(printed.split())
    for name in MIX_METRICS.values():
        assert name.split()[0] in words
    *trainings, between = printed.splitlines()[-3:]
    for line, name in zip(trainings, ("de, en", "fr, zh"), strict=True):
        assert f"training on {name}" in line
        assert seeds_caveat(1) in line
    assert "de, en" in between and "fr, zh" in between


def test_changes_are_told_as_the_page_tells_them(capsys, store, one, other, chinese):
    found = mix_json(capsys, one, other, chinese)
    spaces = [
        measured_sets.read(store, name, [store.ledger.get(run_id) for run_id in runs])
        for name, runs in (("de, en", (one, other)), ("fr, zh", (chinese,)))
    ]
    change, _ = measured_sets.between(*spaces)
    assert change.seeds == 1
    assert found["said"][-1] == sentence(change, "all").replace("**", "")
    assert seeds_caveat(2) in found["said"][0]


def test_pairs_of_languages_have_values_of_their_own(capsys, store, one):
    pairs = mix_json(capsys, one)["pairs"]
    assert {row["run_id"] for row in pairs} == {"pretrained", one}
    of_run = {
        (row["language_a"], row["language_b"]): row["value"]
        for row in pairs
        if (row["run_id"], row["metric"]) == (one, "retrieval")
    }
    assert set(of_run) == set(combinations(TARGETS, 2))
    whole = store.mixing(one).after.estimates["all", "retrieval"].value
    assert np.mean(list(of_run.values())) == pytest.approx(whole)


def test_it_says_what_was_measured(capsys, executor, one):
    own = {"source": "sib200", "number": 12, "languages": list(TARGETS)}
    assert mix_json(capsys, one)["sentences"] == own
    assert "interface messages" not in mix(capsys, one).out
    intents = finished(executor, resolve(spec("de", task="intents", targets=("de", "en"))))
    found = mix_json(capsys, intents)
    assert found["sentences"] == {
        "source": "django-messages",
        "number": 12,
        "languages": ["de", "en"],
    }
    classes = [row["value"] for row in found["rows"] if row["metric"] == "label_silhouette"]
    assert set(classes) == {None}  # messages have none
    said = " ".join(mix(capsys, intents).out.split())
    assert MIX_MESSAGES.format(number=12, without="") in said


def test_it_needs_nothing_that_trains(store, one):
    code = (
        "import sys; from mslt_core.cli.commands import main\n"
        f"try: main(['mix', '--runs', {one!r}, '--json'])\n"
        "except SystemExit as stop: assert stop.code == 0\n"
        "heavy = {'torch', 'transformers', 'streamlit', 'sklearn', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {row["run_id"] for row in json.loads(done.stdout)["rows"]} == {"pretrained", one}


def test_what_cannot_be_compared_gets_one_sentence(capsys, executor, store, one):
    assert "There is no run 0123456789abcdef" in refused(capsys, "0123456789abcdef")
    assert "not the name of a run" in refused(capsys, "../runs")
    assert "runs is empty" in refused(capsys, " ")
    assert "twice" in refused(capsys, one, one)
    waiting = resolve(spec("zh", seed=5))
    store.ledger.enqueue(waiting.run_id, waiting.spec)
    assert f"Run {waiting.run_id} is queued" in refused(capsys, waiting.run_id)
    store.ledger.delete(waiting.run_id)
    fewer = finished(executor, resolve(spec("de", targets=("de", "en", "fr"))))
    assert "not measured on the same sentences" in refused(capsys, one, fewer)
    probe = finished(executor, resolve(spec("de", method="probe")))
    assert "probe leaves the embeddings" in refused(capsys, probe)
    intents = finished(executor, resolve(spec("de", task="intents", targets=("de", "en"))))
    assert "not measured on the same sentences" in refused(capsys, one, intents)


def test_a_run_from_before_has_none_and_says_so(capsys, store, spoilt):
    folder = store.folder(spoilt)
    record = store.run_json(spoilt)
    del record["mixing"]
    for name in ("mixing.parquet", "mixing.safetensors"):
        (folder / name).unlink()
        del record["checksums"][name]
    (folder / "run.json").write_text(json.dumps(record))
    assert store.verify(spoilt) is None
    assert store.mixing(spoilt) is None
    assert NEVER_MEASURED in refused(capsys, spoilt)


@pytest.mark.parametrize("name", ["mixing.parquet", "mixing.safetensors"])
def test_a_damaged_file_is_found(capsys, store, spoilt, name):
    path = store.folder(spoilt) / name
    path.write_bytes(path.read_bytes()[:-8])
    assert store.verify(spoilt) == f"holds a damaged {name}"
    if name == "mixing.safetensors":
        with pytest.raises(WorkFailed, match=f"{name} cannot be read"):
            store.mixing(spoilt)
        path.unlink()
        with pytest.raises(WorkFailed, match=f"{name} cannot be read"):
            store.mixing(spoilt)
        assert f"has failed (The folder {path.parent} lacks {name}" in refused(capsys, spoilt)


def test_a_run_is_cancelled_while_it_is_measured(executor, store, monkeypatch):
    resolved = resolve(spec("en", seed=7))
    real = mixing.measure

    def measure(space):
        store.ledger.request_cancel(resolved.run_id)
        return real(space)

    monkeypatch.setattr(mixing, "measure", measure)
    child._execute(store, claimed(store, resolved), executor)
    record = store.ledger.get(resolved.run_id)
    assert (record.state, record.stage) == (State.CANCELLED, "measuring")
    assert not store.folder(resolved.run_id).exists()
    assert list(store.tmp_dir.iterdir()) == []


def test_a_run_whose_vectors_diverged_is_kept_and_says_why_it_has_no_mixing(
    capsys, executor, store, monkeypatch
):
    real = outcome.predict

    def diverged(*arguments):
        vectors, classes = real(*arguments)
        return np.full_like(vectors, np.nan), classes

    monkeypatch.setattr(outcome, "predict", diverged)
    run_id = finished(executor, resolve(spec("en", seed=8)))
    assert store.mean(run_id) is not None
    assert store.mixing(run_id) is None
    why = store.no_mixing(run_id)
    assert re.search("vectors of de .* training may have diverged", why)
    assert why in refused(capsys, run_id)
