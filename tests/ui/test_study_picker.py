"""Which study a page begins with, what it says of one that is unfinished, empty or broken."""

import numpy as np
import pandas as pd
import pytest

from mslt_core.analysis.stats import seeds_caveat
from mslt_core.jobs import study_files, study_results
from mslt_core.ui import study_picker, words
from tests.analysis.study.planted import SINGLES_AND_TRIPLES, planted
from tests.ui import study_file

SETS = SINGLES_AND_TRIPLES[:9]


@pytest.fixture
def measured():
    return planted(np.zeros(9), np.random.default_rng(0), SETS, items=30, targets=["en", "fi"])


@pytest.fixture
def alone(store, tmp_path, monkeypatch):
    """A store that no study ships with."""
    monkeypatch.setattr(study_files, "shipped_folder", lambda: tmp_path / "none")
    return store


def test_the_usual_study_is_the_largest_fine_tuned_one_that_can_be_read(alone, measured):
    study_file.kept(alone, "probe", measured, "probe")
    study_file.kept(alone, "half", measured, runs=9)
    older = study_results.score_path(study_file.kept(alone, "older", measured))
    pd.read_parquet(older).drop(columns=["right", "of"]).to_parquet(older)
    found = study_files.listed(alone)
    assert study_picker.usual(found).path.stem == "half"
    assert [study.path.stem for study in found if not study.by_item] == ["older"]


def test_results_come_back_as_they_were_measured_and_anew_when_they_change(alone, measured):
    path = study_file.kept(alone, "planted", measured, runs=9)
    (study,) = study_files.listed(alone)
    found = study_picker.measured(study)
    assert (found.sets, found.seeds, found.parallel) == (measured.sets, (0,), True)
    assert (found.scores() == measured.scores()[:, :1]).all()
    study_file.kept(alone, "planted", measured)
    assert study_picker.measured(study_files.listed(alone)[0]).seeds == (0, 1)
    assert study_picker.version(study)[0] == str(path)


def test_what_stands_beside_every_answer(alone, measured):
    study_file.kept(alone, "planted", measured, "probe", runs=12)
    (study,) = study_files.listed(alone)
    said = study_picker.caveats(study, study_picker.measured(study))
    left_out = words.STUDY_LEFT_OUT.format(seeds="0", count=3)
    assert said == [words.STUDY_PROBE, left_out, seeds_caveat(1)]
    assert study_picker.label(study).endswith("sib200 · 12/18")


def test_of_means_over_targets_that_were_trained_on_it_is_told():
    found = planted(np.zeros(9), np.random.default_rng(0), SETS, items=5, targets=["en", "fi"])
    assert study_picker.of_all(found, "all") == words.STUDY_ALL
    assert not study_picker.of_all(found, "unseen")
    unseen = planted(np.zeros(9), np.random.default_rng(0), SETS, items=5, targets=["fi"])
    assert not study_picker.of_all(unseen, "all")
