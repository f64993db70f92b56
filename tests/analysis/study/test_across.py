"""Several studies together: counts, and p values that need no independence."""

import numpy as np
import pytest

from mslt_core.analysis.study.claims import ACROSS, CLAIMS, Judgement, across


def test_a_row_a_claim_over_the_studies_that_could_test_it() -> None:
    table = across(
        {
            "one": [Judgement("helps", "supported", "", 0.02, 0.01, 0.03, 0.01)],
            "two": [Judgement("helps", "not supported", "", -0.01, -0.02, 0.0, 0.9)],
            "three": [
                Judgement("helps", "undecided", "", 0.01, -0.01, 0.03, 0.2),
                Judgement("mingling", "undecided", "One seed."),
            ],
        }
    )
    assert list(table.columns) == ACROSS
    assert tuple(table["claim"]) == CLAIMS
    helps = table.set_index("claim").loc["helps"]
    assert helps[["studies", "supported", "not_supported", "undecided"]].tolist() == [3, 1, 1, 1]
    assert helps["above"] == 2
    assert (helps["p_some"], helps["p_all"]) == (pytest.approx(0.03), 0.9)
    mingling = table.set_index("claim").loc["mingling"]
    assert mingling["studies"] == 0 and np.isnan(mingling["p_some"])
