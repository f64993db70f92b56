"""Fine-tuning learns, repeats itself with the same seed, and trains only what it is told to."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from mslt_core.spec import RunSpec
from mslt_core.training.adapt import layer_stack, lower, upper
from mslt_core.training.batching import collate
from mslt_core.training.device import Device
from mslt_core.training.embed import embed, predict
from mslt_core.training.finetune import HEAD_FACTOR, finetune, groups_of
from mslt_core.training.heads import Classifier, hidden_states, pool
from tests.training.texts import text

CPU = Device("cpu", bf16=False)
# Class by which token stands in the text.
TEXTS = [text([2, 4 + i % 3, 8 + i % 5, 3]) for i in range(60)]
LABELS = [np.array([i % 3]) for i in range(60)]


def classifier(units="mean"):
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=20,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        pad_token_id=1,
    )
    return Classifier(BertModel(config, add_pooling_layer=False), 3, units)


def train(seed=0, epochs=12):
    model = classifier()
    spec = RunSpec("m", "t", ("en",), ("en",), epochs=epochs, learning_rate=5e-3, seed=seed)
    steps = []
    torch.manual_seed(seed)
    finetune(model, TEXTS, LABELS, spec, CPU, steps.append)
    return model, steps


def test_it_learns_what_can_be_learned():
    model, steps = train()
    assert steps[-1].loss < 0.3 < steps[0].loss
    vectors, predicted = predict(model, TEXTS, CPU, lambda done, total: None)
    assert np.mean(np.array(predicted) == LABELS) > 0.95
    embedded = embed(model.encoder, TEXTS, CPU, lambda done, total: None)
    np.testing.assert_allclose(np.concatenate(embedded), vectors)
    assert [step.step for step in steps] == list(range(1, steps[0].total + 1))


def test_the_same_seed_gives_the_same_weights_and_another_does_not():
    first, again, other = (train(seed, epochs=2)[0].state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("layers", [0, 1])
def test_the_top_layers_learn_from_what_the_others_give(layers):
    """What is kept of the texts, and the layers above it, learn like the whole encoder of which
    only these layers are trained, as long as no dropout is drawn."""
    whole = classifier()
    whole.encoder.requires_grad_(False)
    for layer in layer_stack(whole.encoder)[2 - layers :]:
        layer.requires_grad_(True)
    cut = copy.deepcopy(whole)
    below, cut.encoder = lower(copy.deepcopy(cut.encoder), layers), upper(cut.encoder, layers)
    plain_texts = [text([2, 4 + i % 3, *range(8, 8 + i % 5), 3]) for i in range(60)]
    given = []
    for plain in plain_texts:
        batch = collate([plain], np.array([0]), CPU.torch)
        states = hidden_states(below.eval(), batch).detach().numpy()
        given.append(replace(plain, states=states.astype(np.float16)))
    spec = RunSpec("m", "t", ("en",), ("en",), epochs=3, learning_rate=5e-3)
    losses = []
    for model, texts in ((whole, plain_texts), (cut, given)):
        for part in model.modules():
            if isinstance(part, torch.nn.Dropout):
                part.p = 0.0
        steps = []
        finetune(model, texts, LABELS, spec, CPU, steps.append)
        losses.append([step.loss for step in steps])
    np.testing.assert_allclose(losses[1], losses[0], rtol=0.02)
    assert losses[1][-1] < losses[1][0]
    _, said = predict(whole, plain_texts, CPU, lambda done, total: None)
    assert predict(cut, given, CPU, lambda done, total: None)[1] == said


def test_weight_decay_spares_embeddings_norms_and_biases_and_the_head_is_faster():
    model = classifier()
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    groups = groups_of(model, 1e-3)
    assert sorted(id(one) for group in groups for one in group.parameters) == sorted(names)
    for group in groups:
        for name in (names[id(parameter)] for parameter in group.parameters):
            matrix = name.endswith("weight") and "Norm" not in name and "embeddings" not in name
            assert (group.weight_decay > 0) == matrix, name
            rate = 1e-3 * (HEAD_FACTOR if name.startswith("head") else 1)
            assert group.learning_rate == rate, name
    model.encoder = upper(model.encoder, 0)
    assert sum(len(group.parameters) for group in groups_of(model, 1e-3)) == 2


def test_what_report_raises_ends_the_training():
    def stop(step):
        if step.step == 3:
            raise KeyboardInterrupt

    model = classifier()
    spec = RunSpec("m", "t", ("en",), ("en",), epochs=4)
    with pytest.raises(KeyboardInterrupt):
        finetune(model, TEXTS, LABELS, spec, CPU, stop)


@pytest.mark.parametrize(
    ("pooling", "expected"), [("mean", [2.0, 3.0]), ("first", [1.0, 2.0]), ("last", [3.0, 4.0])]
)
def test_each_text_is_pooled_by_itself(pooling, expected):
    hidden = torch.tensor([[9.0, 9.0], [1.0, 2.0], [3.0, 4.0]])
    assert pool(hidden, torch.tensor([1, 2]), pooling).tolist() == [[9.0, 9.0], expected]


def test_words_learn_their_tags_wherever_they_stand():
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    texts, tags = [], []
    for length in random.integers(2, 7, 80):
        words = random.integers(4, 10, length)
        # Each word has a second sub-token, which tells nothing and is not scored.
        ids = np.column_stack([words, np.full(length, 11)]).ravel()
        texts.append(text([2, *ids, 3], words=np.arange(length) * 2 + 1))
        tags.append(words % 3)
    model = classifier("words")
    spec = RunSpec("m", "t", ("en",), ("en",), epochs=10, learning_rate=5e-3)
    finetune(model, texts, tags, spec, CPU, lambda step: None)
    _, predicted = predict(model, texts, CPU, lambda done, total: None)
    assert [len(part) for part in predicted] == [len(part) for part in tags]
    assert np.mean(np.concatenate(predicted) == np.concatenate(tags)) > 0.95
    vectors = embed(model.encoder, texts, CPU, lambda done, total: None, "words")
    assert [part.shape for part in vectors] == [(len(part), 16) for part in tags]
