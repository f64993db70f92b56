"""The Train page's right side: what would be queued, and how it goes once it is."""

from __future__ import annotations

import math
import shlex
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from mslt_core.analysis import estimate
from mslt_core.jobs import queries, worker
from mslt_core.jobs.ledger import UNFINISHED, RunRecord, State
from mslt_core.jobs.machine import runs_at_once
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec, datasets_folder
from mslt_core.ui import actions, charts, frame, results, words, words_train
from mslt_core.ui.links import recall, remember, split

WATCHED = 20
"""Runs whose progress is shown at most; the list of runs has them all."""


def specs_of(
    model: str,
    task: str,
    sources: tuple[str, ...],
    targets: tuple[str, ...],
    values: dict[str, Any],
) -> list[RunSpec]:
    """One spec a seed of what is chosen; none, with a hint, while something is missing."""
    for missing, hint in (
        (not sources, words_train.NOT_YET),
        (not targets, words.NO_TARGET),
        (not values["seeds"], words_train.NO_SEED),
    ):
        if missing:
            st.caption(hint)
            return []
    fields = {key: value for key, value in values.items() if key != "seeds"}
    first = RunSpec(model=model, task=task, sources=sources, targets=targets, **fields)
    return [replace(first, seed=seed) for seed in sorted(values["seeds"])]


def plan(store: Store, specs: list[RunSpec]) -> None:
    """What would be queued: shares, time, the button, and the command that does the same."""
    if not specs:
        return
    runs = [results.resolved(spec) for spec in specs]
    ids = [run.run_id for run in runs]
    states = {run.run_id: run.state for run in queries.named(store.ledger, ids)}
    stored = sum(states.get(run_id) is State.DONE for run_id in ids)
    under_way = sum(states.get(run_id) in UNFINISHED for run_id in ids)
    new = len(ids) - stored - under_way
    first = runs[0].spec
    numbers = "+".join(str(share) for share in first.shares().values())
    shares = words_train.SHARES_OF.format(numbers=numbers, sources=", ".join(first.sources))
    st.markdown(words_train.SHARES.format(shares=shares, targets=len(first.targets)))
    _say_what_is_new(store, first, new, stored, under_way)
    if new:
        label = words_train.QUEUE_PROBE if first.method == "probe" else words_train.QUEUE_FINETUNE
    else:
        label = words_train.SHOW_PROGRESS if under_way else words_train.SHOW_STORED
    label = label.format(count=new, s=_s(new or len(ids)))
    if st.button(label, type="primary", icon=":material/play_arrow:", key="queue"):
        for run in runs:
            store.settle(run.run_id)  # results may be stored, or broken, whatever the ledger says
            store.ledger.enqueue(run.run_id, run.spec)
        st.session_state.watch = ids
        worker.ensure_worker(store.home)
        st.rerun()
    st.caption(words.COMMAND)
    st.code("\n".join(command(spec) for spec in specs), language="bash", wrap_lines=True)


def command(spec: RunSpec) -> str:
    """The command line that makes the same run when it is pasted in the project's folder; fields
    at their defaults are left out."""
    parts = [".venv/bin/python", "-m", "mslt_core", "run", "--model", spec.model]
    parts += ["--task", spec.task, "--sources", ",".join(spec.sources)]
    optional: dict[str, object] = {
        "method": spec.method,
        "budget": spec.budget,
        "sampling": spec.sampling,
        "epochs": spec.epochs,
        "learning_rate": spec.learning_rate,
        "batch_size": spec.batch_size,
        "max_length": spec.max_length,
        "layers": spec.layers,
        "lora_rank": spec.lora_rank,
    }
    if spec.targets != results.tested_by_default(spec.task):
        parts += ["--targets", ",".join(spec.targets)]
    for name, value in optional.items():
        if value != getattr(RunSpec, name):
            parts += [f"--{name.replace('_', '-')}", str(value)]
    if spec.four_bit:
        parts.append("--four-bit")
    line = shlex.join([*parts, "--seed", str(spec.seed)])
    own = spec.task == "intents" or spec.task.startswith("files:")
    folder = "" if own else datasets_folder()
    return f"MSLT_DATASETS={shlex.quote(folder)} {line}" if folder else line


def live(store: Store) -> None:
    """How the runs queued here, and any others that are under way, are going."""
    st.subheader(words_train.WATCH)
    recall("watch", [], split, lambda said: isinstance(said, list))
    shown = st.session_state.watch = _watched(store)
    remember({"watch": ",".join(shown)})
    if not shown:
        st.caption(words_train.WATCH_NONE)
        return
    busy = results.busy(store)
    st.fragment(_watch, run_every=frame.refresh(busy))(store, busy)


