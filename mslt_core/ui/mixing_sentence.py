"""What the numbers say about mixing, in one sentence that claims no more than the intervals do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mslt_core.analysis.mixing import METRICS, Change, Metric, Subset, Verdict, changes, judge
from mslt_core.analysis.mixing.metrics import Family
from mslt_core.ui import words, words_mixing
from mslt_core.ui.caveats import caveats
from mslt_core.ui.measured_sets import Comparison

PLAIN = ("language_probe", "retrieval")
"""Metrics that say the most to most people: they are quoted if they can be."""

TINY = 1e-6
"""What is smaller differs from 0 by rounding."""


def sentence(found: Comparison, subset: Subset) -> str:
    """What changed over a subset of the languages; empty where nothing was measured."""
    verdict = judge(found.table, subset)
    if verdict.mixing is None:
        return ""
    rows = found.table[found.table["subset"] == subset].set_index("metric")
    numbers = {str(row.Index): row for row in rows.itertuples()}
    by_metric = changes(found.table, subset)
    parts = [_mixing(found, subset, verdict.mixing, by_metric, numbers)]
    if verdict.alignment:
        evidence = _quoted("alignment", verdict.alignment, by_metric, numbers)
        parts.append(words_mixing.MIX_ALIGNMENT[verdict.alignment].format(evidence=evidence))
    parts += [_classes(verdict, numbers), _collapse(verdict, numbers)]
    said = "; ".join(filter(None, parts)) + "."
    return " ".join([said, *caveats(found.seeds, found.budgets_differ)])


def number(value: float, signed: bool = False) -> str:
    """Three decimals, one from 10 on, and as many more as tell a small value from 0; a dash for
    what is missing."""
    if math.isnan(value):
        return words.MIX_NONE
    size = abs(value)
    if size < TINY:
        return "0"
    decimals = 1 if size >= 10 else 3 if size >= 0.0005 else -math.floor(math.log10(size))
    return f"{value:{'+' if signed else ''}.{decimals}f}".replace("-", "−")


def span(low: float, high: float, signed: bool = False) -> str:
    """An interval in words; a dash for none."""
    if math.isnan(low):
        return words.MIX_NONE
    return words.FROM_TO.format(low=number(low, signed), high=number(high, signed))


def towards(metric: Metric) -> str:
    """An arrow along the axis of a metric, and what lies there."""
    what = words_mixing.MIX_TOWARDS.get(metric.key) or words_mixing.MIX_TOWARDS[metric.family]
    lower = metric.more_mingled == "lower"
    return (words_mixing.MIX_LOWER if lower else words_mixing.MIX_HIGHER).format(what=what)


def _mixing(
    found: Comparison,
    subset: Subset,
    verdict: Change,
    by_metric: Mapping[str, Change],
    numbers: Mapping[str, Any],
) -> str:
    asked = [by_metric[key] for key in _judged("mixing") if key in by_metric]
    said = words_mixing.MIX_SAID["training" if found.training else "sets", verdict]
    return said.format(
        languages=words_mixing.MIX_LANGUAGES[subset],
        before=found.before,
        after=found.after,
        more=asked.count("more"),
        less=asked.count("less"),
        all=len(asked),
        evidence=_quoted("mixing", verdict, by_metric, numbers),
    )


def _classes(verdict: Verdict, numbers: Mapping[str, Any]) -> str:
    """What happened to the classes, unless that tells of a collapse."""
    if verdict.separation is None:
        unknown = verdict.mixing == "more" and not verdict.collapsed_by
        return words_mixing.MIX_CLASSES_UNKNOWN if unknown else ""
    if "label_silhouette" in verdict.collapsed_by:
        return ""
    evidence = _evidence("label_silhouette", numbers)
    return words_mixing.MIX_CLASSES[verdict.separation].format(evidence=evidence)


def _collapse(verdict: Verdict, numbers: Mapping[str, Any]) -> str:
    """What tells of a collapse, if anything does."""
    signs = [
        words_mixing.MIX_COLLAPSED_BY[key].format(evidence=_evidence(key, numbers))
        for key in verdict.collapsed_by
    ]
    return words_mixing.MIX_COLLAPSED.format(signs=", ".join(signs)) if signs else ""


def _quoted(
    family: Family, verdict: Change, by_metric: Mapping[str, Change], numbers: Mapping[str, Any]
) -> str:
    """The numbers of one metric that changed as its family did; empty where that is unclear."""
    agreeing = [key for key in _judged(family) if by_metric.get(key) == verdict != "unclear"]
    agreeing.sort(key=lambda key: key not in PLAIN)
    return _evidence(agreeing[0], numbers) if agreeing else ""


def _evidence(key: str, numbers: Mapping[str, Any]) -> str:
    row = numbers[key]
    return words_mixing.MIX_EVIDENCE.format(
        metric=words_mixing.MIX_QUOTED[key],
        before=number(row.before),
        after=number(row.after),
        change=number(row.value, signed=True),
        interval=span(row.low, row.high, signed=True),
    )


def _judged(family: Family) -> list[str]:
    return [metric.key for metric in METRICS if metric.family == family and metric.judged]
