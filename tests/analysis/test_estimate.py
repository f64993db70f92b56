"""Estimates scale with what is asked for and stay silent where nothing is known."""

from dataclasses import replace

import pytest

from mslt_core.analysis.estimate import Timed, remaining, seconds
from mslt_core.spec import RunSpec

SPEC = RunSpec("m", "t", ("en",), ("de", "en"), budget=100, epochs=2)
STAGES = {"loading": 3.0, "training": 20.0, "scoring": 4.0}


def test_nothing_known_gives_no_number() -> None:
    assert seconds(SPEC, []) is None
    assert seconds(SPEC, [Timed(replace(SPEC, model="other"), STAGES)]) is None
    assert seconds(SPEC, [Timed(replace(SPEC, method="probe"), STAGES)]) is None


def test_the_same_run_takes_as_long_again() -> None:
    assert seconds(SPEC, [Timed(SPEC, STAGES)]) == pytest.approx(27)


def test_training_grows_with_examples_and_scoring_with_targets() -> None:
    longer = replace(SPEC, budget=200, epochs=4, targets=("de", "en", "fr", "zh"))
    assert seconds(longer, [Timed(SPEC, STAGES)]) == pytest.approx(3 + 80 + 8)


def test_one_odd_run_does_not_spoil_it() -> None:
    odd = Timed(SPEC, {**STAGES, "training": 2000.0})
    runs = [Timed(SPEC, STAGES), odd, Timed(SPEC, STAGES)]
    assert seconds(SPEC, runs) == pytest.approx(27)


def test_a_run_in_training_tells_its_own_pace() -> None:
    # 24 steps in 12 s, since the first was done; that loading took 90 s must not slow them down.
    assert remaining(SPEC, "training", 25, 100, 102.0, 12.0, []) == pytest.approx(37.5)
    known = [Timed(SPEC, {**STAGES, "embedding": 2.0})]
    assert remaining(SPEC, "training", 25, 100, 102.0, 12.0, known) == pytest.approx(43.5)


def test_the_first_step_tells_no_pace_yet() -> None:
    assert remaining(SPEC, "training", 1, 100, 90.0, 0.1, []) is None
    known = [Timed(SPEC, STAGES)]
    assert remaining(SPEC, "training", 1, 100, 90.0, 0.1, known) == pytest.approx(19.8 + 4)


def test_before_and_after_training_the_past_tells() -> None:
    known = [Timed(SPEC, {**STAGES, "embedding": 2.0})]
    assert remaining(SPEC, "loading", 0, 0, 1.0, None, []) is None
    assert remaining(SPEC, "loading", 0, 0, 1.0, None, known) == pytest.approx(28)
    assert remaining(SPEC, "loading", 0, 0, 50.0, None, known) == pytest.approx(26)
    assert remaining(SPEC, "scoring", 1, 2, 99.0, None, known) == pytest.approx(2 + 2)
    assert remaining(SPEC, "starting", 0, 0, 0.0, None, known) == pytest.approx(29)


def test_a_probe_embeds_before_it_trains() -> None:
    probe = replace(SPEC, method="probe")
    known = [Timed(probe, {"loading": 1.0, "embedding": 40.0, "training": 2.0})]
    assert remaining(probe, "embedding", 1, 4, 11.0, None, known) == pytest.approx(30 + 2)
