"""Every task with two kinds of models, and every kind of model with every kind of task: one step of
training, scores and a stored run; and the place of each kind of task in Compare. The data is made
here, a few items a language, in the layout that each task reads."""

import pytest
import streamlit as st

from mslt_core.catalog import map_sentences, parallel
from mslt_core.catalog.resolve import resolve
from mslt_core.catalog.tasks import task
from mslt_core.cli.data import OwnData
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument, RunSpec
from mslt_core.training.execute import Executor
from mslt_core.ui import words
from tests import small_data
from tests.executed import finished
from tests.training.kinds import save
from tests.ui.driver import open_page, run

MODELS = {
    "tiny-random": {},
    "xlm-roberta": {},
    "deberta": {},
    "llama": {"lora_rank": 2},
}
PAIRS = {
    "intents": ("tiny-random", "llama"),
    "sib200": ("xlm-roberta", "llama"),
    "pud-pos": ("tiny-random", "deberta"),
    "xnli": ("tiny-random", "llama"),
    "paws-x": ("xlm-roberta", "deberta"),
    "wikiann": ("xlm-roberta", "deberta"),
    "massive": ("tiny-random", "deberta"),
    "files:reviews": ("deberta", "llama"),
    "files:names": ("tiny-random", "xlm-roberta"),
}
CELLS = [(kind, name) for name, kinds in PAIRS.items() for kind in kinds]
OF_WORDS = ("pud-pos", "wikiann", "files:names")
# Sentences, translated or not, words, pairs, entities, and data of one's own.
KINDS = ("intents", "sib200", "pud-pos", "paws-x", "wikiann", "files:reviews")


@pytest.fixture(scope="module")
def place(tmp_path_factory, intents_cache, one_tokenizer):
    """A store, the data of every task, and a folder with models."""
    root = tmp_path_factory.mktemp("every-task")
    small_data.write(root / "datasets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSLT_HOME", str(root / "home"))
        patch.setenv("MSLT_DATASETS", str(root / "datasets"))
        patch.setattr(parallel, "MOST", 12)  # as many as these tasks have sentences
        patch.setattr(map_sentences, "FEWEST_MESSAGES", 12)
        (root / "home" / "cache").mkdir(parents=True)
        (root / "home" / "cache" / "intents").symlink_to(intents_cache)
        for name in (name for name in PAIRS if name.startswith("files:")):
            own = OwnData(str(root / "datasets" / f"{name.removeprefix('files:')}.jsonl"))
            assert own.add(own.checked()) == name
        for kind in set(MODELS) - {"tiny-random"}:
            save(kind, root / kind)
        yield root


@pytest.fixture(scope="module")
def executor(place):
    return Executor(Store(place / "home"))


def spec(place, kind, name):
    model = kind if kind == "tiny-random" else str(place / kind)
    return RunSpec(
        model, name, ("en",), ("de", "en"), budget=8, epochs=1, max_length=32, **MODELS[kind]
    )


@pytest.mark.parametrize(("kind", "name"), CELLS)
def test_it_trains_a_step_is_scored_and_stored(place, executor, kind, name):
    chosen = spec(place, kind, name)
    store, run_id = executor.store, finished(executor, resolve(chosen))
    assert len(store.history(run_id)) == 1
    record = store.run_json(run_id)
    assert record["metric"] == task(name).metric
    main = store.scores(run_id).query("metric == @record['metric']")
    assert set(main["target"]) == {"de", "en"}
    assert main["value"].between(0, 1).all()
    tested = {lang: len(task(name).items(lang, "test")) for lang in ("de", "en")}
    assert store.predictions(run_id)["target"].value_counts().to_dict() == tested
    vectors = store.embeddings(run_id)
    assert {lang: rows.ndim for lang, rows in vectors.items()} == {"de": 2, "en": 2}
    source = name if task(name).parallel else parallel.NAME
    assert record["sentences"]["source"] == source
    assert store.mixing(run_id) is not None
    assert store.layers(run_id)


@pytest.mark.parametrize("name", OF_WORDS)
def test_what_reads_from_left_to_right_labels_no_words(place, name):
    with pytest.raises(BadArgument, match="from left to right"):
        resolve(spec(place, "llama", name))


@pytest.mark.parametrize("name", KINDS)
def test_its_runs_appear_in_compare(place, executor, name):
    st.cache_data.clear()
    done = [finished(executor, resolve(spec(place, kind, name))) for kind in PAIRS[name]]
    expected = len(done)
    app = open_page("pages/2_Compare.py", runs=",".join(done))
    assert len(app.multiselect[0].value) == expected
    switch = next(group for group in app.button_group if group.key == "view-transfer")
    run(app, switch.set_value(words.TABLE))
    table = app.dataframe[0].value
    cells = table[table["target"].isin(["de", "en"])]
    assert len(cells) == 2 * expected
    assert cells["value"].notna().all()
