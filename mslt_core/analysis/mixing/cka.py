"""Debiased linear CKA: do translations have the same neighbours, whatever the directions?

The usual estimator is far above 0 for unrelated vectors where dimensions are many and sentences
few. This one divides unbiased estimates of HSIC, HSIC_1 of Song et al. (2012), as Nguyen et al.
(2021, arXiv 2010.15327) do.
"""

from __future__ import annotations

import numpy as np

from mslt_core.analysis.mixing.estimate import Pairs, jackknife
from mslt_core.analysis.mixing.space import Numbers, Space


def debiased_cka(space: Space) -> Pairs:
    """Of each pair of languages the debiased linear CKA of their sentences (at most 1; about 0
    where they are unrelated, and then as often below).

    The null is 0, exactly what is expected when translations are paired at random. Centring the
    vectors of a language changes nothing.
    """
    items = space.items
    centred = _u_centred(space)
    # What each row of two centred matrices has in common: (items, languages, languages).
    by_row = centred.transpose(1, 0, 2) @ centred.transpose(1, 2, 0)
    common = by_row.sum(axis=0)
    # Rows of U-centred matrices sum to 0. So without an item all that is left of the formula of
    # HSIC_1 is this, up to a factor that CKA divides by.
    rest = items - 1
    without = common - 2 * by_row * (rest - 1) / (rest - 2)
    values = _normalised(common)
    return Pairs(values, jackknife(values, _normalised(without)), np.zeros(values.shape))


def _u_centred(space: Space) -> Numbers:
    """U-centred Gram matrices, (languages, items, items).

    The inner product of two of them is HSIC_1 times items * (items - 3) (Székely and Rizzo 2014).
    """
    vectors = space.vectors.astype(float)
    # Changes nothing in exact numbers, and much in rounded ones where all vectors are alike.
    vectors -= vectors.mean(axis=1, keepdims=True)
    gram = vectors @ vectors.transpose(0, 2, 1)
    n = space.items
    diagonal = np.arange(n)
    gram[:, diagonal, diagonal] = 0
    rows = gram.sum(axis=2, keepdims=True)
    total = rows.sum(axis=1, keepdims=True)
    gram += total / ((n - 1) * (n - 2)) - (rows + rows.transpose(0, 2, 1)) / (n - 2)
    gram[:, diagonal, diagonal] = 0
    u_centred: Numbers = gram
    return u_centred


def _normalised(hsic: Numbers) -> Numbers:
    """CKA from HSIC, (..., languages, languages); undefined for a language of one point."""
    own = np.sqrt(np.maximum(np.diagonal(hsic, axis1=-2, axis2=-1), 0))
    scale = own[..., :, None] * own[..., None, :]
    cka: Numbers = np.divide(hsic, scale, out=np.full(hsic.shape, np.nan), where=scale > 0)
    return cka
