"""The FAISS index answers as an exact search does, and is never wrong in silence."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.library.index import FIRST_KEY, INDEX_MANIFEST, LAST_KEY, MAX_HELD_BYTES, TimeIndex
from dejashot.library.library import Library
from dejashot.models.arrays import Vector
from dejashot.models.capture import key_floor
from dejashot.models.files import FileRef
from dejashot.models.photo import Reading
from shots import START_US, reading

MONTH_S = 31 * 86400
LARGEST_PART_BYTES = 80_000  # of the 25 photos that the test below makes
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


Step = tuple[str, int, float]  # what is done, to which photo, and a time in seconds
STEPS = ("add", "add", "move", "forget", "search", "search each", "save", "let go", "open anew")


class Photos:
    """Photos that come, move and go, in a library with its index and in the exact search alike."""

    def __init__(self, folder: Path, held_bytes: int) -> None:
        self.folder, self.held_bytes = folder, held_bytes
        self.library = Library.open(folder)
        self.library.vectors.add_model(NETWORK, "{}")
        self.index, self.exact = self.opened(), Exact()
        self.readings: dict[bytes, Reading] = {}

    def opened(self) -> TimeIndex:
        return TimeIndex(self.folder / "index", self.library, 1, NETWORK, 256, self.held_bytes)

    def take(self, what: str, number: int, at_s: float) -> None:
        one = reading(number, at_s)
        match what:
            case "add" if one.content not in self.readings:
                folder = self.library.folders.add(Path(f"/{number % 3}"), 1)
                self.readings[one.content] = one
                key = self.library.photos.add(FileRef(folder.id, b"%d.jpg" % number), one, 1, START_US)
                self.index.add(key, one.vector)
                self.exact.rows[key] = rounded(one)
            case "move" if one.content in self.readings:
                before, after = self.library.photos.set_time(one.content, one.taken)
                self.index.move(before, after, one.vector)
                self.exact.rows[after] = self.exact.rows.pop(before)
            case "forget" if folder := next(
                (f for f in self.library.folders.all() if f.path.name == f"{number % 3}"), None
            ):
                self.library.folders.remove(folder.id)
                gone = self.library.photos.remove_unheld()
                self.index.drop(gone.values())
                self.readings = {c: r for c, r in self.readings.items() if c not in gone}
                self.exact.rows = {k: v for k, v in self.exact.rows.items() if k not in gone.values()}
            case "search":
                spans = [
                    (
                        key_floor(START_US + round(at_s * 1e6) - half_us),
                        key_floor(START_US + round(at_s * 1e6) + half_us),
                    )
                    for half_us in (10**9, 10**13)
                ]
                for low, high in (*spans, (FIRST_KEY, LAST_KEY)):
                    found = [m.key for m in self.index.search(one.vector, 5, low, high)]
                    assert found == self.exact.search(one.vector, 5, low, high)
            case "search each":
                queries = np.stack([reading(number + n).vector for n in range(3)])
                found = [[m.key for m in matches] for matches in self.index.search_each(queries, 5)]
                assert found == [self.exact.search(query, 5, FIRST_KEY, LAST_KEY) for query in queries]
            case "save":
                self.index.save()
            case "let go":
                self.index.let_go()
            case "open anew":
                self.index = self.opened()
        assert self.index.held <= max(self.held_bytes, LARGEST_PART_BYTES)


def rounded(one: Reading) -> Vector:
    assert one.vector is not None
    return one.vector.astype(np.float16).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 24), st.floats(0, 4 * MONTH_S)), max_size=60),
    st.sampled_from([0, 150_000, MAX_HELD_BYTES]),
)
def test_the_index_agrees_with_exact_search_whatever_comes_moves_and_goes_and_whatever_is_in_memory(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], held_bytes: int
) -> None:
    photos = Photos(tmp_path_factory.mktemp("index"), held_bytes)
    for step in (*steps, ("search", 0, 0.0), ("search each", 0, 0.0)):
        photos.take(*step)
    photos.take("save", 0, 0.0)
    photos.take("open anew", 0, 0.0)
    photos.take("search", 0, 0.0)
    assert (len(photos.index), photos.index.rebuilt) == (len(photos.exact.rows), 0)
    photos.library.close()


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
    one, two = reading(1), reading(2)
    (key,) = fill(library, [one])
    index = opened(library, tmp_path)
    assert len(index) == 1
    index.add(key, two.vector)
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
