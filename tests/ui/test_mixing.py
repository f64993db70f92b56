"""The panel shows what was measured, and says no more than the intervals do."""

import json
from dataclasses import asdict

import pandas as pd
import pytest

from mslt_core.analysis.mixing import METRICS, summary
from mslt_core.analysis.stats import seeds_caveat
from mslt_core.catalog.map_sentences import of_messages
from mslt_core.jobs.ledger import State
from mslt_core.jobs.store import Store
from mslt_core.spec import WorkFailed
from mslt_core.ui import mixing_chart, words, words_mixing
from mslt_core.ui.columns import BEFORE_LOOK, looks_of
from mslt_core.ui.measured_sets import CHANGES, Comparison
from mslt_core.ui.mixing_sentence import number, sentence, span
from tests.ui import fake_store as fake
from tests.ui.driver import open_page, run, text
from tests.ui.fake_mixing import LANGUAGES, measured, mixing

COMPARE = "pages/2_Compare.py"
UP, DOWN, UNCLEAR = (0.3, 0.1, 0.5), (-0.3, -0.5, -0.1), (0.1, -0.1, 0.3)


@pytest.fixture
def known(store, started, monkeypatch):
    """What runs were measured, by id, to be filled."""
    found = {}
    monkeypatch.setattr(Store, "mixing", lambda self, run_id: found.get(run_id))
    return found


def trained(store, known, sources, apart=0.3, seed=0, fields=None, **more):
    """A run that was measured: how far apart languages are after it, and what else is told."""
    spec = fake.spec(sources, seed=seed, **{"targets": LANGUAGES, **(fields or {})})
    record = fake.done(store, spec)
    known[record.run_id] = mixing(sources, apart, seed, **more)
    return record


def says(store, run_id, **said):
    """Lets a run say of its measuring what it would."""
    path = store.folder(run_id) / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "mixing": said}))


def values(app):
    """The table of all values, by model and measure."""
    columns = words_mixing.MIX_COLUMNS
    table = next(found.value for found in app.dataframe if columns["null"] in found.value)
    return table.set_index([columns["column"], columns["metric"]])


def changed(app):
    """The table of changes, by measure."""
    return next(found.value for found in app.dataframe if found.value.index.name == "Measure")


# The page ------------------------------------------------------------------------------------


def test_the_table_holds_what_was_measured(store, known):
    made = trained(store, known, ("en",))
    app = open_page(COMPARE)
    table = values(app)
    assert list(dict.fromkeys(table.index.get_level_values(0))) == ["Untrained", "en"]
    spaces = {"Untrained": known[made.run_id].before, "en": known[made.run_id].after}
    for column, space in spaces.items():
        for row in summary(space).query("subset == 'all'").itertuples():
            shown = table.loc[(column, words_mixing.MIX_METRICS[row.metric])]
            ends = (shown["Value"], shown["Low"], shown["High"])
            assert ends == pytest.approx((row.value, row.low, row.high), abs=1e-4)
    said = text(app)
    assert "After training on **en**, languages mix more than before it" in said
    for metric in METRICS:
        assert words_mixing.MIX_METRICS[metric.key] in said
    assert "Not measured" not in said


def test_two_sets_are_compared_with_each_other(store, known):
    trained(store, known, ("en",), 1.0)
    trained(store, known, ("ar", "de", "zh"), 0.2)
    app = open_page(COMPARE)
    assert (
        "After training on **ar, de, zh**, languages mix more than after training on **en**"
        in text(app)
    )
    table = changed(app)
    assert list(table.columns) == [
        "Untrained → en",
        "Untrained → ar, de, zh",
        "en → ar, de, zh",
    ]
    assert table.loc["Language-ID accuracy", "en → ar, de, zh"].startswith("more mixed: −")


