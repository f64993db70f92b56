"""Several seeds of one configuration, taken together as one measured space."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mslt_core.analysis.mixing.estimate import Estimate
from mslt_core.analysis.mixing.measured import Measured
from mslt_core.spec import BadArgument


def pooled(of_seeds: Sequence[Measured]) -> Measured:
    """The mean over seeds, which tables treat like a space of one seed. Their intervals then say
    what other seeds and other sentences would have given, and differences of two are paired by
    seed: pool the same seeds in the same order. A value that a seed lacks the mean lacks too.

    Raises BadArgument for no seed, and for seeds that were not measured on the same.
    """
    if len({(one.languages, one.seen, one.items) for one in of_seeds}) != 1:
        raise BadArgument("Seeds to be taken together must have the same languages and sentences.")
    first = of_seeds[0]
    estimates = {key: _mean([one.estimates[key] for one in of_seeds]) for key in first.estimates}
    matrices = {
        key: np.mean([one.matrices[key] for one in of_seeds], axis=0) for key in first.matrices
    }
    return Measured(first.languages, first.seen, first.items, estimates, matrices)


def _mean(of_seeds: Sequence[Estimate | None]) -> Estimate | None:
    found = [one for one in of_seeds if one is not None]
    if len(found) < len(of_seeds):
        return None
    nulls = [one.null for one in found if one.null is not None]
    return Estimate(
        float(np.mean([one.value for one in found])),
        np.stack([one.contributions for one in found]),
        float(np.mean(nulls)) if len(nulls) == len(found) else None,
    )
