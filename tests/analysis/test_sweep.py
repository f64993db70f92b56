"""A sweep of probes gives what the runs, probed one by one, would give."""

import numpy as np
import pytest

from mslt_core.analysis.probe import fit_predict
from mslt_core.analysis.sweep import Embedded, Sweep
from mslt_core.catalog.sampling import sample
from mslt_core.spec import BadArgument, RunSpec
from tests.fakes import FakeTask

TASK = FakeTask({"aa": 60, "bb": 60, "cc": 60})
TARGETS = ("aa", "bb")


def vectors(language, split):
    items = TASK.items(language, split)
    random = np.random.default_rng(sum(map(ord, language + split)))
    rows = random.normal(size=(len(items), 6)).astype(np.float32)
    rows[:, 0] += [2 * (item.label == "a") for item in items]
    return Embedded(items, rows)


TRAIN = {lang: vectors(lang, "train") for lang in TASK.languages()}
TEST = {lang: vectors(lang, "test") for lang in TARGETS}


def spec(sources, seed=0, sampling="disjoint", budget=30):
    return RunSpec(
        "m", "fake", sources, TARGETS, "probe", budget=budget, sampling=sampling, seed=seed
    )


def alone(one):
    """The accuracies of one run, by its own sample."""
    examples = sample(TASK, one)
    by_id = {
        (lang, item.id): row
        for lang, part in TRAIN.items()
        for item, row in zip(part.items, part.vectors, strict=True)
    }
    train = np.stack([by_id[example.language, example.item.id] for example in examples])
    names = [example.item.label for example in examples]
    return [
        np.mean(fit_predict(train, names, part.vectors) == [item.label for item in part.items])
        for part in TEST.values()
    ]


@pytest.mark.parametrize("sampling", ["disjoint", "parallel"])
def test_many_sets_are_what_each_is_alone(sampling):
    specs = [
        spec(sources, seed, sampling)
        for sources in (("aa",), ("bb",), ("aa", "cc"), ("aa", "bb", "cc"))
        for seed in (0, 1)
    ]
    found = Sweep(TASK, TRAIN, TEST).accuracies(specs)
    assert found["accuracy"].tolist() == [value for one in specs for value in alone(one)]
    assert found["target"].tolist() == list(TARGETS) * len(specs)
    assert list(zip(found["sources"], found["seed"], strict=True))[::2] == [
        (one.sources, one.seed) for one in specs
    ]
    assert set(found["n"]) == {10}


@pytest.mark.parametrize(
    ("parallel", "sampling"), [(True, "disjoint"), (True, "parallel"), (False, "disjoint")]
)
def test_items_are_chosen_as_for_a_run(parallel, sampling):
    task = FakeTask({"aa": 70, "bb": 60, "cc": 65}, parallel)
    train = {
        lang: Embedded(items, np.zeros((len(items), 2), dtype=np.float32))
        for lang in task.languages()
        for items in [task.items(lang, "train")]
    }
    sweep = Sweep(task, train, {})
    for sources in (("aa",), ("cc",), ("aa", "bb"), ("bb", "cc"), ("aa", "bb", "cc")):
        for seed in (0, 1, 7):
            one = spec(sources, seed, sampling, budget=50)
            assert sweep.examples(one) == sample(task, one)


def test_too_few_items_are_told_by_language():
    with pytest.raises(BadArgument, match="bb"):
        Sweep(TASK, TRAIN, TEST).accuracies([spec(("bb",), budget=61)])


def test_vectors_must_be_as_many_as_items():
    with pytest.raises(ValueError, match="60 items have 59 vectors"):
        Sweep(TASK, {"aa": Embedded(TRAIN["aa"].items, TRAIN["aa"].vectors[1:])}, TEST)