def test_of_three_sets_the_baseline_is_compared_with_the_one_of_most_languages(store, known):
    ar = trained(store, known, ("ar",))
    trained(store, known, ("en",))
    trained(store, known, ("ar", "de"), 0.05)
    app = open_page(COMPARE)
    step = words_mixing.MIX_STEP.format
    assert step(before="en", after="ar, de") in changed(app).columns
    run(app, app.selectbox(key="baseline").set_value(ar.run_id))
    assert step(before="ar", after="ar, de") in changed(app).columns


def test_seeds_are_taken_together_and_few_of_them_are_said_and_shown(store, known, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        mixing_chart,
        "rows",
        lambda marks, points, rows=mixing_chart.rows: (
            drawn.append(rows(marks, points)) or drawn[-1]
        ),
    )
    for seed in (0, 1, 2):
        trained(store, known, ("en",), seed=seed)
    trained(store, known, ("ar", "zh"), seed=1)
    app = open_page(COMPARE)
    table = values(app)
    probe = [measured(0.3, ("en",), seed).estimates["all", "language_probe"] for seed in range(3)]
    shown = table.loc[("en", "Language-ID accuracy")]
    assert shown["Value"] == pytest.approx(sum(one.value for one in probe) / 3, abs=1e-4)
    assert (shown["Seeds"], table.loc[("ar, zh", "Anisotropy"), "Seeds"]) == (3, 1)
    assert words.MEANS_FEW in text(app)
    # A tick for each seed of the set that has few; one seed alone is its own mean.
    assert set(drawn[0]["column"][drawn[0]["seed"].notna()]) == {"en"}
    # The two sets have one seed in common, and so has the sentence.
    assert seeds_caveat(1) in text(app)


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        ("older", {}),
        ("probe", {"method": "probe"}),
        ("few", {"targets": ("en",)}),
    ],
)
def test_sets_that_were_not_measured_are_named_with_the_reason(store, known, reason, fields):
    fake.done(store, fake.spec(("en",), **fields))
    said = text(open_page(COMPARE))
    assert words_mixing.MIXING in said
    assert "Not measured: en: " in said
    assert f"en: {words_mixing.MIX_WHY[reason]}" in said


def test_sentences_without_translations_are_named_as_the_reason(store, known, monkeypatch):
    from mslt_core.ui import mixing_runs

    monkeypatch.setattr(mixing_runs, "translated", lambda store, run: False)
    fake.done(store, fake.spec(("en",)))
    assert f"en: {words_mixing.MIX_WHY['unpaired']}" in text(open_page(COMPARE))


def on_messages(store, run_id, languages=LANGUAGES):
    """Lets a run say that it shows messages instead of its task's sentences."""
    told = of_messages(languages).told()
    path = store.folder(run_id) / "run.json"
    said = {**json.loads(path.read_text()), "parallel": False, "sentences": asdict(told)}
    path.write_text(json.dumps(said))


def test_what_was_measured_on_messages_says_so(store, known):
    run_id = trained(store, known, ("en",), labelled=False).run_id
    on_messages(store, run_id)
    said = text(open_page(COMPARE))
    assert words_mixing.MIX_MESSAGES.format(number=30, without="") in said
    assert "classes separate" not in said
    assert words_mixing.MIX_MESSAGES_LACKING.format(languages="zh") not in said
    other = trained(store, known, ("de",), languages=("ar", "de", "en"), labelled=False).run_id
    on_messages(store, other, ("ar", "de", "en"))
    trained(store, known, ("ar",))
    said = text(open_page(COMPARE))
    without = words_mixing.MIX_MESSAGES_LACKING.format(languages="zh")
    assert f"de: {words_mixing.MIX_MESSAGES.format(number=30, without=without)}" in said
    assert f"en: {words_mixing.MIX_MESSAGES.format(number=30, without='')}" in said


def test_a_run_from_before_there_were_messages_can_be_trained_again(store, known):
    run_id = fake.done(store, fake.spec(("en",))).run_id
    path = store.folder(run_id) / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "parallel": False}))
    says(store, run_id, basis="", missing="The items of fake are not translations.")
    assert f"en: {words_mixing.MIX_WHY['older']}" in text(open_page(COMPARE))