def _watched(store: Store) -> list[str]:
    """The runs that are watched, and the first of those under way. Where these are too many, runs
    that ended make room first."""
    known = queries.named(store.ledger, st.session_state.watch)
    ended = [run for run in known if run.state not in UNFINISHED]
    going = [run for run in known if run.state in UNFINISHED]
    runs = [*ended, *queries.active(store.ledger, WATCHED // 2), *going]
    return list(dict.fromkeys(run.run_id for run in runs))[-WATCHED:]


@frame.told()
def _watch(store: Store, was_busy: bool) -> None:
    watched = queries.named(store.ledger, st.session_state.watch)
    if results.busy(store) != was_busy:
        st.rerun()
    for run in sorted(watched, key=lambda run: _ORDER.index(run.state)):
        with frame.told():
            _card(store, results.checked(store, run))
    finished = [run.run_id for run in watched if run.state is State.DONE]
    if finished:
        st.page_link(
            "pages/2_Compare.py",
            label=words.OPEN_COMPARE,
            icon=":material/grid_on:",
            query_params={"runs": ",".join(finished)},
        )


_ORDER = (State.RUNNING, State.FAILED, State.QUEUED, State.DONE, State.CANCELLED)


def _card(store: Store, run: RunRecord) -> None:
    """One run that is watched, in whatever state."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                words_train.RUN_TITLE.format(
                    sources=", ".join(run.spec.sources),
                    method=words.METHODS[run.spec.method],
                    seed=run.spec.seed,
                ),
                width="stretch",
            )
            _action(store, run)
        spec = run.spec
        st.caption(
            words_train.RUN_FACTS.format(
                model=spec.model, task=spec.task, budget=spec.budget, targets=len(spec.targets)
            )
        )
        if run.state is State.RUNNING:
            running(store, run)
        elif run.state is State.QUEUED:
            alive = worker.worker_alive(store.home)
            st.caption(run.message or (words_train.WAITING if alive else words_train.STARTING))
        elif run.state is State.DONE:
            record = results.run_json(store, run)
            shown = record["mean"]
            texts = {over: charts.percent(_nan(value)) for over, value in shown.items()}
            metric = words.METRICS[record["metric"]]
            st.markdown(words_train.DONE.format(metric=metric, **texts))
        elif run.state is State.FAILED:
            st.error(words_train.FAILED.format(message=run.message), icon=":material/error:")
        else:
            st.caption(words_train.CANCELLED)


def running(store: Store, run: RunRecord) -> None:
    """Progress of a run under way: bar, stage, speed, time left, loss curve."""
    parts = [
        words_train.CANCELLING if run.cancel_requested else words.STAGES.get(run.stage, run.stage)
    ]
    if run.total:
        parts.append(f"{run.step}/{run.total}")
    if run.tokens_per_second is not None:
        parts.append(words.SPEED.format(speed=run.tokens_per_second))
    left = frame.time_left(store, run)
    if left:
        parts.append(words.LEFT.format(time=left))
    st.progress(frame.share(run), text=" · ".join(parts))
    history = store.history(run.run_id)
    if len(history) > 1:
        loss_curve(history, run.total if run.stage == "training" else 0)


def loss_curve(history: pd.DataFrame, total: int) -> None:
    """The loss so far; total: steps there will be, 0 if no more come."""
    alt = words_train.ALT_LOSS.format(loss=history["loss"].iloc[-1])
    st.altair_chart(charts.loss_curve(history, total), alt=alt)


def _action(store: Store, run: RunRecord) -> None:
    """Cancel or Retry one run, whichever fits."""
    if actions.can_cancel(run):
        label, icon, act = words.CANCEL, ":material/close:", actions.cancel
    elif actions.can_retry(run):
        label, icon, act = words.RETRY, ":material/refresh:", actions.retry
    else:
        return
    if st.button(label, icon=icon, key=f"{label}-{run.run_id}", type="tertiary"):
        with frame.told():
            act(store, [run])
            st.rerun()  # the whole page: its live parts start or stop


def _say_what_is_new(store: Store, spec: RunSpec, new: int, stored: int, under_way: int) -> None:
    """What is there already, and how long the rest takes."""
    count = new + stored + under_way
    parts = []
    if stored == count:
        parts.append(words_train.STORED_ALL)
    elif stored:
        parts.append(words_train.STORED_SOME.format(stored=stored, all=count))
    if under_way:
        parts.append(words_train.UNDER_WAY.format(count=under_way, all=count))
    if new:
        at_once = runs_at_once() if new + under_way > 1 else 1
        seconds = estimate.seconds(spec, results.timings(store, spec, at_once))
        if seconds is None:
            parts.append(words_train.ESTIMATE_NONE)
        else:
            parts.append(
                words_train.ESTIMATE.format(time=frame.duration(seconds * math.ceil(new / at_once)))
            )
    st.caption(" ".join(parts))


def _nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _s(count: int) -> str:
    return "" if count == 1 else "s"
