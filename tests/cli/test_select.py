"""Choosing sources on the command line: ranked sets for programs, marks for people."""

import json

import pandas as pd
import pytest

from mslt_core.cli.commands import main
from mslt_core.jobs import language_facts
from mslt_core.jobs.study_results import SCORES
from mslt_core.training.language_facts import compute
from tests import small_data

POOL = "ar,de,en,es,fr,ru,zh"


def call(capsys, *words, status=0):
    with pytest.raises(SystemExit) as stopped:
        main(["select", *map(str, words)])
    printed = capsys.readouterr()
    assert stopped.value.code == status, printed.err
    return printed


def answer(capsys, *words):
    return json.loads(call(capsys, *words, "--json").out)


def test_the_best_triple_by_syntax(capsys):
    found = answer(capsys, "--pool", POOL, "--k", 3, "--criterion", "syntax")
    assert list(found) == ["criterion", "k", "sets"]
    assert (found["criterion"], found["k"], len(found["sets"])) == ("syntax", 3, 35)
    best = found["sets"][0]
    assert best["score"] == pytest.approx(1.193, abs=0.0005)
    del best["score"]
    assert best == {"languages": ["ar", "de", "zh"], "rank": 1, "tied": False}


def test_names_in_any_form_that_must_be_in_and_targets(capsys):
    words = ("--pool", "arb,deu_Latn,en,zho_Hans", "--k", 2, "--criterion", "family")
    found = answer(capsys, *words, "--must-contain", "eng", "--targets", "nl,af")
    assert [one["languages"] for one in found["sets"]] == [["de", "en"], ["ar", "en"], ["en", "zh"]]
    assert [one["rank"] for one in found["sets"]] == [1, 2, 2]


def test_people_see_ties_and_what_was_guessed(capsys):
    family = call(capsys, "--pool", POOL, "--criterion", "family").out
    assert family.count("1=") == 5
    assert "= tied" in family
    assert "predicted" not in family
    phonology = call(capsys, "--pool", POOL, "--criterion", "phonology").out
    assert "ar*, fr, zh" in phonology
    assert "ar 100%" in phonology
    assert "es 0%" not in phonology
    assert "tied" not in call(capsys, "--pool", POOL, "--criterion", "geography").out


def test_a_long_ranking_is_cut_for_people(capsys):
    pool = f"{POOL},sw,th,vi"
    shown = call(capsys, "--pool", pool, "--criterion", "scripts").out
    assert "… and 80 more: --json has them all." in shown


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A store of its own, and a SIB-200 of English and German."""
    small_data.write_sib200(tmp_path / "datasets")
    monkeypatch.setenv("MSLT_DATASETS", str(tmp_path / "datasets"))
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "home"))


MODEL = ("--pool", "de,en", "--k", 1, "--model", "tiny-random", "--task", "sib200")


def test_what_the_model_must_tell_is_computed_once(capsys, small, monkeypatch):
    asked = []

    def ask(*wanted):
        asked.append(wanted[1:])
        compute(*wanted, lambda done, total: None)

    monkeypatch.setattr(language_facts, "ask", ask)
    coverage = answer(capsys, *MODEL, "--criterion", "vocabulary")["sets"]
    assert all(0.5 < one["score"] < 1 for one in coverage)
    assert answer(capsys, *MODEL, "--criterion", "vocabulary")["sets"] == coverage
    (first, second) = answer(capsys, *MODEL, "--criterion", "embedding", "--targets", "de")["sets"]
    assert (first["languages"], first["score"]) == (["de"], pytest.approx(1))
    assert second["score"] < 1
    assert asked == [("tiny-random", "sib200", ("de", "en"))]


def test_why_the_model_told_nothing_is_said(capsys, small, monkeypatch):
    monkeypatch.setattr(language_facts, "ask", lambda *wanted: None)
    said = call(capsys, *MODEL, "--criterion", "vocabulary", "--json", status=1)
    assert said.err == "Error: The process that reads the training text was ended.\n"
    assert said.out == ""


@pytest.fixture
def study(tmp_path):
    """A study of four singles with two seeds, without results."""

    def declare(method):
        path = tmp_path / "mine.toml"
        path.write_text(
            'name = "mine"\ntitle = "Mine"\npool = ["de", "en", "es", "fr"]\nsizes = [1]\n'
            f'seeds = [0, 1]\n[run]\nmodel = "tiny-random"\ntask = "intents"\n'
            f'method = "{method}"\ntargets = ["it"]\n'
        )
        return path

    return declare


def by_probe(path, *words):
    return ("--pool", "de,en", "--k", 1, "--criterion", "probe", "--study", path, *words)


@pytest.fixture
def partly_done(study):
    """Seed 0 of all four sets, and seed 1 of two, which it ranks the other way."""
    path = study("probe")
    right = {("de", 0): 2, ("en", 0): 6, ("es", 0): 5, ("fr", 0): 5, ("de", 1): 9, ("en", 1): 1}
    rows = [
        (lang, seed, f"{lang}-{seed}", "it", "accuracy", n / 10, 10, n, [1] * n + [0] * (10 - n))
        for (lang, seed), n in right.items()
    ]
    table = pd.DataFrame(rows, columns=list(SCORES)[:-1]).assign(of=[[1] * 10] * len(rows))
    table.astype(SCORES).to_parquet(path.with_suffix(".parquet"))
    return path


def test_the_probe_s_ranking_is_read_from_the_block_that_the_pages_read(capsys, partly_done):
    found = answer(capsys, *by_probe(partly_done))["sets"]
    assert [(one["languages"], one["score"]) for one in found] == [(["en"], 0.6), (["de"], 0.2)]


def test_a_study_by_probe_is_of_its_own_model_and_task(capsys, partly_done):
    assert answer(capsys, *by_probe(partly_done, "--model", "tiny-random", "--task", "intents"))
    other_model = call(capsys, *by_probe(partly_done, "--model", "me5-small"), status=2).err
    assert "model is 'me5-small', but " in other_model
    assert "is of the model tiny-random: give that, leave --model out, or" in other_model
    other_task = call(capsys, *by_probe(partly_done, "--task", "sib200"), status=2).err
    assert "is of the task intents: give that, leave --task out, or" in other_task


def test_a_study_without_results_says_how_to_make_them(capsys, study):
    assert "has no results yet" in call(capsys, *by_probe(study("probe")), status=2).err


def test_a_study_that_was_fine_tuned_is_no_probe(capsys, study):
    said = call(capsys, *by_probe(study("finetune")), status=2).err
    assert "its method is finetune" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--criterion", "taste"), "criterion is 'taste': it must be one of pretraining, voc"),
        (("--criterion", "syntax", "--k", 9), "k is 9: it must be from 1 to 7"),
        (("--criterion", "syntax", "--targets", "xx"), "targets: 'xx' is not a language"),
        (("--criterion", "probe"), "give --study FILE with --criterion probe"),
        (("--criterion", "syntax", "--study", "x.toml"), "and only with it"),
        (("--criterion", "vocabulary", "--model", "nobody"), "There is no model 'nobody'"),
        (("--criterion", "family", "--targets", "eu"), "no family vector in lang2vec for eu (Ba"),
        (("--criterion", "vocabulary", "--task", "sib200"), "sib200 has no ar (Arabic), es (Sp"),
    ],
)
def test_what_cannot_be_chosen_is_one_sentence(capsys, small, words, said):
    printed = call(capsys, "--pool", POOL, *words, status=2)
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""