def test_a_run_that_says_itself_why_it_was_not_measured_is_quoted(store, known):
    run_id = fake.done(store, fake.spec(("en",))).run_id
    says(store, run_id, basis="", missing="Measuring failed ({}); the run's log has more.")
    said = text(open_page(COMPARE))
    assert "Not measured: en: Measuring failed ({}); the run's log has more." in said


def test_sets_measured_in_two_ways_are_not_compared(store, known):
    for sources, basis in ((("en",), "old"), (("ar", "zh"), "new")):
        says(store, trained(store, known, sources).run_id, basis=basis, missing="")
    said = text(open_page(COMPARE))
    assert words_mixing.MIX_OTHER_SENTENCES.format(before="en", after="ar, zh") in said


def test_seeds_measured_in_two_ways_are_not_averaged(store, known):
    for seed, basis in enumerate(("old", "new")):
        run_id = trained(store, known, ("en",), seed=seed).run_id
        says(store, run_id, basis=basis, missing="")
    app = open_page(COMPARE)
    assert values(app).loc[("en", "Anisotropy"), "Seeds"] == 1
    assert f"en with seed 0: {words_mixing.MIX_WHY['older']}" in text(app)


def test_seeds_that_were_not_measured_are_named_and_the_others_shown(store, known):
    trained(store, known, ("en",), seed=0)
    fake.done(store, fake.spec(("en",), seed=1, targets=LANGUAGES))
    fake.done(store, fake.spec(("de",), targets=LANGUAGES))
    app = open_page(COMPARE)
    assert "Not measured: de; en with seed 1: stored before" in text(app)
    assert values(app).loc[("en", "Anisotropy"), "Seeds"] == 1


def test_a_run_that_was_trained_again_is_measured(store, known):
    run_id = fake.done(store, fake.spec(targets=LANGUAGES)).run_id
    assert "Not measured: en" in text(open_page(COMPARE))
    store.delete(run_id)
    assert trained(store, known, ("en",), 1.0).run_id == run_id
    says(store, run_id, basis="new", missing="")
    other = trained(store, known, ("ar", "zh")).run_id
    says(store, other, basis="new", missing="")
    said = text(open_page(COMPARE))
    assert "Not measured" not in said
    assert "than after training on **en**" in said


def test_a_damaged_measurement_leaves_the_run_out(store, known, monkeypatch):
    record = trained(store, known, ("en",))
    trained(store, known, ("de",))

    def read(self, run_id):
        if run_id == record.run_id:
            (store.folder(run_id) / "scores.parquet").write_bytes(b"damage")
            raise WorkFailed("It is broken.")
        return known[run_id]

    monkeypatch.setattr(Store, "mixing", read)
    app = open_page(COMPARE)
    assert not app.error
    assert f"Left out: en with seed 0, {record.run_id}" in text(app)
    assert "Not measured" not in text(app)
    assert store.ledger.get(record.run_id).state is State.FAILED


def test_a_collapse_is_warned_of(store, known):
    trained(store, known, ("en",), apart=0.0, classes=0.0)
    said = text(open_page(COMPARE))
    assert "the space may have collapsed rather than mixed" in said


def test_sets_of_other_sources_have_each_their_own_column_before_training(store, known):
    trained(store, known, ("ar", "de"), 0.5)
    trained(store, known, ("de", "zh"), 0.2)
    app = open_page(COMPARE)
    assert words_mixing.MIX_OTHER_SEEN not in text(app)
    app = open_page(COMPARE, mix_over="seen")
    assert words_mixing.MIX_OTHER_SEEN in text(app)
    assert list(dict.fromkeys(values(app).index.get_level_values(0))) == [
        "Untrained, for ar, de",
        "ar, de",
        "Untrained, for de, zh",
        "de, zh",
    ]
    # The two are not compared with each other: what was trained on is not the same.
    assert "than before it" in text(app)
    assert set(changed(app)["ar, de → de, zh"]) == {words.MIX_NONE}


