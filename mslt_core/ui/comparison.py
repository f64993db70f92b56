"""Finished runs side by side: embedding map, transfer heatmap, means, and what they say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.analysis.measured import OVER
from mslt_core.analysis.stats import FEW_SEEDS
from mslt_core.analysis.transfer import Transfer
from mslt_core.catalog import models
from mslt_core.catalog.languages import language
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.ui import charts, embedding_map, results, words, words_compare
from mslt_core.ui.caveats import caveats, of_chart
from mslt_core.ui.charts import percent
from mslt_core.ui.sets import Sets, macro_f1, metric, tables
from mslt_core.ui.views import chart_or_table

BESIDE = 6
"""Source sets up to which the means have room beside the heatmap."""


def comparison(store: Store, sets: Sets, baseline: RunSpec, gain: bool) -> None:
    """The map of each column, and below it what they transferred: heatmap and means side by side
    (stacked where it is narrow), in the same order."""
    found = tables(store, sets, baseline if gain else None)
    embedding_map.embedding_map(store, sets)
    _say_shared(sets, found)
    left, right = st.columns([5, 6], gap="medium") if len(sets.groups) <= BESIDE else (st, st)
    with left.container():
        _heatmap(store, sets, found, baseline, gain)
    if len(found.means):
        with right.container():
            _means(store, sets, found, gain)


def sentence(store: Store, sets: Sets, baseline: RunSpec) -> str:
    """What the numbers say in one sentence: the best other set against the baseline."""
    level = tables(store, sets)
    reference = sets.names[baseline]
    if not level.shared:
        return words_compare.NOTHING_SHARED
    levels = _over_all(level)
    if len(sets.groups) == 1:
        row = levels[reference]
        return words_compare.ONE_SET.format(
            label=reference, value=percent(row.value), **_numbers(row)
        )
    gains = _over_all(tables(store, sets, baseline))
    gains.pop(reference, None)
    if not gains:
        seeds = ", ".join(str(run.spec.seed) for run in sets.groups[baseline])
        return words_compare.NO_COMMON_SEED.format(baseline=reference, seeds=seeds)
    best = max(gains, key=lambda name: float(gains[name].value))
    row = gains[best]
    by_name = {name: spec for spec, name in sets.names.items()}
    # Level and gain of one sentence stand on the same seeds.
    paired = _over_all(tables(store, sets.with_common_seeds(baseline, by_name[best])))
    verdict = "more" if row.low > 0 else "less" if row.high < 0 else "none"
    said_too = caveats(row.seeds, by_name[best].budget != baseline.budget)
    if len(gains) > 1:
        said_too.append(words_compare.PICKED.format(count=len(gains)))
    said = words_compare.BETTER if row.value >= 0 else words_compare.NOT_BETTER
    return said.format(
        best=best,
        baseline=reference,
        value=percent(paired[best].value),
        reference=percent(paired[reference].value),
        gain=percent(row.value, gain=True),
        verdict=" ".join([words_compare.VERDICT[verdict], *said_too]),
        **_numbers(row, gain=True),
    )


def notes(store: Store, sets: Sets) -> None:
    """What a reader must know of the models."""
    # What was trained, not what the card says today: elsewhere the same name is the hub's model.
    used = {results.model_fingerprint(store, run) for run in sets.runs}
    if models.BUNDLED_SHA256 in used:
        st.caption(words_compare.FOUR_BIT)


def _say_shared(sets: Sets, found: Transfer) -> None:
    """That means leave some targets out, where the sets were not all tested on the same."""
    if len({spec.targets for spec in sets.groups}) > 1 and found.shared:
        st.caption(words_compare.SHARED.format(count=len(found.shared)))


def _heatmap(store: Store, sets: Sets, found: Transfer, baseline: RunSpec, gain: bool) -> None:
    targets = sorted({tag for spec in sets.groups for tag in spec.targets})
    called = {tag: words.NAMED.format(name=language(tag).name, tag=tag) for tag in targets}
    shown = [sets.names[spec] for spec in sets.groups]
    chart = charts.heatmap(found, shown, targets, {**called, **words.OVER_LONG}, gain)
    caption = words_compare.HEATMAP_CAPTION_GAIN if gain else words_compare.HEATMAP_CAPTION
    overall = {name: float(row.value) for name, row in _over_all(found).items()}
    best = max(overall, key=lambda name: overall[name], default="")
    alt = words_compare.ALT_HEATMAP.format(
        what=words_compare.GAIN if gain else words_compare.LEVEL,
        configurations=len(shown),
        targets=len(targets),
    )
    if best:
        alt += words_compare.ALT_BEST.format(best=best, value=percent(overall[best], gain))
    cells = found.cells
    if not gain:
        cells = cells.merge(macro_f1(store, sets), how="left", on=["configuration", "target"])
    table = pd.concat([cells, found.means.rename(columns={"over": "target"})], ignore_index=True)
    name = "gain" if gain else "transfer"
    caption = caption.format(
        baseline=sets.names[baseline], metric=words.METRICS[metric(store, sets)]
    )
    chart_or_table(chart, table, name, alt, words_compare.HEATMAP, caption)


def _means(store: Store, sets: Sets, found: Transfer, gain: bool) -> None:
    seeds = found.means["seeds"]
    points = found.points if seeds.min() < FEW_SEEDS else found.points.iloc[:0]
    titles = words_compare.GAIN_AXES if gain else words.METRICS
    title = titles[metric(store, sets)]
    chart = charts.means_chart(found.means, points, gain, title)
    alt = words_compare.ALT_MEANS.format(configurations=found.means["configuration"].nunique())
    behind = words_compare.MEANS_BEHIND.format(counts="; ".join(_behind(found.means)))
    caption = " ".join([*of_chart(seeds), behind, _unseen(found.shared, sets)])
    chart_or_table(chart, found.means, "means", alt, words_compare.MEANS, caption)


def _unseen(shared: Iterable[str], sets: Sets) -> str:
    trained = {tag for spec in sets.groups for tag in spec.sources}
    left = [tag for tag in shared if tag not in trained]
    said = words_compare.MEANS_UNSEEN["some" if left else "none"]
    return said.format(targets=", ".join(left))


def _behind(means: pd.DataFrame) -> list[str]:
    """How many targets each mean is over, a part for each configuration."""
    counts = means.pivot(index="configuration", columns="over", values="targets")
    counts = counts.reindex(index=means["configuration"].unique(), columns=list(OVER)).fillna(0)
    return [
        words_compare.MEANS_COUNTS.format(
            configuration=name, **{over: int(row[over]) for over in OVER}
        )
        for name, row in counts.iterrows()
    ]


def _over_all(found: Transfer) -> dict[str, Any]:
    """Rows of the means over all targets, by configuration."""
    rows = found.means[found.means["over"] == "all"]
    return {str(row.configuration): row for row in rows.itertuples()}


def _numbers(row: Any, gain: bool = False) -> dict[str, object]:
    return {
        "low": percent(row.low, gain),
        "high": percent(row.high, gain),
        "seeds": row.seeds,
        "s": "" if row.seeds == 1 else "s",
        "targets": row.targets,
    }
