"""Makes `language_vectors.parquet` from the package lang2vec, once: the product runs without it.

pip install --no-deps --target /tmp/lang2vec lang2vec==1.1.2
PYTHONPATH=/tmp/lang2vec python -m mslt_core.catalog.make_language_vectors
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import langcodes
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mslt_core.catalog.language_vectors import LICENCE, PREDICTED, SOURCE, TABLE, TEN_THOUSANDTHS
from mslt_core.catalog.languages import known

CODES = {"ar": "arb", "zh": "cmn", "sq": "als", "nb": "nor", "fil": "tgl"}
"""ISO 639-3 codes that are not those of the tag. lang2vec knows Arabic and Chinese as Standard
Arabic and Mandarin. Of the macro-language Albanian, and of Bokmål, it has no lines of descent, but
of Tosk and of Norwegian; of Filipino it measured nothing, but of Tagalog."""

PREFIXES: dict[str, str] = {"syntax": "S_", "phonology": "P_", "inventory": "INV_"}


class Database:
    """One of lang2vec's files: values of features by language, -1 where there is none."""

    def __init__(self, folder: Path, name: str) -> None:
        file = np.load(folder / f"{name}.npz")
        self._rows = {str(code): row for row, code in enumerate(file["langs"])}
        self.features = [str(feature) for feature in file["feats"]]
        self._values: NDArray[np.float64] = file["data"][:, :, 0]

    def of(self, code: str, prefix: str = "") -> NDArray[np.float64]:
        """The values of the features whose names begin so, in the file's order; of a language that
        the file lacks, all -1."""
        columns = [i for i, feature in enumerate(self.features) if feature.startswith(prefix)]
        row = self._rows.get(code)
        return np.full(len(columns), -1.0) if row is None else self._values[row, columns]


class Files:
    """The files that the table is made of."""

    def __init__(self, folder: Path) -> None:
        self.measured = Database(folder, "feature_averages")
        self.predicted = Database(folder, "feature_predictions")
        self.families = Database(folder, "family_features")
        self.places = Database(folder, "geocoord_features")

    def row(self, tag: str) -> dict[str, Any]:
        """A language's line of the table; empty where a vector but that of its family has gaps."""
        code = CODES.get(tag) or langcodes.Language.get(tag).to_alpha3()
        vectors = {features: self.predicted.of(code, PREFIXES[features]) for features in PREDICTED}
        place = self.places.of(code)
        if any((values == -1).any() for values in (*vectors.values(), place)):
            return {}
        nodes = zip(self.families.features, self.families.of(code) == 1, strict=True)
        return {
            "tag": tag,
            "code": code,
            **{features: values.astype(np.int8) for features, values in vectors.items()},
            **{
                f"{features}_imputed": float(np.mean(self.measured.of(code, prefix) == -1))
                for features, prefix in PREFIXES.items()
            },
            "family": [name.removeprefix("F_") for name, has in nodes if has],
            "geography": np.round(place * TEN_THOUSANDTHS).astype(np.int16),
        }


def main() -> None:
    """Write the table of the languages that both our table and lang2vec have."""
    spec = importlib.util.find_spec("lang2vec")
    if spec is None or spec.origin is None:
        sys.exit("lang2vec is not installed here: see the head of this file.")
    files = Files(Path(spec.origin).parent / "data")
    # A language in another script is the same language.
    rows = [files.row(tag) for tag in known() if "-" not in tag]
    rows = [row for row in rows if row]
    fields = [("tag", pa.string()), ("code", pa.string())]
    fields += [(features, pa.list_(pa.int8())) for features in PREDICTED]
    fields += [(f"{features}_imputed", pa.float64()) for features in PREDICTED]
    fields += [("family", pa.list_(pa.string())), ("geography", pa.list_(pa.int16()))]
    schema = pa.schema(fields, metadata={"source": SOURCE, "licence": LICENCE})
    pq.write_table(pa.Table.from_pylist(rows, schema), TABLE, compression="zstd")
    print(f"{len(rows)} languages, {TABLE.stat().st_size:,} bytes: {TABLE}")


if __name__ == "__main__":
    main()
