"""The command line: the same job as the app's, in a terminal.

    python -m mslt_core run --task intents --sources ar,de,zh

Every command takes `--json`: one JSON object on standard output and nothing else there.
Exit status: 0 done, 1 the work failed, 2 wrong arguments.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.table import Column, Table

from mslt_core.catalog import models as model_catalog
from mslt_core.catalog.languages import language
from mslt_core.catalog.resolve import parse_languages, resolve, testable
from mslt_core.catalog.tasks import task as find_task
from mslt_core.catalog.tasks import task_names
from mslt_core.cli.data import OwnData, report, show, task_of
from mslt_core.cli.export import export
from mslt_core.cli.follow import Answer, answer_of, follow
from mslt_core.cli.mix import compare
from mslt_core.cli.mix_table import show as show_mixing
from mslt_core.cli.options import Json, out
from mslt_core.cli.select import select
from mslt_core.cli.study import study
from mslt_core.jobs.store import Store
from mslt_core.jobs.worker import supervise
from mslt_core.spec import Method, RunSpec, Sampling, UserError

app = typer.Typer(
    name="mslt_core",
    help="MSLT Lab: which source languages transfer best, at a fixed budget?",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Sources = Annotated[str, typer.Option(help="Languages to train on, such as ar,de,zh.")]
Targets = Annotated[str, typer.Option(help="Languages to test on; default: all that can be.")]
ModelName = Annotated[str, typer.Option(help="A model's name, hub id, or folder: see `models`.")]
TaskName = Annotated[
    str, typer.Option(help="A task's name: see `tasks`; `files` for your own --data.")
]
Budget = Annotated[int, typer.Option(help="Training examples in all, shared by the sources.")]
SamplingName = Annotated[
    str, typer.Option(help="disjoint: other items for each source; parallel: the same translated.")
]
MaxLength = Annotated[int, typer.Option(help="Sub-words after which a text is cut.")]
Seed = Annotated[int, typer.Option(help="Fixes the sample, the head and the order of training.")]
DataPath = Annotated[
    str, typer.Option(help="Your own data: a CSV, TSV, JSONL or Parquet file, or a folder of them.")
]
ColumnNames = Annotated[
    str, typer.Option(help="What --data's columns hold, such as language=lang,label=class,id=.")
]
SplitByName = Annotated[
    str, typer.Option(help="Where --data names no split: item keeps equal ids together, or text.")
]
SkipFaulty = Annotated[bool, typer.Option("--skip-faulty", help="Leave out faulty rows of --data.")]


@app.command()
def run(
    sources: Sources,
    model: ModelName = "me5-small",
    task: TaskName = "intents",
    targets: Targets = "",
    method: Annotated[str, typer.Option(help="finetune or probe.")] = RunSpec.method,
    budget: Budget = RunSpec.budget,
    sampling: SamplingName = RunSpec.sampling,
    epochs: Annotated[
        int, typer.Option(help="Passes over the training examples.")
    ] = RunSpec.epochs,
    learning_rate: Annotated[
        float, typer.Option(help="Peak learning rate of the encoder; the head's is 20 times that.")
    ] = RunSpec.learning_rate,
    batch_size: Annotated[int, typer.Option(help="Examples in one step.")] = RunSpec.batch_size,
    max_length: MaxLength = RunSpec.max_length,
    layers: Annotated[
        int | None, typer.Option(help="Train only the top n layers; default: all.")
    ] = RunSpec.layers,
    lora_rank: Annotated[
        int | None, typer.Option(help="Train adapters of this rank instead of the weights.")
    ] = RunSpec.lora_rank,
    four_bit: Annotated[
        bool, typer.Option("--four-bit", help="Keep the weights under the adapters in 4 bit.")
    ] = RunSpec.four_bit,
    seed: Seed = RunSpec.seed,
    data: DataPath = "",
    columns: ColumnNames = "",
    split_by: SplitByName = "item",
    skip_faulty: SkipFaulty = False,
    as_json: Json = False,
) -> None:
    """Train on some languages, score on others, and keep the result."""
    source_tags = parse_languages(sources, "sources")
    task = task_of(task, OwnData(data, columns, split_by, skip_faulty), as_json)
    _run(
        RunSpec(
            model=model,
            task=task,
            sources=source_tags,
            targets=_targets(task, targets),
            method=cast(Method, method),
            budget=budget,
            sampling=cast(Sampling, sampling),
            epochs=epochs,
            learning_rate=learning_rate,
            batch_size=batch_size,
            max_length=max_length,
            layers=layers,
            lora_rank=lora_rank,
            four_bit=four_bit,
            seed=seed,
        ),
        as_json,
    )


@app.command()
def probe(
    sources: Sources,
    model: ModelName = "me5-small",
    task: TaskName = "intents",
    targets: Targets = "",
    budget: Budget = RunSpec.budget,
    sampling: SamplingName = RunSpec.sampling,
    max_length: MaxLength = RunSpec.max_length,
    seed: Seed = RunSpec.seed,
    data: DataPath = "",
    columns: ColumnNames = "",
    split_by: SplitByName = "item",
    skip_faulty: SkipFaulty = False,
    as_json: Json = False,
) -> None:
    """The quick preview: a linear probe on frozen embeddings, no fine-tuning."""
    source_tags = parse_languages(sources, "sources")
    task = task_of(task, OwnData(data, columns, split_by, skip_faulty), as_json)
    _run(
        RunSpec(
            model=model,
            task=task,
            sources=source_tags,
            targets=_targets(task, targets),
            method="probe",
            budget=budget,
            sampling=cast(Sampling, sampling),
            max_length=max_length,
            seed=seed,
        ),
        as_json,
    )


@app.command()
def mix(
    runs: Annotated[str, typer.Option(help="Ids of finished fine-tuning runs, such as A,B.")],
    as_json: Json = False,
) -> None:
    """How far runs mingled the languages: against the model before training, and one another."""
    found = compare(Store(), runs)
    if as_json:
        print(json.dumps(found.to_dict()))
    else:
        show_mixing(found, out)


app.add_typer(study, name="study")
app.command()(select)
app.command()(export)


@app.command()
def models(
    name: Annotated[str, typer.Argument(help="A hub id or a folder; default: all known.")] = "",
    as_json: Json = False,
) -> None:
    """What is known of the models that have names, or of any other one, without its weights."""
    cards = [model_catalog.look_up(name)] if name else list(model_catalog.CARDS.values())
    if as_json:
        print(json.dumps({"models": [asdict(card) for card in cards]}, ensure_ascii=False))
        return
    sizes = ("parameters", "layers", "hidden", "vocabulary")
    columns = (Column(size, justify="right", no_wrap=True) for size in sizes)
    table = Table(Column("name", overflow="fold"), *columns)
    for card in cards:
        numbers = (getattr(card, size) for size in sizes)
        table.add_row(card.name, *("" if n is None else f"{n:,}" for n in numbers))
    out.print(table)
    for card in cards:
        out.print(_described(card), soft_wrap=True, highlight=False, markup=False)


@app.command()
def tasks(as_json: Json = False) -> None:
    """The tasks, how many languages each has here, and where their data is from."""
    rows = [_task_row(name) for name in task_names()]
    shown = [{k: v for k, v in row.items() if k not in ("source", "problem")} for row in rows]
    _print({"tasks": rows}, shown, as_json)
    if not as_json:
        for row in rows:
            out.print(f"{row['name']}: {row['problem'] or row['source']}", soft_wrap=True)


@app.command()
def languages(
    task: Annotated[str, typer.Option(help="A task's name: see `tasks`.")] = "intents",
    as_json: Json = False,
) -> None:
    """The languages of a task: family, script, pretraining data, and numbers of items."""
    rows = []
    for size in find_task(task).sizes().to_dict("records"):
        known = language(str(size["language"]))
        rows.append(
            {
                "language": known.tag,
                "name": known.name,
                "family": known.family,
                "script": known.script,
                "cc100_gib": known.cc100_gib,
                **{split: int(size[split]) for split in ("train", "dev", "test")},
            }
        )
    _print({"task": task, "languages": rows}, rows, as_json)


@app.command()
def data(
    path: Annotated[str, typer.Argument(help="A file or a folder of files.")],
    columns: ColumnNames = "",
    split_by: SplitByName = "item",
    name: Annotated[str, typer.Option(help="What to call it; default: the file's name.")] = "",
    skip_faulty: SkipFaulty = False,
    check: Annotated[bool, typer.Option("--check", help="Only look, import nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Check your own data, show what is in it, and import it as a task."""
    own = OwnData(path, columns, split_by, skip_faulty)
    checked = own.checked()
    if not as_json:
        show(checked, out)
    own.refuse_faults(checked, as_json)
    imported = "" if check else own.add(checked, name)
    if as_json:
        print(json.dumps({"task": imported, **report(checked)}, ensure_ascii=False))
    elif imported:
        out.print(f"Imported as {imported}.", highlight=False)


