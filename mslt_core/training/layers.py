"""The layers of a fine-tuning run, one by one: the vectors of the first of the map's sentences at
every layer, before and after training, and how far each layer mingles the languages.

Nothing else stands on it: where it fails the run is whole, and its record says why it has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from mslt_core.analysis.mixing import AFTER, BEFORE, Space, measure_briefly, summary
from mslt_core.analysis.mixing.space import FEWEST_ITEMS
from mslt_core.analysis.mixing.tables import SUMMARY
from mslt_core.catalog.map_sentences import MapSentences
from mslt_core.catalog.models import ModelCard
from mslt_core.jobs.artefacts import replace_arrays
from mslt_core.jobs.child import Job
from mslt_core.training.batching import Batch
from mslt_core.training.embed import LayerVectors, PretrainedEmbeddings
from mslt_core.training.heads import LAYER_POOLINGS, hidden_states, layer_states, pool_layers
from mslt_core.training.item_cache import halved
from mslt_core.training.mixing import (
    STEPS,
    NotMeasured,
    Sentences,
    measured_once,
    sentences_of,
    told,
)
from mslt_core.training.sharing import Progress

if TYPE_CHECKING:
    from mslt_core.training.heads import Encoder

LAYER_SENTENCES = 50
"""Sentences of each language, the first of the map's."""
LAYER_POINTS = 1000
"""Sentences of all languages together, where there are more than 20 languages: each layer is
measured by itself, and the time of each grows with the square."""

COLUMNS = ["space", "pooling", "layer", *SUMMARY]
NUMBERS = dict.fromkeys(("value", "low", "high", "null"), float)

ByLanguage = dict[str, NDArray[np.floating]]
"""Of each language (items, LAYER_POOLINGS, layers, d)."""


class LayerReader:
    """Reads a batch as `hidden_states` does, and keeps of some texts, given by their numbers, the
    vectors at every layer. Where that fails it reads on without them, and `missing` says why."""

    def __init__(self, texts: Iterable[int]) -> None:
        self.missing = ""
        self._wanted = np.fromiter(texts, dtype=np.int64)
        self._row = {int(text): row for row, text in enumerate(self._wanted)}
        # One block for all texts: small ones, kept among the large tensors that come and go, would
        # leave holes that no tensor fits in, some hundred megabytes of them.
        self._vectors = np.empty((0, 0, 0, 0), dtype=np.float32)

    def __call__(self, encoder: Encoder, batch: Batch) -> torch.Tensor:
        places = np.flatnonzero(np.isin(batch.index, self._wanted))
        if self.missing or not len(places):
            return hidden_states(encoder, batch)
        try:
            with told():
                states = layer_states(encoder, batch)
                rows = torch.from_numpy(places).to(batch.lengths.device)
                own = torch.zeros_like(batch.lengths).index_fill(0, rows, 1).bool()
                tokens = own.repeat_interleave(batch.lengths)
                given = [hidden[tokens] for hidden in states]
                vectors = pool_layers(given, batch.lengths[own]).cpu().numpy()
        except NotMeasured as reason:
            self.missing = str(reason)
            return hidden_states(encoder, batch)
        if not len(self._vectors):
            self._vectors = np.empty((len(self._wanted), *vectors.shape[1:]), dtype=np.float32)
        self._vectors[[self._row[int(i)] for i in batch.index[places]]] = vectors
        return states[-1]

    def found(self, text: int) -> LayerVectors:
        """Of a text that was read its vectors: (LAYER_POOLINGS, layers, d)."""
        return halved(self._vectors[self._row[text]])


