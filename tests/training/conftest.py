"""Runs of small models in the process of the tests."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _one_tokenizer(one_tokenizer):
    """See `one_tokenizer`."""
