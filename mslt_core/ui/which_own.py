"""What is recommended for: one's own pool, model, task, size and targets."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from mslt_core.analysis.selection import AIMED, CRITERIA, Choice, Criterion
from mslt_core.analysis.study.usual import USUAL_SIZE
from mslt_core.catalog.language_vectors import described
from mslt_core.catalog.languages import language
from mslt_core.catalog.tasks import Task
from mslt_core.spec import WorkFailed
from mslt_core.ui import pickers, words, words_which
from mslt_core.ui.links import recall, remember, split, unless

USUAL: Criterion = "syntax"


@dataclass(frozen=True)
class Own:
    """A question of one's own: which sets of a choice, for a model and a task, by a criterion."""

    model: str
    task: str
    choice: Choice
    criterion: Criterion

    @property
    def languages(self) -> tuple[str, ...]:
        """All that the criterion must know of."""
        return tuple(sorted({*self.choice.pool, *self.choice.targets}))


def own() -> Own | None:
    """The choices; None, told, while they are not complete. Raises BadArgument as Choice does."""
    model, task = pickers.model_and_task()
    if not (model and task):
        return None
    offered = _offered(task)
    pool = _languages("own_pool", words_which.OWN_POOL, offered, pickers.SEVEN)
    if not pool:
        st.caption(words_which.OWN_EMPTY)
        return None
    k_place, must_place, target_place, criterion_place = st.columns([1, 2, 2, 2])
    with k_place:
        usual = min(USUAL_SIZE, len(pool))
        recall("own_k", usual, int, lambda k: 1 <= k <= len(pool))
        k = int(st.number_input(words_which.K, 1, len(pool), step=1, key="own_k") or usual)
    with must_place:
        must = _languages("own_must", words_which.OWN_MUST, pool, (), k)
    with target_place:
        targets = _languages("own_targets", words_which.OWN_TARGETS, offered, ())
    with criterion_place:
        criterion = _criterion(aimed=bool(targets))
    remember({"own_k": unless(k, usual)})
    return Own(model, task.name, Choice(pool, k, must, targets), criterion)


def _offered(task: Task) -> tuple[str, ...]:
    """Languages that have vectors, and that the task has as far as its data is here."""
    try:
        has = set(task.languages())
    except WorkFailed:
        return described()
    known = {*described()}
    return tuple(sorted(tag for tag in has if tag.split("-")[0] in known))


def _languages(
    key: str, label: str, offered: tuple[str, ...], usual: tuple[str, ...], most: int | None = None
) -> tuple[str, ...]:
    default = [tag for tag in usual if tag in offered]
    recall(key, default, split, lambda said: isinstance(said, list) and {*said} <= {*offered})
    picked = st.multiselect(
        label,
        offered,
        key=key,
        format_func=lambda tag: words.NAMED.format(name=language(tag).name, tag=tag),
        placeholder=words_which.OWN_NONE,
        max_selections=most,
    )
    remember({key: unless(",".join(picked), ",".join(default))})
    return tuple(sorted(picked))


def _criterion(aimed: bool) -> Criterion:
    """Those that can aim at targets, where there are any."""
    offered = [name for name in (AIMED if aimed else CRITERIA) if name != "random"]
    recall("own_criterion", USUAL, str, offered.__contains__)
    chosen: Criterion | None = st.selectbox(
        words_which.CRITERION,
        offered,
        key="own_criterion",
        format_func=words_which.CRITERIA.__getitem__,
    )
    remember({"own_criterion": unless(chosen, USUAL)})
    return chosen or USUAL
