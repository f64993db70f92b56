"""What a study found: scores, gains and mixing of each source set, how many languages do, and what
becomes of the claims, as Markdown or for JSON.

It stands on the tables of study_results.py alone, so it says the same with the store and without.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mslt_core.analysis.measured import OVER, Measured, measured
from mslt_core.analysis.mixing import BEFORE, METRICS, SUBSETS
from mslt_core.analysis.mixing.names import NAMES, TITLES
from mslt_core.analysis.selection import corpus_of
from mslt_core.analysis.stats import FEW_SEEDS, seeds_caveat
from mslt_core.analysis.study.claims import Judgement, judge
from mslt_core.analysis.study.gains import GAINS, gains
from mslt_core.analysis.study.how_many import HowMany, how_many
from mslt_core.catalog.tasks import task
from mslt_core.jobs import language_facts, markdown, study_answers, study_results, study_tables
from mslt_core.jobs import study as studies
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_answers import OVER_TITLES
from mslt_core.jobs.study_results import Results
from mslt_core.spec import UserError, WorkFailed
from mslt_core.study_spec import StudySpec

INTERVAL = "95 % intervals over seeds and test sentences together"
RANGE = "the lowest and the highest of the seeds"
ENDS = "the lowest and the highest end of the seeds' 95 % intervals over sentences"
LEFT_OUT = "All sets stand here with the same seeds ({seeds}); {count} other run{s} left out{sets}."
SETS_LEFT_OUT = ", and with that what lacks one of these seeds: {sets}"
CHANCE = "In round brackets: what a value would be about if languages, or the pairing of \
translations, meant nothing."
ON_MESSAGES = "Measured on interface messages of Django, not on the task's own sentences."
ONE_SEED = "The model before training has no seeds: its interval is over sentences."
OTHERS = (
    "Over languages trained on and not trained on: `study report --json`, and the page Compare for "
    "runs of one's own."
)
EACH_SEED = "all targets, seed by seed"
PROBE = (
    "A probe is not fine-tuning: it fits a classifier on embeddings that do not change, so "
    "languages cannot mingle by training, and what fine-tuning would give may differ."
)
OLDER = (
    "The results were written before the answer to each test item was kept, which this rests on: "
    "compute the study anew in a folder of its own."
)
PUBLISHED = (
    "The published pattern, as others summarise it: scores rise steeply from one source language "
    "to three and are flat from there; of the ways to choose them, diversity of typology and of "
    "writing systems does best (*Analysis of Multi-Source Language Training in Cross-Lingual "
    "Transfer*, Lim et al., ACL 2024). That is of other models and tasks, so nothing here claims "
    "to be equal to it."
)


@dataclass(frozen=True, eq=False)
class Report:
    """What is known of a study. scores: SCORES, values from 0 to 1; mixing: MIXING, the model
    before training once for each source set, without seeds."""

    declared: StudySpec
    runs: int
    """Runs that have results, of those that are declared."""
    left_out: int
    """Of these the ones that scores are without, since other sets lack their seeds."""
    sets_with_runs: tuple[str, ...]
    """The source sets with any result."""
    metric: str
    interval: str
    """What low and high of scores are, in words; those of mixing are ENDS."""
    scores: pd.DataFrame
    by_seed: pd.DataFrame
    """BY_SEED: the scores of each seed, which are to be shown where seeds are few."""
    gains: pd.DataFrame
    """GAINS; empty, as how_many is None, where results do not tell of each test item."""
    mixing: pd.DataFrame
    how_many: HowMany | None
    claims: tuple[Judgement, ...]

    @property
    def sentences(self) -> str:
        """What mixing was measured on, if not on the task's own sentences; else empty."""
        if self.mixing.empty or _parallel(self.declared.settings.task):
            return ""
        return ON_MESSAGES

    @property
    def published(self) -> str:
        """What the paper found, in a sentence, where the study has source sets of several sizes,
        which that is about; else empty."""
        several = len({len(sources) for sources in self.declared.sets}) > 1
        return PUBLISHED if several else ""

    def to_dict(self) -> dict[str, Any]:
        """Rows for JSON; a value that does not exist is None."""
        return {
            "study": self.declared.name,
            "title": self.declared.title,
            "declared": len(self.declared.runs()),
            "runs": self.runs,
            "left_out": self.left_out,
            "metric": self.metric,
            "interval": self.interval,
            "mixing_interval": ENDS,
            "sentences": self.sentences,
            "published": self.published,
            "scores": _rows(self.scores),
            "by_seed": _rows(self.by_seed),
            "gains": _rows(self.gains),
            "mixing": _rows(self.mixing),
            "how_many": self._tables(),
            "claims": [asdict(one) for one in self.claims],
        }

    def to_markdown(self) -> str:
        """Tables under headings."""
        spec = self.declared.settings
        parts = [
            f"# {self.declared.title}",
            f"`{self.declared.name}`: {spec.model} on {spec.task}, budget {spec.budget}, "
            f"{len(spec.targets)} targets, seeds {', '.join(map(str, self.declared.seeds))}; "
            f"{self.runs} of {len(self.declared.runs())} runs have results.",
            f"## Mean {self.metric}",
            f"In per cent; in square brackets {self.interval}. {self._caveats()}".strip(),
            _score_table(self.scores, self.by_seed),
            *study_answers.gains(self.gains),
            *(study_answers.how_many(self.how_many, self.interval) if self.how_many else []),
            *study_answers.claims(self.claims),
        ]
        many = len(self.declared.sets) > len(METRICS)
        if len(self.mixing):
            note = f"In square brackets {ENDS}. {ONE_SEED} {CHANCE} {self.sentences}"
            parts += ["## Mixing", " ".join([note.strip(), *[OTHERS] * many])]
        for subset in SUBSETS[:1] if many else SUBSETS:
            table = _mixing_table(self.mixing[self.mixing["subset"] == subset])
            parts += [f"### {TITLES[subset]}", table] if table else []
        return "\n\n".join([*parts, *filter(None, [self.published])])

    def _lacking(self) -> str:
        """Which declared sets have runs and yet no score here, in words."""
        known = set(self.scores["sources"])
        lacking = [name for name in self.sets_with_runs if name not in known]
        return SETS_LEFT_OUT.format(sets="; ".join(lacking)) if lacking else ""

    def _tables(self) -> dict[str, list[dict[str, Any]]]:
        """How many languages, as rows."""
        found = self.how_many
        tables = ("sizes", "seeds", "lines", "gains") if found else ()
        return {name: _rows(getattr(found, name)) for name in tables}

    def _caveats(self) -> str:
        """What is to be known of runs that are left out, and of intervals over few seeds."""
        said = [PROBE] * (self.declared.settings.method == "probe")
        if self.left_out:
            seeds = ", ".join(map(str, sorted(set(self.by_seed["seed"]))))
            s = " is" if self.left_out == 1 else "s are"
            said.append(
                LEFT_OUT.format(seeds=seeds, count=self.left_out, s=s, sets=self._lacking())
            )
        if self.interval != RANGE:
            said.append(seeds_caveat(int(self.scores["seeds"].min())))
        return " ".join(said)


