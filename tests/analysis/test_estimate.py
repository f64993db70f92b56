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
    assert remaining(SPEC, "training", 25, 100, 10.0, []) == pytest.approx(30)
    assert remaining(SPEC, "training", 25, 100, 10.0, [Timed(SPEC, STAGES)]) == pytest.approx(34)


def test_before_and_after_training_the_past_tells() -> None:
    assert remaining(SPEC, "loading", 0, 0, 1.0, []) is None
    assert remaining(SPEC, "loading", 0, 0, 1.0, [Timed(SPEC, STAGES)]) == pytest.approx(26)
    assert remaining(SPEC, "scoring", 1, 2, 99.0, [Timed(SPEC, STAGES)]) == 0
