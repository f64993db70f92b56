"""Criteria: rules that score source sets without training on them; the higher the better.

Each is a function of a language table and of sets of its languages, and returns one score a set,
(sets,). `score` takes a criterion by its name. Where targets are given, sources are sought that are
near to them, instead of far from one another.

A language that lacks what a criterion needs is an error that names it, for a set without it would
look better or worse than it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, cast, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mslt_core.analysis.selection.table import LanguageTable, Measure, distances
from mslt_core.catalog.languages import language
from mslt_core.spec import BadArgument

Criterion = Literal["pretraining", "vocabulary", Measure, "probe", "random"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)
MEASURES: tuple[Measure, ...] = get_args(Measure)
OF_MODEL: tuple[Criterion, ...] = ("vocabulary", "embedding")
"""Those that need a model's facts in the table."""
SIMPLE: tuple[Criterion, ...] = tuple(c for c in CRITERIA if c not in ("probe", "random"))
"""Those that train nothing, and are to beat a random pick."""
OF_PAIRS: tuple[Measure, ...] = tuple(m for m in MEASURES if m != "scripts")
"""Those that sum the distances between the languages of a set."""
AIMED: tuple[Criterion, ...] = ("vocabulary", *MEASURES, "probe")
"""Those that can aim at targets."""

Sets = Sequence[tuple[str, ...]]
Floats = NDArray[np.float64]


def score(
    criterion: Criterion,
    table: LanguageTable,
    sets: Sets,
    pool: tuple[str, ...],
    targets: tuple[str, ...] = (),
    probed: pd.DataFrame | None = None,
) -> Floats:
    """The scores of source sets by one criterion, (sets,).

    table: has all languages of sets, pool and targets. probed: the scores of a study by probe,
    for the criterion `probe` only. Raises BadArgument where a language lacks what is needed, and
    where the criterion cannot aim at targets.
    """
    if targets and criterion not in AIMED:
        raise BadArgument(
            f"targets: the criterion {criterion} cannot aim at targets: leave them out, or take "
            f"one of {', '.join(AIMED)}."
        )
    if criterion == "pretraining":
        return pretraining_size(table, sets)
    if criterion == "vocabulary":
        return vocabulary_coverage(table, sets, targets or pool)
    if criterion == "random":
        return chance(sets)
    if criterion == "probe":
        if probed is None:
            raise BadArgument("The criterion probe needs the results of a study by probe.")
        return probe_score(probed, sets, targets)
    if targets:
        return nearness(table, criterion, sets, targets)
    return (
        script_diversity(table, sets)
        if criterion == "scripts"
        else diversity(table, criterion, sets)
    )


def pretraining_size(table: LanguageTable, sets: Sets) -> Floats:
    """Sum of the model's pretraining data in the languages of a set, in GiB."""
    members, tags = _members(sets)
    sizes = table.sizes[table.rows(tags)]
    _refuse_gaps(tags, np.isnan(sizes), "pretraining", "size in the model's pretraining corpus")
    return members @ sizes


def vocabulary_coverage(table: LanguageTable, sets: Sets, of: tuple[str, ...]) -> Floats:
    """Share, 0 to 1, of the sub-words in the training text of the languages `of` that the text of
    a set has too: |∪S ∩ ∪of| / |∪of|. `of` is the pool, which holds S, or else the targets."""
    tags = tuple(sorted({*of, *(tag for sources in sets for tag in sources)}))
    missing = (tag not in table.subwords for tag in tags)
    _refuse_gaps(tags, missing, "vocabulary", "count of sub-words")
    wanted = np.unique(np.concatenate([table.subwords[tag] for tag in of]))
    has = {tag: np.isin(wanted, table.subwords[tag]) for tag in tags}
    return np.array([np.any([has[tag] for tag in sources], axis=0).mean() for sources in sets])


def diversity(table: LanguageTable, measure: Measure, sets: Sets) -> Floats:
    """Σ over the pairs of a set of 1 − cosine of their vectors: typological diversity by one of
    lang2vec's feature sets, or diversity of mean sentence embeddings. 0 for a single language."""
    members, tags = _members(sets)
    apart = _distances(table, measure, tags)
    return cast(Floats, ((members @ apart) * members).sum(axis=1) / 2)


