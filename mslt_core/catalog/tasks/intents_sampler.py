"""Sentences from the command templates of Home Assistant, split by template.

A template such as `<turn> on [<the>] {name} <in> [<the>] {area}` stands for up to millions of
sentences, so they are drawn, never listed: `hassil` parses the template, and a walk through it
takes one branch at each alternative. Rooms, floors and devices come from `intents_slots.csv`.
Everything is drawn from generators seeded by name, so that the same packages and table give the
same sentences on every machine.
"""

from __future__ import annotations

import contextlib
import csv
import random
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mslt_core.catalog.tasks.base import Split

if TYPE_CHECKING:
    from hassil.expression import Expression
    from hassil.intents import SlotList

SLOTS_TABLE = Path(__file__).with_name("intents_slots.csv")

# Part of the data's fingerprint: raise it when a change here changes the sentences.
SAMPLER_VERSION = 1

# Most sentences of one intent in each split: caps keep the classes about even.
CAPS: dict[Split, int] = {"test": 15, "dev": 8, "train": 50}
# Where an intent's templates go, in turn: 6 of 10 to training, 3 to the test.
_DEAL: tuple[Split, ...] = (
    *("train", "test", "dev", "train", "train"),
    *("test", "train", "train", "test", "train"),
)
# Draws from one template before it counts as having no (further) new sentence.
_TRIES = 20

