"""The FAISS index, keyed by capture time and partitioned by month: a disposable cache of the vectors in SQLite."""

import hashlib
import json
import logging
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dejashot.library.library import Library
from dejashot.library.tables.vectors import ModelRow, part_of
from dejashot.models.arrays import Floats32, Vector
from dejashot.models.capture import KEYS_PER_MICROSECOND, key_floor, microseconds
from dejashot.paths import (
    make_private,
    read_own,
    write_atomically,
)
from dejashot.reading.vision.model import EmbeddingModel

log = logging.getLogger(__name__)

INDEX_FOLDER = "index"
INDEX_MANIFEST = "manifest.json"
INDEX_SCHEMA = "dejashot.index/2"
MAX_HELD_BYTES = 16 * 2**20  # of parts in memory, some 30,000 photos; the one in use is held, however large
_BYTES_PER_NUMBER, _BYTES_PER_KEY, _BYTES_PER_PART = 2, 8, 65536
FIRST_KEY, LAST_KEY = -(2**63), 2**63 - 1


@cache
def _faiss() -> Any:
    """Return FAISS, which is loaded with the first part of an index and computes on one core."""
    import faiss  # noqa: PLC0415 - takes 50 ms, and most commands search nothing

    faiss.omp_set_num_threads(1)
    return faiss


@dataclass(frozen=True, slots=True)
class IndexMatch:
    """A photo found by its key, with its cosine to the query."""

    key: int
    cosine: float


