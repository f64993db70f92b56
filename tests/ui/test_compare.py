"""Compare puts side by side only what can be compared, and says what it leaves out."""

import json
import shutil

import pytest

from mslt_core.analysis.stats import seeds_caveat
from mslt_core.analysis.transfer import configuration
from mslt_core.catalog import models
from mslt_core.jobs.ledger import State
from mslt_core.jobs.queries import Repetition
from mslt_core.spec import WorkFailed
from mslt_core.ui import names, sets, words, words_compare
from tests.fakes import FakeTask
from tests.ui import fake_store as fake
from tests.ui.driver import open_page, run, text

COMPARE = "pages/2_Compare.py"


def table(app, view):
    """The table behind a chart."""
    switch = next(group for group in app.button_group if group.key == f"view-{view}")
    run(app, switch.set_value(words.TABLE))
    return app.dataframe[0].value


def panels(app):
    """The names of the map's panels."""
    return [part.value.strip("*") for part in app.markdown if part.value.startswith("**")]


def test_runs_on_other_data_do_not_stand_for_one_configuration(store, started, monkeypatch):
    for seed in (0, 1):
        fake.done(store, fake.spec(seed=seed))
    monkeypatch.setattr(FakeTask, "fingerprint", lambda self, languages: "newer")
    newer = fake.done(store, fake.spec(seed=0))
    assert sets.finished(store).ids(configuration(newer.spec)) == (newer.run_id,)
    app = open_page(COMPARE)
    assert next(iter(app.multiselect[0].options)) == "en (1)"
    assert set(table(app, "transfer")["seeds"]) == {1}


def test_means_of_unequal_targets_are_over_the_common_ones(store, started):
    fake.done(store, fake.spec())
    fake.done(store, fake.spec(("ar", "zh"), targets=("ar", "en", "sw")))
    app = open_page(COMPARE)
    assert words_compare.SHARED.format(count=3) in text(app)
    assert "the mean over all 3 targets is" in text(app)
    assert "en · 9 targets: 3, of which 1 trained on" in text(app)
    means = table(app, "means")
    assert set(means[means["over"] == "all"]["targets"]) == {3}


def test_level_and_gain_of_the_sentence_stand_on_the_same_seeds(store, started):
    english = [fake.done(store, fake.spec(seed=seed)) for seed in (0, 1, 2)]
    three = fake.done(store, fake.spec(("ar", "de", "zh"), seed=1))
    said = text(open_page(COMPARE))
    gain = 100 * (three.mean - english[1].mean)
    assert f"is {100 * three.mean:.1f} %: {gain:+.1f} points against **en**" in said
    assert "1 common seed)" in said


def test_a_baseline_that_nothing_beats_is_said_to_be_best(store, started):
    fake.comparison(store, seeds=(0,))
    best = fake.done(store, fake.spec(fake.TARGETS))
    said = text(open_page(COMPARE, baseline=best.run_id))
    assert f"No other set here beats **{', '.join(fake.TARGETS)}**" in said
    assert words_compare.VERDICT["less"] in said


def test_budgets_that_differ_are_said(store, started):
    fake.done(store, fake.spec())
    fake.done(store, fake.spec(("ar", "de", "zh"), budget=80))
    assert words.BUDGETS_DIFFER in text(open_page(COMPARE))


def test_all_panels_of_the_map_show_the_same_languages(store, started):
    fake.done(store, fake.spec())
    fake.done(store, fake.spec(("ar", "zh"), targets=("ar", "en", "sw")))
    points = table(open_page(COMPARE), "map")
    shown = points.groupby("panel")["language"].agg(set)
    assert len(shown) == 3
    assert all(languages == {"ar", "en", "sw"} for languages in shown)


def test_sets_without_common_targets_are_not_compared(store, started):
    fake.done(store, fake.spec(targets=("ar", "en")))
    fake.done(store, fake.spec(("zh",), targets=("sw", "zh")))
    for show in ("level", "gain"):
        assert words_compare.NOTHING_SHARED in text(open_page(COMPARE, show=show))


def test_equal_targets_need_no_word_about_them(store, started):
    fake.comparison(store, seeds=(0,))
    assert "different languages" not in text(open_page(COMPARE))


def test_a_set_without_a_common_seed_stays_and_the_sentence_says_so(store, started):
    fake.done(store, fake.spec(seed=0))
    fake.done(store, fake.spec(("ar", "zh"), seed=1))
    said = text(open_page(COMPARE, show="gain"))
    assert "No other set has a seed and a target in common with **en** (its seeds: 0)" in said
    assert "Train a second source set" not in said