_OURS = ("area", "floor", "name")
_SPACES = re.compile(r"\s+")
# The templates are written to recognise whatever is said, so they also give what nobody says.
_NOT_SAID = re.compile(
    r"(\w{3,}) \1\b|\b(\w+) \2\b"  # twice: a `{floor} [floor]` with "ground floor" in it
    r"|['’] | [,.]"  # "l' écran", "5 , 6"
    r"|的的|^的|百分之\d+%"  # Chinese: a particle twice or of nothing, "percent 5 %"
    r"|[\u0D3E-\u0D4C]{2}|[\u0D15-\u0D4D][\u0D05-\u0D14]"  # Malayalam: vowel after vowel sign
    r"|\b[dl]['’][bcdfgjklmnpqrstvwxz]",  # an article elided before a consonant
    re.IGNORECASE,
)
# How often an optional part is said: people are brief, and each may be an article that is wrong.
_OPTIONAL = 0.4
# Ranges that a person would say, where the packages allow any number up to 100.
_USUAL = {"temperature": range(16, 29), "timer_hours": range(1, 13)}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sampled sentence; `id` is `<language>:<intent>:<template number>:<n>`."""

    id: str
    text: str
    label: str
    split: Split


@dataclass(frozen=True, slots=True)
class _Template:
    number: int
    expression: Expression
    names: tuple[str, ...]
    """Devices that `{name}` can be here; empty where it would be none of ours (a person, say)."""


class _Unsaid(Exception):
    """The walk met a slot that nothing fills (the name of a timer), or says what nobody does."""


def sample(tag: str, locale: str, intents: tuple[str, ...]) -> list[Sentence]:
    """All sentences of a language, drawn from the templates of a locale of the package.

    No template serves two splits, and no text (case aside) stands twice, whatever its intent.
    """
    import home_assistant_intents
    from hassil.intents import Intents

    data = home_assistant_intents.get_intents(locale)
    if data is None:
        raise ValueError(f"home_assistant_intents has no locale {locale!r}")
    grammar = Intents.from_dict({**data, "intents": {}})
    walk = _Walk(grammar.slot_lists, grammar.expansion_rules, slots(tag))
    parts = {intent: _deal(tag, intent, data["intents"], walk) for intent in intents}
    seen: set[str] = set()
    return [
        Sentence(f"{tag}:{intent}:{number}:{n}", text, intent, split)
        for split in CAPS  # the test split first: training gives way where both could say it
        for intent in intents
        for number, n, text in _draw(parts[intent][split], CAPS[split], walk, seen)
    ]


@cache
def slots(tag: str) -> dict[str, tuple[str, ...]]:
    """Our names for things in a language: `area` (rooms), `floor`, and devices by their domain."""
    with SLOTS_TABLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["language"] == tag]
    kinds = dict.fromkeys(row["slot"] for row in rows)
    return {kind: tuple(row["value"] for row in rows if row["slot"] == kind) for kind in kinds}


@dataclass(frozen=True)
class _Walk:
    """A random walk through an expression, which gives one sentence that it stands for."""

    lists: dict[str, SlotList]
    rules: dict[str, Any]
    slots: dict[str, tuple[str, ...]]

    def sentence(self, template: _Template, dice: random.Random) -> str:
        """One sentence, spaces single. Raises _Unsaid where the walk gives none that one says."""
        text = self._words(template.expression, template.names, dice)
        text = _SPACES.sub(" ", text).strip()
        if _NOT_SAID.search(text):
            raise _Unsaid(text)
        return text

    def _words(self, part: Expression, names: tuple[str, ...], dice: random.Random) -> str:
        from hassil import expression as kinds

        match part:
            case kinds.TextChunk():
                return part.original_text
            case kinds.Alternative(is_optional=True) if dice.random() > _OPTIONAL:
                return ""
            case kinds.Alternative():
                return self._words(dice.choice(part.items), names, dice)
            case kinds.Permutation():
                items = dice.sample(part.items, len(part.items))
                return "".join(self._words(item, names, dice) for item in items)
            case kinds.Sequence():
                return self._in_turn(part.items, names, dice)
            case kinds.RuleReference():
                return self._words(self.rules[part.rule_name].expression, names, dice)
            case kinds.ListReference():
                return self._slot(part.list_name, names, dice)
        raise TypeError(f"unknown part of a template: {part!r}")

    def _in_turn(self, parts: list[Expression], names: tuple[str, ...], dice: random.Random) -> str:
        """The words of each part. An optional ending glued to one of our names is left out: it is
        there to recognise every inflection, `{area}[e|me][t|n][s]`, and most are of other words."""
        from hassil import expression as kinds

        said: list[str] = []
        named = False  # whether what was said last is one of our names
        for part in parts:
            words = self._words(part, names, dice)
            optional = isinstance(part, kinds.Alternative) and part.is_optional
            if named and optional and words[:1].isalnum():
                continue
            said.append(words)
            if words:
                named = isinstance(part, kinds.ListReference) and part.list_name in _OURS
        return "".join(said)

    def _slot(self, name: str, names: tuple[str, ...], dice: random.Random) -> str:
        from hassil.intents import RangeSlotList, TextSlotList

        ours = names if name == "name" else self.slots.get(name)
        if ours:
            return dice.choice(ours)
        match self.lists.get(name):
            case TextSlotList(values=values):
                return self._words(dice.choice(values).text_in, names, dice)
            case RangeSlotList(start=start, stop=stop, step=step):
                return str(dice.choice(_USUAL.get(name, range(start, stop + 1, step))))
        raise _Unsaid(name)


def _templates(intent: dict[str, Any], devices: dict[str, tuple[str, ...]]) -> list[_Template]:
    """The templates of an intent, numbered; one that is written twice is one template."""
    from hassil.parse_expression import parse_sentence

    names: dict[str, dict[str, None]] = {}  # the inner dict is an ordered set
    for block in intent["data"]:
        domains = block.get("requires_context", {}).get("domain", [])
        domains = [domains] if isinstance(domains, str) else domains
        fit = dict.fromkeys(name for domain in domains for name in devices.get(domain, ()))
        for text in block["sentences"]:
            names.setdefault(text, {}).update(fit)
    return [
        _Template(number, parse_sentence(text).expression, tuple(fit))
        for number, (text, fit) in enumerate(names.items())
    ]


def _deal(
    tag: str, intent: str, intents: dict[str, Any], walk: _Walk
) -> dict[Split, list[tuple[_Template, random.Random]]]:
    """The templates of each split, each with its dice.

    Shuffled, then those that say more dealt first, so that a split gets its share of sentences
    too where an intent has three templates and one of them says a single thing.
    """
    dice = random.Random(f"{SAMPLER_VERSION} {tag} {intent}")
    templates = _templates(intents[intent], walk.slots)
    dice.shuffle(templates)
    says = {template.number: _variety(template, dice, walk) for template in templates}
    usable = [template for template in templates if says[template.number]]
    usable.sort(key=lambda template: says[template.number], reverse=True)
    dealt: dict[Split, list[tuple[_Template, random.Random]]] = {split: [] for split in CAPS}
    for template, split in zip(usable, cycle(_DEAL)):
        own = random.Random(f"{SAMPLER_VERSION} {tag} {intent} {template.number}")
        dealt[split].append((template, own))
    return dealt


def _variety(template: _Template, dice: random.Random, walk: _Walk) -> int:
    """How many sentences a template has, counted up to the number of tries."""
    seen: set[str] = set()
    for _ in range(_TRIES):
        with contextlib.suppress(_Unsaid):
            seen.add(walk.sentence(template, dice).casefold())
    return len(seen)


def _draw(
    templates: list[tuple[_Template, random.Random]], cap: int, walk: _Walk, seen: set[str]
) -> Iterator[tuple[int, int, str]]:
    """Up to `cap` new sentences, the templates taking turns: (template number, n, text).

    Adds to `seen` the texts that it gives, casefolded.
    """
    turns = deque((template, dice, 0) for template, dice in templates)
    while turns and cap:
        template, dice, n = turns.popleft()
        text = _new_text(template, dice, walk, seen)
        if text is not None:
            seen.add(text.casefold())
            yield template.number, n, text
            turns.append((template, dice, n + 1))
            cap -= 1


def _new_text(template: _Template, dice: random.Random, walk: _Walk, seen: set[str]) -> str | None:
    """A sentence that is not seen yet, or None when several draws found none."""
    for _ in range(_TRIES):
        try:
            text = walk.sentence(template, dice)
        except _Unsaid:
            continue
        if text and text.casefold() not in seen:
            return text
    return None
