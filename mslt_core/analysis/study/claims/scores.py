"""Two claims about scores: several sources help, and not always.

Both are over targets that neither of the sets compared was trained on. Of what is fixed and what is
random, see `contrasts`: the claims are judged for this pool, these sets and these targets.
"""

from __future__ import annotations

import numpy as np

from mslt_core.analysis.measured import Measured
from mslt_core.analysis.study.claims.judgement import (
    NOT_OWN,
    ONE_SEED,
    SIZE,
    Judgement,
    decide,
    holm,
    least,
    named_singles,
    plural,
    sets_of_several,
    untested,
)
from mslt_core.analysis.study.contrasts import (
    Numbers,
    all_singles,
    noisy,
    own_singles,
    unseen_by_both,
)

OWN = "its own single languages", "their own single languages"
ANY = "the single languages", "the single languages"
NO_SETS = (
    "No set of several languages was measured together with single ones on a target that neither "
    "was trained on."
)


def helps(measured: Measured) -> Judgement:
    """Several sources beat one at the same budget.

    The effect is the mean, over the measured sets of two or more languages, of a set's score minus
    the mean of its own single languages: so a set of good languages does not look as if their
    number had helped. Where no set has all of its single languages measured, it is minus the mean
    of those that are, and the sentence says so. A t test (see `contrasts`).
    """
    if len(measured.seeds) < 2:
        return untested("helps", ONE_SEED)
    weights, singles = _tested(measured, own_singles(measured.sets)), OWN
    if not len(weights):
        weights, singles = _tested(measured, all_singles(measured.sets)), ANY
    if not len(weights):
        return untested("helps", NO_SETS)
    several = int((measured.sizes > 1).sum())
    effects = noisy(measured).contrast(weights.mean(axis=0, keepdims=True))
    found = decide("helps", effects, effects.p(), len(measured.seeds))
    assert found.effect is not None
    alone = named_singles(measured.sets, weights.sum(axis=2))
    return found.saying(
        f"On targets that neither was trained on, {sets_of_several(len(weights), several)} "
        f"{plural(len(weights), 'scores', 'score')} "
        f"{100 * abs(found.effect):.1f} points {'above' if found.effect > 0 else 'below'} the mean "
        f"of {plural(len(weights), *singles)}, {alone} ({found.numbers})."
        + NOT_OWN
        * (singles == ANY)
    )


def not_always(measured: Measured) -> Judgement:
    """Some set of several languages loses to the best single one of the pool, English or another.

    Which single language is the best is not known, and the best measured one is lucky too; so every
    set is compared with every single language by a t test, one-sided, and Holm's method keeps the
    chance of a single false finding at 5 %. The effect is by how many points the clearest of them
    loses, and its interval holds for all comparisons at once. Not supported: no set loses a point
    to any single language.
    """
    if len(measured.seeds) < 2:
        return untested("not always", ONE_SEED)
    rows = _losses(measured)
    weights = _tested(measured, rows)
    if not len(weights):
        return untested("not always", NO_SETS)
    effects = noisy(measured).contrast(weights)
    p = holm(effects.p())
    found = decide("not always", effects, p, len(measured.seeds))
    assert found.effect is not None
    singles, sets = (
        [int(np.argmax(sign * row.sum(axis=1))) for row in weights] for sign in (1, -1)
    )
    best = least(effects, p)
    single, several = (", ".join(measured.sets[of[best]]) for of in (singles, sets))
    losing = {s for s, adjusted in zip(sets, p, strict=True) if adjusted < SIZE}
    return found.saying(
        f"Of {sets_of_several(len(set(sets)))}, {len(losing)} clearly "
        f"{plural(len(losing), 'loses', 'lose')} to a single language "
        f"on targets that neither was trained on; clearest is {several}, "
        f"{100 * abs(found.effect):.1f} points {'below' if found.effect > 0 else 'above'} {single} "
        f"({found.numbers})."
    )


def _losses(measured: Measured) -> Numbers:
    """Every single language minus every set of several: (comparisons, sets)."""
    singles, several = (np.flatnonzero((measured.sizes == 1) == one) for one in (True, False))
    unit = np.eye(len(measured.sets))
    rows: Numbers = unit[None, singles] - unit[several, None]
    return rows.reshape(-1, len(measured.sets))


def _tested(measured: Measured, rows: Numbers) -> Numbers:
    """Weights of the contrasts that have a target unseen by all of their sets."""
    weights = unseen_by_both(measured, rows)
    return weights[~np.isnan(weights).any(axis=(1, 2))]