def test_one_language_alone_cannot_mix_and_the_page_says_so(store, known):
    trained(store, known, ("en",))
    app = open_page(COMPARE, mix_over="seen")
    said = text(app)
    assert "No value over these languages: Untrained; en." in said
    assert "mix more" not in said
    assert words_mixing.MIX_UNDEFINED not in said


def test_the_choice_of_languages_is_kept_in_the_address(store, known):
    trained(store, known, ("ar", "de"))
    app = open_page(COMPARE)
    assert "mix_over" not in app.query_params
    switch = next(group for group in app.button_group if group.key == "mix_over")
    run(app, switch.set_value("unseen"))
    assert app.query_params["mix_over"] == "unseen"
    assert "the languages not trained on mix more" in text(app)
    assert "languages mix more" in text(open_page(COMPARE, mix_over="nonsense"))


def test_sets_without_a_common_seed_are_compared_with_the_pretrained_model(store, known):
    trained(store, known, ("en",), seed=0)
    trained(store, known, ("ar", "zh"), seed=1)
    said = text(open_page(COMPARE))
    assert words_mixing.MIX_NO_COMMON_SEED.format(before="en", after="ar, zh") in said
    assert "After training on **en**, languages mix more than before it" in said


def test_sets_on_other_languages_are_not_compared(store, known):
    trained(store, known, ("en",))
    fewer = ("ar", "en", "zh")
    trained(store, known, ("ar", "zh"), fields={"targets": fewer}, languages=fewer)
    app = open_page(COMPARE)
    names = list(dict.fromkeys(values(app).index.get_level_values(0)))
    assert names[0].startswith("Untrained, for en")
    assert names[2].startswith("Untrained, for ar, zh")
    assert "were not measured on the same sentences" in text(app)


def test_without_classes_the_control_says_so(store, known):
    trained(store, known, ("en",), labelled=False)
    said = text(open_page(COMPARE))
    assert words_mixing.MIX_UNDEFINED in said
    assert "classes separate" not in said


def test_nothing_is_measured_or_read_again_when_the_page_is_drawn_anew(store, known, monkeypatch):
    trained(store, known, ("en",))
    app = open_page(COMPARE)

    def never(*_):
        raise AssertionError("read again")

    monkeypatch.setattr(Store, "mixing", never)
    assert "mix more" in text(run(app))


# The sentence --------------------------------------------------------------------------------


def comparison(training=False, seeds=5, budgets_differ=False, **changes):
    """From one to another, with the changes told and unclear ones of all other measures."""
    rows = [
        ("all", metric.key, 0.5, 0.5 + change[0], *change)
        for metric in METRICS
        for change in [changes.get(metric.key, UNCLEAR)]
        if change
    ]
    table = pd.DataFrame(rows, columns=CHANGES)
    return Comparison("en", "ar, zh", training, seeds, budgets_differ, table)


