"""How many tokens a model's tokenizer makes of the texts of each language of a task.

    python -m mslt_core.training.lengths --model me5-small --task intents --split test

writes the table to the cache of $MSLT_HOME, and meanwhile prints a line `done/all` a language.
"""

from __future__ import annotations

import argparse
import sys
from typing import cast, get_args

import pandas as pd
from tokenizers import Tokenizer

from mslt_core.catalog import models
from mslt_core.catalog.languages import language
from mslt_core.catalog.tasks import Item, Split, Task, task
from mslt_core.jobs import lengths
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec, UserError, WorkFailed
from mslt_core.training.inputs import tokenize
from mslt_core.training.tokenizer import load_tokenizer

SPACELESS = frozenset({"Hans", "Hant", "Jpan", "Khmr", "Laoo", "Mymr", "Thai", "Tibt"})
"""Scripts that put no space between words, so that a text does not tell how many it has."""

_UNCUT = 1_000_000


def measure(items: list[Item], counts: list[int], script: str) -> dict[str, float]:
    """Means of the texts of one language:

    - tokens: tokens an item, special tokens and the model's prefix not counted;
    - tokens_per_word (fertility): words are those of the task, else what stands between spaces;
      NaN for a script without spaces;
    - characters_per_token: Unicode code points, spaces too.

    items: at least one. counts: the tokens of each.
    """
    texts = [_text(item) for item in items]
    if items[0].words:
        words = float(sum(len(item.words) for item in items))
    elif script in SPACELESS:
        words = float("nan")
    else:
        words = float(sum(len(text.split()) for text in texts))
    total = max(1, sum(counts))
    return {
        "items": len(items),
        "tokens": total / len(items),
        "tokens_per_word": total / words if words else float("nan"),
        "characters_per_token": sum(map(len, texts)) / total,
    }


def share_cut(tokenizer: Tokenizer, items: list[Item], prefix: str) -> float:
    """Share of items that are longer than the usual max_length of a run, all tokens counted."""
    whole = tokenize(tokenizer, items, _UNCUT, prefix)
    return sum(len(item.ids) > RunSpec.max_length for item in whole) / len(items)


def tabulate(tokenizer: Tokenizer, chosen: Task, split: Split, prefix: str) -> pd.DataFrame:
    """One row a language that has items: language, the measures, cut (see `share_cut`), and of a
    parallel task `relative`, its tokens for each token of the same items in English (else NaN).

    Raises WorkFailed where no language has items.
    """
    languages = chosen.languages()
    english: dict[str, int] = {}
    if chosen.parallel and "en" in languages:
        items = chosen.items("en", split)[: lengths.MOST_ITEMS]
        english = _by_id(items, count(tokenizer, items))
    rows = []
    for number, tag in enumerate(languages):
        print(f"{number}/{len(languages)}", flush=True)
        items = chosen.items(tag, split)[: lengths.MOST_ITEMS]
        if not items:
            continue
        counts = count(tokenizer, items)
        rows.append(
            {
                "language": tag,
                **measure(items, counts, language(tag).script),
                "cut": share_cut(tokenizer, items, prefix),
                "relative": _relative(_by_id(items, counts), english),
            }
        )
    if not rows:
        raise WorkFailed(f"The split {split} of {chosen.name} has no items to count.")
    return pd.DataFrame(rows)


def count(tokenizer: Tokenizer, items: list[Item]) -> list[int]:
    """The tokens of each item, without special tokens; of a pair those of both texts."""
    return [len(ids) for ids in token_ids(tokenizer, items)]


def token_ids(tokenizer: Tokenizer, items: list[Item]) -> list[list[int]]:
    """The ids of these tokens."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    found = tokenizer.encode_batch_fast([_text(item) for item in items], add_special_tokens=False)
    return [encoding.ids for encoding in found]


def _by_id(items: list[Item], counts: list[int]) -> dict[str, int]:
    return {item.id: tokens for item, tokens in zip(items, counts, strict=True)}


def _relative(own: dict[str, int], english: dict[str, int]) -> float:
    """Tokens for each token of the same items in English; NaN where there are none."""
    shared = own.keys() & english.keys()
    theirs = sum(english[key] for key in shared)
    return sum(own[key] for key in shared) / theirs if theirs else float("nan")


def _text(item: Item) -> str:
    return f"{item.text}\n{item.second}" if item.second else item.text


def main() -> None:
    """Count once, as asked for on the command line, and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--split", required=True, choices=get_args(Split))
    arguments = parser.parse_args()
    try:
        split = cast(Split, arguments.split)
        counting = lengths.Counting(arguments.model, arguments.task, split)
        path = lengths.table_path(Store(), counting)
        card = models.card(counting.model)
        table = tabulate(load_tokenizer(card), task(counting.task), split, card.prefix)
        lengths.write(path, table)
    except UserError as error:
        print(error)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