@app.command()
def worker(
    idle_exit: Annotated[
        float | None, typer.Option(help="Stop after so many seconds without work; default: never.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Execute queued runs until stopped; the app and `run` start one by themselves."""
    store = Store()
    if not as_json:
        out.print(f"Working on the queue of {store.home}; Ctrl-C stops.")
    supervise(store.home, idle_exit)
    if as_json:
        counts = {state.value: count for state, count in store.ledger.counts().items()}
        print(json.dumps({"home": str(store.home), "runs": counts}))


@app.command()
def doctor(as_json: Json = False) -> None:
    """What is installed, which device, which data sets are found where, is the store sound."""
    from mslt_core.cli.doctor import examine

    report = examine()
    if as_json:
        print(json.dumps(report.to_dict(), ensure_ascii=False))
    else:
        for check in report.checks:
            mark = f"[{_COLOURS[check.state]}]{check.state:7}[/]"
            out.print(f"{mark}  {check.subject}: {check.finding}", highlight=False, soft_wrap=True)
    if not report.sound:
        raise typer.Exit(1)


_COLOURS = {"ok": "green", "missing": "yellow", "problem": "red"}


def _targets(task: str, text: str) -> tuple[str, ...]:
    return parse_languages(text, "targets") if text else testable(find_task(task))


def _described(card: model_catalog.ModelCard) -> str:
    parts = [card.title]
    if card.languages:
        corpus = model_catalog.CORPORA.get(card.pretraining)
        of = f" ({corpus})" if corpus else ""
        parts.append(f"{len(card.languages)} language{'s' * (len(card.languages) > 1)}{of}")
    if card.decoder:
        parts.append("reads from left to right")
    parts.append(f"licence: {card.licence}")
    return f"{card.name}: {' · '.join(parts)}. {card.note}".strip()


def _task_row(name: str) -> dict[str, Any]:
    found = find_task(name)
    row = {"name": name, "title": found.title, "kind": found.kind, "parallel": found.parallel}
    try:
        return {**row, "languages": len(found.languages()), "source": found.source, "problem": ""}
    except UserError as error:
        return {**row, "languages": 0, "source": found.source, "problem": str(error)}


def _run(spec: RunSpec, as_json: bool) -> None:
    # The first look at a task's data takes a while, and silence looks like a fault.
    with Console(stderr=True, quiet=as_json).status("Reading the task's data"):
        resolved = resolve(spec)
    store = Store()
    answer = answer_of(store, resolved.run_id, cached=True)
    if answer is None:
        follow(store, resolved.run_id, resolved.spec, quiet=as_json)
        answer = answer_of(store, resolved.run_id, cached=False)
    assert answer is not None  # follow raises unless the run is done
    if as_json:
        print(json.dumps(answer.to_dict(), ensure_ascii=False))
    else:
        _show(answer)


def _show(answer: Answer) -> None:
    table = Table("target", "language", answer.metric, "items")
    for row in answer.scores:
        name = language(row["target"]).name
        seen = " (seen)" if row["target"] in answer.sources else ""
        table.add_row(row["target"] + seen, name, f"{row['value']:.3f}", str(row["n"]))
    out.print(table)
    for group, value in answer.mean.items():
        out.print(f"mean over {group} targets: {'—' if value is None else f'{value:.3f}'}")
    where = "from the store" if answer.cached else f"in {answer.seconds:.0f} s"
    out.print(f"run {answer.run_id}, {where}")


def _print(report: dict[str, Any], rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    out.print(table)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; an error is one sentence on standard error and an exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        status = app(words or ["--help"], prog_name="python -m mslt_core", standalone_mode=False)
    except UserError as error:
        _fail(str(error), error.exit_code)
    except typer.Abort:
        _fail("Stopped.", 130)
    except typer.TyperException as error:
        _fail(error.format_message(), error.exit_code)
    else:
        sys.exit(status if isinstance(status, int) else 0)


def _fail(sentence: str, status: int) -> None:
    print(f"Error: {sentence}", file=sys.stderr)
    sys.exit(status)
