"""The layers of a run as pages read them: only what is asked for, and nothing of runs without."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest

from mslt_core.jobs import artefacts
from mslt_core.jobs.child import Job
from mslt_core.jobs.store import NO_LAYERS, Store
from mslt_core.spec import WorkFailed
from tests.jobs.support import spec

RUN = "00000000000000aa"
NUMBERS = {
    f"{pooling}/{layer}/{lang}": np.full((2, 3), layer, dtype=np.float16)
    for pooling in ("mean", "first")
    for layer in (0, 2, 10)
    for lang in ("zh", "de")
}
TABLE = pd.DataFrame({"space": ["tuned"], "pooling": ["mean"], "layer": [0], "value": [0.5]})


def done(store: Store, layers: bool, **said: object) -> None:
    store.ledger.enqueue(RUN, spec())
    claim = store.ledger.claim("worker", os.getpid(), 0.0)
    assert claim is not None
    job = Job(store, claim)
    if layers:
        job.write_arrays("layers", NUMBERS)
        job.write_table("layers", TABLE)
    job.complete({"mean": {"all": 0.5}, **said}, 0.5)


def test_layers_come_back_as_they_were_written(store: Store) -> None:
    done(store, layers=True, pretrained="key")
    assert store.layers(RUN) == (0, 2, 10)
    found = store.layer_vectors(RUN, "after", "first", 10)
    assert list(found) == ["de", "zh"]
    np.testing.assert_array_equal(found["zh"], NUMBERS["first/10/zh"])
    assert found["zh"].dtype == np.float16
    table = store.layer_mixing(RUN)
    assert table is not None
    pd.testing.assert_frame_equal(table, TABLE)


@pytest.mark.parametrize("layer", [1, 12, 100])
def test_a_layer_that_is_not_kept_has_no_vectors(store: Store, layer: int) -> None:
    done(store, layers=True)
    assert store.layer_vectors(RUN, "after", "mean", layer) == {}


def test_those_of_the_untouched_model_are_in_the_cache(store: Store) -> None:
    done(store, layers=True, pretrained="key")
    assert store.layer_vectors(RUN, "before", "mean", 2) == {}
    path = store.untouched_layers_path("key")
    artefacts.replace_arrays(path, NUMBERS)
    assert list(store.layer_vectors(RUN, "before", "mean", 2)) == ["de", "zh"]
    path.write_bytes(path.read_bytes()[:-5])
    assert store.layer_vectors(RUN, "before", "mean", 2) == {}


def test_a_run_without_layers_says_why(store: Store) -> None:
    done(store, layers=False, pretrained="key", mixing={"missing": "", "no_layers": "It broke."})
    artefacts.replace_arrays(store.untouched_layers_path("key"), NUMBERS)
    assert store.layers(RUN) == ()
    assert store.layer_mixing(RUN) is None
    for when in ("before", "after"):
        assert store.layer_vectors(RUN, when, "mean", 2) == {}  # type: ignore[arg-type]
    assert store.no_layers(RUN) == "It broke."


@pytest.mark.parametrize(
    ("mixing", "why"),
    [({}, NO_LAYERS), ({"mixing": {"missing": "One target."}}, "One target.")],
)
def test_an_older_run_says_why_too(store: Store, mixing: dict[str, object], why: str) -> None:
    done(store, layers=False, **mixing)
    assert store.layers(RUN) == ()
    assert store.no_layers(RUN) == why


def test_damage_is_found_and_not_served(store: Store) -> None:
    done(store, layers=True)
    path = store.folder(RUN) / "layers.safetensors"
    path.write_bytes(path.read_bytes()[:-8])
    assert store.verify(RUN) == "holds a damaged layers.safetensors"
    for read in (store.layers, lambda run: store.layer_vectors(run, "after", "mean", 0)):
        with pytest.raises(WorkFailed, match=r"layers.safetensors cannot be read"):
            read(RUN)


def test_no_run_is_told_in_words(store: Store) -> None:
    for read in (store.layers, store.layer_mixing, store.no_layers):
        with pytest.raises(WorkFailed, match=f"Run {RUN} has no results"):
            read(RUN)
