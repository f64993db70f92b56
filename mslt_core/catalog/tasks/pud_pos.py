"""Parallel UD: the part of speech of every word, the same 1,000 sentences in 18 languages."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

import pandas as pd

from mslt_core.catalog.languages import normalise
from mslt_core.catalog.tasks import folders, parquet
from mslt_core.catalog.tasks.base import Item, Kind, Metric, Split
from mslt_core.spec import BadArgument, WorkFailed

LOCAL = "universal-dependencies/pud"
REPOSITORY = "universal-dependencies/universal_dependencies"
_SENTENCE = re.compile(r"^# sent_id = (.*\S)\s*$", re.MULTILINE)
# As Universal Dependencies publishes the files, and as its data set on the hub has them.
_FILE = re.compile(r"(\w+)_pud-ud-test\.conllu|parquet/(\w+)_pud/test\.parquet")
_TAGS = (
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM"),
    *("PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X"),
)
# Of a thousand sentences: enough to train on, and a test that settles differences of a point.
_SHARES: dict[Split, int] = {"train": 700, "dev": 100, "test": 200}


class PudPosTask:
    """Universal part-of-speech tags of parallel sentences (Zeman et al. 2017, CoNLL shared task).

    The treebanks were published for testing alone; the split is ours: by sentence, the same in
    every language. The words are the syntactic ones of Universal Dependencies: where a written
    word stands for several (French `du`), these; words that are only implied are left out.

    Read from CoNLL-U files in a folder `universal-dependencies/pud` of $MSLT_DATASETS, else from
    the hub's data set of all treebanks, which has some languages more.
    """

    name = "pud-pos"
    title = "Part of speech (Parallel UD)"
    kind: Kind = "token"
    metric: Metric = "accuracy"
    parallel = True
    source = "Parallel Universal Dependencies (Zeman et al. 2017), CC BY-SA 3.0 and 4.0."

    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(self._files()))

    def labels(self) -> tuple[str, ...]:
        return _TAGS

    def items(self, language: str, split: Split) -> list[Item]:
        found, file = _found(), self._file(language)
        where = self._splits()
        items = _read(found.path(file), found.digest([file]))
        return [item for item in items if where[item.id] == split]

    def sizes(self) -> pd.DataFrame:
        where = self._splits()
        rows = []
        for tag, ids in self._ids().items():
            splits = [where[name] for name in ids]
            rows.append((tag, *(splits.count(split) for split in _SHARES)))
        return pd.DataFrame(rows, columns=["language", *_SHARES])

    def where(self) -> str:
        return _found().root

    def fingerprint(self, languages: tuple[str, ...]) -> str:
        files = [self._file(tag) for tag in languages]
        # The split stands on the sentences of all languages.
        splits = repr(sorted(self._splits().items()))
        return hashlib.sha256(f"{_found().digest(files)}{splits}".encode()).hexdigest()

    def _splits(self) -> dict[str, Split]:
        return _split(frozenset(name for ids in self._ids().values() for name in ids))

    def _ids(self) -> dict[str, tuple[str, ...]]:
        """Names of the sentences of each language, languages sorted."""
        found = _found()
        return {
            tag: _sentence_ids(found.path(file), found.digest([file]))
            for tag, file in sorted(self._files().items())
        }

    def _file(self, language: str) -> str:
        try:
            return self._files()[language]
        except KeyError:
            raise BadArgument(f"{self.name} has no {language!r}.") from None

    def _files(self) -> dict[str, str]:
        found = _found()
        matches = (_FILE.fullmatch(file) for file in found.files)
        files = {normalise(match[1] or match[2]): match.string for match in matches if match}
        if not files:
            raise WorkFailed(
                f"{found.root} holds no Parallel UD: there should be files such as "
                "en_pud-ud-test.conllu in it."
            )
        return files


def _found() -> folders.DatasetFolder:
    return folders.local(LOCAL) or folders.find(REPOSITORY)


@lru_cache(maxsize=8)
def _split(ids: frozenset[str]) -> dict[str, Split]:
    """Which split each sentence is in: dealt in the order of a hash of its id, which the same
    sentence has in every language."""
    order = sorted(ids, key=lambda name: hashlib.sha256(name.encode()).digest())
    splits: dict[str, Split] = {}
    start = 0
    for split, share in _SHARES.items():
        end = start + round(len(order) * share / 1000)
        splits |= dict.fromkeys(order[start:end] if split != "test" else order[start:], split)
        start = end
    return splits


@lru_cache(maxsize=64)
def _sentence_ids(path: str, digest: str) -> tuple[str, ...]:
    """Names of a file's sentences, without parsing the rest, which takes a while."""
    if path.endswith(".parquet"):
        rows, _ = parquet.read((path,), digest, ("sent_id",))
        return tuple(rows.column("sent_id").to_pylist())
    return tuple(_SENTENCE.findall(_text(path)))


@lru_cache(maxsize=64)
def _read(path: str, digest: str) -> tuple[Item, ...]:
    """All sentences of a file. A file that changed has another digest, so it is read anew."""
    items = _parquet_items(path, digest) if path.endswith(".parquet") else _conllu_items(path)
    for item in items:
        wrong = sorted(set(item.tags) - set(_TAGS))
        if not item.id or not item.words or wrong:
            what = f"the tag {wrong[0]!r}, which is none of UD's" if wrong else "no sent_id or word"
            raise WorkFailed(f"{path} cannot be used: its sentence {item.id!r} has {what}.")
    return items


def _conllu_items(path: str) -> tuple[Item, ...]:
    from conllu import parse
    from conllu.exceptions import ParseException

    try:
        sentences = parse(_text(path))
    except ParseException as error:
        raise WorkFailed(f"{path} cannot be read as CoNLL-U: {error}") from error
    items = []
    for sentence in sentences:
        # A whole number is a word; 8-9 is a written word of two, 8.1 one that is not written.
        tokens = [token for token in sentence if isinstance(token["id"], int)]
        words = tuple(str(token["form"]) for token in tokens)
        tags = tuple(str(token["upos"]) for token in tokens)
        name, text = (sentence.metadata.get(key) or "" for key in ("sent_id", "text"))
        items.append(Item(name, text or " ".join(words), words=words, tags=tags))
    return tuple(items)


def _parquet_items(path: str, digest: str) -> tuple[Item, ...]:
    """The hub's rows have the words as columns; written words of two and words that are not
    written are in columns of their own."""
    columns = ("sent_id", "text", "tokens", "upos")
    rows, features = parquet.read((path,), digest, columns)
    names = parquet.class_names(features["upos"])
    items = []
    for name, text, words, tags in zip(*(rows.column(c).to_pylist() for c in columns), strict=True):
        if len(words) != len(tags):
            raise WorkFailed(
                f"{path} cannot be used: its sentence {name!r} has {len(words)} words and "
                f"{len(tags)} tags."
            )
        tags = tuple(names[tag] if names else str(tag) for tag in tags)
        items.append(Item(name, text or " ".join(words), words=tuple(words), tags=tags))
    return tuple(items)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkFailed(f"{path} cannot be read as CoNLL-U: {error}") from error
