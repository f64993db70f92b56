"""The budget is exact, sources do not share items, and runs with one seed are paired."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mslt_core.catalog.sampling import map_sample, sample
from mslt_core.spec import BadArgument, RunSpec
from tests.fakes import FakeTask

POOL = ("ar", "de", "en", "es", "fr", "ru", "zh")
PARALLEL = FakeTask(dict.fromkeys(POOL, 100))
SEPARATE = FakeTask(dict.fromkeys(POOL, 100), parallel=False)
SETS = st.sets(st.sampled_from(POOL), min_size=1).map(tuple)


def spec(sources, budget=60, seed=0, sampling="disjoint"):
    return RunSpec(
        model="m",
        task="fake",
        sources=tuple(sources),
        targets=("en",),
        budget=budget,
        seed=seed,
        sampling=sampling,
    )


@given(SETS, st.integers(7, 100), st.integers(0, 50), st.sampled_from([PARALLEL, SEPARATE]))
def test_disjoint_uses_the_budget_exactly_and_no_item_twice(sources, budget, seed, task):
    wanted = spec(sources, budget, seed)
    examples = sample(task, wanted)
    assert len(examples) == budget
    assert len({example.item.id for example in examples}) == budget
    counts = {lang: sum(e.language == lang for e in examples) for lang in wanted.sources}
    assert counts == wanted.shares()


@given(SETS, st.integers(7, 100), st.integers(0, 50))
def test_in_a_parallel_task_all_source_sets_train_on_the_same_items(sources, budget, seed):
    ids = {e.item.id for e in sample(PARALLEL, spec(sources, budget, seed))}
    assert ids == {e.item.id for e in sample(PARALLEL, spec(("en",), budget, seed))}


@given(SETS, st.integers(7, 100), st.integers(0, 50))
def test_parallel_sampling_gives_every_source_the_same_items(sources, budget, seed):
    wanted = spec(sources, budget, seed, "parallel")
    examples = sample(PARALLEL, wanted)
    assert len(examples) == budget
    by_language = [{e.item.id for e in examples if e.language == lang} for lang in wanted.sources]
    # Remainders go to the first languages, so later sets are contained in the first.
    assert all(ids <= by_language[0] for ids in by_language)
    assert max(map(len, by_language)) - min(map(len, by_language)) <= 1


def test_the_seed_changes_the_sample_and_nothing_else_does():
    first = sample(PARALLEL, spec(("de", "en"), 20))
    assert sample(PARALLEL, spec(("en", "de"), 20)) == first
    assert sample(PARALLEL, spec(("de", "en"), 20, seed=1)) != first


def test_test_items_are_never_trained_on():
    assert all("train" in e.item.id for e in sample(PARALLEL, spec(POOL, 100)))


@pytest.mark.parametrize(
    ("task", "wanted", "words"),
    [
        (FakeTask({"en": 100, "yo": 5}), spec(("en", "yo"), 60), "yo must give 30.*has 5"),
        (PARALLEL, spec(("de", "en"), 101), "100 different training items"),
        (SEPARATE, spec(("en",), 10, sampling="parallel"), "not translations"),
    ],
)
def test_too_little_data_is_an_error_that_names_the_language_and_its_size(task, wanted, words):
    with pytest.raises(BadArgument, match=words):
        sample(task, wanted)


def test_disjoint_refuses_when_other_sources_have_used_up_a_small_one():
    # Every item of yo is among the 100 of en: whichever goes first leaves the other too few.
    task = FakeTask({"en": 60, "yo": 40})
    with pytest.raises(BadArgument, match="yo must give 30"):
        sample(task, spec(("en", "yo"), 60))


def test_the_map_shows_the_same_items_in_every_language_of_a_parallel_task():
    shown = map_sample(PARALLEL, ("de", "zh"), n=6)
    assert [item.id for item in shown["de"]] == [item.id for item in shown["zh"]]
    assert len(shown["de"]) == 6
    apart = map_sample(SEPARATE, ("de", "zh"), n=50)
    assert len(apart["de"]) == len(apart["zh"]) == 10
