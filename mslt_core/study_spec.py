"""A study: a declared family of runs that share everything but their sources and their seed."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, TypeVar

from mslt_core.spec import BadArgument, RunSpec

T = TypeVar("T")

MOST_RUNS = 10_000

FIELDS = ("name", "title", "run", "sets", "pool", "sizes", "seeds")
SHARED = tuple(
    field.name for field in dataclasses.fields(RunSpec) if field.name not in ("sources", "seed")
)
"""The fields of a run that all runs of a study share."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


@dataclass(frozen=True)
class StudySpec:
    """Several source sets, each trained with several seeds.

    Raises BadArgument, naming the field and what is allowed, when a field is out of range.
    """

    name: str
    """Small letters, digits and hyphens: its files are called so."""
    title: str
    """Name for people, in one line."""
    settings: RunSpec
    """What all runs share; its own sources and seed say nothing."""
    sets: tuple[tuple[str, ...], ...]
    """The source sets, in the order in which they are run and told; each sorted."""
    seeds: tuple[int, ...]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadArgument(
                f"name is {self.name!r}: it must be of small letters, digits and hyphens, 80 at "
                "most, as its files are called so."
            )
        if not self.title.strip() or "\n" in self.title:
            raise BadArgument(f"title is {self.title!r}: it must be one line of text.")
        sets = tuple(tuple(sorted(sources)) for sources in self.sets)
        object.__setattr__(self, "sets", sets)
        _check_distinct("sets", [", ".join(sources) for sources in sets])
        _check_distinct("seeds", self.seeds)
        if len(sets) * len(self.seeds) > MOST_RUNS:
            raise BadArgument(
                f"{len(sets)} sets with {len(self.seeds)} seeds each are more than {MOST_RUNS} "
                "runs: take fewer."
            )
        for sources in sets:  # a RunSpec says itself what is wrong with it
            replace(self.settings, sources=sources)
        for seed in self.seeds:
            replace(self.settings, seed=seed)

    @property
    def pool(self) -> tuple[str, ...]:
        """All languages that some set has, sorted."""
        return tuple(sorted({language for sources in self.sets for language in sources}))

    def runs(self) -> tuple[RunSpec, ...]:
        """Its runs in their order: all sets with the first seed, then with the next, so that a
        study that is stopped halfway has something of every set."""
        return tuple(
            replace(self.settings, sources=sources, seed=seed)
            for seed in self.seeds
            for sources in self.sets
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> StudySpec:
        """A study as a file declares it: `name`, `title`, `seeds`, a table `run` with the fields
        that its runs share, and either `sets`, a list of source sets, or `pool` and `sizes`, which
        stand for all sets of these sizes that can be made of the pool.

        Raises BadArgument for a field that is missing, unknown, or not of its type.
        """
        _check_known(values, FIELDS, "a study")
        sets = _sets(values)
        seeds = tuple(_list(values, "seeds", int, "whole numbers, such as [0, 1, 2]"))
        shared = values.get("run")
        if not isinstance(shared, Mapping):
            raise BadArgument("run is missing: declare what all runs share in a table [run].")
        _check_known(shared, SHARED, "what the runs of a study share, in [run]")
        fields = {
            **shared,
            "model": _text(shared, "model"),
            "task": _text(shared, "task"),
            "targets": tuple(_list(shared, "targets", str, 'languages, such as ["de", "sw"]')),
        }
        if not isinstance(fields.get("four_bit", False), bool):
            raise BadArgument(f"four_bit is {fields['four_bit']!r}: it must be true or false.")
        return cls(
            name=_text(values, "name"),
            title=_text(values, "title"),
            settings=RunSpec(**fields, sources=sets[0], seed=seeds[0]),
            sets=sets,
            seeds=seeds,
        )


def _sets(values: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    by_pool = {"pool", "sizes"} & set(values)
    if "sets" in values:
        if by_pool:
            raise BadArgument(
                "Both sets and a pool are declared: give either sets, or pool and sizes."
            )
        sets = _list(values, "sets", list, 'source sets, such as [["en"], ["ar", "de", "zh"]]')
        for sources in sets:
            _list({"sets": sources}, "sets", str, "languages in each of its lists")
        return tuple(map(tuple, sets))
    if not by_pool:
        raise BadArgument("sets is missing: give the source sets, or a pool and sizes.")
    pool = sorted(_list(values, "pool", str, 'languages, such as ["ar", "de", "zh"]'))
    sizes = _list(values, "sizes", int, "whole numbers, such as [1, 3]")
    _check_distinct("pool", pool)
    _check_distinct("sizes", sizes)
    for size in sizes:
        if not 1 <= size <= len(pool):
            raise BadArgument(f"sizes holds {size}: the pool has 1 to {len(pool)} languages.")
    if sum(math.comb(len(pool), size) for size in sizes) > MOST_RUNS:
        raise BadArgument(f"The pool has more than {MOST_RUNS} sets of these sizes: take fewer.")
    return tuple(sources for size in sizes for sources in combinations(pool, size))


def _text(values: Mapping[str, Any], field: str) -> str:
    found = values.get(field)
    if not isinstance(found, str) or not found:
        raise BadArgument(_wrong(field, found, "a text, in quotes"))
    return found


def _list(values: Mapping[str, Any], field: str, kind: type[T], what: str) -> list[T]:
    found = values.get(field)
    # Not isinstance: true and false are no whole numbers.
    if not isinstance(found, list) or not found or any(type(one) is not kind for one in found):
        raise BadArgument(_wrong(field, found, f"a list of {what}"))
    return found


def _wrong(field: str, found: object, allowed: str) -> str:
    state = "is missing" if found is None else f"is {found!r}"
    return f"{field} {state}: it must be {allowed}."


def _check_known(values: Mapping[str, Any], known: tuple[str, ...], of: str) -> None:
    unknown = [str(key) for key in values if key not in known]
    if unknown:
        raise BadArgument(f"{', '.join(unknown)}: not a field of {of}: {', '.join(known)}.")


def _check_distinct(field: str, values: list[Any] | tuple[Any, ...]) -> None:
    repeated = [str(value) for value in dict.fromkeys(values) if values.count(value) > 1]
    if repeated:
        raise BadArgument(f"{field} has {'; '.join(repeated)} twice: name each once.")
