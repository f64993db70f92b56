"""Does more mixing go with better transfer? A point for each run that was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from math import isnan
from pathlib import Path
from statistics import mean
from typing import Any, Literal

import pandas as pd
import streamlit as st

from mslt_core.analysis.association import FEWEST_SETS, Association, association
from mslt_core.analysis.mixing import AFTER, BEFORE, METRIC, METRICS
from mslt_core.analysis.transfer import settings, settings_labels
from mslt_core.catalog.languages import language
from mslt_core.jobs import queries
from mslt_core.jobs.ledger import RunRecord
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.ui import frame, mixing_transfer_chart, pair_transfer, results, words, words_mixing
from mslt_core.ui.links import recall, remember, unless
from mslt_core.ui.mixing_sentence import number, towards
from mslt_core.ui.mixing_tables import stored
from mslt_core.ui.pair_transfer import SURE, likely
from mslt_core.ui.sets import Sets, finished
from mslt_core.ui.views import as_chart

FEWEST_RUNS = 5
MOST = 120
"""Runs that are looked at: those compared, then the first seed of each set, the newest first, then
the second ones. Of so many the first look takes a second, and more are hardly told apart."""
Axis = Literal["change", "value"]


@dataclass(frozen=True, eq=False)
class MeasuredRun:
    """A run with what was measured of it: by metric the change from before training and the value
    after it, over all languages; the score by target, and their mean over `all`."""

    basis: str
    metrics: Mapping[str, tuple[float, float]]
    scores: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Found:
    """All measured runs of some settings. runs: columns run, sources (a tuple of languages), k,
    seed, finished, a row a run, and MeasuredRun of each by its run; skipped: how many cannot be
    compared with the newest or are too many."""

    runs: pd.DataFrame
    measured: Mapping[str, MeasuredRun]
    skipped: int

    @property
    def targets(self) -> list[str]:
        """Targets that every run has a score of."""
        scored = [set(one.scores) - {"all"} for one in self.measured.values()]
        return sorted(set.intersection(*scored)) if scored else []

    @property
    def unseen(self) -> list[str]:
        """Those that none was trained on: the same for all, so that their means can be compared."""
        trained = {tag for sources in self.runs["sources"] for tag in sources}
        return [tag for tag in self.targets if tag not in trained]

    def score(self, run: str, over: str) -> float | None:
        """The score of a run on a target, `all`, or `unseen`."""
        scores = self.measured[run].scores
        if over != "unseen":
            return scores.get(over)
        return mean(scores[tag] for tag in self.unseen) if self.unseen else None


def mixing_transfer(store: Store, sets: Sets) -> None:
    """The chart, how the two go together, and what that does not mean."""
    found = Counter(settings(spec) for spec in sets.groups if spec.method == "finetune")
    if not found:
        return  # probes change no embedding, so there is nothing to compare
    st.subheader(words_mixing.LINK)
    (key, _), *others = found.most_common()
    if others:
        name = settings_labels(found)[key]
        st.caption(words_mixing.LINK_SETTINGS.format(settings=name))
    chosen = {run.run_id for run in sets.runs}
    repeated = finished(store).families.get(key, {})
    ids = _in_order(repeated.values(), chosen)
    shown = tuple(sorted(ids[:MOST]))
    # A fragment: another measure draws this panel alone.
    found_runs = _found(*results.version(store), shown, len(ids))
    st.fragment(_panel)(str(store.home), found_runs, frozenset(chosen))


def _in_order(groups: Iterable[tuple[str, ...]], chosen: set[str]) -> list[str]:
    """The runs of several sets, each set's in the order of seeds: as MOST takes them."""
    taking_turns = [run_id for turn in zip_longest(*groups) for run_id in turn if run_id]
    return sorted(taking_turns, key=lambda run_id: run_id not in chosen)


