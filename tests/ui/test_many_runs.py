"""The pages of a large store: what they read does not grow with it, and what is new is noticed."""

import shutil
from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from mslt_core.analysis.transfer import configuration
from mslt_core.jobs.ledger import State
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.ui import mixing_transfer, panels, runs, selection, sets, words, words_runs
from tests.ui import fake_mixing
from tests.ui import fake_store as fake
from tests.ui.driver import button, open_page, run, select, text

RUNS, COMPARE, TRAIN = "pages/5_Runs.py", "pages/2_Compare.py", "pages/1_Train.py"
SOURCES = list(combinations(fake.TARGETS, 3))


def copies(store, record, numbers, **fields):
    """More finished runs, with files: each of other sources, or what `fields` say."""
    for number in numbers:
        run_id = f"{number:016x}"
        spec = replace(record.spec, **{"sources": SOURCES[number], **fields})
        shutil.copytree(store.folder(record.run_id), store.folder(run_id))
        store.ledger.record_done(run_id, spec, number / 100)


def specs(store):
    return [record.spec for record in store.ledger.runs()]


def options(app):
    return app.multiselect[0].options


def column(app, name):
    return list(app.dataframe[0].value[words_runs.COLUMNS[name]])


@pytest.fixture
def read(monkeypatch):
    """How often specs were read from the ledger, and results or folders from the disk."""
    counts = Counter()

    def count(what, owner, name):
        original = getattr(owner, name)

        def call(*arguments, **named):
            counts[what] += 1
            return original(*arguments, **named)

        monkeypatch.setattr(owner, name, call)

    count("specs", RunSpec, "from_dict")
    for name in ("run_json", "table", "arrays", "reconcile"):
        count("files", Store, name)
    return counts


@pytest.mark.parametrize("page", ["app.py", TRAIN, COMPARE, RUNS, "pages/6_Data.py"])
def test_a_rerun_reads_no_more_of_a_larger_store(store, started, read, page, monkeypatch):
    monkeypatch.setattr(runs, "PAGE_ROWS", 5)
    record = fake.done(store, fake.spec())
    found = []
    for numbers in (range(8), range(8, 40)):
        copies(store, record, numbers)
        app = open_page(page)
        read.clear()
        run(app)
        found.append((read["specs"], read["files"]))
    assert found[0] == found[1]
    assert found[1][1] == 0


def test_a_first_draw_reads_only_the_files_that_it_shows(store, started, read, monkeypatch):
    monkeypatch.setattr(mixing_transfer, "MOST", 5)  # which shows measured runs of all sets
    record = fake.done(store, fake.spec(), mixing=fake_mixing.mixing(("en",)))
    found = []
    for numbers, new in ((range(9), 9), (range(10, 30), 30)):
        copies(store, record, numbers)
        sets.finished(store)  # what the runs stand on is read once, and kept in the ledger
        open_page(COMPARE)
        read.clear()
        copies(store, record, range(new, new + 1))
        open_page(COMPARE)
        found.append(read["files"])
    assert 0 < found[0] < 20  # those of the new run and of what stands beside it
    assert found[0] == found[1]  # however many there are


def test_compare_notices_what_became_of_runs(store, started):
    first, second = (fake.done(store, fake.spec(sources)) for sources in (("de",), ("fi",)))
    app = open_page(COMPARE)
    assert options(app) == ["fi (1)", "de (1)"]
    fake.done(store, fake.spec(("de",), seed=1))
    fake.done(store, fake.spec(("zh",)))
    assert options(run(app)) == ["zh (1)", "de (2)", "fi (1)"]
    store.delete(second.run_id)
    assert options(run(app)) == ["zh (1)", "de (2)"]
    store.ledger.record_broken(first.run_id, "Its folder is gone.")
    assert options(run(app)) == ["zh (1)", "de (1)"]


def test_the_folders_are_looked_at_again_when_they_or_the_ledger_changed(store, started, read):
    record = fake.done(store, fake.spec())
    app = open_page(RUNS)
    read.clear()
    run(app)
    assert not read["files"]
    shutil.rmtree(store.folder(record.run_id))
    run(app)
    assert column(app, "state") == ["failed"]


def compare_two_settings(store, monkeypatch):
    """Compare on seven source sets of two settings, which are many here; and one of the runs."""
    monkeypatch.setattr(selection, "MANY", 5)
    record = fake.done(store, fake.spec())
    copies(store, record, range(3))
    copies(store, record, range(3, 6), budget=80)
    return open_page(COMPARE), record


