"""What a study's declaration accepts and refuses, and which runs it stands for."""

import pytest

from mslt_core.spec import BadArgument
from mslt_core.study_spec import StudySpec

RUN = {"model": "m", "task": "t", "targets": ["de", "sw"], "budget": 30}
BASE = {"name": "mine", "title": "A study", "run": RUN, "seeds": [0, 1]}


def declared(**fields):
    values = {**BASE, "sets": [["en"], ["zh", "ar", "de"]], **fields}
    return {key: value for key, value in values.items() if value is not None}


def with_run(**fields):
    values = {**RUN, **fields}
    return declared(run={key: value for key, value in values.items() if value is not None})


def test_runs_come_seed_by_seed_and_share_everything_else():
    runs = StudySpec.from_dict(declared()).runs()
    assert [(run.seed, run.sources) for run in runs] == [
        (0, ("en",)),
        (0, ("ar", "de", "zh")),
        (1, ("en",)),
        (1, ("ar", "de", "zh")),
    ]
    assert {(run.model, run.task, run.targets, run.budget) for run in runs} == {
        ("m", "t", ("de", "sw"), 30)
    }


def test_a_pool_and_sizes_stand_for_all_their_sets_in_a_stable_order():
    by_pool = declared(sets=None, pool=["zh", "ar", "de"], sizes=[1, 3])
    found = StudySpec.from_dict(by_pool)
    assert found.sets == (("ar",), ("de",), ("zh",), ("ar", "de", "zh"))
    assert StudySpec.from_dict({**by_pool, "pool": ["de", "zh", "ar"]}) == found
    assert len(found.runs()) == 8


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (declared(name="My study"), "name is 'My study': it must be of small letters"),
        (declared(name="a" * 300), "digits and hyphens, 80 at most"),
        (declared(name=None), "name is missing"),
        (declared(title=""), "title is '': it must be a text"),
        (declared(title="a\nb"), "title is 'a.nb': it must be one line"),
        (declared(colour="red"), "colour: not a field of a study: name, title, run, sets"),
        (declared(run=None), r"run is missing: declare .* in a table \[run\]"),
        (declared(sets=None), "sets is missing: give the source sets, or a pool and sizes"),
        (declared(sets=["en"]), "sets is .*: it must be a list of source sets, such as"),
        (declared(sets=[["en"], []]), r"sets is \[\]: it must be a list of languages in each"),
        (declared(sets=[["en"], ["de", "de"]]), "sources names de twice"),
        (declared(sets=[["de", "en"], ["en", "de"]]), "sets has de, en twice"),
        (declared(pool=["en"], sizes=[1]), "Both sets and a pool are declared"),
        (declared(sets=None, pool=["en"]), "sizes is missing: it must be a list of whole numbers"),
        (declared(sets=None, pool=["en", "de"], sizes=[3]), "sizes holds 3: the pool has 1 to 2"),
        (declared(sets=None, pool=["en", "en"], sizes=[1]), "pool has en twice"),
        (
            declared(sets=None, pool=[f"l{i}" for i in range(30)], sizes=[15]),
            "more than 10000 sets",
        ),
        (declared(seeds=[]), r"seeds is \[\]: it must be a list of whole numbers, such as"),
        (declared(seeds=[True]), r"seeds is \[True\]: it must be a list of whole numbers"),
        (declared(seeds=[1, 1]), "seeds has 1 twice"),
        (declared(seeds=[0, -1]), "seed is -1: it must be a whole number from 0"),
        (declared(seeds=list(range(6000))), "2 sets with 6000 seeds each are more than 10000"),
        (with_run(seed=3), r"seed: not a field of what the runs of a study share, in \[run\]"),
        (with_run(model=None), "model is missing: it must be a text"),
        (with_run(targets="de"), "targets is 'de': it must be a list of languages"),
        (with_run(budget=2), "budget is 2 for 3 sources"),
        (with_run(budget="700"), "budget is 700: it must be a whole number"),
        (with_run(method="guess"), "method is 'guess': it must be one of finetune, probe"),
        (with_run(four_bit="yes"), "four_bit is 'yes': it must be true or false"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(values, words):
    with pytest.raises(BadArgument, match=words) as error:
        StudySpec.from_dict(values)
    assert "\n" not in str(error.value)
