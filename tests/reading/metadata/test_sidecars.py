"""Capture times in the sidecars of exports."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import exports
from dejashot.models.capture import microseconds
from dejashot.models.photo import SidecarMetadata
from dejashot.reading.metadata.sidecars import read_icloud, read_takeout

MOMENTS = st.datetimes(datetime(1850, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)


@given(MOMENTS)
def test_takeout_times_are_to_the_second(taken: datetime) -> None:
    expected = {} if taken.timestamp() == 0 else {"": microseconds(taken)}
    assert read_takeout(exports.takeout(taken)) == SidecarMetadata(times_us=expected)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff\xfe",
        b'{"photoTakenTime": "yesterday"}',
        b'{"photoTakenTime": {"timestamp": "soon"}}',
        b'{"photoTakenTime": {"timestamp": "99999999999999999999"}}',
        b'{"photoTakenTime": {"timestamp": 1e999}}',
        b'{"photoTakenTime": {"timestamp": "0"}}',
        b"[" * 100_000,
        json.dumps(
            {"title": "Berlin", "date": {"timestamp": "1782000000"}}
        ).encode(),  # Takeout's own description of an album
    ],
)
def test_other_json_gives_no_time(data: bytes) -> None:
    assert read_takeout(data) == SidecarMetadata()


@given(st.dictionaries(st.from_regex(r"IMG_\d{4}\.(JPG|HEIC)", fullmatch=True), MOMENTS, max_size=5))
def test_icloud_times_are_to_the_minute(times: dict[str, datetime]) -> None:
    found = read_icloud(exports.icloud(times))
    assert found.times_us == {name: microseconds(at.replace(second=0)) for name, at in times.items()}
    assert found.to_minute


def test_a_name_that_icloud_has_twice_is_left_out() -> None:
    at = datetime(2026, 7, 1, 0, 5, tzinfo=UTC)
    lists = [exports.icloud({"IMG_1.JPG": at, "IMG_2.JPG": at}), exports.icloud({"IMG_1.JPG": at + timedelta(days=1)})]
    both = lists[0] + lists[1].partition(b"\r\n")[2]
    assert read_icloud(both).times_us == {"IMG_2.JPG": microseconds(at)}
    assert read_icloud(lists[0] + lists[0].partition(b"\r\n")[2]).times_us.keys() == {"IMG_1.JPG", "IMG_2.JPG"}


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(noise: bytes) -> None:
    head = b"imgName,fileChecksum,favorite,hidden,deleted,originalCreationDate,viewCount,importDate\n"
    for data in (noise, head + noise, head + b'a.jpg,,,,,"' + noise):
        assert isinstance(read_icloud(data).times_us, dict)
    assert isinstance(read_takeout(noise).times_us, dict)


@pytest.mark.parametrize(
    "spoken",
    ["Friday February 30,2026 1:00 PM GMT", "Friday May 1,2026 13:00 PM GMT", "Friday Mai 1,2026 1:00 PM GMT", "1"],
)
def test_what_is_no_moment_is_left_out(spoken: str) -> None:
    rows = f'imgName,originalCreationDate\na.jpg,"{spoken}"\nb.jpg,"Friday May 1,2026 1:00 PM GMT"\n'
    assert read_icloud(rows.encode()).times_us == {"b.jpg": microseconds(datetime(2026, 5, 1, 13, tzinfo=UTC))}
