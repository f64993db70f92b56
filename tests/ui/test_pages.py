"""Every page in every state of the store: it runs, says what there is, and acts on the ledger."""

import os
import shutil
import time
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mslt_core.catalog import tasks
from mslt_core.jobs import queries
from mslt_core.jobs.ledger import State
from mslt_core.spec import WorkFailed
from mslt_core.ui import frame, panels, words, words_overview, words_runs, words_train
from mslt_core.ui.runs import table_key
from tests.fakes import FakeTask
from tests.ui import fake_store as fake
from tests.ui.driver import assert_prints, button, open_page, run, text

PAGES = ("app.py", "pages/1_Train.py", "pages/2_Compare.py", "pages/5_Runs.py", "pages/6_Data.py")


STATES = {
    "empty": lambda store: None,
    "running": lambda store: fake.running(store, fake.spec()),
    "queued": lambda store: fake.queued(store, fake.spec()),
    "failed": lambda store: fake.failed(store, fake.spec()),
    "done": fake.comparison,
    "one done": lambda store: fake.done(store, fake.spec()),
    "probe alone": lambda store: fake.done(store, fake.spec(method="probe")),
}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("state", STATES)
def test_every_page_runs_in_every_state(store, started, path, state):
    STATES[state](store)
    app = open_page(path)
    assert app.title
    assert not app.error or state == "failed"


def test_no_page_brings_in_what_trains(store, started):
    fake.comparison(store)
    code = f"""
import sys
from unittest import mock
from streamlit.testing.v1 import AppTest
from mslt_core.catalog import tasks
from tests.fakes import FakeTask
from tests.ui.fake_store import TARGETS
tasks._TASKS = {{"fake": lambda: FakeTask(dict.fromkeys(TARGETS, 100))}}
for path in {PAGES!r}:
    app = AppTest.from_file("app.py", default_timeout=60)
    if path != "app.py":
        app.switch_page(path)
    app.run()
    assert not app.exception, app.exception[0].value
print([name for name in ("torch", "transformers", "ray") if name in sys.modules])
"""
    assert_prints(code, "[]", store.home)


def test_first_visit_says_what_to_do(store, started):
    assert words_overview.FIRST in text(open_page("app.py"))


def test_overview_states_the_latest_comparison_with_its_interval(store, started):
    fake.comparison(store)
    said = text(open_page("app.py"))
    assert "ar, de, en, es, ru, zh" in said
    assert "95 % interval" in said


def test_overview_prefers_a_comparison_to_a_newer_run_alone(store, started):
    fake.comparison(store, seeds=(0,))
    fake.done(store, fake.spec(("zh",), method="probe"))
    assert "against **en**" in text(open_page("app.py"))


def test_ticking_languages_changes_spec_command_and_address(store, started):
    app = open_page("pages/1_Train.py")
    run(app, app.checkbox(key="tick-zh").check())
    run(app, app.checkbox(key="tick-de").check())
    assert app.query_params["sources"] == "de,en,zh"
    assert "--sources de,en,zh" in app.code[0].value
    assert "234+233+233 for de, en, zh" in text(app)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"sources": "de", "budget": "5000"}, "lower the budget"),
        ({"sources": "de,zh", "budget": "1"}, "raise the budget"),
        ({"model": "nobody"}, "There is no model 'nobody'"),
        ({"model": "no/such-model"}, "neither in the local hub cache"),
    ],
)
def test_what_cannot_be_queued_is_one_sentence_beside_what_runs(store, started, query, said):
    job = fake.running(store, fake.spec())
    app = open_page("pages/1_Train.py", **query)
    (error,) = app.error
    assert said in error.value
    assert "Traceback" not in error.value
    assert app.button(key=f"{words.CANCEL}-{job.run_id}")
    assert app.checkbox(key="tick-zh")


def test_the_table_of_what_each_language_has(store, started):
    app = open_page("pages/1_Train.py", group="table")
    table = app.dataframe[0].value
    assert list(table.columns) == list(words_train.LANGUAGE_COLUMNS)
    row = table.set_index("Tag").loc["sw"]
    assert (row["Language"], row["Script"]) == ("Swahili", "Latn")
    assert tuple(row[["Train", "Dev", "Test"]]) == (1000, 10, 10)


def test_the_command_can_be_pasted(store, started, monkeypatch):
    monkeypatch.setenv("MSLT_DATASETS", "/data sets")
    command = open_page("pages/1_Train.py").code[0].value
    assert command.startswith("MSLT_DATASETS='/data sets' .venv/bin/python -m mslt_core run --")
    assert panels.command(fake.spec(task="intents")).startswith(".venv/bin/python -m mslt_core")
    monkeypatch.delenv("MSLT_DATASETS")
    assert open_page("pages/1_Train.py").code[0].value.startswith(".venv/bin/python -m")


