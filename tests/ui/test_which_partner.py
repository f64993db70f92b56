"""A probe stands beside the fine-tuned study that differs from it in the method alone."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

from mslt_core.jobs import language_facts
from mslt_core.jobs.study_files import StudyFile
from mslt_core.spec import RunSpec
from mslt_core.study_spec import StudySpec
from mslt_core.ui import which_facts
from mslt_core.ui.which_partner import partner

SETS = tuple(combinations(("ar", "de", "en", "zh"), 2))
TUNED = RunSpec(model="tiny-random", task="sib200", sources=SETS[0], targets=("fi", "sw"), budget=8)
PROBE = replace(TUNED, method="probe")


def study(name: str, settings: RunSpec, sets=SETS) -> StudyFile:
    return StudyFile(Path(name), False, StudySpec(name, name, settings, sets, (0,)), by_item=True)


def test_the_partner_has_the_same_settings_and_shares_most_sets_and_targets() -> None:
    tuned, fewer = study("tuned", TUNED), study("fewer", PROBE, SETS[:3])
    assert partner([tuned], tuned) is None
    assert partner([tuned, fewer], tuned) is fewer
    one_target = study("one-target", replace(PROBE, targets=("fi",)))
    both = study("both", PROBE)
    assert partner([tuned, fewer, one_target, both], tuned) is both
    larger = study("larger", replace(PROBE, budget=16))
    random = study("random", replace(PROBE, sampling="parallel"))
    elsewhere = study("elsewhere", replace(PROBE, targets=("tr",)))
    assert partner([tuned, larger, random, elsewhere], tuned) is None


def test_facts_that_were_damaged_are_read_when_they_are_written_again(
    store, tmp_path, monkeypatch
) -> None:
    path, read = tmp_path / "en.safetensors", iter([None, "facts"])
    monkeypatch.setattr(language_facts, "paths", lambda *wanted: {"en": path})
    monkeypatch.setattr(language_facts, "stored", lambda *wanted: next(read))
    wanted = which_facts.Wanted("tiny-random", "sib200", ("en",))
    path.write_text("damaged")
    assert which_facts.known(store, wanted).facts is None
    path.unlink()
    assert which_facts.known(store, wanted).facts is None
    path.write_text("computed again")
    assert which_facts.known(store, wanted).facts == "facts"