def report(store: Store, declaration: Path) -> Report:
    """What the runs of a study gave, from what is kept beside its declaration, and where that is
    not all, from the store too.

    Raises BadArgument for a declaration that is wrong, WorkFailed where there are no results.
    """
    declared = studies.read(declaration)
    outdated = study_results.other_settings(declaration, declared)
    results = study_results.nothing()
    if not outdated:
        results = study_results.kept_of(declaration, declared)
    if not _whole(results, declared):
        # Its data may not be here, or what is kept be of other data.
        with suppress(UserError):
            results = study_results.gathered(store, studies.resolved(declaration))
    if results.scores.empty:
        raise WorkFailed(
            outdated
            or f"No run of {declared.name} has results: `study run {declaration}` makes them."
        )
    block = _block(declared, results)
    return _of(declared, results, block, _judged(store, declared, results, block))


def of(declared: StudySpec, results: Results, claims: Sequence[Judgement]) -> Report:
    """The report of what runs of a study gave; results: of one run at least. claims: judged on
    them."""
    return _of(declared, results, _block(declared, results), claims)


def _block(declared: StudySpec, results: Results) -> Measured | None:
    """None of results that do not tell of each test item."""
    if not results.by_item:
        return None
    return measured(results.scores, studies.parallel(declared), declared.pool)


