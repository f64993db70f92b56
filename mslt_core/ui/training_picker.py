"""The pickers of how a run trains: method, budget, seeds, and the details below them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mslt_core.catalog.tasks import Task
from mslt_core.spec import FINETUNE_ONLY, METHODS, SAMPLINGS, RunSpec
from mslt_core.ui import words, words_train
from mslt_core.ui.links import recall, remember, split, unless

SEEDS = tuple(range(10))
LAYERS, RANK = 2, 8  # where a person has chosen to train less and not yet how much


def training(chosen: Task) -> dict[str, Any]:
    """Method, budget, seeds and details; the fields of a RunSpec, and `seeds`."""
    method, budget, seeds, details = st.columns([35, 24, 76, 30], vertical_alignment="bottom")
    values: dict[str, Any] = {}
    with method:
        recall("method", METHODS[0], str, lambda name: name in METHODS)
        values["method"] = st.segmented_control(
            words_train.METHOD,
            METHODS,
            key="method",
            format_func=words.METHODS.__getitem__,
            required=True,
            help=words_train.METHOD_HELP,
            persist_state="session",
        )
    with budget:
        values["budget"] = _number(
            "budget", words_train.BUDGET, RunSpec.budget, 1, 100, words_train.BUDGET_HELP
        )
    with seeds:
        recall("seeds", [0], _seeds, bool)
        values["seeds"] = st.pills(
            words.SEEDS,
            SEEDS,
            key="seeds",
            selection_mode="multi",
            help=words_train.SEEDS_HELP,
            persist_state="session",
        )
    with details, st.popover(words_train.DETAILS, icon=":material/tune:"):
        values |= _details(chosen, values["method"])
    remember(
        {
            "method": unless(values["method"], METHODS[0]),
            "budget": unless(values["budget"], RunSpec.budget),
            "seeds": unless(",".join(map(str, sorted(values["seeds"]))), "0"),
            "sampling": unless(values["sampling"], RunSpec.sampling),
            "epochs": unless(values["epochs"], RunSpec.epochs),
            "learning_rate": unless(values["learning_rate"], RunSpec.learning_rate),
            "batch_size": unless(values["batch_size"], RunSpec.batch_size),
            "layers": unless(values["layers"], None),
            "lora_rank": unless(values["lora_rank"], None),
            "four_bit": unless(values["four_bit"], False),
        }
    )
    return values


def _details(chosen: Task, method: str) -> dict[str, Any]:
    """Choices that most people leave as they are."""
    recall("sampling", RunSpec.sampling, str, lambda name: name in SAMPLINGS)
    if not chosen.parallel:
        st.session_state.sampling = "disjoint"
    sampling = st.radio(
        words_train.SAMPLING,
        SAMPLINGS,
        key="sampling",
        format_func=words_train.SAMPLINGS.__getitem__,
        help=words_train.SAMPLING_HELP,
        disabled=not chosen.parallel,
        persist_state="session",
    )
    if method == "probe":
        return {"sampling": sampling, **{name: getattr(RunSpec, name) for name in FINETUNE_ONLY}}
    recall("learning_rate", RunSpec.learning_rate, float, lambda value: 0 < value <= 1)
    return {
        "sampling": sampling,
        "epochs": _number("epochs", words_train.EPOCHS, RunSpec.epochs, 1, 1),
        "learning_rate": st.number_input(
            words_train.LEARNING_RATE,
            min_value=1e-7,
            max_value=1.0,
            step=1e-5,
            format="%.1e",
            key="learning_rate",
            persist_state="session",
        ),
        "batch_size": _number("batch_size", words_train.BATCH_SIZE, RunSpec.batch_size, 1, 8),
        **_trained(),
    }


def _trained() -> dict[str, Any]:
    """What of the model is trained: the fields layers, lora_rank and four_bit."""
    query = st.query_params
    asked = "layers" if "layers" in query else "adapters" if "lora_rank" in query else "all"
    recall("trained", asked, str, lambda name: name in words_train.TRAINED)
    trained = st.radio(
        words_train.TRAINED_LABEL,
        list(words_train.TRAINED),
        key="trained",
        format_func=words_train.TRAINED.__getitem__,
        help=words_train.TRAINED_HELP,
        persist_state="session",
    )
    fields: dict[str, Any] = {"layers": None, "lora_rank": None, "four_bit": False}
    if trained == "layers":
        fields["layers"] = _number(
            "layers", words_train.LAYERS, LAYERS, 0, 1, words_train.LAYERS_HELP
        )
    elif trained == "adapters":
        fields["lora_rank"] = _number(
            "lora_rank", words_train.LORA_RANK, RANK, 1, 4, words_train.RANK_HELP
        )
        recall("four_bit", False, lambda text: text == "True", lambda value: True)
        fields["four_bit"] = st.checkbox(
            words_train.FOUR_BIT_WEIGHTS,
            key="four_bit",
            help=words_train.FOUR_BIT_WEIGHTS_HELP,
            persist_state="session",
        )
    return fields


def _number(
    key: str, label: str, default: int, low: int, step: int, help: str | None = None
) -> int:
    recall(key, default, int, lambda value: value >= low)
    value = st.number_input(
        label, min_value=low, step=step, key=key, help=help, persist_state="session"
    )
    return default if value is None else int(value)


def _seeds(text: str) -> list[int]:
    return [seed for seed in map(int, split(text)) if seed in SEEDS]
