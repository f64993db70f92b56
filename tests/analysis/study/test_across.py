"""Several studies together: counts, and p values that need no independence."""

import pandas as pd
import pytest

from mslt_core.analysis.study.claims import ACROSS, CLAIMS, Judgement, across


def test_a_row_a_claim_over_the_studies_that_could_test_it() -> None:
    table = across(
        {
            "one": [Judgement("helps", "supported", "", 0.02, 0.01, 0.03, 0.01)],
            "two": [Judgement("helps", "not supported", "", -0.01, -0.02, 0.0, 0.9)],
            "three": [
                Judgement("helps", "undecided", "", 0.01, -0.01, 0.03, 0.2),
                Judgement("mingling", "untested", "One seed."),
                Judgement("not always", "undecided", "", 0.01, -0.02, 0.04, 1.0, 245),
            ],
        }
    )
    assert list(table.columns) == ACROSS
    assert tuple(table["claim"]) == CLAIMS
    helps = table.set_index("claim").loc["helps"]
    assert helps[["studies", "supported", "not_supported", "undecided"]].tolist() == [3, 1, 1, 1]
    assert helps["above"] == 2
    assert (helps["p_some"], helps["p_all"]) == (pytest.approx(0.03), 0.9)
    assert pd.isna(table.set_index("claim").loc["not always", "above"])
    mingling = table.set_index("claim").loc["mingling"]
    assert mingling["studies"] == 0 and pd.isna(mingling["p_some"])
