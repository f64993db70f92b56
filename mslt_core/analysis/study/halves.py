"""Halves of the test items, so that two studies that share items can be compared.

Sentences that happen to suit models trained on a language suit them in every study that tests on
these sentences. Two studies scored on the same items so rank source sets alike even where no set is
better than another; scored on different items they do not.
"""

from __future__ import annotations

from dataclasses import replace

from mslt_core.analysis.measured import Measured


def half(measured: Measured, first: int) -> Measured:
    """Every second test item, from the first (0) or the second (1) on."""
    right, of = (
        tuple(part[..., first::2] for part in parts) for parts in (measured.right, measured.of)
    )
    return replace(measured, right=right, of=of)
