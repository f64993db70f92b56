"""What a study found: mean scores and mixing of each source set, as Markdown or for JSON.

Where the store holds the runs, values have 95 % intervals over seeds and sentences together. Else
they are read from the tables beside the declaration, and what stands with a value is the range of
its seeds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mslt_core.analysis import transfer
from mslt_core.analysis.mixing import METRICS, SUBSETS, pooled, summary
from mslt_core.analysis.stats import FEW_SEEDS
from mslt_core.analysis.transfer import OVER, Finished
from mslt_core.catalog.map_sentences import Told
from mslt_core.catalog.resolve import ResolvedRun
from mslt_core.catalog.tasks import task
from mslt_core.cli.mix_table import NAMES, TITLES, on_messages
from mslt_core.jobs import study as studies
from mslt_core.jobs import study_results
from mslt_core.jobs.store import Store
from mslt_core.jobs.study_results import BEFORE, Results, sources_of
from mslt_core.spec import UserError, WorkFailed
from mslt_core.study_spec import StudySpec

SCORES = ["sources", "over", "value", "low", "high", "seeds", "targets"]
MIXING = ["sources", "space", "subset", "metric", "value", "low", "high", "null", "seeds"]

INTERVAL = "95 % intervals over seeds and test sentences together"
RANGE = "the lowest and the highest of the seeds"
FEW = "From {seeds} seeds alone, intervals come out too narrow."
ONE = "An interval of one seed covers the choice of test sentences, not the luck of training."
OVER_TITLES = {
    "all": "all targets",
    "seen": "targets trained on",
    "unseen": "targets not trained on",
}
CHANCE = "In round brackets: what a value would be about if languages, or the pairing of \
translations, meant nothing."
ON_SOME_MESSAGES = "Measured on interface messages of Django, not on the task's own sentences."
ONE_SEED = "The model before training has no seeds: its interval is over sentences."

Rows = list[tuple[object, ...]]


@dataclass(frozen=True, eq=False)
class Report:
    """What is known of a study. scores: SCORES, values from 0 to 1; mixing: MIXING, the model
    before training once for each source set, without seeds."""

    declared: StudySpec
    runs: int
    """Runs that have results, of those that are declared."""
    metric: str
    interval: str
    """What low and high are, in words."""
    scores: pd.DataFrame
    mixing: pd.DataFrame
    sentences: str
    """What mixing was measured on, if not on the task's own sentences; else empty."""

    def to_dict(self) -> dict[str, Any]:
        """Rows for JSON; a value that does not exist is None."""
        return {
            "study": self.declared.name,
            "title": self.declared.title,
            "declared": len(self.declared.runs()),
            "runs": self.runs,
            "metric": self.metric,
            "interval": self.interval,
            "sentences": self.sentences,
            "scores": _rows(self.scores),
            "mixing": _rows(self.mixing),
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
            f"In per cent; in square brackets {self.interval}. {self._caveat()}".strip(),
            _score_table(self.scores),
        ]
        if len(self.mixing):
            note = f"In square brackets {self.interval}. {ONE_SEED} {CHANCE} {self.sentences}"
            parts += ["## Mixing", note.strip()]
        for subset in SUBSETS:
            table = _mixing_table(self.mixing[self.mixing["subset"] == subset])
            parts += [f"### {TITLES[subset]}", table] if table else []
        return "\n\n".join(parts)

    def _caveat(self) -> str:
        """What is to be known of intervals over few seeds."""
        seeds = int(self.scores["seeds"].min())
        if self.interval == RANGE or seeds >= FEW_SEEDS:
            return ""
        return ONE if seeds == 1 else FEW.format(seeds=seeds)


def report(store: Store, declaration: Path) -> Report:
    """What the runs of a study gave, from the store and from what is kept beside its declaration.

    Raises BadArgument for a declaration that is wrong, WorkFailed where there are no results.
    """
    declared = studies.read(declaration)
    runs: tuple[ResolvedRun, ...] = ()
    try:
        study = studies.resolved(declaration)
        results, runs = study_results.gathered(store, study), study.runs
    except WorkFailed:  # its data is not here, or what is kept is of other data
        results = study_results.kept(declaration)
    if results.scores.empty:
        raise WorkFailed(
            f"No run of {declared.name} has results: `study run {declaration}` makes them."
        )
    here = studies.stored(store, runs)
    if results.run_ids <= here:
        chosen = [run for run in runs if run.run_id in here]
        scores, mixing = _scores(store, chosen), _mixing(store, chosen)
        sentences = _measured_on(store, chosen)
    else:
        scores, mixing = _ranges_of_scores(results, declared), _ranges_of_mixing(results)
        # The tables do not say it, but of no other task are there sentences in translation.
        sentences = "" if _parallel(declared.settings.task) else ON_SOME_MESSAGES
    return Report(
        declared,
        len(results.run_ids),
        ", ".join(results.scores["metric"].unique()),
        INTERVAL if results.run_ids <= here else RANGE,
        scores,
        mixing,
        sentences if len(mixing) else "",
    )


# From the store --------------------------------------------------------------------------------