def test_commands_do_not_ask_for_the_data_at_every_redraw(store, monkeypatch):
    asked = []

    def absent(self):
        asked.append(self)
        raise WorkFailed("The network is down.")

    monkeypatch.setattr(FakeTask, "languages", absent)
    commands = {panels.command(fake.spec()) for _ in range(3)}
    assert len(commands) == len(asked) == 1
    assert f"--targets {','.join(fake.TARGETS)}" in commands.pop()


def test_address_restores_the_view(store, started):
    app = open_page(
        "pages/1_Train.py", sources="ar,sw", budget="40", seeds="1,3", method="probe", targets="zh"
    )
    command = app.code[0].value
    assert "--sources ar,sw --method probe --budget 40 --targets zh" in _flat(command)
    assert [line.rsplit(" ", 1)[1] for line in command.splitlines()] == ["1", "3"]


def _flat(command):
    parts = command.splitlines()[0].split(" --")
    order = ["sources", "method", "budget", "targets"]
    kept = [next(part for part in parts if part.startswith(name)) for name in order]
    return " ".join(f"--{part}" for part in kept)


def test_nonsense_in_the_address_is_passed_over(store, started):
    app = open_page("pages/1_Train.py", sources="xx", budget="many", seeds="a", method="magic")
    assert words_train.NOT_YET in text(app)


def test_doubled_and_garbled_languages_are_passed_over(store, started):
    app = open_page("pages/1_Train.py", sources="en,en,de", targets="zh,zh", test_on="garbled")
    assert not app.error
    assert app.query_params["sources"] == "de,en"
    assert app.query_params["targets"] == "zh"
    assert "--sources de,en --budget" not in app.code[0].value
    assert "--sources de,en --targets zh" in app.code[0].value


def test_presets_and_search(store, started):
    app = open_page("pages/1_Train.py")
    run(app, button(app, words_train.PRESET_SEVEN).click())
    assert app.query_params["sources"] == "ar,de,en,es,ru,zh"
    run(app, button(app, words_train.PRESET_NONE).click())
    assert words_train.NOT_YET in text(app)
    run(app, app.text_input(key="search").set_value("finnish"))
    assert [box.key for box in app.checkbox] == ["tick-fi"]
    for searched, found in (("cyrillic", "ru"), ("deutsch", "de"), ("日本", "ja")):
        run(app, app.text_input(key="search").set_value(searched))
        assert [box.key for box in app.checkbox] == [f"tick-{found}"]


def test_queue_button_queues_one_run_a_seed_and_starts_a_worker(store, started):
    app = open_page("pages/1_Train.py", sources="de,zh", budget="40", seeds="0,1")
    run(app, app.button(key="queue").click())
    queued = store.ledger.runs()
    assert [(run.spec.sources, run.state) for run in queued] == [(("de", "zh"), State.QUEUED)] * 2
    assert {run.spec.seed for run in queued} == {0, 1}
    assert started
    assert set(app.query_params["watch"].split(",")) == {run.run_id for run in queued}


def test_stored_runs_are_not_queued_again(store, started):
    fake.done(store, fake.spec())
    app = open_page("pages/1_Train.py", model="tiny-random", sources="en", budget="40")
    assert words_train.STORED_ALL in text(app)
    run(app, app.button(key="queue").click())
    assert [run.state for run in store.ledger.runs()] == [State.DONE]
    assert "Accuracy, mean" in text(app)


def test_runs_under_way_are_not_counted_as_new(store, started):
    fake.done(store, fake.spec(seed=0))
    fake.queued(store, fake.spec(seed=1))
    query = {"model": "tiny-random", "sources": "en", "budget": "40"}
    app = open_page("pages/1_Train.py", seeds="0,1,2", **query)
    assert app.button(key="queue").label == "Queue 1 fine-tune"
    assert "1 of 3 are in the store already. 1 of 3 are queued or running already." in text(app)
    app = open_page("pages/1_Train.py", seeds="1", **query)
    assert app.button(key="queue").label == "Show the run"


@pytest.mark.parametrize(("seeds", "seconds"), [("1", 40), ("1,2", 80), ("1,2,3", 160)])
def test_the_estimate_knows_that_runs_go_two_at_once(store, started, monkeypatch, seeds, seconds):
    monkeypatch.setenv("MSLT_RUNS_AT_ONCE", "2")
    fake.done(store, fake.spec(seed=0))  # alone, in 40 s
    query = {"model": "tiny-random", "sources": "en", "budget": "40"}
    app = open_page("pages/1_Train.py", seeds=seeds, **query)
    assert words_train.ESTIMATE.format(time=frame.duration(seconds)) in text(app)


def test_a_watched_run_whose_results_are_gone_is_failed_and_can_be_retried(store, started):
    record = fake.done(store, fake.spec())
    shutil.rmtree(store.folder(record.run_id))
    app = open_page("pages/1_Train.py", watch=record.run_id)
    assert "retry the run" in app.error[0].value
    run(app, app.button(key=f"{words.RETRY}-{record.run_id}").click())
    assert store.ledger.get(record.run_id).state is State.QUEUED


