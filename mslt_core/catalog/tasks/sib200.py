"""SIB-200: the topic of a sentence, seven classes, the same sentences in 205 languages."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from mslt_core.catalog.languages import normalise
from mslt_core.catalog.tasks import folders
from mslt_core.catalog.tasks.base import Item, Kind, Metric, Split
from mslt_core.spec import BadArgument, WorkFailed, default_home

REPOSITORY = "Davlan/sib200"
_LABELS = (
    "entertainment",
    "geography",
    "health",
    "politics",
    "science/technology",
    "sports",
    "travel",
)
# The published split, the same in every language.
_SIZES = {"train": 701, "dev": 99, "test": 204}


class Sib200Task:
    """Topic classification on parallel sentences (Adelani et al. 2024, arXiv 2309.07445)."""

    name = "sib200"
    title = "Topic of a sentence (SIB-200)"
    kind: Kind = "sentence"
    metric: Metric = "accuracy"
    parallel = True
    source = "SIB-200 (Adelani et al. 2024), sentences from FLORES-200, CC BY-SA 4.0."

    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(self._folders()))

    def labels(self) -> tuple[str, ...]:
        return _LABELS

    def items(self, language: str, split: Split) -> list[Item]:
        file, found = self._files(language)[split], folders.find(REPOSITORY)
        return list(_read(found.path(file), found.digest([file])))

    def sizes(self) -> pd.DataFrame:
        return pd.DataFrame({"language": self.languages(), **_SIZES})

    def fingerprint(self, languages: tuple[str, ...]) -> str:
        files = [file for lang in languages for file in self._files(lang).values()]
        return folders.find(REPOSITORY).digest(files)

    def _files(self, language: str) -> dict[str, str]:
        try:
            folder = self._folders()[language]
        except KeyError:
            raise BadArgument(f"{self.name} has no {language!r}.") from None
        return {split: f"data/{folder}/{split}.tsv" for split in _SIZES}

    def where(self) -> str:
        return folders.find(REPOSITORY).root

    def _folders(self) -> dict[str, str]:
        found = folders.find(REPOSITORY)
        tags = _folders_by_language(found)
        if not tags:
            raise WorkFailed(
                f"{found.root} holds no SIB-200: there should be files such as "
                "data/eng_Latn/train.tsv in it."
            )
        return tags


@lru_cache(maxsize=8)
def _folders_by_language(found: folders.DatasetFolder) -> dict[str, str]:
    names = [file.split("/")[1] for file in found.files if file.endswith("/train.tsv")]
    tags: dict[str, str] = {}
    # Sorted, so that of two folders of one language (N'Ko has two) the first is taken everywhere.
    for name in sorted(names):
        try:
            tags.setdefault(normalise(name), name)
        except BadArgument:
            continue
    return tags


@lru_cache(maxsize=512)
def _read(path: str, digest: str) -> tuple[Item, ...]:
    """All items of one file, through `datasets`, which keeps a copy on disk. A file that changed
    has another digest, so it is read anew."""
    import datasets

    datasets.disable_progress_bars()
    try:
        table = datasets.load_dataset(
            "csv",
            data_files={"rows": path},
            split="rows",
            sep="\t",
            keep_default_na=False,
            cache_dir=str(default_home() / "cache" / "datasets"),
        )
        rows = zip(table["index_id"], table["category"], table["text"], strict=True)
        return tuple(Item(id=str(index), text=text, label=label) for index, label, text in rows)
    except Exception as error:
        raise WorkFailed(
            f"{path} cannot be read as SIB-200 (columns index_id, category, text): {error}"
        ) from error
