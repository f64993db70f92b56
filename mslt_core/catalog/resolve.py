"""From what a person asked for to a run with an identity: names checked, languages known."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cache

from mslt_core.catalog import models
from mslt_core.catalog.languages import language, normalise
from mslt_core.catalog.sampling import check_budget
from mslt_core.catalog.tasks import Task, task
from mslt_core.spec import BadArgument, RunSpec, run_id


@dataclass(frozen=True)
class ResolvedRun:
    """A spec that can be run, with its id and the fingerprints that the id stands on."""

    spec: RunSpec
    run_id: str
    data_fingerprint: str
    model_fingerprint: str


def resolve(spec: RunSpec) -> ResolvedRun:
    """Check a spec against its task and model. Loads no weights; reads of the data only what
    tells its sizes and its fingerprint.

    Raises BadArgument when a name is unknown, a language is not the task's, or the budget is
    larger than the data; WorkFailed when data or model cannot be looked up.
    """
    return _resolve(spec, task(spec.task))


def resolve_all(specs: Sequence[RunSpec]) -> tuple[ResolvedRun, ...]:
    """The same of many runs, whose tasks are asked once for what all of them need to know."""
    tasks = {name: _asked_once(task(name)) for name in {spec.task for spec in specs}}
    return tuple(_resolve(spec, tasks[spec.task]) for spec in specs)


def _asked_once(chosen: Task) -> Task:
    asked = copy(chosen)
    for name in ("languages", "sizes", "fingerprint"):
        setattr(asked, name, cache(getattr(chosen, name)))
    return asked


def _resolve(spec: RunSpec, chosen: Task) -> ResolvedRun:
    card = models.card(spec.model)
    # A folder gets its absolute name: the worker may have been started somewhere else.
    spec = replace(spec, model=card.name)
    check_languages(chosen, spec.sources, "sources")
    check_languages(chosen, spec.targets, "targets")
    _check_tested(chosen, spec.targets)
    check_budget(chosen, spec)
    check_model(card, chosen, spec)
    data = chosen.fingerprint(tuple(sorted({*spec.sources, *spec.targets})))
    model = models.fingerprint(card)
    check_model(models.card(card.name), chosen, spec)  # of a hub model more may be known by now
    return ResolvedRun(spec, run_id(spec, data, model), data, model)


def parse_languages(text: str, field: str) -> tuple[str, ...]:
    """Tags from a comma-separated list, each in its shortest form.

    Raises BadArgument for what is not a language.
    """
    parts = [part.strip() for part in text.split(",")]
    try:
        return tuple(normalise(part) for part in parts if part)
    except BadArgument as error:
        raise BadArgument(f"{field}: {error}") from None


def check_languages(chosen: Task, tags: tuple[str, ...], field: str) -> None:
    """Raise BadArgument, naming what the task has, when it lacks one of these languages."""
    offered = chosen.languages()
    lacking = [tag for tag in tags if tag not in offered]
    if lacking:
        names = ", ".join(f"{tag} ({language(tag).name})" for tag in lacking)
        raise BadArgument(
            f"{field}: {chosen.name} has no {names}: "
            f"it has {len(offered)} languages, {', '.join(offered)}."
        )


def testable(chosen: Task) -> tuple[str, ...]:
    """The languages of a task that can be targets: those with test items, sorted."""
    sizes = chosen.sizes()
    return tuple(sorted(sizes.loc[sizes["test"] > 0, "language"]))


def check_model(card: models.ModelCard, chosen: Task, spec: RunSpec) -> None:
    """Raise BadArgument where the model cannot do what is asked for, as far as is known of it."""
    if spec.layers is not None and card.layers is not None and spec.layers > card.layers:
        raise BadArgument(f"layers is {spec.layers}: {card.name} has {card.layers} layers.")
    if card.positions is not None and spec.max_length > card.positions:
        raise BadArgument(
            f"max_length is {spec.max_length}: {card.name} reads {card.positions} sub-words "
            "at most, so lower it."
        )
    if spec.four_bit and card.kind in ("bundled", "random"):
        raise BadArgument(
            f"four_bit is set, but {card.name} is small and made here: "
            "it is for models of the hub and local folders."
        )
    if card.decoder and chosen.kind == "token":
        raise BadArgument(
            f"{card.name} reads from left to right, so it labels a word without what follows it: "
            f"take an encoder for {chosen.name}, such as me5-small."
        )
    if card.decoder and spec.method == "finetune" and spec.lora_rank is None:
        raise BadArgument(
            f"{card.name} reads from left to right, and such a model is trained by adapters here: "
            "give lora_rank (--lora-rank 8, say)."
        )


def _check_tested(chosen: Task, targets: tuple[str, ...]) -> None:
    lacking = sorted({*targets} - {*testable(chosen)})
    if lacking:
        names = ", ".join(f"{tag} ({language(tag).name})" for tag in lacking)
        raise BadArgument(
            f"targets: {chosen.name} has no test items for {names}: take other targets."
        )
