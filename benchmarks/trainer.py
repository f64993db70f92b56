"""The same fine-tuning by `transformers.Trainer`, for `train`: as usual, and as well as it can.

The model is a whole BertModel with the same weights, mean of the tokens' vectors and linear head.
What is not set here is as Trainer has it, which since transformers 5 includes a fused AdamW.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import (
    DataCollatorWithPadding,
    PreTrainedTokenizerFast,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    default_data_collator,
)
from transformers.utils import logging

from benchmarks.meter import Lesson, Meter
from mslt_core.training.device import choose_device
from mslt_core.training.encoders import EncoderSource
from mslt_core.training.finetune import HEAD_FACTOR, WARM_UP, WEIGHT_DECAY

EVALUATION_BATCH = 64
Feature = dict[str, Any]


class MeanClassifier(nn.Module):
    """A BertModel and a linear layer over the mean of its tokens' vectors."""

    def __init__(self, encoder: nn.Module, hidden: int, classes: int, meter: Meter) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(hidden, classes)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        self.meter = meter

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        labels: torch.Tensor | None = None,
    ) -> dict[str, torch.Tensor]:
        if self.training:
            self.meter.batch(len(input_ids), int(attention_mask.sum()))
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask[:, :, None]
        mean = (hidden.float() * mask).sum(1) / mask.sum(1)
        logits = self.head(self.dropout(mean)).float()
        if labels is None:
            return {"logits": logits}
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


class _Ticks(TrainerCallback):
    def __init__(self, meter: Meter) -> None:
        self.meter = meter

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.meter.step()


def train(setting: str, lesson: Lesson, meter: Meter, steps: int | None) -> Trainer:
    """Train by one of three settings, `xnli`, `dynamic` and `best`; steps: None for all epochs."""
    logging.set_verbosity_error()
    source, spec = lesson.source, lesson.spec
    backend = source.load_tokenizer()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token=backend.id_to_token(source.pad_id)
    )
    dataset = _features(source, lesson)
    collator: Callable[[list[Feature]], Feature] = DataCollatorWithPadding(tokenizer)
    if setting == "xnli":
        # The example pads while it tokenizes.
        padded = tokenizer.pad(dataset, padding="max_length", max_length=spec.max_length)
        dataset = [
            dict(zip(padded, row, strict=True)) for row in zip(*padded.values(), strict=True)
        ]
        collator = default_data_collator
    encoder = source.build(None)
    torch.manual_seed(spec.seed)  # the head gets the weights that it has in ours
    model = MeanClassifier(encoder, encoder.config.hidden_size, len(lesson.labels), meter)
    best = setting == "best"
    if best:
        # Under bf16 and dropout the default attention takes longer on a processor.
        encoder.set_attn_implementation("eager")
    arguments = TrainingArguments(
        output_dir=tempfile.gettempdir(),  # nothing is written there
        per_device_train_batch_size=spec.batch_size,
        per_device_eval_batch_size=EVALUATION_BATCH,
        num_train_epochs=spec.epochs,
        max_steps=steps or -1,
        learning_rate=spec.learning_rate,
        seed=spec.seed,
        use_cpu=True,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        **(_best() if best else {}),
    )
    trainer = Trainer(
        model,
        arguments,
        data_collator=collator,
        train_dataset=cast(Any, dataset),
        processing_class=tokenizer,
        callbacks=[_Ticks(meter)],
        optimizers=(_optimizer(model, spec.learning_rate), None) if best else (None, None),
    )
    trainer.remove_callback(PrinterCallback)  # it would write among the results
    trainer.train()
    return trainer


def _best() -> dict[str, Any]:
    bf16 = choose_device().bf16  # where it is emulated it is slower than float32
    return {
        "train_sampling_strategy": "group_by_length",
        "bf16": bf16,
        "bf16_full_eval": bf16,
        "optim": "adamw_torch_fused",
        "lr_scheduler_type": "linear",
        "warmup_steps": WARM_UP,  # below 1 it is a share
        # The tokens are in memory already: a process that hands them over would take a core.
        "dataloader_num_workers": 0,
    }


def predict(trainer: Trainer, lesson: Lesson) -> tuple[NDArray[np.int64], float]:
    """Class indices of all test items (in their order), and the seconds that they took."""
    features = [_feature(text.ids) for text in lesson.test_inputs()]
    lengths = np.array([len(feature["input_ids"]) for feature in features])
    # Trainer's own grouping by length does not give the items' order back, so sorted by hand.
    order = np.argsort(-lengths, kind="stable")
    trainer.args.train_sampling_strategy = "sequential"
    started = time.perf_counter()
    found = trainer.predict(cast(Any, [features[i] for i in order])).predictions
    seconds = time.perf_counter() - started
    classes = np.empty(len(order), dtype=np.int64)
    classes[order] = cast("NDArray[np.floating]", found).argmax(1)
    return classes, seconds


def _features(source: EncoderSource, lesson: Lesson) -> list[Feature]:
    items = [example.item for example in lesson.examples]
    texts = source.tokenize(items, lesson.spec.max_length)
    return [
        {**_feature(text.ids), "labels": lesson.labels.index(item.label)}
        for text, item in zip(texts, items, strict=True)
    ]


def _feature(ids: NDArray[np.int64]) -> Feature:
    return {"input_ids": ids.tolist(), "attention_mask": [1] * len(ids)}


def _optimizer(model: MeanClassifier, rate: float) -> torch.optim.Optimizer:
    """Fused AdamW with our head's learning rate and our weight decay, so that accuracy compares."""
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    groups = [
        {
            "params": [p for p in part.parameters() if (p.ndim > 1 and id(p) not in tables) == yes],
            "lr": rate * factor,
            "weight_decay": WEIGHT_DECAY if yes else 0.0,
        }
        for part, factor in ((model.encoder, 1.0), (model.head, HEAD_FACTOR))
        for yes in (True, False)
    ]
    return torch.optim.AdamW(groups, lr=rate, fused=True)
