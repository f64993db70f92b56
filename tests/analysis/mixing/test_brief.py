"""A brief measurement is the same as the whole one, of fewer metrics."""

import numpy as np

from mslt_core.analysis.mixing import measure, measure_briefly, summary
from mslt_core.analysis.mixing.stored import from_arrays, to_arrays
from tests.analysis.mixing.spaces import space, translations

VECTORS, LABELS = translations(items=20)
SPACE = space(VECTORS, ("ar", "de"), LABELS)


def test_what_is_left_is_equal() -> None:
    whole, brief = summary(measure(SPACE)), summary(measure_briefly(SPACE))
    kept = whole[whole["metric"] != "language_probe"].reset_index(drop=True)
    assert brief.equals(kept)
    assert len(brief) < len(whole)


def test_it_is_stored_as_the_whole_one_is() -> None:
    found = measure_briefly(SPACE)
    again = from_arrays(to_arrays(found))
    assert summary(again).equals(summary(found))
    assert found.matrices == {}
    assert np.isfinite(summary(found)["value"].dropna().astype(float)).all()
