"""Studies: the list, the picked study, and how it goes on."""

import numpy as np
import pytest

from mslt_core.jobs import study_files, study_report, study_results
from mslt_core.ui import claims_judged, studies, words
from mslt_core.ui import words_studies as said
from mslt_core.ui.plain import escaped
from tests.analysis.study.planted import SINGLES_AND_TRIPLES, planted
from tests.ui import study_file
from tests.ui.driver import button, open_page, run, select, text

PAGE = "pages/7_Studies.py"
SETS = SINGLES_AND_TRIPLES[:9]


@pytest.fixture(scope="module")
def measured():
    return planted(np.zeros(9), np.random.default_rng(0), SETS, items=30, targets=["en", "fi"])


@pytest.fixture
def alone(store, started, tmp_path, monkeypatch):
    """A store that no study ships with, on a machine without the data sets."""
    monkeypatch.setattr(study_files, "shipped_folder", lambda: tmp_path / "none")
    monkeypatch.delenv("MSLT_DATASETS", raising=False)
    return store


@pytest.fixture
def asked(monkeypatch):
    """The studies that a page had computed, without computing them."""
    paths = []
    monkeypatch.setattr(study_files, "start", lambda store, path: paths.append(path))
    return paths


def test_every_study_is_a_row_and_the_picked_one_is_told(alone, measured):
    study_file.kept(alone, "half", measured, runs=9)
    study_file.kept(alone, "whole", measured, "probe")
    (study_file.kept(alone, "zebra", measured)).write_text("name = ")
    app = open_page(PAGE)
    rows = app.dataframe[0].value
    assert list(rows[said.COLUMNS["runs"]].fillna("")) == ["9 of 18", "18 of 18", ""]
    assert list(rows[said.COLUMNS["sizes"]].fillna("")) == ["1, 3", "1, 3", ""]
    assert rows[said.FAULT_COLUMN][2].endswith(
        "is no TOML file: Invalid value (at end of document)."
    )
    assert escaped("Planted: half") in text(app)
    assert "9 source sets of 1, 3 languages · seeds 0, 1" in text(app)
    select(app, studies.table_key(["half", "whole", "zebra"]), 2)
    run(app)
    assert "`zebra`" in text(app)
    assert "no TOML file" in app.error[0].value
    whole = open_page(PAGE, study="whole")
    assert "probe · 9 source sets" in text(whole)
    assert said.RUN_LEFT.format(count=0) not in [found.label for found in whole.button]


def test_what_is_left_is_computed_when_asked_for(alone, measured, asked):
    path = study_file.kept(alone, "half", measured, runs=9)
    app = open_page(PAGE)
    assert said.TAKES_UNKNOWN in text(app)
    run(app, button(app, said.RUN_LEFT.format(count=9)).click())
    assert asked == [path]


def test_why_a_study_died_is_told_and_it_can_be_tried_again(alone, measured, asked):
    path = study_file.kept(alone, "half", measured, runs=9)
    log = alone.logs_dir / "study-half.log"
    log.write_text("Error: The data of sib200 is not here.\n")
    app = open_page(PAGE)
    assert said.FAILED.format(reason="The data of sib200 is not here.") in app.error[0].value
    log.write_text("Killed\n")
    assert "said at last: Killed" in run(app).error[0].value
    run(app, button(app, said.RUN_AGAIN.format(count=9)).click())
    assert asked == [path]
    log.write_text('{"study": "half"}\n')
    assert not run(app).error


def test_without_any_study_the_page_says_so(alone):
    assert words.STUDY_NONE in text(open_page(PAGE))


@pytest.mark.parametrize(
    ("values", "told"), [((0, 1, 2), "0 to 2"), ((7, 1, 3), "1, 3, 7"), ((4, 5), "4, 5")]
)
def test_numbers_are_told_shortly(values, told):
    assert studies.numbers(values) == told


def test_a_study_with_broken_results_is_told(alone, measured):
    path = study_file.kept(alone, "half", measured)
    study_results.score_path(path).write_bytes(b"damage")
    app = open_page(PAGE)
    assert "cannot be read" in app.error[0].value
    assert not app.button  # what is there is not replaced unasked


def test_results_of_settings_that_were_edited_are_told_and_can_be_made_anew(alone, measured):
    path = study_file.kept(alone, "half", measured)
    path.write_text(path.read_text().replace("budget = ", "budget = 1"))
    app = open_page(PAGE)
    assert "measured with other settings: budget" in app.warning[0].value
    assert button(app, said.RUN_ALL.format(count=18))


def test_the_report_is_written_when_it_is_opened(alone, measured):
    study_file.kept(alone, "whole", measured)
    app = open_page(PAGE)
    (whole,) = study_files.listed(alone)
    assert whole.declared is not None
    kept = study_results.kept(whole.path)
    claims = claims_judged.judged(alone, whole).claims
    report = study_report.of(whole.declared, kept, claims).to_markdown()
    blocks = report.split("\n\n")[1:]
    written = [block for block in blocks if not block.startswith("| ")]
    assert written[0] not in text(app)
    before = len(app.dataframe)
    app.session_state["report-whole"] = True
    shown = text(run(app))
    assert all(block in shown for block in written)
    assert len(app.dataframe) == before + len(blocks) - len(written)
    scores = next(one.value for one in app.dataframe if "trained on" in one.value)
    assert list(scores["trained on"]) == [", ".join(sources) for sources in measured.sets]
    row = blocks[blocks.index("## Mean accuracy") + 2].split("\n")[2]
    assert [cell.strip() for cell in row[1:-1].split("|")] == [*map(str, scores.iloc[0])]
    assert said.REPORT_DOWNLOAD in [found.label for found in app.download_button]
