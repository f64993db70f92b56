"""A store in which tiny runs are made as they are asked for."""

import pytest

from mslt_core.catalog import map_sentences, parallel
from tests.executed import on_sib200

FOLDERS = {"deu_Latn": "Deutsch", "eng_Latn": "English", "fra_Latn": "French", "zho_Hans": "Hanyu"}


@pytest.fixture(scope="module")
def parallel_executor(tmp_path_factory, intents_cache):
    """What executes runs of the store that MSLT_HOME names, on SIB-200 in four languages, or on
    tasks that are measured on messages: a few of them, for each takes its time."""
    with (
        on_sib200(tmp_path_factory.mktemp("parallel"), FOLDERS, intents_cache) as executor,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(parallel, "MOST", 12)
        patch.setattr(map_sentences, "FEWEST_MESSAGES", 12)
        yield executor
