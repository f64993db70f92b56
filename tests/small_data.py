"""A few items of each public data set, ours, in exactly the layout in which it is published."""

import json

from tests.catalog import hub_files
from tests.catalog.hub_files import FEATURES

LANGUAGES = {"en": "English", "de": "Deutsch"}
SIB200_FOLDERS = {"eng_Latn": "English", "deu_Latn": "Deutsch"}
ROWS = 12


def write(root):
    """All of them under `root`, as MSLT_DATASETS has them, and two files of one's own."""
    write_sib200(root)
    write_pud(root)
    write_hub(root)
    write_own(root)


def write_sib200(root, folders=SIB200_FOLDERS):
    topics = ("travel", "health", "sports")
    for folder, name in folders.items():
        for s, split in enumerate(("train", "dev", "test")):
            rows = [
                (str(100 * s + i), topics[i % 3], f"{name} {topics[i % 3]} number {i}")
                for i in range(ROWS)
            ]
            lines = ["\t".join(row) for row in (("index_id", "category", "text"), *rows)]
            path = root / "Davlan" / "sib200" / "data" / folder / f"{split}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_pud(root):
    for lang, name in LANGUAGES.items():
        parts = []
        for i in range(80):
            words = [(name, "PROPN"), ("is", "AUX"), (f"nice{i}", "ADJ"), (".", "PUNCT")]
            rows = [
                "\t".join([str(n), form, "_", tag, *"______"])
                for n, (form, tag) in enumerate(words, 1)
            ]
            text = " ".join(form for form, _ in words)
            parts.append("\n".join([f"# sent_id = s{i:03}", f"# text = {text}", *rows]) + "\n\n")
        path = root / "universal-dependencies" / "pud" / f"{lang}_pud-ud-test.conllu"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(parts), encoding="utf-8")


def write_hub(root):
    codes = {"massive": {"en-US": "English", "de-DE": "Deutsch"}}
    for name in FEATURES:
        for config, language in codes.get(name, LANGUAGES).items():
            for number, split in enumerate(("train", "validation", "test")):
                rows = [hub_row(name, language, 100 * number + i) for i in range(ROWS)]
                hub_files.write(root, name, config, split, rows)


def hub_row(name, language, i):
    if name == "xnli":
        return {"premise": f"{language} {i}", "hypothesis": f"then {i % 3}", "label": i % 3}
    if name == "paws-x":
        texts = {"sentence1": f"{language} {i}", "sentence2": f"or {i % 2}"}
        return {"id": i + 1, **texts, "label": i % 2}
    if name == "wikiann":
        words = [language, f"Ada{i}", "Lovelace", "in", "London"]
        return {"tokens": words, "ner_tags": [0, 1, 2, 0, 5], "langs": words, "spans": []}
    request = {"locale": language, "partition": "", "utt": f"{language} request {i}"}
    return {"id": str(i), **request, "intent": i % 60, "slot_method": {"slot": [], "method": []}}


def write_own(root):
    reviews, names = [], []
    for lang, name in LANGUAGES.items():
        for i in range(30):
            split = "train" if i < 20 else "test"
            at = {"language": lang, "split": split, "id": str(i)}
            label = ("good", "bad")[i % 2]
            reviews.append({**at, "text": f"{name}: this is {label}, {i}", "label": label})
            words, tags = [name, f"Person{i}", "sleeps"], ["O", "B-PER", "O"]
            names.append({**at, "words": words, "tags": tags})
    for name, rows in {"reviews": reviews, "names": names}.items():
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (root / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
