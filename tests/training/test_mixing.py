"""What of a run is measured, what is kept of it, and why others have nothing to measure."""

from dataclasses import replace

import numpy as np
import pytest

from mslt_core.analysis.mixing import Mixing, measure
from mslt_core.catalog.map_sentences import MapSentences
from mslt_core.catalog.tasks import Item
from mslt_core.spec import RunSpec
from mslt_core.training import mixing
from mslt_core.training.mixing import MOST_SENTENCES, measure_run

TARGETS = ("ar", "de", "en", "zh")
SPEC = RunSpec("tiny-random", "fake", ("de", "en"), TARGETS)


class FakeJob:
    """Takes what a run writes."""

    def __init__(self, spec=SPEC):
        self.spec, self.reports, self.table, self.arrays = spec, [], None, None

    def report(self, *said):
        self.reports.append(said)

    def write_table(self, name, table):
        assert name == "mixing"
        self.table = table

    def write_arrays(self, name, arrays):
        assert name == "mixing"
        self.arrays = arrays


def items(count=20, languages=TARGETS):
    return {
        lang: [Item(str(i), f"{lang} {i}", "ab"[i % 2]) for i in range(count)] for lang in languages
    }


def vectors(shown, seed=0):
    rng = np.random.default_rng(seed)
    return {
        lang: rng.normal(size=(len(part), 8)).astype(np.float16) for lang, part in shown.items()
    }


def measured(cache, shown=None, spec=SPEC, untranslated="", before=None, after=None):
    """The job, and what its record is to say."""
    job, shown = FakeJob(spec), shown or items()
    before = before or vectors(shown)
    after = after or vectors(shown, seed=1)
    return job, measure_run(job, cache, MapSentences("fake", shown, untranslated), before, after)


@pytest.fixture
def counted(monkeypatch):
    """The spaces that are measured."""
    spaces = []

    def count(space):
        spaces.append(space)
        return measure(space)

    monkeypatch.setattr(mixing, "measure", count)
    return spaces


def test_both_spaces_are_measured_and_written(tmp_path):
    job, said = measured(tmp_path)
    assert said["missing"] == ""
    found = Mixing.from_arrays(job.arrays)
    assert found.before.languages == found.after.languages == TARGETS
    assert found.before.seen == ("de", "en")
    assert found.after.items == 20
    assert job.table.equals(found.table())
    assert found.after.estimates["all", "label_silhouette"] is not None
    assert [report[:2] for report in job.reports] == [("measuring", step) for step in range(3)]


def test_the_order_of_languages_does_not_matter(tmp_path):
    shown = items()
    _, one = measured(tmp_path, shown)
    turned = dict(reversed(shown.items()))
    given = vectors(shown)
    job, other = measured(tmp_path, turned, before=given, after=given)
    assert other == one
    assert Mixing.from_arrays(job.arrays).before.languages == TARGETS


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"spec": replace(SPEC, method="probe")}, "probe leaves the embeddings as they are"),
        ({"untranslated": "They are not translations."}, "not translations"),
        ({"spec": replace(SPEC, targets=("de",))}, "one target"),
        ({"shown": items(count=9)}, "Only 9 sentences"),
        ({"shown": items(count=10, languages=[f"l{i}" for i in range(401)])}, "Only 9 sentences"),
    ],
)
def test_where_there_is_nothing_to_measure_the_record_says_why(tmp_path, counted, options, why):
    job, said = measured(tmp_path, **options)
    assert why in said["missing"]
    assert said["missing"].endswith(".")
    assert said["basis"] == ""
    assert (job.arrays, job.table, job.reports, counted) == (None, None, [], [])


@pytest.mark.parametrize("bad", [np.nan, 0.0])
def test_vectors_that_diverged_are_said_before_anything_is_measured(tmp_path, counted, bad):
    after = vectors(items())
    after["en"][3] = bad
    job, said = measured(tmp_path, after=after)
    assert "vectors of en" in said["missing"]
    assert job.arrays is None
    assert counted == []


def test_a_fault_of_measuring_is_told_and_goes_no_further(tmp_path, monkeypatch, capsys):
    def fail(space):
        raise np.linalg.LinAlgError("did not\nconverge")

    monkeypatch.setattr(mixing, "measure", fail)
    job, said = measured(tmp_path)
    assert "Measuring failed (LinAlgError: did not converge)" in said["missing"]
    assert job.arrays is None
    assert "LinAlgError" in capsys.readouterr().err


def test_what_a_report_raises_passes(tmp_path, monkeypatch):
    def stop(self, stage, step, total):
        if step:
            raise KeyError("cancelled")

    monkeypatch.setattr(FakeJob, "report", stop)
    with pytest.raises(KeyError):
        measured(tmp_path)


def test_the_model_before_training_is_measured_once_for_all_that_share_it(tmp_path, counted):
    first, _ = measured(tmp_path)
    second, _ = measured(tmp_path, after=vectors(items(), seed=2))
    assert len(counted) == 3
    for name, array in first.arrays.items():
        if name.startswith("before/"):
            np.testing.assert_array_equal(array, second.arrays[name])
    shown = {lang: [replace(item, label="a") for item in part] for lang, part in items().items()}
    for options in (
        {"spec": replace(SPEC, sources=("ar",))},
        {"before": vectors(items(), seed=3)},
        {"shown": shown},
    ):
        before = len(counted)
        measured(tmp_path, **options)
        assert len(counted) == before + 2


@pytest.mark.parametrize("content", [b"", b"not arrays", None])
def test_a_broken_cache_is_computed_anew(tmp_path, counted, content):
    first, _ = measured(tmp_path)
    (path,) = (tmp_path / "mixing").iterdir()
    path.write_bytes(path.read_bytes()[:-8] if content is None else content)
    again, _ = measured(tmp_path)
    assert len(counted) == 4
    for name, array in first.arrays.items():
        np.testing.assert_array_equal(array, again.arrays[name])
    measured(tmp_path)
    assert len(counted) == 5


def test_sentences_without_one_class_have_no_silhouette_by_class(tmp_path):
    tagged = {lang: [replace(item, label="") for item in part] for lang, part in items().items()}
    torn = {**items(), "zh": [replace(item, label="a") for item in items()["zh"]]}
    for shown in (tagged, torn):
        job, _ = measured(tmp_path, shown)
        assert Mixing.from_arrays(job.arrays).after.estimates["all", "label_silhouette"] is None


def test_of_very_many_languages_fewer_sentences_are_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(mixing, "MOST_SENTENCES", 4 * 15)
    assert MOST_SENTENCES // 20 >= 200  # all of the map's, of twenty languages
    job, _ = measured(tmp_path)
    assert Mixing.from_arrays(job.arrays).after.items == 15


def test_the_basis_tells_other_sentences(tmp_path, monkeypatch):
    spec = replace(SPEC, sources=("ar",), model="other", seed=3)
    _, one = measured(tmp_path)
    _, same = measured(tmp_path, spec=spec)
    assert same == one
    other = items()
    other["en"][4] = replace(other["en"][4], text="changed")
    found = {measured(tmp_path, shown)[1]["basis"] for shown in (other, items(19))}
    monkeypatch.setattr(mixing, "MEASURING_VERSION", 0)
    found.add(measured(tmp_path)[1]["basis"])
    assert len(found | {one["basis"]}) == 4
