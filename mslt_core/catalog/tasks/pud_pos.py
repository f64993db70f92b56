"""Parallel UD: the part of speech of every word, the same 1,000 sentences in 18 languages."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

import pandas as pd

from mslt_core.catalog.languages import normalise
from mslt_core.catalog.tasks import folders
from mslt_core.catalog.tasks.base import Item, Kind, Metric, Split
from mslt_core.spec import BadArgument, WorkFailed

REPOSITORY = "universal-dependencies/pud"
_SENTENCE = re.compile(r"^# sent_id = (.*\S)\s*$", re.MULTILINE)
_ENDING = "_pud-ud-test.conllu"
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
        found, file = folders.find(REPOSITORY), self._file(language)
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
        return folders.find(REPOSITORY).root

    def fingerprint(self, languages: tuple[str, ...]) -> str:
        files = [self._file(tag) for tag in languages]
        # The split stands on the sentences of all languages.
        splits = repr(sorted(self._splits().items()))
        return hashlib.sha256(
            f"{folders.find(REPOSITORY).digest(files)}{splits}".encode()
        ).hexdigest()

    def _splits(self) -> dict[str, Split]:
        return _split(frozenset(name for ids in self._ids().values() for name in ids))

    def _ids(self) -> dict[str, tuple[str, ...]]:
        """Names of the sentences of each language, languages sorted."""
        found = folders.find(REPOSITORY)
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
        found = folders.find(REPOSITORY)
        files = {
            normalise(file.removesuffix(_ENDING)): file
            for file in found.files
            if file.endswith(_ENDING) and "/" not in file
        }
        if not files:
            raise WorkFailed(
                f"{found.root} holds no Parallel UD: there should be files such as en{_ENDING} "
                "in it."
            )
        return files


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
    return tuple(_SENTENCE.findall(_text(path)))


@lru_cache(maxsize=64)
def _read(path: str, digest: str) -> tuple[Item, ...]:
    """All sentences of a file. A file that changed has another digest, so it is read anew."""
    from conllu import parse
    from conllu.exceptions import ParseException

    try:
        sentences = parse(_text(path))
    except ParseException as error:
        raise WorkFailed(f"{path} cannot be read as CoNLL-U: {error}") from error
    items: list[Item] = []
    for sentence in sentences:
        # A whole number is a word; 8-9 is a written word of two, 8.1 one that is not written.
        words = [token for token in sentence if isinstance(token["id"], int)]
        name, tags = sentence.metadata.get("sent_id", ""), tuple(str(t["upos"]) for t in words)
        wrong = sorted(set(tags) - set(_TAGS))
        if not name or not words or wrong:
            what = f"the tag {wrong[0]!r}, which is none of UD's" if wrong else "no sent_id or word"
            raise WorkFailed(f"{path} cannot be used: its sentence {name!r} has {what}.")
        items.append(
            Item(
                id=name,
                text=sentence.metadata.get("text") or " ".join(str(t["form"]) for t in words),
                words=tuple(str(token["form"]) for token in words),
                tags=tags,
            )
        )
    return tuple(items)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkFailed(f"{path} cannot be read as CoNLL-U: {error}") from error
