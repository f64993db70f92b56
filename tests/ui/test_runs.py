"""The Runs page acts on what is selected, and says what it cannot do."""

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from mslt_core.jobs import queries
from mslt_core.jobs.ledger import State
from mslt_core.spec import WorkFailed
from mslt_core.ui import words, words_runs
from mslt_core.ui.runs import table_key
from tests.ui import fake_store as fake
from tests.ui.driver import button, open_page, run, select, text

RUNS = "pages/5_Runs.py"


def selected(store, *run_ids):
    """The Runs page with these runs selected."""
    shown = store.ledger.runs()
    app = open_page(RUNS)
    rows = [i for i, record in enumerate(shown) if record.run_id in run_ids]
    select(app, table_key(shown), *rows)
    return run(app)


def state(store, record):
    return store.ledger.get(record.run_id).state


def test_cancel_cancels_all_that_are_selected(store, started):
    records = [fake.queued(store, fake.spec(seed=seed)) for seed in (0, 1, 2)]
    app = selected(store, records[0].run_id, records[1].run_id)
    run(app, button(app, words.CANCEL).click())
    states = [state(store, record) for record in records]
    assert states == [State.CANCELLED, State.CANCELLED, State.QUEUED]


def test_retry_queues_again_and_starts_a_worker(store, started):
    record = fake.failed(store, fake.spec())
    app = selected(store, record.run_id)
    assert not started
    run(app, button(app, words.RETRY).click())
    assert state(store, record) is State.QUEUED
    assert started


def test_run_first_changes_the_turns(store, started):
    records = [fake.queued(store, fake.spec(seed=seed)) for seed in (0, 1, 2, 3)]
    app = selected(store, records[2].run_id, records[3].run_id)
    run(app, button(app, words_runs.RUN_FIRST).click())
    turns = app.dataframe[0].value.set_index(words_runs.COLUMNS["seed"])[words_runs.COLUMNS["time"]]
    assert turns.to_dict() == {2: "turn 1", 3: "turn 2", 0: "turn 3", 1: "turn 4"}
    assert store.ledger.claim("w", 1, 1.0).spec.seed == 2


def test_actions_are_offered_only_where_they_fit(store, started):
    record = fake.done(store, fake.spec())
    app = selected(store, record.run_id)
    for label in (words.CANCEL, words.RETRY, words_runs.RUN_FIRST):
        assert button(app, label).disabled
    assert not button(app, words.DELETE).disabled


def test_delete_asks_first(store, started):
    record = fake.done(store, fake.spec())
    app = selected(store, record.run_id)
    run(app, button(app, words.DELETE).click())
    assert "Delete 1 run with all results?" in text(app)
    assert state(store, record) is State.DONE


def dialog(record):
    """The dialog alone, as Streamlit runs it once it is open."""
    script = f"""
from mslt_core.jobs.store import Store
from mslt_core.ui import runs
store = Store()
record = store.ledger.get({record.run_id!r})
if record:
    runs._confirm_delete(store, [record])
"""
    return run(AppTest.from_string(script))


def test_delete_removes_run_and_results(store, started):
    record = fake.done(store, fake.spec())
    app = dialog(record)
    run(app, button(app, words.DELETE_YES).click())
    assert store.ledger.get(record.run_id) is None
    assert not store.folder(record.run_id).exists()


def test_a_run_that_starts_before_it_is_deleted_is_a_sentence(store, started):
    record = fake.queued(store, fake.spec())
    app = dialog(record)
    store.ledger.claim("w", 1, 1.0)
    run(app, button(app, words.DELETE_YES).click())
    assert "is running: cancel it before you delete it" in app.error[0].value


@pytest.mark.parametrize("action", [words.CANCEL, words.RETRY])
def test_a_run_deleted_in_another_tab_is_a_sentence(store, started, monkeypatch, action):
    make = fake.queued if action == words.CANCEL else fake.failed
    fake.done(store, fake.spec(("de",)))
    record = make(store, fake.spec())
    app = selected(store, record.run_id)
    before = store.ledger.runs()
    monkeypatch.setattr(queries, "listed", lambda *_, **__: before)
    store.ledger.delete(record.run_id)
    run(app, button(app, action).click())
    assert record.run_id in "".join(error.value for error in app.error)


def test_a_done_run_whose_folder_is_gone_can_be_retried(store, started):
    record = fake.done(store, fake.spec())
    shutil.rmtree(store.folder(record.run_id))
    app = open_page(RUNS)
    assert list(app.dataframe[0].value[words_runs.COLUMNS["state"]]) == ["failed"]
    app = selected(store, record.run_id)
    assert not button(app, words.RETRY).disabled


def test_the_loss_has_a_table(store, started):
    record = fake.done(store, fake.spec())
    app = selected(store, record.run_id)
    view = next(g for g in app.button_group if g.key == f"view-loss-{record.run_id}")
    run(app, view.set_value(words.TABLE))
    assert list(app.dataframe[1].value.columns) == ["step", "loss", "tokens_per_second"]
    assert len(app.dataframe[1].value) == 40


def test_an_unreachable_ledger_in_a_live_part_is_a_sentence(store, started, monkeypatch):
    fake.queued(store, fake.spec())

    def broken(home):
        raise WorkFailed("The store cannot be written to.")

    monkeypatch.setattr("mslt_core.jobs.worker.ensure_worker", broken)
    assert "cannot be written to" in open_page(RUNS).error[0].value
