"""What a task is: labelled items in several languages, split into train, dev and test.

A task is a class with the members of `Task`. Loading is lazy: making a task, listing its
languages and fingerprinting it are cheap enough for a page; `items` may read files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import pandas as pd

Kind = Literal["sentence", "pair", "token"]
Split = Literal["train", "dev", "test"]
Metric = Literal["accuracy", "f1"]
"""What means, rankings and heatmaps of a task use: the share of right answers (of token tasks, of
right tags), or the F1 of entities that are marked by IOB2 tags."""


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled example. A sentence has text and label; a pair has second too; a token item
    has words and tags of equal length, and text is the words as written."""

    id: str
    """Unique within a language; in a parallel task the same id is the same item in translation."""
    text: str
    label: str = ""
    second: str = ""
    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def gold(self) -> str:
        """The right answer as one text: the label, or the tags with a space between them."""
        return " ".join(self.tags) if self.tags else self.label


class Task(Protocol):
    """Labelled items in several languages. Every method raises UserError in words for people."""

    name: str
    """Name in specs and on the command line, such as `sib200`."""
    title: str
    """Name for people, such as `Topic of a sentence (SIB-200)`."""
    kind: Kind
    metric: Metric
    parallel: bool
    """Whether equal ids are translations of one another."""
    source: str
    """Where the data is from and under which licence, in one sentence."""

    def languages(self) -> tuple[str, ...]:
        """Tags of the languages that have data, sorted."""
        ...

    def labels(self) -> tuple[str, ...]:
        """Names of the classes (or tags), in the order that class indices follow."""
        ...

    def items(self, language: str, split: Split) -> list[Item]:
        """Items of one language and split, in a stable order."""
        ...

    def sizes(self) -> pd.DataFrame:
        """One row a language: language, train, dev, test (numbers of items)."""
        ...

    def where(self) -> str:
        """Where the data was found on this machine or the hub, for people."""
        ...

    def fingerprint(self, languages: tuple[str, ...]) -> str:
        """Changes whenever the items of these languages may have changed."""
        ...