def test_many_settings_are_offered_one_at_a_time(store, started, monkeypatch):
    app, _ = compare_two_settings(store, monkeypatch)
    chosen = app.multiselect[0].value
    assert len(options(app)) == 4  # all settings are shown first: the newest of them
    settings = app.selectbox(key="settings")
    assert settings.options == ["budget 80", "budget 40", "All settings (7 source sets)"]
    run(app, settings.select_index(1))
    assert app.multiselect[0].value == chosen
    assert len(options(app)) == 4 + 3
    assert all("budget" in name for name in options(app))
    run(app, app.multiselect[0].set_value(app.multiselect[0].value[:1]))
    run(app, app.selectbox(key="settings").select_index(2))
    assert len(options(app)) == 7


def test_no_pick_is_lost_where_the_names_change(store, started, monkeypatch):
    app, record = compare_two_settings(store, monkeypatch)
    mine = configuration(record.spec)
    run(app, app.selectbox(key="settings").select_index(1))
    run(app, app.multiselect[0].set_value([mine]))
    other = next(spec for spec in map(configuration, specs(store)) if spec.sources == SOURCES[0])
    run(app, app.multiselect[0].set_value([mine, other]))  # by now no budget needs to be named
    assert app.multiselect[0].value == [mine, other]
    assert options(app)[0].endswith("(1)")
    assert "budget" not in "".join(options(app))


def test_a_link_is_followed_also_by_who_has_picked_before(store, started):
    first, second = (fake.done(store, fake.spec(sources)) for sources in (("de",), ("fi",)))
    app = open_page(COMPARE, runs=first.run_id)
    app.switch_page(RUNS)
    run(app)
    app.switch_page(COMPARE)
    app.query_params["runs"] = second.run_id
    run(app)
    assert app.multiselect[0].value == [configuration(second.spec)]


def test_a_link_opens_runs_of_any_settings(store, started, monkeypatch):
    monkeypatch.setattr(selection, "MANY", 2)
    record = fake.done(store, fake.spec())
    copies(store, record, range(3), budget=80)
    app = open_page(COMPARE, runs=record.run_id)
    assert app.multiselect[0].value == [configuration(record.spec)]
    assert options(app) == ["en (1)"]


def test_runs_are_shown_by_the_page_and_in_order(store, started, monkeypatch):
    monkeypatch.setattr(runs, "PAGE_ROWS", 4)
    record = fake.done(store, fake.spec())
    copies(store, record, range(9))
    app = open_page(RUNS)
    assert column(app, "run") == [f"{number:016x}" for number in (8, 7, 6, 5)]
    app = open_page(RUNS, page="3")
    assert column(app, "run") == [f"{0:016x}", record.run_id]
    run(app, app.selectbox(key="order").set_value("best"))
    assert column(app, "run")[:2] == [record.run_id, f"{8:016x}"]
    assert "page" not in app.query_params
    assert app.query_params["order"] == "best"


def test_runs_are_found_by_a_search(store, started):
    fake.done(store, fake.spec())
    fake.failed(store, fake.spec(("ar", "sw")))
    app = open_page(RUNS, find_run="sw finetune")
    assert column(app, "sources") == ["ar, sw"]
    assert "failed 1" in app.button_group[0].options[3]
    run(app, app.text_input(key="find_run").set_value("nothing"))
    assert words_runs.RUNS_NONE_LEFT in text(app)


def test_all_pages_can_be_selected_at_once(store, started, monkeypatch):
    monkeypatch.setattr(runs, "PAGE_ROWS", 2)
    failed = [fake.failed(store, fake.spec(seed=seed)) for seed in range(5)]
    fake.done(store, fake.spec(("de",)))
    app = open_page(RUNS, state="failed")
    run(app, app.checkbox[0].check())
    run(app, button(app, words.RETRY).click())
    assert {store.ledger.get(run.run_id).state for run in failed} == {State.QUEUED}


def test_a_long_selection_is_too_much_for_a_comparison(store, started, monkeypatch):
    monkeypatch.setattr(runs, "MOST_COMPARED", 2)
    for seed in range(3):
        fake.done(store, fake.spec(seed=seed))
    shown = store.ledger.runs()
    app = open_page(RUNS)
    for rows, disabled in (((0, 1), False), ((0, 1, 2), True), ((), True)):
        select(app, runs.table_key(shown), *rows)
        run(app)
        (link,) = (
            found for found in app.get("page_link") if found.proto.label == "Open in Compare"
        )
        assert link.proto.disabled is disabled


def test_progress_is_shown_of_the_first_runs_under_way(store, started, monkeypatch):
    monkeypatch.setattr(panels, "WATCHED", 4)
    ended = [fake.failed(store, fake.spec(seed=seed)) for seed in range(3)]
    waiting = [fake.queued(store, fake.spec(("de",), seed=seed)) for seed in range(9)]
    mine = waiting[-1].run_id
    app = open_page(TRAIN, watch=",".join([*(run.run_id for run in ended), mine]))
    watched = app.query_params["watch"].split(",")
    assert watched == [ended[2].run_id, waiting[0].run_id, waiting[1].run_id, mine]
