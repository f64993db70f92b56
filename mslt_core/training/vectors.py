"""The child that embeds what a study by probe needs, once for all its runs.

    python -m mslt_core.training.vectors --home .mslt --model me5-small --task sib200 \\
        --sources ar,de --targets ar,sw --max-length 128 --to vectors.safetensors

Says on standard output how far it is, a line such as `32 1200` at a time: texts done and in all.
What was embedded before is taken from the store's cache, and what is embedded now is added to it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from mslt_core.catalog import models
from mslt_core.catalog.tasks import Item, task
from mslt_core.jobs.artefacts import replace_arrays
from mslt_core.jobs.engines import supervisor_pid
from mslt_core.jobs.processes import end_with
from mslt_core.jobs.store import Store
from mslt_core.spec import UserError
from mslt_core.training.device import choose_device
from mslt_core.training.embed import PretrainedEmbeddings
from mslt_core.training.encoders import load_source


def embed(arguments: argparse.Namespace) -> None:
    """Writes the arrays `train/<language>` and `test/<language>`, float32 (items, d), their rows in
    the order of the task's items. Raises UserError for what cannot be read."""
    store, chosen = Store(arguments.home), task(arguments.task)
    card = models.card(arguments.model)
    device = choose_device()
    device.repeat_exactly()
    source = load_source(card, models.fingerprint(card), device=device.name)
    parts = {
        **{("train", language): chosen.items(language, "train") for language in arguments.sources},
        **{("test", language): chosen.items(language, "test") for language in arguments.targets},
    }
    wanted: dict[str, list[Item]] = {}
    for (_, language), items in parts.items():
        wanted.setdefault(language, []).extend(items)
    cache = PretrainedEmbeddings(store.cache_dir, source, device)
    found = cache.vectors(chosen.name, wanted, arguments.max_length, _tell, source.card.pooling)
    given = {language: iter(rows) for language, rows in found.items()}
    arrays = {
        f"{split}/{language}": np.concatenate([next(given[language]) for _ in items])
        for (split, language), items in parts.items()
    }
    replace_arrays(arguments.to, arrays)


def _tell(done: int, total: int) -> None:
    print(done, total, flush=True)


def main() -> None:
    """Embed, unless the process that started this one is gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--sources", type=lambda text: text.split(","), required=True)
    parser.add_argument("--targets", type=lambda text: text.split(","), required=True)
    parser.add_argument("--max-length", type=int, required=True)
    parser.add_argument("--to", type=Path, required=True)
    end_with(supervisor_pid())
    try:
        embed(parser.parse_args())
    except UserError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
