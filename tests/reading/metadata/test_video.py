"""The metadata of videos, from their movie boxes alone."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import exports
from dejashot.models.capture import microseconds
from dejashot.models.photo import LinkMetadata
from dejashot.reading.metadata.video import video_metadata
from raws import box

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def metadata(data: bytes, file: Path) -> LinkMetadata:
    file.write_bytes(data)
    with file.open("rb", buffering=0) as opened:
        return video_metadata(opened)


@pytest.mark.parametrize("mp4", [False, True])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("last", [False, True])
def test_a_video_has_the_id_of_its_live_photo_and_its_creation_time(
    tmp_path: Path, mp4: bool, wide: bool, last: bool
) -> None:
    data = exports.film(NOON, live=exports.live_id(7).lower(), wide=wide, mp4=mp4, last=last)
    assert metadata(data, tmp_path / "a.mov") == LinkMetadata(exports.live_id(7), microseconds(NOON))
    assert metadata(exports.film(NOON, wide=wide, mp4=mp4, last=last), tmp_path / "a.mov") == LinkMetadata(
        "", microseconds(NOON)
    )


def test_the_date_with_a_zone_goes_before_the_header(tmp_path: Path) -> None:
    for spoken in ("2026-07-01T14:00:03+0200", "2026-07-01T12:00:03Z"):
        made_us = microseconds(NOON) + 3_000_000
        assert (
            metadata(exports.film(datetime(2026, 7, 1, 14, tzinfo=UTC), spoken=spoken), tmp_path / "a.mov").made_us
            == made_us
        )
    for spoken in (
        "2026-07-01T14:00:03",
        "yesterday",
        "9999-99-99T00:00:00Z",
        "9999-01-01T00:00:00+0000",
        "0001-01-01T00:00:00+1400",
    ):
        assert metadata(exports.film(NOON, spoken=spoken), tmp_path / "a.mov").made_us == microseconds(NOON)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"not a film at all, but longer than a box",
        exports.film(NOON)[:5000],
        box(b"moov"),
        box(b"ftyp", b"qt  ") + b"\0\0\0\0moov",
        b"\0\0\0\x01mdat" + (2**62).to_bytes(8) + exports.film(NOON),
        exports.film(live="two words"),
        exports.film(live="x" * 65),
    ],
)
def test_a_video_without_metadata_gives_none(tmp_path: Path, data: bytes) -> None:
    assert metadata(data, tmp_path / "a.mov") == LinkMetadata()


def test_of_a_long_film_only_the_table_is_read(tmp_path: Path) -> None:
    file = tmp_path / "long.mov"
    with file.open("wb") as out:
        out.write(box(b"ftyp", b"qt  ", bytes(4)) + b"\0\0\0\x01mdat" + (16 + 5 * 2**30).to_bytes(8))
        out.seek(5 * 2**30, io.SEEK_CUR)
        out.write(exports.film(NOON, live=exports.live_id(1)))

    class Counting(io.FileIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(-1 if size is None else size)
            self.taken += len(data)
            return data

    with Counting(file) as opened:
        assert video_metadata(opened) == LinkMetadata(exports.live_id(1), microseconds(NOON))
        assert opened.taken < 2000


WHOLE = exports.film(NOON, live=exports.live_id(7), spoken="2026-07-01T14:00:03+0200", last=False)


@given(
    st.lists(st.tuples(st.integers(0, 900), st.binary(min_size=1, max_size=8)), max_size=8), st.integers(0, len(WHOLE))
)
@example([], 0)
def test_a_damaged_film_raises_nothing(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, bytes]], length: int
) -> None:
    data = bytearray(WHOLE)
    for at, put in changes:
        data[at : at + len(put)] = put
    found = metadata(bytes(data[:length]), tmp_path_factory.getbasetemp() / "damaged.mov")
    assert found.live_id == "" or 8 <= len(found.live_id) <= 64
    assert found.made_us is None or isinstance(found.made_us, int)
