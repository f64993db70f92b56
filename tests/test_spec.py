"""What a run's specification accepts, refuses, and counts as the same run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mslt_core.spec import BadArgument, RunSpec, run_id

TAGS = st.sets(st.sampled_from(["ar", "de", "en", "es", "fr", "ru", "zh"]), min_size=1)


def make(**fields):
    return RunSpec(**{"model": "m", "task": "t", "sources": ("en",), "targets": ("de",), **fields})


@given(TAGS, st.integers(7, 5000))
def test_shares_use_the_whole_budget_and_differ_by_at_most_one(sources, budget):
    shares = make(sources=tuple(sources), budget=budget).shares()
    assert sum(shares.values()) == budget
    assert max(shares.values()) - min(shares.values()) <= 1
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert list(shares) == sorted(sources)


def test_shares_of_the_papers_example():
    assert make(sources=("zh", "ar", "de"), budget=700).shares() == {
        "ar": 234,
        "de": 233,
        "zh": 233,
    }


@given(TAGS, TAGS, st.integers(0, 99))
def test_a_spec_survives_json_and_ignores_the_order_of_languages(sources, targets, seed):
    spec = make(sources=tuple(sources), targets=tuple(targets), budget=50, seed=seed)
    assert RunSpec.from_dict(spec.to_dict()) == spec
    backwards = make(
        sources=tuple(sorted(sources, reverse=True)), targets=tuple(targets), budget=50, seed=seed
    )
    assert backwards == spec
    assert run_id(backwards, "d", "m") == run_id(spec, "d", "m")


def test_everything_that_changes_a_result_changes_the_id():
    base = run_id(make(), "data", "model")
    changed = [
        run_id(make(), "other data", "model"),
        run_id(make(), "data", "other model"),
        *(
            run_id(make(**field), "data", "model")
            for field in (
                {"seed": 1},
                {"budget": 699},
                {"epochs": 3},
                {"learning_rate": 1e-5},
                {"batch_size": 8},
                {"max_length": 64},
                {"layers": 2},
                {"lora_rank": 4},
                {"method": "probe"},
                {"sampling": "parallel"},
                {"targets": ("fr",)},
                {"sources": ("fr",)},
            )
        ),
    ]
    assert len({base, *changed}) == len(changed) + 1


def test_a_probe_is_the_same_run_whatever_the_fine_tuning_fields_say():
    first, second = (make(method="probe", epochs=e, batch_size=e) for e in (1, 2))
    assert first == second
    assert run_id(first, "d", "m") == run_id(second, "d", "m")


def test_equal_specs_have_equal_ids_however_a_number_is_written():
    whole, real = make(learning_rate=1), make(learning_rate=1.0)
    assert whole == real
    assert run_id(whole, "d", "m") == run_id(real, "d", "m")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sources": ()}, "sources is empty"),
        ({"targets": ()}, "targets is empty"),
        ({"sources": ("en", "en")}, "twice"),
        ({"budget": 0}, "budget is 0"),
        ({"budget": 2, "sources": ("ar", "de", "en")}, "at least one example"),
        ({"budget": 7.5}, "whole number"),
        ({"epochs": 0}, "epochs is 0"),
        ({"learning_rate": 0.0}, "above 0"),
        ({"learning_rate": float("nan")}, "above 0"),
        ({"batch_size": 0}, "batch_size"),
        ({"max_length": 4}, "max_length"),
        ({"seed": -1}, "seed"),
        ({"layers": -1}, "layers"),
        ({"lora_rank": 0}, "lora_rank"),
        ({"lora_rank": 4, "layers": 2}, "layers and lora_rank"),
        ({"method": "magic"}, "finetune, probe"),
        ({"sampling": "some"}, "disjoint, parallel"),
        ({"model": ""}, "model is empty"),
    ],
)
def test_a_bad_field_is_refused_by_name(fields, words):
    with pytest.raises(BadArgument, match=words):
        make(**fields)


def test_an_unknown_field_is_refused():
    with pytest.raises(BadArgument, match="budgets"):
        RunSpec.from_dict({**make().to_dict(), "budgets": 3})
