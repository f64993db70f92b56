"""The command that ranks source sets by a criterion, without training on them.

python -m mslt_core select --pool ar,de,en,es,fr,ru,zh --k 3 --criterion syntax
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Column, Table

from mslt_core.analysis.selection import (
    CRITERIA,
    OF_MODEL,
    Choice,
    Corpus,
    Criterion,
    Facts,
    LanguageTable,
    Ranked,
    corpus_of,
    imputed_shares,
    language_table,
    mostly_imputed,
    rank,
    score,
)
from mslt_core.analysis.study.leaderboard import mean_scores
from mslt_core.catalog import models
from mslt_core.catalog.resolve import parse_languages
from mslt_core.cli.options import Json, out
from mslt_core.jobs import language_facts, study_files, study_results
from mslt_core.jobs import study as studies
from mslt_core.jobs.store import Store
from mslt_core.spec import BadArgument, WorkFailed

SHOWN = 40
"""Sets in the table for people; `--json` has them all."""
MODEL, TASK = "me5-small", "intents"
"""What is asked of where none is given."""
LOOK_SECONDS = 0.2

TITLES: dict[Criterion, str] = {
    "pretraining": "GiB of pretraining data in {corpus}",
    "vocabulary": "share of the sub-words of {of} that the sources have",
    "syntax": "diversity of syntax",
    "phonology": "diversity of phonology",
    "inventory": "diversity of sound inventories",
    "family": "diversity of families",
    "geography": "diversity of places",
    "embedding": "diversity of mean sentence vectors",
    "scripts": "number of writing systems",
    "probe": "mean score of a linear probe",
    "random": "chance to be picked at random",
}


def select(
    pool: Annotated[str, typer.Option(help="Languages to choose from, such as ar,de,en,zh.")],
    criterion: Annotated[str, typer.Option(help=f"One of {', '.join(CRITERIA)}.")],
    k: Annotated[int, typer.Option(help="How many sources.")] = 3,
    must_contain: Annotated[str, typer.Option(help="Sources that are set, such as en.")] = "",
    targets: Annotated[
        str, typer.Option(help="Languages that the sources are to be near to, such as sw,th.")
    ] = "",
    model: Annotated[
        str,
        typer.Option(
            help="Whose sub-words, sentence vectors or pretraining data: `models`.",
            show_default=MODEL,
        ),
    ] = "",
    task: Annotated[
        str,
        typer.Option(
            help="Whose training text vocabulary and embedding read: see `tasks`.",
            show_default=TASK,
        ),
    ] = "",
    study: Annotated[
        Path | None, typer.Option(help="For probe: the file that declares a study by probe.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Rank all sets of k sources from a pool by a criterion, without training on them."""
    if criterion not in CRITERIA:
        raise BadArgument(f"criterion is {criterion!r}: it must be one of {', '.join(CRITERIA)}.")
    choice = Choice(
        parse_languages(pool, "pool"),
        k,
        parse_languages(must_contain, "must_contain"),
        parse_languages(targets, "targets"),
    )
    probed = _probed(criterion, study, model, task)
    model, task = model or MODEL, task or TASK
    languages = tuple(sorted({*choice.pool, *choice.targets}))
    facts = _facts(Store(), model, task, languages, as_json) if criterion in OF_MODEL else None
    corpus, _ = corpus_of(model)
    table = language_table(languages, corpus, facts)
    sets = choice.sets()
    found = rank(sets, score(criterion, table, sets, choice.pool, choice.targets, probed))
    if as_json:
        print(json.dumps({"criterion": criterion, "k": k, "sets": [asdict(one) for one in found]}))
    else:
        _show(criterion, choice, corpus, table, found)


def _probed(criterion: Criterion, study: Path | None, model: str, task: str) -> pd.DataFrame | None:
    """What a study by probe measured, where the criterion asks for one: of a study that is partly
    done the block that the pages read too. model and task: empty, or those of the study."""
    if (criterion == "probe") != (study is not None):
        raise BadArgument(
            "The criterion probe reads the results of a study by probe, and no other criterion "
            "does: give --study FILE with --criterion probe, and only with it."
        )
    if study is None:
        return None
    settings = studies.read(study).settings
    if settings.method != "probe":
        raise BadArgument(
            f"{study}: its method is {settings.method}: take a study whose method is probe."
        )
    for name, given in (("model", model), ("task", task)):
        its = getattr(settings, name)
        if given not in ("", its):
            raise BadArgument(
                f"{name} is {given!r}, but {study} is of the {name} {its}: give that, leave "
                f"--{name} out, or take a study by probe of {given}."
            )
    if not study_results.score_path(study).exists():
        raise BadArgument(f"{study} has no results yet: make them by `study run {study}`.")
    return mean_scores(study_files.opened(study))


def _facts(
    store: Store, model: str, task: str, languages: tuple[str, ...], quiet: bool
) -> Facts | None:
    """What the model makes of the languages, computed by a process of its own where it is not
    known yet: Ctrl-C ends the waiting for it."""
    wanted = (store, model, task, languages)
    found = language_facts.stored(*wanted)
    if found is not None:
        return found
    with Console(stderr=True, quiet=quiet).status("Loading the model") as status:
        language_facts.ask(*wanted)
        while (now := language_facts.state(*wanted)).state == "running":
            status.update(f"Reading the training text of {len(languages)} languages {now.message}")
            time.sleep(LOOK_SECONDS)
    if now.state != "done":
        raise WorkFailed(now.message or "The process that reads the training text was ended.")
    return language_facts.stored(*wanted)


def _show(
    criterion: Criterion,
    choice: Choice,
    corpus: Corpus,
    table: LanguageTable,
    found: list[Ranked],
) -> None:
    of = "the targets" if choice.targets else "the pool"
    title = TITLES[criterion].format(corpus=models.CORPORA[corpus], of=of)
    if choice.targets and criterion not in ("vocabulary", "probe"):
        title = f"nearness by {criterion}"
    aim = f", for {', '.join(choice.targets)}" if choice.targets else ""
    shares = {tag: share for tag, share in imputed_shares(table, criterion).items() if share}
    mostly = mostly_imputed(table, criterion)
    rows = Table(Column("rank", justify="right"), "sources", Column("score", justify="right"))
    for one in found[:SHOWN]:
        names = (f"{tag}*" if tag in mostly else tag for tag in one.languages)
        rows.add_row(f"{one.rank}{'=' if one.tied else ' '}", ", ".join(names), f"{one.score:.3f}")
    out.print(f"Sets of {choice.k} by {title}{aim}:", highlight=False, soft_wrap=True)
    out.print(rows)
    if len(found) > SHOWN:
        out.print(f"… and {len(found) - SHOWN} more: --json has them all.", highlight=False)
    if any(one.tied for one in found[:SHOWN]):
        out.print("= tied: sets with the same score, in the order of their names.")
    if shares:
        told = ", ".join(f"{tag} {share:.0%}" for tag, share in shares.items())
        out.print(
            "Values that lang2vec has from no source, but predicted from other languages (* most "
            f"of them): {told}.",
            highlight=False,
            soft_wrap=True,
        )