MORE = {"language_probe": DOWN, "neighbour_mixing": UP, "language_silhouette": DOWN}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            comparison(**MORE),
            "After training on **ar, zh**, languages mix more than after training on **en** "
            "(3 of 4 measures, such as language-ID accuracy 0.500 → 0.200, change −0.300, 95 % "
            "interval −0.500 to −0.100); there is no clear difference in how translations align; "
            "there is no clear difference in how classes separate.",
        ),
        (
            comparison(training=True, language_probe=UP, centroid_distance=UP),
            "After training on **ar, zh**, languages mix less than before it (2 of 4 measures, "
            "such as language-ID accuracy 0.500 → 0.800, change +0.300",
        ),
        (
            comparison(),
            "There is no clear difference in how languages mix after training on **en** and on "
            "**ar, zh** (0 of 4 measures say more for the second, 0 less)",
        ),
        (
            comparison(training=True, language_probe=DOWN, centroid_distance=UP),
            "There is no clear difference in how languages mix before and after training on "
            "**ar, zh** (1 of 4 measures say more, 1 less)",
        ),
        (comparison(retrieval=UP), "translations align better (translations retrieved 0.500 → 0.8"),
        (comparison(debiased_cka=DOWN), "translations align less well (debiased CKA 0.500 → 0.2"),
        (comparison(label_silhouette=UP), "classes separate more (silhouette by class 0.500 →"),
        (comparison(label_silhouette=DOWN), "; classes separate less (silhouette by class 0.500"),
        (
            comparison(**MORE, label_silhouette=DOWN),
            "; but classes separate less too (silhouette by class 0.500 → 0.200, change −0.300, "
            "95 % interval −0.500 to −0.100), so the space may have collapsed rather than mixed",
        ),
        (
            comparison(**MORE, label_silhouette=UP, effective_rank=DOWN),
            "classes separate more (silhouette by class 0.500 → 0.800, change +0.300, 95 % "
            "interval +0.100 to +0.500); but sentences fill fewer directions (effective rank "
            "0.500 → 0.200, change −0.300, 95 % interval −0.500 to −0.100), so the space may have",
        ),
        (
            comparison(**MORE, label_silhouette=None, effective_rank=DOWN, anisotropy=UP),
            "−0.100), vectors are more alike (anisotropy 0.500 → 0.800, change +0.300, 95 % "
            "interval +0.100 to +0.500), so the space may have collapsed rather than mixed.",
        ),
        (comparison(**MORE, label_silhouette=None), words_mixing.MIX_CLASSES_UNKNOWN),
        (comparison(seeds=1), seeds_caveat(1)),
        (comparison(seeds=3), seeds_caveat(3)),
        (comparison(budgets_differ=True), words.BUDGETS_DIFFER),
    ],
)
def test_the_sentence(found, said):
    assert said in sentence(found, "all")


def test_the_sentence_claims_nothing_that_was_not_measured():
    assert sentence(comparison(**{metric.key: None for metric in METRICS}), "all") == ""
    assert sentence(comparison(), "seen") == ""
    assert "classes" not in sentence(comparison(label_silhouette=None), "all")
    said = sentence(comparison(retrieval=None, debiased_cka=None), "all")
    assert "translations" not in said
    assert "seeds" not in sentence(comparison(seeds=4), "all")


@pytest.mark.parametrize(
    ("value", "signed", "said"),
    [
        (0.71, False, "0.710"),
        (-0.0451, True, "−0.045"),
        (45.28, False, "45.3"),
        (3, True, "+3.000"),
        (0.00031, True, "+0.0003"),
        (-1e-9, True, "0"),
    ],
)
def test_numbers(value, signed, said):
    assert number(value, signed) == said


def test_what_is_missing_is_a_dash():
    assert number(float("nan")) == span(float("nan"), float("nan")) == words.MIX_NONE


# The chart -----------------------------------------------------------------------------------


def test_models_before_training_are_grey_and_sets_differ_in_colour_or_shape():
    looked = {"Untrained": BEFORE_LOOK, **looks_of(f"set {i}" for i in range(20))}
    layer = mixing_chart.drawing(looked)["layer"][-2]["encoding"]
    assert layer["color"]["scale"]["domain"] == list(looked)
    looks = list(
        zip(layer["color"]["scale"]["range"], layer["shape"]["scale"]["range"], strict=True)
    )
    assert looks[0] == (mixing_chart.MISSING, "diamond")
    assert len(set(looks)) == 21


def test_long_names_stand_in_two_lines_and_end_in_dots():
    name = ", ".join(LANGUAGES * 6)
    spec = mixing_chart.drawing(looks_of(["en", name]))
    assert "…" in spec["layer"][0]["encoding"]["y"]["axis"]["labelExpr"]
    assert spec["height"]["step"] > mixing_chart.ROW


def test_the_drawing_has_no_data_of_its_own_so_that_all_measures_can_share_it():
    spec = mixing_chart.drawing(looks_of(["en"]))
    assert not [part for part in (spec, *spec["layer"]) if "data" in part]
