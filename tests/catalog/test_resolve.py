"""From words to a run with an identity, or to a sentence that says what is wrong."""

import pytest

from mslt_core.catalog.resolve import parse_languages, resolve
from mslt_core.spec import BadArgument, RunSpec

GOOD = {"model": "tiny-random", "task": "intents", "sources": ("en",), "targets": ("de", "en")}


def test_equal_specs_have_one_id_and_others_have_others(home):
    first = resolve(RunSpec(**GOOD))
    assert resolve(RunSpec(**{**GOOD, "targets": ("en", "de")})).run_id == first.run_id
    assert len(first.run_id) == 16
    assert int(first.run_id, 16) >= 0
    assert resolve(RunSpec(**GOOD, seed=1)).run_id != first.run_id
    assert resolve(RunSpec(**{**GOOD, "model": "random-init"})).run_id != first.run_id


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sources": ("la",)}, r"sources: intents has no la \(Latin\)"),
        (
            {"targets": ("en", "pt-BR")},
            r"targets: intents has no pt-BR \(.*it has 30 languages, ar, bg",
        ),
        ({"budget": 100_000}, "lower the budget"),
        ({"layers": 3}, "tiny-random has 2 layers"),
        ({"sampling": "parallel"}, "take 'disjoint'"),
    ],
)
def test_what_cannot_be_run_is_refused_before_it_is_queued(home, fields, words):
    with pytest.raises(BadArgument, match=words):
        resolve(RunSpec(**{**GOOD, **fields}))


def test_languages_are_read_in_any_common_form():
    assert parse_languages("eng, zho_Hans,cmn-Hant ,arb_Arab,", "sources") == (
        "en",
        "zh",
        "zh-Hant",
        "ar",
    )
    with pytest.raises(BadArgument, match=r"sources: 'german' is not a language.*de"):
        parse_languages("en,german", "sources")