class RunLayers:
    """What a run does about its layers, from stage to stage: `reader` while the tuned model reads
    the map's sentences, `take_vectors` where the untouched one embeds, `measure` at the end. Once
    something fails it does nothing more. Each raises what the job raises."""

    def __init__(
        self,
        job: Job,
        card: ModelCard,
        shown: MapSentences,
        embeddings: PretrainedEmbeddings,
    ) -> None:
        self._job = job
        self._decoder = card.decoder
        self._source = shown.source
        self._embeddings = embeddings
        self._missing = ""
        self._sentences = Sentences({}, frozenset())
        self._places: dict[str, list[int]] = {}
        self._reader = LayerReader(())
        self._before: ByLanguage = {}
        self._after: ByLanguage = {}
        self._untouched = 0
        """The lowest layers, so many, are those of the untouched model."""
        with self._said():
            measured = sentences_of(job.spec, shown)
            self._sentences = measured.first(_sentences_each(len(measured.items)))

    @property
    def steps(self) -> int:
        """Steps of the stage `measuring`, after the first STEPS."""
        return 2 * len(kept_layers(self._depth))

    def reader(self, place: Mapping[tuple[str, str], int]) -> LayerReader:
        """Reads texts among which the map's are. place: the number among them of each language's
        item, by its id."""
        items = self._sentences.items
        self._places = {lang: [place[lang, item.id] for item in of] for lang, of in items.items()}
        self._reader = LayerReader(chain.from_iterable(self._places.values()))
        return self._reader

    def take_vectors(self, progress: Progress) -> None:
        """Collect the vectors of both models; those of the untouched one are kept on disk.

        Layers below those that were trained are the untouched model's. So is what the lowest
        trained layer reads, which the run has in float16.
        """
        self._missing = self._missing or self._reader.missing
        if self._missing:
            return
        with self._said():
            spec, items = self._job.spec, self._sentences.items
            found = self._embeddings.layers(self._source, items, spec.max_length, progress)
            before = {lang: np.stack(vectors) for lang, vectors in found.items()}
            for lang, places in self._places.items():
                tuned = np.stack([self._reader.found(place) for place in places])
                below = before[lang].shape[2] - tuned.shape[2]
                self._untouched = below + 1 if below else 0
                parts = (before[lang][:, :, : self._untouched], tuned[:, :, 1 if below else 0 :])
                self._after[lang] = np.concatenate(parts, axis=2)
            self._before = before

    def measure(self, cache: Path, untouched: Path, no_mixing: str) -> str:
        """Measure every layer of both, and write the table and the arrays `layers` among the
        results; of the untouched model, the same arrays to the file `untouched`.

        no_mixing: why the run has no mixing, and so no layers either. Returns why there are none,
        in one sentence, "" where there are.
        """
        self._missing = self._missing or no_mixing
        if not self._missing:
            with self._said():
                table = self._table(cache)
                # Written each time, which costs little: so a damaged file is mended.
                replace_arrays(untouched, _named(self._before))
        if not self._missing:
            self._job.write_table("layers", table)
            self._job.write_arrays("layers", _named(self._after))
        return self._missing

    @property
    def _depth(self) -> int:
        return next((vectors.shape[2] for vectors in self._before.values()), 0)

    def _table(self, cache: Path) -> pd.DataFrame:
        """The columns COLUMNS; NaN where there is no value. Who cancels is heard between layers."""
        parts = []
        layers = product((BEFORE, AFTER), kept_layers(self._depth))
        for step, (space, layer) in enumerate(layers, STEPS + 1):
            for pooling in LAYER_POOLINGS:
                found = self._measured(cache, space, pooling, layer)
                parts.append(found.assign(space=space, pooling=pooling, layer=layer))
            self._job.report("measuring", step, STEPS + self.steps)
        return pd.concat(parts, ignore_index=True)[COLUMNS].astype(NUMBERS)

    def _measured(self, cache: Path, space: str, pooling: str, layer: int) -> pd.DataFrame:
        of = self._before if space == BEFORE else self._after
        number = LAYER_POOLINGS.index(pooling)
        points = self._sentences.space({lang: own[:, number, layer] for lang, own in of.items()})
        if space == BEFORE or layer < self._untouched:
            found = summary(measured_once(cache, points, measure_briefly, "briefly"))
        else:
            found = summary(measure_briefly(points))
        if pooling == "first" and self._first_is_alike(points):
            found[list(NUMBERS)] = None  # what is measured of one point is rounding
        return found

    def _first_is_alike(self, space: Space) -> bool:
        """Whether the first token has one vector in all texts: before the first layer where it is
        a special one, and at every layer of a model that reads from left to right."""
        return self._decoder or bool((space.points == space.points[0]).all())

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            with told():
                yield
        except NotMeasured as reason:
            self._missing = str(reason)


def _sentences_each(languages: int) -> int:
    return max(FEWEST_ITEMS, min(LAYER_SENTENCES, LAYER_POINTS // languages))


def kept_layers(depth: int) -> range:
    """The layers that are measured and whose vectors are kept, lowest first, of so many: every
    second one down from the top. Neighbours look alike, and each takes time and room."""
    return range((depth + 1) % 2, depth, 2)


def _named(of: ByLanguage) -> dict[str, NDArray[Any]]:
    """The kept layers as `<pooling>/<layer>/<language>`, (items, d)."""
    return {
        f"{pooling}/{layer}/{lang}": np.ascontiguousarray(vectors[:, number, layer])
        for lang, vectors in of.items()
        for number, pooling in enumerate(LAYER_POOLINGS)
        for layer in kept_layers(vectors.shape[2])
    }
