"""A store in which tiny runs on parallel sentences are made as they are asked for."""

import pytest

from tests.executed import on_sib200

FOLDERS = {"deu_Latn": "Deutsch", "eng_Latn": "English", "fra_Latn": "French", "zho_Hans": "Hanyu"}


@pytest.fixture(scope="module")
def parallel_executor(tmp_path_factory, intents_cache, one_tokenizer):
    """What executes runs of the store that MSLT_HOME names, on SIB-200 in four languages."""
    with on_sib200(tmp_path_factory.mktemp("parallel"), FOLDERS, intents_cache) as executor:
        yield executor
