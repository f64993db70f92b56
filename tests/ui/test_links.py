"""An address that asks for what there is not: one line says so, and what is shown instead."""

import numpy as np
import pytest

from mslt_core.jobs import study_files
from mslt_core.ui import words
from mslt_core.ui.plain import escaped
from tests.analysis.study.planted import SINGLES_AND_TRIPLES, planted
from tests.ui import fake_store as fake
from tests.ui.driver import open_page, run
from tests.ui.study_file import kept

COMPARE, TRAIN = "pages/2_Compare.py", "pages/1_Train.py"


def wrong(app):
    """What is said of the address."""
    start = words.LINK_WRONG.partition("{")[0]
    return [said.value for said in app.caption if said.value.startswith(start)]


def sentence(asked, instead):
    return words.LINK_WRONG.format(asked=escaped(asked), instead=escaped(instead))


@pytest.mark.parametrize("page", ["3_How_many", "4_Which", "7_Studies"])
def test_a_study_that_there_is_not(store, started, page, tmp_path, monkeypatch):
    monkeypatch.setattr(study_files, "shipped_folder", lambda: tmp_path / "none")
    sets, rng = SINGLES_AND_TRIPLES[:9], np.random.default_rng(0)
    kept(store, "mine", planted(np.zeros(9), rng, sets, items=30, targets=["en", "fi"]))
    app = open_page(f"pages/{page}.py", study="*nonsense*")
    assert wrong(app) == [sentence("study=*nonsense*", "mine")]
    assert wrong(run(app)) == wrong(app)  # it stays as long as what it tells of
    assert not wrong(open_page(f"pages/{page}.py", study="mine"))


def test_runs_that_there_are_not(store, started):
    record = fake.done(store, fake.spec())
    for asked in ("deadbeefdeadbeef", f"{record.run_id},deadbeefdeadbeef"):
        app = open_page(COMPARE, runs=asked)
        assert wrong(app) == [sentence("runs=deadbeefdeadbeef", "en")]
        assert wrong(run(app)) == wrong(app)


def test_it_goes_when_something_else_is_chosen(store, started):
    fake.done(store, fake.spec())
    fake.done(store, fake.spec(("ar",)))
    app = open_page(COMPARE, runs="deadbeefdeadbeef")
    assert wrong(app)
    run(app, app.multiselect[0].set_value(app.multiselect[0].value[:1]))
    assert not wrong(app)


def test_a_task_languages_and_numbers_that_there_are_not(store, started):
    app = open_page(TRAIN, task="fkae", sources="xx,de", budget="many", method="probe")
    (said,) = wrong(app)
    for asked, instead in (("task=fkae", "fake"), ("sources=xx", "de"), ("budget=many", "700")):
        assert sentence(asked, instead) in said
    assert "method" not in said


def test_what_the_page_wrote_itself_is_not_held_against_the_address(store, started):
    runs = [fake.done(store, fake.spec(sources)) for sources in (("ar",), ("en",), ("zh",))]
    app = open_page(COMPARE, baseline=runs[0].run_id)
    kept = [spec for spec in app.multiselect[0].value if "ar" not in spec.sources]
    run(app, app.multiselect[0].set_value(kept))  # the baseline goes
    assert not wrong(app)
