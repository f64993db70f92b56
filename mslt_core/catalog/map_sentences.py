"""Which sentences a run's embedding map shows, and its mixing is measured on.

Of a parallel task they are its own test items. The items of any other task are no translations of
one another, and how languages lie to one another can only be told on the same sentences: there they
are the bundled messages (`catalog.parallel`) in those of the run's targets that have them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mslt_core.catalog import parallel
from mslt_core.catalog.sampling import map_sample
from mslt_core.catalog.tasks.base import Item, Task
from mslt_core.spec import RunSpec, WorkFailed

FEWEST_MESSAGES = 50
"""Where the languages of a run share fewer messages, those that have the fewest are left out."""


@dataclass(frozen=True)
class Told:
    """What a run's record says of the sentences."""

    source: str
    """Name of the task, or `parallel.NAME`."""
    number: int
    """Sentences of each language."""
    languages: tuple[str, ...]
    translated: bool
    """Whether they are the same ones in every language, in one order."""
    fingerprint: str
    """Equal for the same messages in the same languages; empty for items of the task, of which the
    record says more elsewhere."""

    @property
    def messages(self) -> bool:
        return self.source == parallel.NAME

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Told | None:
        """None of a run that was stored before there was a choice: its sentences are the task's."""
        said = record.get("sentences")
        return cls(**{**said, "languages": tuple(said["languages"])}) if said else None


def stored_before(record: Mapping[str, Any]) -> bool:
    """Whether a run was stored before there were sentences to measure it on, and now there are: the
    same run may have a mixing if it is trained again."""
    spec = record.get("spec") or {}
    measurable = spec.get("method") == "finetune" and len(spec.get("targets") or ()) > 1
    return measurable and not record.get("parallel", True) and not record.get("sentences")


@dataclass(frozen=True)
class MapSentences:
    """The sentences of one run's map."""

    source: str
    items: dict[str, list[Item]]
    """By language, of each equally many."""
    untranslated: str = ""
    """Why they are no translations of one another, in one sentence; empty where they are."""

    @property
    def messages(self) -> dict[str, list[Item]]:
        """Those that are not among the test items of the task: all or none."""
        return self.items if self.source == parallel.NAME else {}

    @property
    def number(self) -> int:
        """Sentences of each language."""
        return len(next(iter(self.items.values())))

    def told(self) -> Told:
        """What the run's record is to say of them."""
        fingerprint = _fingerprint(self.items) if self.messages else ""
        translated = not self.untranslated
        return Told(self.source, self.number, tuple(self.items), translated, fingerprint)


def map_sentences(task: Task, spec: RunSpec) -> MapSentences:
    """The sentences of a run on this task: the same ones for all runs that fine-tune on it for the
    same targets. A probe changes no embedding, so there is nothing to measure, and it is to be
    quick: its map shows the task's own sentences, which it has embedded."""
    if task.parallel or spec.method == "probe":
        untranslated = "" if task.parallel else _no_translations(task)
        return MapSentences(task.name, map_sample(task, spec.targets), untranslated)
    try:
        found = of_messages(spec.targets)
    except WorkFailed as error:
        return MapSentences(task.name, map_sample(task, spec.targets), str(error))
    if found:
        return found
    reason = (
        f"{_no_translations(task)} The bundled {parallel.NAME} need two of the targets that have "
        f"{FEWEST_MESSAGES} or more of them in common."
    )
    return MapSentences(task.name, map_sample(task, spec.targets), reason)


def of_messages(languages: tuple[str, ...]) -> MapSentences | None:
    """The messages that these languages share. A language with none is left out; where all others
    together have fewer than FEWEST_MESSAGES in common, so is the one that has the fewest of its
    own (of equals the last by name), until they have. None where fewer than two languages are
    left. Raises WorkFailed where Django is not installed."""
    having = {tag: parallel.count(tag) for tag in languages}
    left = sorted(filter(having.get, having), key=lambda tag: (-having[tag], tag))
    while len(left) > 1:
        found = parallel.messages(tuple(sorted(left)))
        if len(found[left[0]]) >= FEWEST_MESSAGES:
            return MapSentences(parallel.NAME, found)
        left.pop()
    return None


def _no_translations(task: Task) -> str:
    return (
        f"The items of {task.name} are not translations of one another, and mixing is measured on "
        "the same sentences in every language."
    )


def _fingerprint(items: Mapping[str, list[Item]]) -> str:
    """Of what is read: the texts in their languages, in their order."""
    digest = hashlib.sha256()
    for tag, of in items.items():
        digest.update("\0".join((tag, *(item.text for item in of), "")).encode())
    return digest.hexdigest()[:16]