def test_what_tells_targets_apart_is_the_same_in_the_picker_and_in_the_charts(store, started):
    chosen = [fake.done(store, fake.spec(targets=targets)) for targets in (("ar",), ("de", "fi"))]
    fake.done(store, fake.spec(targets=("sw",)))
    app = open_page(COMPARE, runs=",".join(run.run_id for run in chosen))
    offered = [name.removesuffix(" (1)") for name in app.multiselect[0].options]
    assert len(set(offered)) == 3
    shown = set(table(app, "transfer")["configuration"])
    assert shown == {"en · 1 target", "en · 2 targets"}
    assert all(any(name.startswith(label) for name in offered) for label in shown)


def test_the_caption_says_what_one_seed_covers(store, started):
    fake.comparison(store, seeds=(0,))
    said = text(open_page(COMPARE))
    assert seeds_caveat(1) in said
    assert words.MEANS_SEEDS not in said


@pytest.mark.parametrize("seeds", [1, 3, 4])
def test_the_headline_says_how_little_few_seeds_tell(store, started, seeds):
    for sources in (("en",), ("ar", "zh")):
        for seed in range(seeds):
            fake.done(store, fake.spec(sources, seed=seed))
    (headline,) = (said.value for said in open_page(COMPARE).markdown if "points" in said.value)
    assert (seeds_caveat(1) in headline) == (seeds == 1)
    assert (seeds_caveat(3) in headline) == (seeds == 3)


def test_unseen_targets_are_named_and_are_those_of_no_set(store, started):
    for sources in (("en",), ("ar", "de", "zh")):
        fake.done(store, fake.spec(sources))
    said = text(open_page(COMPARE))
    assert words_compare.MEANS_UNSEEN["some"].format(targets="es, fi, ja, ru, sw") in said
    assert "ar, de, zh: 9, of which 3 trained on" in said
    fake.done(store, fake.spec(("es", "fi", "ja", "ru", "sw")))
    assert words_compare.MEANS_UNSEEN["none"] in text(open_page(COMPARE))


def test_the_table_behind_the_heatmap_has_macro_f1(store, started):
    record = fake.done(store, fake.spec())
    found = table(open_page(COMPARE), "transfer").set_index("target")
    stored = store.scores(record.run_id).query("metric == 'macro_f1'").set_index("target")
    assert found.loc["de", "macro_f1"] == pytest.approx(stored.loc["de", "value"], abs=1e-4)
    assert found.loc["all", "targets"] == 9


def test_the_map_has_a_table(store, started):
    fake.done(store, fake.spec())
    assert {"panel", "language", "x", "y"} <= set(table(open_page(COMPARE), "map").columns)


def test_each_model_has_its_own_panel_before_training(store, started):
    tiny = fake.done(store, fake.spec(model="tiny-random"))
    other = fake.done(store, fake.spec(("ar",), model="random-init"))
    shown = panels(open_page(COMPARE, runs=f"{tiny.run_id},{other.run_id}"))
    assert shown == [
        "Untrained · tiny-random",
        "en · tiny-random",
        "Untrained · random-init",
        "ar · random-init",
    ] or shown == [
        "Untrained · random-init",
        "ar · random-init",
        "Untrained · tiny-random",
        "en · tiny-random",
    ]


def test_only_untrained_controls_are_called_so():
    assert names.before_name("me5-small", alone=True) == "Pretrained"
    assert names.before_name("me5-small", alone=False) == "Pretrained · me5-small"
    assert names.before_name("random-init", alone=True) == "Untrained"
    assert names.before_name("owner/name", alone=True) == "Pretrained"


def test_models_of_other_sizes_are_left_off_the_map_and_named(store, started):
    first = fake.done(store, fake.spec(("ar",), model="random-init"))
    other = fake.done(store, fake.spec(model="tiny-random"), hidden=16)
    app = open_page(COMPARE, runs=f"{first.run_id},{other.run_id}")
    assert panels(app) == ["Untrained · random-init", "ar · random-init"]
    assert words_compare.MAP_OTHER_SPACE.format(configurations="en · tiny-random") in text(app)


def test_damaged_vectors_from_before_training_count_as_absent(store, started):
    record = fake.done(store, fake.spec())
    key = store.run_json(record.run_id)["pretrained"]
    store.pretrained_path(key).write_bytes(b"nothing of use")
    app = open_page(COMPARE)
    assert panels(app) == ["en"]
    assert words_compare.MAP_NO_BEFORE.format(models="tiny-random") in text(app)
    assert store.ledger.get(record.run_id).state is State.DONE