class TimeIndex:
    """Search photos by likeness, anywhere or within a span of time.

    The int64 id of a vector is its capture time (microseconds * 1,024 + tie), so that a range of ids is a span of time.
    There is one part for each month, loaded when asked for and let go when others need its room: the library holds
    all vectors. Its file is checked against the manifest before FAISS sees it, and rebuilt from SQLite on any doubt.
    Not thread-safe.
    """

    def __init__(
        self,
        folder: Path,
        library: Library,
        model: int,
        fingerprint: str,
        dimensions: int,
        held_bytes: int = MAX_HELD_BYTES,
    ) -> None:
        """Prepare; parts take `held_bytes` of memory at most, or one of them more."""
        self._folder = folder
        self._library = library
        self._model = model
        self._fingerprint = fingerprint
        self._dimensions = dimensions
        self._held_bytes = held_bytes
        self._parts: OrderedDict[int, Any] = OrderedDict()  # in memory, the one asked for last at the end
        self._changed: set[int] = set()
        self._manifest = self._load_manifest()
        self._known = set(library.vectors.part_stamps(model))
        self.rebuilt = 0

    def __len__(self) -> int:
        return sum(part.ntotal for part in self._each_part())

    @property
    def held(self) -> int:
        """Return how many bytes of memory the parts in it take, about."""
        return sum(_bytes_of(part.ntotal, self._dimensions) for part in self._parts.values())

    @property
    def changed(self) -> bool:
        """Return whether a part differs from its file."""
        return bool(self._changed)

    def add(self, key: int, vector: Vector) -> None:
        """Add a unit vector under a key, as the library holds it; an equal key is replaced.

        Raise ValueError for a vector that is not one.
        """
        if (
            vector.shape != (self._dimensions,)
            or not np.isfinite(vector).all()
            or abs(float(np.linalg.norm(vector)) - 1) > 1e-2
        ):
            raise ValueError("not a finite vector of unit length")
        number = _part_of_key(key)
        self._change(number, [key])
        if number in self._parts:
            self._parts[number].add_with_ids(vector[None].astype(np.float32), np.array([key], dtype=np.int64))

    def move(self, before: int, after: int, vector: Vector) -> None:
        """Put a vector under another key. Raise ValueError for a vector that is not one of unit length."""
        self.add(after, vector)
        self.drop([before])

    def drop(self, keys: Iterable[int]) -> None:
        """Remove the vectors of some keys; one that is not there is passed over."""
        by_part: defaultdict[int, list[int]] = defaultdict(list)
        for key in keys:
            by_part[_part_of_key(key)].append(key)
        for number, own in by_part.items():
            self._change(number, own)

    def let_go(self) -> None:
        """Let go of all parts in memory: each is loaded, or rebuilt, when it is asked for again."""
        self._parts.clear()

    def search(self, vector: Vector, count: int, low: int = FIRST_KEY, high: int = LAST_KEY) -> list[IndexMatch]:
        """Return the `count` nearest of the keys in [low, high), best first, ties in time order."""
        query = np.ascontiguousarray(vector[None], dtype=np.float32)
        found: list[IndexMatch] = []
        for number in sorted(self._known):
            start, end = _part_span(number)
            if start >= high or end <= low:
                continue
            part = self._part(number)
            wanted = min(count, part.ntotal)
            if wanted == 0:
                continue
            within = _faiss().IDSelectorRange(low, high)
            params = None
            if start < low or high < end:
                params = _faiss().SearchParameters(sel=within)
            cosines, ids = part.search(query, wanted, params=params)
            found += [IndexMatch(int(i), float(c)) for i, c in zip(ids[0], cosines[0], strict=True) if i != -1]
        found.sort(key=lambda m: (-m.cosine, m.key))
        return found[:count]

    def search_each(self, vectors: Floats32, count: int) -> list[list[IndexMatch]]:
        """Return the `count` nearest of all keys to each vector [n, d], best first; parts come one at a time."""
        found: list[list[IndexMatch]] = [[] for _ in vectors]
        for part in self._each_part() if len(vectors) else ():
            wanted = min(count, part.ntotal)
            if wanted:
                cosines, ids = part.search(np.ascontiguousarray(vectors, dtype=np.float32), wanted)
                for row, own_ids, own_cosines in zip(found, ids.tolist(), cosines.tolist(), strict=True):
                    row += [IndexMatch(i, c) for i, c in zip(own_ids, own_cosines, strict=True) if i != -1]
        return [sorted(row, key=lambda m: (-m.cosine, m.key))[:count] for row in found]

    def save(self) -> None:
        """Write the parts that changed, then the manifest, each atomically; loading detects a crash in between."""
        if not self._changed:
            return
        make_private(self._folder)
        for number in sorted(self._changed.copy()):
            count, newest = self._library.vectors.part_stamp(self._model, number)
            if not count:
                self._known.discard(number)
                self._parts.pop(number, None)
                continue
            if self._part(number).ntotal != count:
                self._parts[number] = self._rebuild(number)
            data = _faiss().serialize_index(self._part(number)).tobytes()
            write_atomically(self._file(number), data)
            # a part that vectors were added to has room for as many again, which none will need
            self._parts[number] = _faiss().deserialize_index(np.frombuffer(data, dtype=np.uint8))
            self._manifest[number] = {
                "count": count,
                "newest_change": newest,
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        for number in self._manifest.keys() - self._known:
            del self._manifest[number]
            self._file(number).unlink(missing_ok=True)
        body = {
            "schema": INDEX_SCHEMA,
            "network": self._fingerprint,
            "dimensions": self._dimensions,
            "parts": self._manifest,
        }
        write_atomically(self._folder / INDEX_MANIFEST, json.dumps(body, indent=1).encode())
        self._changed.clear()

    def _change(self, number: int, keys: list[int]) -> None:
        """Note that a part changed, and remove keys from it; one that is not in memory is rebuilt when asked for."""
        self._known.add(number)
        self._changed.add(number)
        if number in self._parts:
            self._parts[number].remove_ids(_faiss().IDSelectorBatch(np.array(keys, dtype=np.int64)))

    def _part(self, number: int) -> Any:
        """Return a part, for which those asked for the longest ago make room."""
        if number not in self._parts:
            self._parts[number] = self._fetch(number)
        self._parts.move_to_end(number)
        while len(self._parts) > 1 and self.held > self._held_bytes:
            self._parts.popitem(last=False)
        return self._parts[number]

    def _each_part(self) -> Iterator[Any]:
        """Yield all parts, one at a time; what finds no room in memory drives out no other part."""
        for number in sorted(self._known):
            part = self._parts.get(number)
            if part is None:
                part = self._fetch(number)
                if self.held + _bytes_of(part.ntotal, self._dimensions) <= self._held_bytes:
                    self._parts[number] = part
            yield part

    def _fetch(self, number: int) -> Any:
        """Return a part, loaded where its file can be trusted, otherwise rebuilt from SQLite."""
        part = self._load(number)
        return self._rebuild(number) if part is None else part

    def _load(self, number: int) -> Any | None:
        """Return a part from its file, None on any doubt."""
        entry = self._manifest.get(number)
        count, newest = self._library.vectors.part_stamp(self._model, number)
        if entry is None or (entry.get("count"), entry.get("newest_change")) != (count, newest):
            return None
        try:
            data = read_own(self._file(number), _bytes_of(count, self._dimensions))
        except OSError:
            return None
        if hashlib.sha256(data).hexdigest() != entry.get("sha256"):
            log.warning("a part of the index is damaged; it is rebuilt from the library")
            return None
        part = _faiss().deserialize_index(np.frombuffer(data, dtype=np.uint8))
        return part if (part.ntotal, part.d) == (count, self._dimensions) else None

    def _rebuild(self, number: int) -> Any:
        """Build a part from the vectors in SQLite."""
        faiss = _faiss()
        part = faiss.IndexIDMap(
            faiss.IndexScalarQuantizer(self._dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        )
        keys, vectors = self._library.vectors.part_vectors(self._model, number)
        if len(keys):
            part.add_with_ids(vectors, keys)
            self.rebuilt += 1
            self._changed.add(number)
        return part

    def _load_manifest(self) -> dict[int, dict[str, Any]]:
        """Return the manifest's entry for each part; none when it is missing, malformed or of another model."""
        try:
            body = json.loads(read_own(self._folder / INDEX_MANIFEST))
            if (body["schema"], body["network"], body["dimensions"]) != (
                INDEX_SCHEMA,
                self._fingerprint,
                self._dimensions,
            ):
                return {}
            return {int(number): dict(entry) for number, entry in body["parts"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return {}

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:06d}.faiss"


def _bytes_of(count: int, dimensions: int) -> int:
    """Return how many bytes a part of so many vectors takes at most, in memory or in its file."""
    return count * (dimensions * _BYTES_PER_NUMBER + _BYTES_PER_KEY) + _BYTES_PER_PART


def _part_of_key(key: int) -> int:
    return part_of(key // KEYS_PER_MICROSECOND)


def _part_span(number: int) -> tuple[int, int]:
    """Return the keys [start, end) of a part."""
    year, month = divmod(number, 100)
    following = (year, month + 1) if month < 12 else (year + 1, 1)
    start, end = (key_floor(microseconds(datetime(y, m, 1, tzinfo=UTC))) for y, m in ((year, month), following))
    return start, end


def open_index(folder: Path, library: Library, row: ModelRow, model: EmbeddingModel) -> TimeIndex:
    """Open the index of one model over a library."""
    return TimeIndex(folder, library, row.id, row.fingerprint, model.output.dimensions)
