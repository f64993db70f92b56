"""A store in which tiny runs on parallel sentences are made as they are asked for."""

import pytest

from mslt_core.jobs.store import Store
from mslt_core.training.execute import Executor
from tests import small_data

FOLDERS = {"deu_Latn": "Deutsch", "eng_Latn": "English", "fra_Latn": "French", "zho_Hans": "Hanyu"}


@pytest.fixture(scope="module")
def parallel_executor(tmp_path_factory, intents_cache):
    """What executes runs of the store that MSLT_HOME names, on SIB-200 in four languages."""
    root = tmp_path_factory.mktemp("parallel")
    small_data.write_sib200(root / "datasets", FOLDERS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSLT_HOME", str(root / "home"))
        patch.setenv("MSLT_DATASETS", str(root / "datasets"))
        (root / "home" / "cache").mkdir(parents=True)
        (root / "home" / "cache" / "intents").symlink_to(intents_cache)
        yield Executor(Store(root / "home"))
