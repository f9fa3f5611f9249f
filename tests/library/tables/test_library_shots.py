"""Present files as shots."""

import numpy as np
import pytest

from dejashot.library.library import Library
from dejashot.models.capture import TimeSource, key_floor
from dejashot.models.files import FileRef
from shots import START_US, reading

NOW_US = START_US


def ref(name: str, folder: int = 1) -> FileRef:
    return FileRef(folder, name.encode())


def test_a_photo_is_stored_with_everything_read_of_it(library: Library) -> None:
    given_reading = reading(1, 5.0)
    key = library.photos.add(ref("a.jpg"), given_reading, 1, NOW_US)
    (row,) = library.shots.in_folders([1], 1)
    shot = row.shot
    assert (row.folder, row.path, key) == (1, b"a.jpg", key_floor(given_reading.taken.taken_us))
    assert (shot.content, shot.taken, shot.camera, shot.width) == (
        given_reading.content,
        given_reading.taken,
        given_reading.camera,
        4000,
    )
    assert shot.vector is not None
    assert float(shot.vector @ given_reading.vector) == pytest.approx(1, abs=1e-3)
    assert np.array_equal(shot.signature, given_reading.signature)


def test_spans_and_arrivals_choose_what_is_returned(library: Library) -> None:
    for n in range(10):
        library.photos.add(ref(f"{n}.jpg"), reading(n, at_s=n * 100), 1, NOW_US)
    times = library.shots.times.of_folders([1])
    assert len(set(times.arrivals.tolist())) == 10
    low, high = START_US + 200_000_000, START_US + 400_000_000
    wanted = [
        file
        for taken_us, file in zip(times.taken.taken_us.tolist(), times.files.tolist(), strict=True)
        if low <= taken_us <= high
    ]
    assert [row.path for row in library.shots.in_folders([1], 1, wanted)] == [b"2.jpg", b"3.jpg", b"4.jpg"]
    assert library.shots.in_folders([1], 1, []) == []
    assert times.taken.by(TimeSource.EXIF).all()
    assert times.taken.zone_known.all()
    assert times.taken.cameras == ("Testcam T-1",)