@frame.told()
def _panel(home: str, found: Found, chosen: frozenset[str]) -> None:
    if len(found.runs) < FEWEST_RUNS:
        count = len(found.runs)
        st.caption(
            words_mixing.LINK_FEW_RUNS.format(count=count, are="is" if count == 1 else "are")
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = _metric(found)
        axis = _axis()
        over = _over(found)
    points = _points(found, metric, axis, over, chosen)
    st.markdown(_said(_together(found, metric, over), points, metric, over))
    st.markdown(_of_pairs(found, home, metric))
    alt = words_mixing.ALT_LINK.format(
        runs=len(points), metric=words_mixing.MIX_METRICS[metric], score=_over_name(over).lower()
    )
    if as_chart(_named(points), "mixing-transfer", words_mixing.LINK_CHART, alt):
        titles = (
            _title(metric, axis),
            words_mixing.LINK_SCORE.format(over=_over_name(over).lower()),
        )
        # Runs are no wider apart for standing on a wide page.
        left, _ = st.columns([3, 2])
        left.vega_lite_chart(points, dict(_drawing(*titles)), alt=alt)
    said = [words_mixing.LINK_CAPTION]
    if found.skipped:
        said.append(words_mixing.LINK_SKIPPED.format(count=found.skipped))
    st.caption(" ".join(said))


def _metric(found: Found) -> str:
    offered = [
        metric.key
        for metric in METRICS
        if any(metric.key in one.metrics for one in found.measured.values())
    ]
    usual = "language_probe" if "language_probe" in offered else offered[0]
    recall("link_metric", usual, str, offered.__contains__)
    chosen = st.selectbox(
        words.MEASURE,
        offered,
        key="link_metric",
        format_func=words_mixing.MIX_METRICS.__getitem__,
        width=280,
    )
    remember({"link_metric": unless(chosen, usual)})
    return str(chosen)


def _axis() -> Axis:
    recall("link_as", "change", str, words_mixing.LINK_AXES.__contains__)
    chosen = st.segmented_control(
        words_mixing.LINK_AXIS,
        list(words_mixing.LINK_AXES),
        key="link_as",
        format_func=words_mixing.LINK_AXES.__getitem__,
        required=True,
    )
    remember({"link_as": unless(chosen, "change")})
    return "value" if chosen == "value" else "change"


def _over(found: Found) -> str:
    offered = ["all", *(["unseen"] if found.unseen else []), *found.targets]
    recall("link_over", "all", str, offered.__contains__)
    chosen = st.selectbox(
        words_mixing.LINK_OVER, offered, key="link_over", format_func=_over_name, width=240
    )
    remember({"link_over": unless(chosen, "all")})
    return str(chosen)


def _over_name(over: str) -> str:
    return words_mixing.LINK_OVERS.get(over) or words.NAMED.format(
        name=language(over).name, tag=over
    )


def _points(
    found: Found, metric: str, axis: Axis, over: str, chosen: frozenset[str]
) -> pd.DataFrame:
    """A row a run: run, sources, k, seed, x, y, chosen, and sources, x and y in words."""
    place = 0 if axis == "change" else 1
    x = found.runs["run"].map(
        {
            run: one.metrics[metric][place]
            for run, one in found.measured.items()
            if metric in one.metrics
        }
    )
    y = found.runs["run"].map({run: found.score(run, over) for run in found.measured})
    points = found.runs.assign(x=x.astype(float), y=100 * y.astype(float)).dropna()
    return points.assign(
        chosen=points["run"].isin(chosen),
        said_sources=[", ".join(sources) for sources in points["sources"]],
        said_x=[number(value, signed=axis == "change") for value in points["x"]],
        said_y=[f"{value:.1f}" for value in points["y"]],
    )


@lru_cache(maxsize=200)
def _together(found: Found, metric: str, over: str) -> Association | None:
    """The changes are in the order of the values, for before training all runs have the same one.
    `found` is the same object until a run ends."""
    return association(_points(found, metric, "value", over, frozenset()))


def _said(found: Association | None, points: pd.DataFrame, metric: str, over: str) -> str:
    """What the points say, and no more."""
    if found is None:
        sets = points["sources"].nunique()
        said = words_mixing.LINK_FEW_SETS if sets < FEWEST_SETS else words.LINK_FLAT
        return said.format(sets=sets, runs=len(points))
    what = METRIC[metric]
    # Of the correlation the sign that says "more mixed", not "a higher value".
    value = -found.value if what.more_mingled == "lower" else found.value
    clear = found.p is not None and found.p < SURE
    said = "unclear" if not clear else "better" if value > 0 else "worse"
    return words_mixing.LINK_SAID[said].format(
        sets=found.sets,
        what=words_mixing.LINK_MORE.get(metric) or words_mixing.LINK_MORE[what.family],
        metric=words_mixing.MIX_QUOTED.get(metric, words_mixing.MIX_METRICS[metric].lower()),
        over=_over_name(over).lower() if over in words_mixing.LINK_OVERS else _over_name(over),
        rho=f"{value:+.2f}".replace("-", "−"),
        p=likely(found.p),
    )


@lru_cache(maxsize=200)
def _of_pairs(found: Found, home: str, metric: str) -> str:
    """What runs on single languages say of pairs, if anything."""
    singles = found.runs[found.runs["k"] == 1]
    if singles.empty:
        return ""
    rows = [
        {target: found.score(run, target) for target in found.targets} for run in singles["run"]
    ]
    sources = [source for (source,) in singles["sources"]]
    scores = pd.DataFrame(rows).groupby(pd.Index(sources)).mean()
    first = singles.iloc[0]
    try:
        mixing = stored(home, first["run"], first["finished"]).mixing
    except UserError:
        return ""  # others tell what is wrong with it
    return pair_transfer.said(mixing.before, scores, metric) if mixing else ""


def _title(metric: str, axis: Axis) -> tuple[str, str]:
    name = words_mixing.LINK_X[axis].format(metric=words_mixing.MIX_METRICS[metric])
    return name, towards(METRIC[metric])


@st.cache_resource(show_spinner=False, max_entries=60)
def _drawing(x: tuple[str, str], y: str) -> dict[str, Any]:
    return mixing_transfer_chart.drawing(x, y)


def _named(points: pd.DataFrame) -> pd.DataFrame:
    """The points as people read them."""
    named = points.assign(sources=points["said_sources"])
    return named[list(words_mixing.LINK_COLUMNS)].rename(columns=words_mixing.LINK_COLUMNS)


@st.cache_resource(show_spinner=words_mixing.LINK_READING, max_entries=20)
def _found(home: str, version: int, ids: tuple[str, ...], of: int) -> Found:
    """What was measured of these runs of some settings, which are so many in all."""
    store = Store(Path(home))
    runs = queries.named(store.ledger, ids)
    measured = {run.run_id: _measured(home, run.run_id, run.finished or 0.0) for run in runs}
    there = [(run, one) for run in runs if (one := measured[run.run_id])]
    # Numbers of two ways of measuring cannot stand on one axis: those of the newest way are kept.
    newest = max(there, key=lambda pair: pair[0].finished or 0.0)[1].basis if there else ""
    kept = [(run, one) for run, one in there if one.basis == newest]
    skipped = len(there) - len(kept) + of - len(ids)
    return Found(_table([run for run, _ in kept]), {run.run_id: one for run, one in kept}, skipped)


def _table(runs: list[RunRecord]) -> pd.DataFrame:
    rows = [
        (run.run_id, run.spec.sources, run.spec.k, run.spec.seed, run.finished or 0.0)
        for run in runs
    ]
    return pd.DataFrame(rows, columns=["run", "sources", "k", "seed", "finished"])


@st.cache_resource(show_spinner=False, max_entries=1000)
def _measured(home: str, run_id: str, finished: float) -> MeasuredRun | None:
    """None of a run that was not measured, or cannot be read: others tell what is wrong with it."""
    store = Store(Path(home))
    try:
        record = store.run_json(run_id)
        if "mixing.parquet" not in (record.get("checksums") or {}):
            return None
        mixing, scores = store.table(run_id, "mixing"), store.scores(run_id)
    except UserError:
        return None
    # Without pandas, which takes longer for so few rows than reading them does.
    columns = (mixing[name].tolist() for name in ("subset", "space", "metric", "value"))
    of = {
        (space, metric): value
        for subset, space, metric, value in zip(*columns, strict=True)
        if subset == "all" and not isnan(value)
    }
    before, after = (
        {metric: value for (space, metric), value in of.items() if space == name}
        for name in (BEFORE, AFTER)
    )
    columns = (scores[name].tolist() for name in ("metric", "target", "value"))
    by_target = {
        target: value
        for metric, target, value in zip(*columns, strict=True)
        if metric == record.get("metric", "accuracy")
    }
    return MeasuredRun(
        basis=str((record.get("mixing") or {}).get("basis", "")),
        metrics={key: (after[key] - before[key], after[key]) for key in after if key in before},
        scores={**by_target, "all": float(record["mean"]["all"])},
    )