def _of(
    declared: StudySpec, results: Results, block: Measured | None, claims: Sequence[Judgement]
) -> Report:
    scores = results.scores
    return Report(
        declared,
        len(results.run_ids),
        block.left_out if block else 0,
        tuple(scores["sources"].unique()),
        ", ".join(scores["metric"].unique()),
        INTERVAL if block else RANGE,
        *(study_tables.scores_of(block) if block else study_tables.means_alone(scores, declared)),
        gains(block) if block else pd.DataFrame(columns=GAINS),
        study_tables.mixing_of(results),
        how_many(block) if block else None,
        tuple(claims),
    )


def _judged(
    store: Store, declared: StudySpec, results: Results, block: Measured | None
) -> tuple[Judgement, ...]:
    spec, facts = declared.settings, None
    with suppress(UserError):  # neither data nor model need be here
        facts = language_facts.stored(store, spec.model, spec.task, declared.pool)
    return judge(block or OLDER, results.mixing, corpus_of(spec.model)[0], facts)


def _parallel(name: str) -> bool:
    try:
        return task(name).parallel
    except UserError:
        return True  # a file of one's own that is not here: nothing is claimed of it


def _whole(results: Results, declared: StudySpec) -> bool:
    runs = {study_results.key_of(run) for run in declared.runs()}
    return results.by_item and runs <= study_results.ids(results).keys()


def _score_table(scores: pd.DataFrame, by_seed: pd.DataFrame) -> str:
    """With the mean of each seed over all targets where seeds are few."""
    shown = 1 < int(scores["seeds"].max()) < FEW_SEEDS
    every = by_seed[by_seed["over"] == "all"].groupby("sources")["value"]
    rows = []
    for sources, part in scores.groupby("sources", sort=False):
        found: Iterable[Any] = part.itertuples()
        cells = {row.over: row for row in found}
        numbers = (cells.get(over) for over in OVER)
        said = [markdown.percent(n.value, n.low, n.high) if n else "–" for n in numbers]
        seeds = [" ".join(f"{100 * one:.1f}" for one in every.get_group(sources))] * shown
        name = str(sources).replace(",", ", ")
        rows.append([name, str(part["seeds"].max()), *said, *seeds])
    head = ["trained on", "seeds", *OVER_TITLES.values(), *[EACH_SEED] * shown]
    return markdown.table(head, rows)


def _mixing_table(mixing: pd.DataFrame) -> str:
    """A column a space, or a row where there are more than METRICS; the model before training once
    where it is the same for all. Empty where there are no values."""
    columns: dict[str, dict[str, str]] = {}
    for (sources, space), part in mixing.groupby(["sources", "space"], sort=False):
        if part["value"].isna().all():
            continue
        cells = {str(row.metric): _cell(row) for row in part.itertuples()}
        name = str(sources).replace(",", ", ")
        if space != BEFORE:
            columns[name] = cells
        elif cells not in columns.values():
            columns[BEFORE if _same_before(mixing) else f"{BEFORE}, for {name}"] = cells
    if not columns:
        return ""
    rows = [
        [NAMES[metric.key], *(cells[metric.key] for cells in columns.values())]
        for metric in METRICS
        if all(metric.key in cells for cells in columns.values())
    ]
    head, rows = ["", *columns], [row for row in rows if {*row[1:]} != {"–"}]
    if len(columns) > len(METRICS):
        head, *rows = map(list, zip(head, *rows, strict=True))
    return markdown.table(head, rows)


def _same_before(mixing: pd.DataFrame) -> bool:
    before = mixing[mixing["space"] == BEFORE]
    return bool((before.groupby("metric")["value"].nunique(dropna=False) == 1).all())


def _cell(row: Any) -> str:
    if np.isnan(row.value):
        return "–"
    null = "" if np.isnan(row.null) else f" ({row.null:.3f})"
    return f"{row.value:.3f}{null} [{row.low:.3f}, {row.high:.3f}]"


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): None if pd.isna(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]
