"""What closer looks measured."""

import sqlite3
from contextlib import closing
from pathlib import Path

from dejashot.library.database import LIBRARY_FILE_NAME
from dejashot.library.library import Library
from dejashot.models.files import FileRef
from dejashot.models.photo import Face, Quality
from dejashot.models.registration import Registration
from shots import START_US, reading

NOW_US = START_US


def ref(name: str, folder: int = 1) -> FileRef:
    return FileRef(folder, name.encode())


def test_the_quality_of_a_photo_is_kept(library: Library) -> None:
    one = reading(1)
    library.photos.add(ref("a.jpg"), one, 1, NOW_US)
    quality = Quality(
        1.5, 0.1, 0.2, 90.0, (0.5,) * 16, (1.0, 1.25, -0.1), 2.5, 9.0, (Face((0.1, 0.2, 0.3, 0.4), 0.9, (0.21, None)),)
    )
    library.measurements.add_quality(one.content, quality)
    assert library.measurements.quality([one.content, b"?" * 32]) == {one.content: quality}


def test_matches_are_kept_by_pair_and_model_and_go_with_them(library: Library) -> None:
    a, b, c = (library.photos.add(ref(f"{n}.jpg"), reading(n, n), 1, NOW_US) for n in range(3))
    library.measurements.add_matches(1, {(a, b): 0.5, (a, c): 0.25, (a, c + 1): 0.75})  # the last photo is not known
    library.measurements.add_matches(1, {(a, b): 0.625})
    assert library.measurements.matches(1, [a, b]) == {(a, b): 0.625, (a, c): 0.25}
    assert library.measurements.matches(1, [b]) == {}
    other = library.vectors.add_model("e" * 16, "{}")
    assert library.measurements.matches(other.id, [a]) == {}
    library.vectors.activate_model(other.id)
    assert library.measurements.matches(1, [a]) == {}


def test_registrations_are_kept_by_pair_whatever_the_model(library: Library) -> None:
    a, b, c = (library.photos.add(ref(f"{n}.jpg"), reading(n, n), 1, NOW_US) for n in range(3))
    near, far = Registration(60, 0.75, 900, 0.5, -0.25, 0.125), Registration(0, 0.0, 12, 0.0, 1.0, 3.0)
    library.measurements.add_registrations({(a, b): far, (a, c): far, (a, c + 1): near})  # the last photo is not known
    library.measurements.add_registrations({(a, b): near})
    assert library.measurements.registrations([a, b]) == {(a, b): near, (a, c): far}
    assert library.measurements.registrations([b]) == {}
    library.vectors.activate_model(library.vectors.add_model("e" * 16, "{}").id)
    assert library.measurements.registrations([a]) == {(a, b): near, (a, c): far}


def test_what_another_method_registered_is_registered_again(tmp_path: Path, library: Library) -> None:
    a, b = (library.photos.add(ref(f"{n}.jpg"), reading(n, n), 1, NOW_US) for n in range(2))
    found = Registration(60, 0.75, 900, 0.5, -0.25, 0.125)
    library.measurements.add_registrations({(a, b): found})
    with closing(sqlite3.connect(tmp_path / LIBRARY_FILE_NAME)) as other, other:
        other.execute("UPDATE registered_pair SET method = method - 1")
    assert library.measurements.registrations([a]) == {}
    library.measurements.add_registrations({(a, b): found})
    assert library.measurements.registrations([a]) == {(a, b): found}