def test_a_cleared_cache_promises_no_retry(store, started):
    record = fake.done(store, fake.spec(method="probe"))
    store.pretrained_path(store.run_json(record.run_id)["pretrained"]).unlink()
    said = text(open_page(COMPARE))
    assert words_compare.MAP_NONE in said
    assert "retry" not in words_compare.MAP_NONE


@pytest.mark.parametrize("broken", ["run.json", "predictions.parquet", "embeddings.safetensors"])
@pytest.mark.parametrize("page", ["app.py", COMPARE])
def test_a_damaged_run_is_left_out_named_and_can_be_retried(store, started, page, broken):
    fake.done(store, fake.spec(("de",)))
    damaged = fake.done(store, fake.spec())
    (store.folder(damaged.run_id) / broken).write_bytes(b"damage")
    app = open_page(page)
    assert not app.error
    assert f"Left out: en with seed 0, {damaged.run_id}" in text(app)
    assert store.ledger.get(damaged.run_id).state is State.FAILED
    assert "Trained on **de**" in text(run(app))


def test_runs_stored_before_there_were_other_answers_are_shown(store, started):
    record = fake.done(store, fake.spec())
    path = store.folder(record.run_id) / "run.json"
    said = json.loads(path.read_text())
    del said["answers"], said["parallel"]
    path.write_text(json.dumps(said))
    assert "Trained on **en**" in text(open_page(COMPARE))


def test_a_missing_run_is_left_out(store, started):
    fake.done(store, fake.spec(("de",)))
    gone = fake.done(store, fake.spec())
    shutil.rmtree(store.folder(gone.run_id))
    assert gone.run_id in text(open_page(COMPARE))
    assert store.ledger.get(gone.run_id).state is State.FAILED


def test_the_four_bit_note_follows_the_weights_and_not_the_name(store, started, monkeypatch):
    fake.done(store, fake.spec())
    assert words_compare.FOUR_BIT not in text(open_page(COMPARE))
    monkeypatch.setattr(models, "fingerprint", lambda card: models.BUNDLED_SHA256)
    fake.done(store, fake.spec(("de",)))
    assert words_compare.FOUR_BIT in text(open_page(COMPARE))
    monkeypatch.setattr(models, "fingerprint", lambda card: "a commit of the hub")
    store.ledger.delete(store.ledger.runs()[0].run_id)
    fake.done(store, fake.spec(("fi",), model="me5-small"))
    assert words_compare.FOUR_BIT not in text(open_page(COMPARE))


def test_what_is_compared_at_first_is_of_the_model_and_the_task_of_the_newest_run(
    store, started, monkeypatch
):
    from mslt_core.catalog import tasks

    monkeypatch.setitem(tasks._TASKS, "other", tasks._TASKS["fake"])
    fake.done(store, fake.spec(("de",), model="random-init", budget=80))
    fake.done(store, fake.spec(("ar",), model="random-init"))
    fake.done(store, fake.spec(("fi",), task="other"))
    fake.done(store, fake.spec(("en",), model="tiny-random"))
    fake.done(store, fake.spec(("zh",), model="random-init"))
    app = open_page(COMPARE)
    shown = set(table(app, "transfer")["configuration"])
    assert shown == {"ar · budget 40", "de · budget 80", "zh · budget 40"}
    assert len(app.multiselect[0].options) == 4  # another model can be added


def test_two_tasks_are_compared_one_at_a_time(store, started, monkeypatch):
    from mslt_core.catalog import tasks

    monkeypatch.setitem(tasks._TASKS, "other", tasks._TASKS["fake"])
    fake.done(store, fake.spec(("de",)))
    fake.done(store, fake.spec(("en",), task="other"))
    app = open_page(COMPARE)
    assert app.multiselect[0].options == ["en (1)"]
    switch = next(group for group in app.button_group if group.key == "task_compared")
    run(app, switch.set_value("fake"))
    assert app.multiselect[0].options == ["de (1)"]
    assert "Trained on **de**" in text(app)


@pytest.mark.parametrize("page", [COMPARE, "pages/5_Runs.py", "app.py"])
def test_finished_runs_are_shown_when_the_data_is_gone(store, started, page, monkeypatch):
    fake.comparison(store, seeds=(0,))

    def gone(*_):
        raise WorkFailed("The data set is neither here nor there.")

    for method in ("languages", "sizes", "fingerprint", "items"):
        monkeypatch.setattr(FakeTask, method, gone)
    app = open_page(page)
    assert not app.error
    assert "neither here nor there" not in text(app)


def test_a_run_whose_seed_was_repeated_counts_once():
    configuration = json.dumps(fake.spec().to_dict())
    again, one = (Repetition(name, configuration, 0, "same") for name in ("again", "one"))
    assert sets.by_configuration([again, one]) == {fake.spec(): ("again",)}
