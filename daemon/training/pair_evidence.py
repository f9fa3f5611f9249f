"""What the product makes of labelled pairs: run the photos of timelines through its own code, each once."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dejashot.grouping.feature_match import feature_cells, match_features
from dejashot.grouping.pages import are_pages
from dejashot.grouping.pairs.evidence import RegistrationColumns
from dejashot.grouping.registration import register
from dejashot.models.features import LocalFeatures
from dejashot.models.registration import Registration
from dejashot.reading.decode import decoder
from dejashot.reading.operations import features_of, model_input
from dejashot.reading.photo_picture import decode_picture
from dejashot.reading.vision.embedder import Embedder
from dejashot.reading.vision.model import EmbeddingModel, pair_head_file
from dejashot.reading.vision.pair_head import PairHead
from dejashot.reports.parameters import page_rule_of

NEAR_S, NEAREST_S = 1.0, 0.3
BLANK_CONTRAST = 4.0

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Labelled pairs: cosine, match and nearness, what registering them found, and what they are.

    `sets` and `timelines` number where a pair comes from, `sources` holds the sources of both photos.
    """

    terms: Floats  # [n, 3]
    registered: Floats  # [n, 7]: what a `Registration` holds, in its order
    blank: Booleans
    pages: Booleans
    labels: Floats
    kinds: npt.NDArray[np.str_]
    timelines: npt.NDArray[np.int64]
    sets: npt.NDArray[np.int64]
    sources: npt.NDArray[np.str_]

    @property
    def columns(self) -> RegistrationColumns:
        """Return what registering the pairs found, a column a value."""
        return RegistrationColumns(*self.registered.T)


@dataclass(frozen=True, slots=True)
class Photo:
    """What the product makes of one photo."""

    vector: npt.NDArray[np.float32]
    map: npt.NDArray[np.float16]
    contrast: float
    features: LocalFeatures


class Gatherer:
    """Run photos and pairs through the product's own code, each once: timelines share most of them."""

    def __init__(self, file: Path, model: EmbeddingModel) -> None:
        decoder.prepare_decoders(60)
        self._embedder = Embedder(file, model.network, threads=1)
        head = pair_head_file(file, model)
        self._head = None if head is None else PairHead(head)
        self._photos: dict[bytes, Photo] = {}
        self._found: dict[tuple[bytes, bytes], tuple[float, float, Registration]] = {}

    def photo(self, file: Path) -> tuple[bytes, Photo]:
        """Return a photo and what it is known by; one picture has another date in its header on each timeline."""
        data = file.read_bytes()
        known = data[-4096:]
        if known not in self._photos:
            picture = decode_picture(decoder.open_image(data, file.name, 60))
            prepared = model_input(picture, self._embedder)
            contrast = float(np.asarray(prepared.convert("L"), dtype=np.float32).std())
            vector, picture_map = self._embedder.embed(prepared), self._embedder.map(prepared)
            self._photos[known] = Photo(vector, picture_map, contrast, features_of(picture))
        return known, self._photos[known]

    def pair(self, a: Path, b: Path) -> tuple[float, float, Registration, Photo, Photo]:
        """Return cosine, match and registration of two photos, and the photos."""
        (known_a, first), (known_b, second) = self.photo(a), self.photo(b)
        if (known_a, known_b) not in self._found:
            cosine = float(first.vector @ second.vector)
            found = register(first.features, second.features)
            self._found[known_a, known_b] = cosine, self._match(first, second, cosine), found
        return *self._found[known_a, known_b], first, second

    def _match(self, a: Photo, b: Photo, cosine: float) -> float:
        if self._head is None:
            return match_features(feature_cells(a.map), feature_cells(b.map))
        return float(self._head.logits(a.map[None], b.map[None], np.array([cosine]))[0])


def gather(file: Path, model: EmbeddingModel, timelines: list[Path]) -> Evidence:
    """Return the evidence of all labelled pairs of some timelines."""
    gatherer, rows, pairs_of = Gatherer(file, model), [], []
    parents = sorted({t.parent for t in timelines})
    rule = page_rule_of(model)
    for number, timeline in enumerate(timelines):
        labelled: dict[str, Any] = json.loads((timeline / "truth.json").read_text())
        for pair in labelled["pairs"]:
            if pair["label"] is None:
                continue
            cosine, match, found, a, b = gatherer.pair(*(timeline / "photos" / pair[end] for end in "ab"))
            near = float(np.exp(-max(pair["gap_s"], NEAREST_S) / NEAR_S))
            registered = [float(getattr(found, f)) for f in RegistrationColumns.__dataclass_fields__]
            pages = bool(are_pages(rule, np.stack([a.vector, b.vector])).all())
            rows.append([cosine, match, near, *registered, min(a.contrast, b.contrast) < BLANK_CONTRAST, pages])
            sources = (labelled["photos"][pair[end]]["group"].split(":")[0] for end in "ab")
            pairs_of.append((pair["label"], pair["kind"], number, parents.index(timeline.parent), *sources))
    table = np.array(rows, dtype=np.float64)
    labels, kinds, numbers, sets, first, second = zip(*pairs_of, strict=True)
    return Evidence(
        table[:, :3],
        table[:, 3:10],
        table[:, 10] > 0,
        table[:, 11] > 0,
        np.array(labels, float),
        np.array(kinds),
        np.array(numbers),
        np.array(sets),
        np.array([first, second]).T,
    )
