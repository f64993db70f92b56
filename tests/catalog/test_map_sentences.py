"""Which sentences a map shows: the task's own where they are translations, else messages."""

import json
from dataclasses import asdict

import pytest

from mslt_core.catalog import map_sentences, parallel
from mslt_core.catalog.map_sentences import Told, of_messages, stored_before
from mslt_core.catalog.map_sentences import map_sentences as map_sentences_of
from mslt_core.catalog.sampling import map_sample
from mslt_core.catalog.tasks import Item
from mslt_core.spec import RunSpec, WorkFailed
from tests.fakes import FakeTask

LANGUAGES = ("de", "en", "quy", "th", "zh")


def task(parallel):
    return FakeTask(dict.fromkeys(LANGUAGES, 20), parallel)


def spec(targets=("de", "en", "zh"), **fields):
    return RunSpec("tiny-random", "fake", ("en",), targets, **fields)


def test_of_a_parallel_task_they_are_its_own():
    found = map_sentences_of(task(parallel=True), spec())
    assert found.items == map_sample(task(parallel=True), ("de", "en", "zh"))
    assert (found.source, found.untranslated, found.messages) == ("fake", "", {})


def test_of_another_task_they_are_messages_without_classes():
    found = map_sentences_of(task(parallel=False), spec())
    assert found.source == "django-messages"
    assert found.items == found.messages == parallel.messages(("de", "en", "zh"))
    assert found.number > 150
    assert {item.label for items in found.items.values() for item in items} == {""}


def test_a_language_without_messages_is_left_out():
    found = map_sentences_of(task(parallel=False), spec(("de", "quy", "zh")))
    assert found.told().languages == ("de", "zh")


@pytest.fixture
def invented(monkeypatch):
    """Languages with so many messages, of which all together share those of the last; hi and th
    have equally many."""
    having = {"de": 90, "en": 99, "fr": 80, "hi": 40, "th": 40, "zh": 30}
    monkeypatch.setattr(parallel, "count", lambda tag: having.get(tag, 0))

    def messages(tags):
        fewest = min(having[tag] for tag in tags)
        return {tag: [Item(str(number), tag) for number in range(fewest)] for tag in tags}

    monkeypatch.setattr(parallel, "messages", messages)


@pytest.mark.parametrize(
    ("fewest", "left"),
    [
        (30, {"de", "fr", "hi", "th", "zh"}),
        (40, {"de", "fr", "hi", "th"}),
        (41, {"de", "fr"}),
        (81, None),
    ],
)
def test_those_with_the_fewest_are_left_out_until_the_others_share_enough(
    invented, monkeypatch, fewest, left
):
    monkeypatch.setattr(map_sentences, "FEWEST_MESSAGES", fewest)
    for order in (("de", "fr", "hi", "th", "zh", "xx"), ("xx", "zh", "th", "hi", "fr", "de")):
        found = of_messages(order)
        assert (set(found.items) if found else None) == left


def test_all_languages_of_all_messages_leave_few_out():
    found = of_messages(parallel.languages())
    assert found.number >= map_sentences.FEWEST_MESSAGES
    assert len(found.items) >= len(parallel.languages()) - 5


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"targets": ("de", "quy")}, "need two of the targets"),
        ({"method": "probe"}, "not translations of one another"),
    ],
)
def test_else_they_are_the_tasks_own_and_it_is_said_why_nothing_can_be_measured(fields, why):
    found = map_sentences_of(task(parallel=False), spec(**fields))
    assert found.source == "fake"
    assert set(found.items) == set(fields.get("targets", ("de", "en", "zh")))
    assert why in found.untranslated
    assert not found.told().translated


def test_without_the_package_a_run_still_has_a_map(monkeypatch):
    def gone(tag):
        raise WorkFailed("The package django is not installed.")

    monkeypatch.setattr(parallel, "count", gone)
    found = map_sentences_of(task(parallel=False), spec())
    assert (found.source, found.untranslated) == ("fake", "The package django is not installed.")


def test_a_record_tells_which_they_were():
    told = map_sentences_of(task(parallel=False), spec()).told()
    record = json.loads(json.dumps({"sentences": asdict(told)}))
    assert Told.of_record(record) == told
    assert told.messages
    assert Told.of_record({"parallel": False}) is None
    fingerprints = {of_messages(tags).told().fingerprint for tags in (("de", "en"), ("de", "zh"))}
    assert len(fingerprints | {told.fingerprint}) == 3


def test_a_run_from_before_there_were_messages_may_be_trained_again():
    record = {"parallel": False, "spec": spec().to_dict()}
    assert stored_before(record)
    assert not stored_before({**record, "parallel": True})
    assert not stored_before({**record, "sentences": {"source": "fake"}})
    assert not stored_before({**record, "spec": spec(method="probe").to_dict()})
    assert not stored_before({**record, "spec": spec(("de",)).to_dict()})