def _scores(store: Store, runs: Sequence[ResolvedRun]) -> pd.DataFrame:
    record = store.run_json(runs[0].run_id)
    answers = record.get("answers", "labels")
    finished = [Finished(run.spec, store.predictions(run.run_id), answers) for run in runs]
    means = transfer.transfer(finished, bool(record.get("parallel"))).means
    names = {name: ",".join(spec.sources) for spec, name in _names(runs).items()}
    return means.assign(sources=means["configuration"].map(names))[SCORES]


def _names(runs: Iterable[ResolvedRun]) -> dict[Any, str]:
    return transfer.labels(run.spec for run in runs)


def _mixing(store: Store, runs: Sequence[ResolvedRun]) -> pd.DataFrame:
    found: dict[str, list[Any]] = {}
    for run in runs:
        mixing = store.mixing(run.run_id)
        if mixing:
            found.setdefault(sources_of(run), []).append(mixing)
    parts = []
    for sources, of_seeds in found.items():
        before = summary(of_seeds[0].before)
        after = summary(pooled([mixing.after for mixing in of_seeds]))
        parts.append(before.assign(sources=sources, space=BEFORE, seeds=0))
        parts.append(after.assign(sources=sources, space="tuned", seeds=len(of_seeds)))
    return _mixing_frame(parts)


def _measured_on(store: Store, runs: Iterable[ResolvedRun]) -> str:
    said = []
    for run in runs:
        told, mixing = Told.of_record(store.run_json(run.run_id)), store.mixing(run.run_id)
        if mixing and told and told.messages:
            said.append(on_messages(mixing))
    return " ".join(dict.fromkeys(said))


# From the tables beside the declaration --------------------------------------------------------


def _parallel(name: str) -> bool:
    try:
        return task(name).parallel
    except UserError:
        return True  # a file of one's own that is not here: nothing is claimed of it


def _ranges_of_scores(results: Results, declared: StudySpec) -> pd.DataFrame:
    rows: Rows = []
    order = dict.fromkeys(",".join(sources) for sources in declared.sets)
    for sources in order:
        table = results.scores[results.scores["sources"] == sources]
        seen = table["target"].isin(sources.split(","))
        for over, part in zip(OVER, (table, table[seen], table[~seen]), strict=True):
            if len(part):
                by_seed = part.groupby("seed")["value"].mean()
                targets = part["target"].nunique()
                ends = float(by_seed.min()), float(by_seed.max())
                rows.append((sources, over, float(by_seed.mean()), *ends, len(by_seed), targets))
    return pd.DataFrame(rows, columns=SCORES)


def _ranges_of_mixing(results: Results) -> pd.DataFrame:
    table = results.mixing
    before = table[table["space"] == BEFORE].assign(seeds=0)
    rows: Rows = []
    tuned = table[table["space"] != BEFORE]
    keys = ["sources", "space", "subset", "metric"]
    for key, part in tuned.groupby(keys, sort=False):
        values = part["value"].to_numpy()  # a value that a seed lacks the mean lacks too
        nulls = part["null"].to_numpy()
        ends = (np.mean(values), np.min(values), np.max(values), np.mean(nulls))
        rows.append((*key, *map(float, ends), len(values)))
    after = pd.DataFrame(rows, columns=MIXING)
    parts = []
    for sources in dict.fromkeys(table["sources"]):
        parts += [side[side["sources"] == sources] for side in (before, after)]
    return _mixing_frame(parts)


def _mixing_frame(parts: list[pd.DataFrame]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=MIXING)
    numbers = dict.fromkeys(("value", "low", "high", "null"), float)
    same = [part[MIXING].astype({**numbers, "seeds": int}) for part in parts]
    return pd.concat(same, ignore_index=True)


# Markdown --------------------------------------------------------------------------------------


def _score_table(scores: pd.DataFrame) -> str:
    rows = []
    for sources, part in scores.groupby("sources", sort=False):
        cells = {row.over: row for row in part.itertuples()}
        said = [_percent(cells[over]) if over in cells else "–" for over in OVER]
        rows.append([str(sources).replace(",", ", "), str(part["seeds"].max()), *said])
    return _table(["trained on", "seeds", *OVER_TITLES.values()], rows)


def _percent(row: Any) -> str:
    return f"{100 * row.value:.1f} [{100 * row.low:.1f}, {100 * row.high:.1f}]"


def _mixing_table(mixing: pd.DataFrame) -> str:
    """A column a space, the model before training once where it is the same for all; empty where
    there are no values."""
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
    return _table(["", *columns], [row for row in rows if {*row[1:]} != {"–"}])


def _same_before(mixing: pd.DataFrame) -> bool:
    before = mixing[mixing["space"] == BEFORE]
    return bool((before.groupby("metric")["value"].nunique(dropna=False) == 1).all())


def _cell(row: Any) -> str:
    if np.isnan(row.value):
        return "–"
    null = "" if np.isnan(row.null) else f" ({row.null:.3f})"
    return f"{row.value:.3f}{null} [{row.low:.3f}, {row.high:.3f}]"


def _table(head: list[str], rows: list[list[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): None if pd.isna(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]
