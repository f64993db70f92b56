"""Small files in the layout of the hub's data sets, with the features that those carry."""

from datasets import ClassLabel, Dataset, Features, Sequence, Value

from mslt_core.catalog.tasks.hub_tables import MASSIVE, TABLES, WIKIANN, XNLI

TEXT = Value("string")
FEATURES = {
    "xnli": {"premise": TEXT, "hypothesis": TEXT, "label": ClassLabel(names=list(XNLI.labels))},
    "paws-x": {
        "id": Value("int32"),
        "sentence1": TEXT,
        "sentence2": TEXT,
        "label": ClassLabel(names=["0", "1"]),
    },
    "wikiann": {
        "tokens": Sequence(TEXT),
        "ner_tags": Sequence(ClassLabel(names=list(WIKIANN.labels))),
        "langs": Sequence(TEXT),
        "spans": Sequence(TEXT),
    },
    "massive": {
        "id": TEXT,
        "locale": TEXT,
        "partition": TEXT,
        "intent": ClassLabel(names=list(MASSIVE.labels)),
        "utt": TEXT,
        "slot_method": {"slot": Sequence(TEXT), "method": Sequence(TEXT)},
    },
}
FOLDERS = {table.name: table.repository for table in TABLES}
SPLITS = {"train": "train", "dev": "validation", "test": "test"}


def rows_of(name, config, split):
    """Three rows as the data set has them."""
    if name == "xnli":
        return [
            {"premise": f"{config} {split} {i}", "hypothesis": f"so {i}", "label": i}
            for i in range(3)
        ]
    if name == "paws-x":
        return [
            {"id": i + 1, "sentence1": f"{config} {split} {i}", "sentence2": "b", "label": i % 2}
            for i in range(3)
        ]
    if name == "wikiann":
        words = [config, split, "Jane", "Doe"]
        return [{"tokens": words, "ner_tags": [0, 0, 1, 2], "langs": words, "spans": []}] * 3
    number = {"train": 0, "validation": 10, "test": 20}[split]
    return [
        {
            "id": str(number + i),
            "locale": config,
            "partition": split,
            "intent": 48 + i,
            "utt": f"{config} {split} {i}",
            "slot_method": {"slot": [], "method": []},
        }
        for i in range(3)
    ]


def file_of(name, config, split):
    if name == "massive":
        return f"{config}/{split}/0000.parquet"
    return f"{config}/{split}-00000-of-00001.parquet"


def write(root, name, config, split, rows=None, features=None, file=None):
    """One file in the layout of the hub, written as the hub's were."""
    path = root / FOLDERS[name] / (file or file_of(name, config, split))
    path.parent.mkdir(parents=True, exist_ok=True)
    features = Features(features or FEATURES[name])
    data = Dataset.from_list(rows or rows_of(name, config, split), features=features)
    data.to_parquet(str(path))
    return path
