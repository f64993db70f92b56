"""How many source languages: score against the size of the source set, at a fixed budget."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import get_args

import numpy as np
import pandas as pd

from mslt_core.analysis.measured import Measured, Over
from mslt_core.analysis.stats import LEVEL, interval
from mslt_core.analysis.study.contrasts import Noisy, Numbers, noisy

POINTS = ["over", "k", "sources", "value", "low", "high"]
SIZES = ["over", "k", "sets", "value", "low", "high", "behind", "behind_low", "behind_high"]
SEEDS = ["over", "k", "seed", "value"]
LINES = ["over", "line", "sources", "value", "low", "high"]
GAINS = ["over", "value", "low", "high", "best_k", "enough_k", "paired_k"]

Rows = list[tuple[object, ...]]


@dataclass(frozen=True, eq=False)
class HowMany:
    """Tables over all targets, over those that a set was trained on (other ones for each set), and
    over the unseen: those that no set was trained on, the same for all. A group without a target
    has no rows.

    points (POINTS): every set, mean over seeds. sizes (SIZES): the mean of the sets of each size,
    and how far it is behind that of the best size on the same seeds and items, with a 95 % t
    interval (see `contrasts`). seeds (SEEDS): the mean of a size by seed. lines (LINES): `english`
    where it was trained on alone, `best single`, which is lucky too, since it was chosen by these
    scores, and `mean single`. Other intervals are 95 % bootstrap over seeds and test items
    together: they say how sure the scores of these sets are, not what other sets would give.

    gains (GAINS): value is what a doubling of the number of languages gains, the slope of the least
    squares line of all points on log2 k, with a 95 % t interval. best_k is the size with the
    highest mean; enough_k is the smallest size whose interval overlaps that of best_k, paired_k
    the smallest that is not clearly behind it on the same seeds and items. Neither is shown to be
    worse than the best; that is less than being shown to be as good.
    """

    points: pd.DataFrame
    sizes: pd.DataFrame
    seeds: pd.DataFrame
    lines: pd.DataFrame
    gains: pd.DataFrame

    @property
    def groups(self) -> list[str]:
        """The groups of targets that there are."""
        return list(dict.fromkeys(self.points["over"]))

    def part(self, over: str) -> HowMany:
        """The rows of one group of targets."""
        tables = {field.name: getattr(self, field.name) for field in fields(self)}
        return HowMany(**{name: table[table["over"] == over] for name, table in tables.items()})


def how_many(measured: Measured) -> HowMany:
    """The tables of a study."""
    noise = noisy(measured)
    columns = {"points": POINTS, "sizes": SIZES, "seeds": SEEDS, "lines": LINES, "gains": GAINS}
    parts: dict[str, Rows] = {name: [] for name in columns}
    for over in get_args(Over):
        chosen = np.flatnonzero(measured.over(over).any(axis=1))
        if not len(chosen):
            continue
        # The measured values, then the resamples.
        together = np.column_stack([measured.means(over), measured.mean_draws(over)])
        sizes = _sizes(measured, together, chosen)
        behind = _behind(measured, noise, over, chosen, sizes)
        parts["points"] += [
            (over, len(measured.sets[s]), ",".join(measured.sets[s]), *_row(together[[s]]))
            for s in chosen
        ]
        parts["sizes"] += [(over, *row, *gap) for row, gap in zip(sizes, behind, strict=True)]
        parts["seeds"] += [(over, *row) for row in _by_seed(measured, over, chosen)]
        parts["lines"] += [(over, *row) for row in _lines(measured, together, chosen)]
        if len(sizes) > 1:
            gain = _gain(measured, noise, over, chosen)
            paired = min(row[0] for row, gap in zip(sizes, behind, strict=True) if gap[1] <= 0)
            parts["gains"].append((over, *gain, *_enough(sizes), paired))
    return HowMany(**{name: pd.DataFrame(parts[name], columns=columns[name]) for name in columns})


def _row(together: Numbers) -> tuple[float, float, float]:
    """The mean of sets with its interval. together: (sets, 1 + RESAMPLES)."""
    mean = together.mean(axis=0)
    return float(mean[0]), *interval(mean[1:])


def _sizes(
    measured: Measured, together: Numbers, chosen: np.ndarray
) -> list[tuple[int, int, float, float, float]]:
    sizes = measured.sizes[chosen]
    return [
        (int(k), int((sizes == k).sum()), *_row(together[chosen[sizes == k]]))
        for k in np.unique(sizes)
    ]


def _behind(
    measured: Measured,
    noise: Noisy,
    over: Over,
    chosen: np.ndarray,
    sizes: list[tuple[int, int, float, float, float]],
) -> list[tuple[float, float, float]]:
    """The size with the highest mean minus each, with the interval of the difference."""
    means = np.zeros((len(sizes), *measured.over(over).shape))
    for row, (k, sets, *_) in zip(means, sizes, strict=True):
        these = chosen[measured.sizes[chosen] == k]
        row[these] = measured.weights(over)[these] / sets
    best = max(range(len(sizes)), key=lambda i: sizes[i][2])
    effects = noise.contrast(means[best] - means)
    low, high = effects.interval(LEVEL)
    return list(zip(effects.value.tolist(), low.tolist(), high.tolist(), strict=True))


def _by_seed(measured: Measured, over: Over, chosen: np.ndarray) -> Rows:
    """The mean of the sets of each size, by seed."""
    values = np.einsum("snt,st->sn", measured.scores(), measured.weights(over))
    sizes = measured.sizes[chosen]
    return [
        (int(k), seed, float(values[chosen[sizes == k], i].mean()))
        for k in np.unique(sizes)
        for i, seed in enumerate(measured.seeds)
    ]


def _lines(measured: Measured, together: Numbers, chosen: np.ndarray) -> Rows:
    single = [s for s in chosen if len(measured.sets[s]) == 1]
    if not single:
        return []
    best = single[int(np.argmax(together[single, 0]))]
    lines = {
        "english": [s for s in single if measured.sets[s] == ("en",)],
        "best single": [best],
        "mean single": single,
    }
    return [
        (line, ",".join(measured.sets[s][0] for s in sets), *_row(together[sets]))
        for line, sets in lines.items()
        if sets
    ]


def _gain(
    measured: Measured, noise: Noisy, over: Over, chosen: np.ndarray
) -> tuple[float, float, float]:
    """Gain per doubling with its interval."""
    doublings = np.log2(measured.sizes[chosen])
    centred = doublings - doublings.mean()
    weights = np.zeros(measured.over(over).shape)
    weights[chosen] = measured.weights(over)[chosen] * (centred / (centred @ centred))[:, None]
    effect = noise.contrast(weights[None])
    low, high = effect.interval(LEVEL)
    return float(effect.value[0]), float(low[0]), float(high[0])


def _enough(sizes: list[tuple[int, int, float, float, float]]) -> tuple[int, int]:
    """The size with the highest mean, and the smallest whose interval overlaps that of it."""
    best = max(sizes, key=lambda row: row[2])
    return best[0], min(k for k, _, _, _, high in sizes if high >= best[3])
