"""A small task made in memory, for tests that need items but no data set."""

import pandas as pd

from mslt_core.catalog.tasks import Item


class FakeTask:
    """Two classes; parallel: every language has the same ids; else each has its own."""

    name = "fake"
    title = "Fake"
    kind = "sentence"
    metric = "accuracy"
    source = "Made up."

    def __init__(self, sizes, parallel=True):
        self.train = dict(sizes)
        self.parallel = parallel

    def languages(self):
        return tuple(sorted(self.train))

    def labels(self):
        return ("a", "b")

    def items(self, language, split):
        n = self.train[language] if split == "train" else 10
        own = "" if self.parallel else f"{language}-"
        return [
            Item(f"{own}{split}{i}", f"{language} {split} sentence {i}", "ab"[i % 2])
            for i in range(n)
        ]

    def sizes(self):
        train = [self.train[lang] for lang in self.languages()]
        return pd.DataFrame({"language": self.languages(), "train": train, "dev": 10, "test": 10})

    def where(self):
        return "memory"

    def fingerprint(self, languages):
        return "fake"