def script_diversity(table: LanguageTable, sets: Sets) -> Floats:
    """Number of distinct writing systems in a set."""
    members, tags = _members(sets)
    written = table.vectors["scripts"][table.rows(tags)]
    distinct: Floats = np.count_nonzero(members @ written, axis=1).astype(np.float64)
    return distinct


def nearness(
    table: LanguageTable, measure: Measure, sets: Sets, targets: tuple[str, ...]
) -> Floats:
    """How near the sources are to the targets: 1 − the mean of d(s, t) over all sources s of a set
    and all targets t, where d is 1 − cosine of their vectors.

    LangRank (Lin et al. 2019, aclanthology.org/P19-1301) ranks single sources for one target by
    such distances of URIEL, among other features; the means over several of both are ours. Here a
    target that is among the sources is at distance 0 from itself.
    """
    members, tags = _members(sets)
    both = tuple(dict.fromkeys((*tags, *targets)))
    apart = _distances(table, measure, both)[: len(tags), [both.index(tag) for tag in targets]]
    return cast(Floats, 1 - members @ apart.mean(axis=1) / members.sum(axis=1))


def probe_score(probed: pd.DataFrame, sets: Sets, targets: tuple[str, ...] = ()) -> Floats:
    """Mean score, 0 to 1, that a linear probe reached when it was trained on a set, over the
    targets (none: all of the study) and over the seeds that the study has of all the sets.

    probed: columns sources (`ar,de,zh`), seed, target, value.
    """
    values = probed.pivot(index="sources", columns=["target", "seed"], values="value")
    names = [",".join(sorted(sources)) for sources in sets]
    lacking = [name for name in names if name not in values.index]
    if lacking:
        raise BadArgument(
            f"probe: the study has no result of {len(lacking)} of the {len(names)} sets, such as "
            f"{lacking[0]}: choose from the study's own pool and sizes."
        )
    tested = set(values.columns.get_level_values("target"))
    untested = [tag for tag in targets if tag not in tested]
    if untested:
        raise BadArgument(
            f"probe: the study tested nothing on {_named(untested)}: choose from "
            f"{', '.join(sorted(tested))}."
        )
    wanted = values.loc[names, sorted(targets or tested)].dropna(axis=1)
    if wanted.empty:
        raise BadArgument("probe: the study has no seed that all these sets were run with.")
    return np.asarray(wanted.mean(axis=1), dtype=float)


def chance(sets: Sets) -> Floats:
    """The chance of each set to be picked at random, the same for all: so what is to be expected
    of a random pick is the mean of what was measured over all sets, and its rank (sets + 1) / 2."""
    return np.full(len(sets), 1 / len(sets))


def _members(sets: Sets) -> tuple[Floats, tuple[str, ...]]:
    """1 where a set has a language, (sets, languages), and the languages."""
    tags = tuple(sorted({tag for sources in sets for tag in sources}))
    place = {tag: i for i, tag in enumerate(tags)}
    members = np.zeros((len(sets), len(tags)))
    for row, sources in zip(members, sets, strict=True):
        row[[place[tag] for tag in sources]] = 1
    return members, tags


def _distances(table: LanguageTable, measure: Measure, tags: tuple[str, ...]) -> Floats:
    """Between these languages alone. Raises BadArgument where one has no vector."""
    if measure not in table.vectors:
        raise BadArgument(f"{measure}: the sentence vectors of the model are not computed yet.")
    rows = table.rows(tags)
    what = "mean sentence vector" if measure == "embedding" else f"{measure} vector in lang2vec"
    _refuse_gaps(tags, (np.isnan(row).any() for row in table.vectors[measure][rows]), measure, what)
    return distances(table, measure)[np.ix_(rows, rows)]


def _refuse_gaps(
    tags: tuple[str, ...], gaps: Iterable[bool | np.bool_], criterion: Criterion, what: str
) -> None:
    lacking = [tag for tag, gap in zip(tags, gaps, strict=True) if gap]
    if lacking:
        raise BadArgument(
            f"{criterion}: there is no {what} for {_named(lacking)}: take another criterion, or "
            "choose without it."
        )


def _named(tags: Sequence[str]) -> str:
    return ", ".join(f"{tag} ({language(tag).name})" for tag in tags)