def test_cancelling_a_run_deleted_in_another_tab_is_a_sentence(store, started, monkeypatch):
    record = fake.queued(store, fake.spec())
    app = open_page("pages/1_Train.py")
    monkeypatch.setattr(queries, "named", lambda ledger, run_ids: [record])
    store.ledger.delete(record.run_id)
    run(app, app.button(key=f"{words.CANCEL}-{record.run_id}").click())
    assert record.run_id in app.error[0].value


def test_the_polled_queue_keeps_a_worker_alive(store, started, monkeypatch):
    fake.queued(store, fake.spec())
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)  # there is no other page here
    # As Streamlit polls it: the fragment alone, not the page around it.
    poll = """
from mslt_core.jobs.store import Store
from mslt_core.ui import frame
frame._queue(Store(), True)
"""
    run(AppTest.from_string(poll))
    assert started == [store.home]


def test_time_left_goes_by_the_pace_of_training_and_not_of_loading(store, started):
    job = fake.running(store, fake.spec(), step=11, total=101)
    os.utime(job.folder, (time.time() - 20, time.time() - 20))
    record = replace(store.ledger.get(job.run_id), started=time.time() - 600)
    assert frame.time_left(store, record) == "3 min"


def test_a_reopened_page_shows_the_run_in_progress_and_can_cancel_it(store, started):
    job = fake.running(store, fake.spec())
    app = open_page("pages/1_Train.py")
    assert "seed 0" in text(app)
    run(app, app.button(key=f"{words.CANCEL}-{job.run_id}").click())
    assert store.ledger.get(job.run_id).cancel_requested


def test_failed_run_tells_why_and_can_be_retried(store, started):
    record = fake.failed(store, fake.spec(), "The memory ran out: take a smaller batch.")
    app = open_page("pages/1_Train.py", watch=record.run_id)
    assert "take a smaller batch" in app.error[0].value
    run(app, app.button(key=f"{words.RETRY}-{record.run_id}").click())
    assert store.ledger.get(record.run_id).state is State.QUEUED


def test_task_without_data_is_a_sentence_and_the_page_goes_on(store, started, monkeypatch):
    class Absent(type(tasks.task("fake"))):
        def __init__(self):
            super().__init__({})

        def languages(self):
            raise WorkFailed("The data set is neither here nor there.")

    monkeypatch.setitem(tasks._TASKS, "fake", Absent)
    app = open_page("pages/1_Train.py")
    assert words.NO_DATA in text(app)
    assert not app.error
    assert words_train.WATCH in text(app)


def test_compare_opens_the_runs_of_the_address(store, started):
    records = fake.comparison(store, seeds=(0,))
    chosen = [records[0].run_id, records[1].run_id]
    app = open_page("pages/2_Compare.py", runs=",".join(chosen), show="gain")
    assert {spec.sources for spec in app.multiselect[0].value} == {
        ("en",),
        ("ar", "de", "zh"),
    }
    assert "Gain over en" in text(app)
    assert set(app.query_params["runs"].split(",")) == set(chosen)


def test_compare_says_that_a_probe_changes_no_embedding(store, started):
    fake.done(store, fake.spec())
    fake.done(store, fake.spec(method="probe"))
    assert "a probe changes no embedding" in text(open_page("pages/2_Compare.py"))


def test_compare_shows_the_table_behind_the_heatmap(store, started):
    fake.comparison(store, seeds=(0,))
    app = open_page("pages/2_Compare.py")
    view = next(group for group in app.button_group if group.key == "view-transfer")
    run(app, view.set_value(words.TABLE))
    table = app.dataframe[0].value
    assert {"configuration", "target", "value", "low", "high", "seeds", "n"} <= set(table.columns)


def test_runs_lists_everything_and_filters_by_state(store, started):
    fake.done(store, fake.spec())
    fake.failed(store, fake.spec(("de",)))
    app = open_page("pages/5_Runs.py")
    assert list(app.dataframe[0].value[words_runs.COLUMNS["state"]]) == ["failed", "done"]
    app = open_page("pages/5_Runs.py", state="done")
    assert list(app.dataframe[0].value[words_runs.COLUMNS["state"]]) == ["done"]


@pytest.mark.parametrize("view", words_runs.DETAIL_VIEWS)
def test_a_selected_run_shows_its_details(store, started, view):
    record = fake.failed(store, fake.spec(), "The memory ran out.")
    app = open_page("pages/5_Runs.py")
    app.session_state[table_key([record])] = {
        "selection": {"rows": [0], "columns": [], "cells": []}
    }
    app.session_state[f"detail-{record.run_id}"] = view
    run(app)
    assert "The memory ran out." in text(app)
    if view == "log":
        assert "MemoryError" in text(app)


def test_a_broken_store_is_a_sentence(store, started):
    (store.home / "ledger.sqlite").write_bytes(b"not a database" * 100)
    app = open_page("app.py")
    assert "cannot be used" in app.error[0].value
