"""The FAISS index answers as an exact search does, and is never wrong in silence."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.library.index import INDEX_MANIFEST, TimeIndex
from dejashot.library.library import Library
from dejashot.models.arrays import Vector
from dejashot.models.capture import key_floor
from dejashot.models.files import FileRef
from dejashot.models.photo import Reading
from shots import START_US, reading

MONTH_S = 31 * 86400
NETWORK = "f" * 16


class Exact:
    """The same answers by one matrix product."""

    def __init__(self) -> None:
        self.rows: dict[int, Vector] = {}

    def search(self, vector: Vector, count: int, low: int, high: int) -> list[int]:
        inside = [(key, float(v @ vector)) for key, v in self.rows.items() if low <= key < high]
        return [key for key, _ in sorted(inside, key=lambda m: -m[1])[:count]]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path)
    opened.folders.add(Path("/photos"), 1)
    opened.vectors.add_model(NETWORK, "{}")
    yield opened
    opened.close()


def fill(library: Library, readings: list[Reading]) -> list[int]:
    return [library.photos.add(FileRef(1, f"{r.content.hex()}.jpg".encode()), r, 1, START_US) for r in readings]


def opened(library: Library, folder: Path) -> TimeIndex:
    return TimeIndex(folder / "index", library, 1, NETWORK, 256)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.floats(0, 4 * MONTH_S)), min_size=1, max_size=40, unique_by=lambda x: x[0]
    ),
    st.integers(1, 12),
    st.floats(0, 4 * MONTH_S),
    st.floats(0, 2 * MONTH_S),
)
def test_the_index_agrees_with_exact_search_in_every_span(
    tmp_path_factory: pytest.TempPathFactory, shots: list[tuple[int, float]], count: int, middle_s: float, half_s: float
) -> None:
    folder = tmp_path_factory.mktemp("index")
    library = Library.open(folder)
    library.folders.add(Path("/photos"), 1)
    library.vectors.add_model(NETWORK, "{}")
    index, exact = opened(library, folder), Exact()
    for seed, at_s in shots:
        one = reading(seed, at_s)
        (key,) = fill(library, [one])
        index.add(key, one.vector)
        exact.rows[key] = one.vector.astype(np.float16).astype(np.float32)
    query = reading(7).vector
    low, high = (
        key_floor(START_US + round((middle_s - half_s) * 1e6)),
        key_floor(START_US + round((middle_s + half_s) * 1e6)),
    )
    for span in ((low, high), (-(2**63), 2**63 - 1)):
        found = index.search(query, count, *span)
        assert [m.key for m in found] == exact.search(query, count, *span)
    index.save()
    again = opened(library, folder)
    assert [m.key for m in again.search(query, count, low, high)] == exact.search(query, count, low, high)
    assert again.rebuilt == 0
    library.close()


def test_a_saved_index_is_used_and_split_by_month(library: Library, tmp_path: Path) -> None:
    readings = [reading(n, at_s=n * MONTH_S / 4) for n in range(12)]
    index = opened(library, tmp_path)
    for key, one in zip(fill(library, readings), readings, strict=True):
        index.add(key, one.vector)
    index.save()
    assert len(list((tmp_path / "index").glob("*.faiss"))) >= 3
    again = opened(library, tmp_path)
    assert len(again) == 12
    assert again.rebuilt == 0
    assert not again.changed


def test_many_photos_are_looked_for_at_once_as_each_is_alone(library: Library, tmp_path: Path) -> None:
    fill(library, readings := [reading(n, n * MONTH_S / 4) for n in range(24)])
    opened(library, tmp_path).save()
    vectors = np.stack([r.vector for r in readings if r.vector is not None])
    index = opened(library, tmp_path)
    found = index.search_each(vectors, 5)
    assert found == [index.search(vector, 5) for vector in vectors]
    assert index.search_each(vectors[:0], 5) == []


def test_what_the_library_gained_meanwhile_is_rebuilt(library: Library, tmp_path: Path) -> None:
    index = opened(library, tmp_path)
    fill(library, [reading(1)])
    index.search(reading(1).vector, 1)
    index.save()
    fill(library, [reading(2, at_s=1)])
    again = opened(library, tmp_path)
    assert len(again) == 2
    assert again.search(reading(2).vector, 1)[0].cosine == pytest.approx(1, abs=1e-2)
    assert again.rebuilt == 1


@pytest.mark.parametrize(
    "damage", ["truncate", "flip", "remove", "manifest", "empty manifest", "other network", "swap"]
)
def test_every_damage_is_found_out_and_mended(library: Library, tmp_path: Path, damage: str) -> None:
    readings = [reading(n, at_s=n * MONTH_S / 2) for n in range(6)]
    index = opened(library, tmp_path)
    for key, one in zip(fill(library, readings), readings, strict=True):
        index.add(key, one.vector)
    index.save()
    files = sorted((tmp_path / "index").glob("*.faiss"))
    victim, manifest = files[0], tmp_path / "index" / INDEX_MANIFEST
    data = bytearray(victim.read_bytes())
    if damage == "truncate":
        victim.write_bytes(data[: len(data) // 2])
    elif damage == "flip":
        data[len(data) // 2] ^= 1
        victim.write_bytes(data)
    elif damage == "remove":
        victim.unlink()
    elif damage == "manifest":
        manifest.write_bytes(manifest.read_bytes()[:-20])
    elif damage == "empty manifest":
        manifest.write_text("[]")
    elif damage == "other network":
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"network": "0" * 16}))
    else:
        files[1].replace(victim)
    again = opened(library, tmp_path)
    for one in readings:
        assert again.search(one.vector, 1)[0].cosine == pytest.approx(1, abs=1e-2)
    assert again.rebuilt >= 1
    again.save()
    assert opened(library, tmp_path).rebuilt == 0


def test_equal_keys_replace(library: Library, tmp_path: Path) -> None:
    index = opened(library, tmp_path)
    one, two = reading(1), reading(2)
    index.add(1000, one.vector)
    index.add(1000, two.vector)
    assert len(index) == 1
    assert index.search(two.vector, 5)[0].cosine == pytest.approx(1, abs=1e-2)


@pytest.mark.parametrize(
    "vector", [np.zeros(256, np.float32), np.full(256, np.nan, np.float32), np.ones(8, np.float32)]
)
def test_what_is_no_unit_vector_is_refused(library: Library, tmp_path: Path, vector: Vector) -> None:
    with pytest.raises(ValueError):
        opened(library, tmp_path).add(1, vector)


def test_a_photo_whose_time_changes_is_found_at_its_new_place_alone(library: Library, tmp_path: Path) -> None:
    readings = [reading(n, n * 10.0) for n in range(4)]
    index = opened(library, tmp_path)
    keys = fill(library, readings)
    for key, one in zip(keys, readings, strict=True):
        index.add(key, one.vector)
    index.save()
    for taken_us in (START_US + 12_000_000, START_US - round(3 * MONTH_S * 1e6), START_US):
        before, after = library.photos.set_time(readings[1].content, replace(readings[1].taken, taken_us=taken_us))
        index.move(before, after, readings[1].vector)
        assert (len(index), index.search(readings[1].vector, 1)[0].key) == (4, after)
        assert before not in {m.key for m in index.search(readings[1].vector, 4)}
        index.save()
        again = opened(library, tmp_path)
        assert (len(again), again.search(readings[1].vector, 1)[0].key, again.rebuilt) == (4, after, 0)
    library.photos.set_time(readings[1].content, replace(readings[1].taken, taken_us=START_US + 1))
    crashed = opened(library, tmp_path)  # the index was not told
    assert (len(crashed), crashed.rebuilt) == (4, 1)
