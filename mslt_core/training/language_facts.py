"""What a model makes of the training text of some languages of a task: the sub-words that its
tokenizer needs, and the mean sentence vector before any training.

python -m mslt_core.training.language_facts --model me5-small --task intents --languages de,en

writes them to the cache of $MSLT_HOME, and meanwhile prints a line `done/all` now and then.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from mslt_core.catalog import models
from mslt_core.catalog.resolve import parse_languages
from mslt_core.catalog.sampling import ordered
from mslt_core.catalog.tasks import Item
from mslt_core.catalog.tasks import task as find_task
from mslt_core.jobs import language_facts
from mslt_core.jobs.language_facts import COUNTED_TEXTS, EMBEDDED_TEXTS
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec, UserError, WorkFailed
from mslt_core.training.device import choose_device
from mslt_core.training.embed import PretrainedEmbeddings
from mslt_core.training.encoders import load_source
from mslt_core.training.lengths import token_ids
from mslt_core.training.sharing import Progress


def compute(
    store: Store, model: str, task: str, languages: tuple[str, ...], progress: Progress
) -> None:
    """Computes and keeps what is not there yet. progress is called with texts done and all texts.

    Raises as `language_facts.stored` does, and WorkFailed where a language has no training text.
    """
    files = language_facts.paths(store, model, task, languages)
    missing = {lang: path for lang, path in files.items() if not path.exists()}
    if not missing:
        return
    chosen = find_task(task)
    items = {lang: chosen.items(lang, "train") for lang in missing}
    empty = [lang for lang, of in items.items() if not of]
    if empty:
        raise WorkFailed(f"{task} has no training text in {', '.join(empty)}: choose without it.")
    card = models.card(model)
    source = load_source(card, models.fingerprint(card))
    tokenizer = source.load_tokenizer()
    used = {lang: subwords(tokenizer, of[:COUNTED_TEXTS]) for lang, of in items.items()}
    del tokenizer  # the largest takes more memory than the model
    found = PretrainedEmbeddings(store.cache_dir, source, choose_device()).vectors(
        task,
        {lang: list(ordered(of, 0, EMBEDDED_TEXTS).values()) for lang, of in items.items()},
        RunSpec.max_length,
        progress,
        source.card.pooling,
    )
    for lang, path in missing.items():
        mean = np.concatenate(found[lang]).mean(axis=0, dtype=np.float64)
        language_facts.keep(path, used[lang], mean.astype(np.float32))


def subwords(tokenizer: Tokenizer, items: list[Item]) -> NDArray[np.int32]:
    """Ids of the sub-words that the items' texts are made of, each once, sorted; special tokens and
    the model's prefix are none of them."""
    ids = {token for text in token_ids(tokenizer, items) for token in text}
    return np.array(sorted(ids), dtype=np.int32)


def main() -> None:
    """Compute once, as asked for on the command line, and keep the facts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--languages", required=True)
    arguments = parser.parse_args()
    try:
        languages = parse_languages(arguments.languages, "languages")
        compute(Store(), arguments.model, arguments.task, languages, _say)
    except UserError as error:
        print(error)
        sys.exit(error.exit_code)


def _say(done: int, total: int) -> None:
    print(f"{done}/{total}", flush=True)


if __name__ == "__main__":
    main()
