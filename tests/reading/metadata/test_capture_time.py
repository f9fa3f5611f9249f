"""Capture times from every source, and the pitfalls of each."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.models.capture import Certainty, TimeSource, instant
from dejashot.reading.metadata.capture_time import EARLIEST, FileContext, capture_time
from dejashot.reading.metadata.dates.date_parser import parse_date, parse_offset
from dejashot.reading.metadata.dates.date_tags import DIGITIZED
from dejashot.reading.metadata.dates.date_tags import ORIGINAL as STATED_AS_ORIGINAL
from dejashot.reading.metadata.tags import Tags

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
MTIME = datetime(2026, 10, 30, 9, 0, 0, tzinfo=UTC)


def taken(
    tags: dict[str, Any] | None = None, name: str = "IMG_0001.jpg", mtime: datetime = MTIME
) -> tuple[str, str, str]:
    around = FileContext(name, int(mtime.timestamp()) * 10**9, BERLIN, NOW)
    found = capture_time(Tags(tags or {}), around)
    return found.iso, found.source, found.certainty


ORIGINAL = {"EXIF DateTimeOriginal": "2026:07:01 10:11:12"}
GPS = {"GPS GPSDate": "2026:07:01", "GPS GPSTimeStamp": [8, 11, 12]}


@pytest.mark.parametrize(
    ("tags", "iso", "source", "certainty"),
    [
        (ORIGINAL | {"EXIF OffsetTimeOriginal": "+05:30"}, "2026-07-01T10:11:12.000+05:30", "exif", "high"),
        (
            ORIGINAL | {"EXIF SubSecTimeOriginal": "12\0 ", "EXIF OffsetTimeOriginal": "Z"},
            "2026-07-01T10:11:12.120+00:00",
            "exif",
            "high",
        ),
        (ORIGINAL | {"EXIF SubSecTimeOriginal": "501361"}, "2026-07-01T10:11:12.501+02:00", "exif", "medium"),
        (ORIGINAL | {"EXIF OffsetTime": "-07:00"}, "2026-07-01T10:11:12.000-07:00", "exif", "medium"),
        (
            ORIGINAL | {"GPS GPSDate": "2026:07:01", "GPS GPSTimeStamp": [17, 11, 10]},
            "2026-07-01T10:11:12.000-07:00",
            "exif",
            "medium",
        ),
        (
            ORIGINAL | {"GPS GPSDate": "2026:07:01", "GPS GPSTimeStamp": [8, 11, 10]},
            "2026-07-01T10:11:12.000+02:00",
            "exif",
            "high",
        ),
        (
            ORIGINAL | {"GPS GPSDate": "2026:07:01", "GPS GPSTimeStamp": [7, 51, 10]},
            "2026-07-01T10:11:12.000+02:00",
            "exif",
            "medium",
        ),
        (
            ORIGINAL | {"GPS GPSDate": "2026:07:01", "GPS GPSTimeStamp": [7, 24, 0]},
            "2026-07-01T10:11:12.000+02:00",
            "exif",
            "medium",
        ),
        (
            ORIGINAL | {"GPS GPSDate": "2026:06:01", "GPS GPSTimeStamp": [8, 11, 10]},
            "2026-07-01T10:11:12.000+02:00",
            "exif",
            "medium",
        ),
        (GPS, "2026-07-01T10:11:12.000+02:00", "gps", "high"),
        (GPS | {"EXIF DateTimeDigitized": "2026:07:02 00:00:00"}, "2026-07-01T10:11:12.000+02:00", "gps", "high"),
        ({"EXIF DateTimeDigitized": "2026:07:02 01:00:00"}, "2026-07-02T01:00:00.000+02:00", "exif", "medium"),
        ({"Image DateTime": "2026-07-02T01:00:00"}, "2026-07-02T01:00:00.000+02:00", "exif", "medium"),
        ({"EXIF DateTimeOriginal": "2026:07:01 14:15:30+09:00"}, "2026-07-01T14:15:30.000+09:00", "exif", "high"),
        ({"EXIF DateTimeOriginal": "2026:07:01"}, "2026-07-01T12:00:00.000+02:00", "exif", "low"),
        ({"EXIF DateTimeOriginal": "2026:07:01"} | GPS, "2026-07-01T10:11:12.000+02:00", "gps", "high"),
        ({"XMP exif:DateTimeOriginal": "2026-07-01T10:11:12"} | GPS, "2026-07-01T10:11:12.000+02:00", "xmp", "high"),
        ({"XMP xmp:CreateDate": "2026-07-01T10:11:12Z"} | GPS, "2026-07-01T10:11:12.000+02:00", "gps", "high"),
    ],
)
def test_tags_are_used_in_order_of_trust(tags: dict[str, Any], iso: str, source: str, certainty: str) -> None:
    assert taken(tags) == (iso, source, certainty)


@pytest.mark.parametrize(
    ("tags", "name", "known"),
    [
        (ORIGINAL, "IMG_0001.jpg", False),
        (ORIGINAL | {"EXIF OffsetTimeOriginal": "+05:30"}, "IMG_0001.jpg", True),
        (ORIGINAL | {"EXIF OffsetTimeDigitized": "+05:30"}, "IMG_0001.jpg", True),
        (ORIGINAL | {"EXIF OffsetTime": "-07:00"}, "IMG_0001.jpg", False),  # where it was edited
        (ORIGINAL | {"GPS GPSDate": "2026:07:01", "GPS GPSTimeStamp": [17, 11, 10]}, "IMG_0001.jpg", True),
        (ORIGINAL | {"GPS GPSDate": "2026:06:01", "GPS GPSTimeStamp": [17, 11, 10]}, "IMG_0001.jpg", False),
        (GPS, "IMG_0001.jpg", True),
        ({}, "IMG_20241027_143000.jpg", False),
        ({}, "PXL_20241026_003000123.jpg", True),
        ({}, "FB_IMG_1730039400000.jpg", True),
        ({}, "IMG-20241027-WA0001.jpg", False),
        ({}, "IMG_0001.jpg", True),
    ],
)
def test_a_zone_is_known_only_where_it_was_recorded(tags: dict[str, Any], name: str, known: bool) -> None:
    around = FileContext(name, int(MTIME.timestamp()) * 10**9, BERLIN, NOW)
    assert capture_time(Tags(tags), around).zone_known is known


def test_a_time_without_seconds_is_taken_and_not_trusted_far() -> None:
    found = taken({"EXIF DateTimeOriginal": "2026:07:01 10:11", "EXIF OffsetTimeOriginal": "+02:00"})
    assert found == ("2026-07-01T10:11:00.000+02:00", "exif", "low")


@pytest.mark.parametrize(
    "date",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "1970:01:01 00:00:00",
        "2000:01:01 00:03:00",
        "2027:01:01 10:00:00",
        "",
    ],
)
def test_dates_of_no_camera_are_refused(date: str) -> None:
    assert taken({"EXIF DateTimeOriginal": date})[1] == "mtime"


@pytest.mark.parametrize(
    ("name", "iso"),
    [
        ("IMG_20241027_143000.jpg", "2024-10-27T14:30:00.000+01:00"),
        ("PXL_20241026_003000123.jpg", "2024-10-26T02:30:00.123+02:00"),
        ("20241027_143000_001.jpg", "2024-10-27T14:30:00.000+01:00"),
        ("Screenshot_2024-10-27-14-30-00.png", "2024-10-27T14:30:00.000+01:00"),
        ("Screenshot 2024-10-27 at 14.30.00.png", "2024-10-27T14:30:00.000+01:00"),
        ("20241027143000.jpg", "2024-10-27T14:30:00.000+01:00"),
        ("2024-10-27 14.30.00.jpg", "2024-10-27T14:30:00.000+01:00"),
        ("FB_IMG_1730039400000.jpg", "2024-10-27T15:30:00.000+01:00"),
    ],
)
def test_names_carry_times(name: str, iso: str) -> None:
    assert taken(name=name) == (iso, "name", "medium")


def test_a_name_with_a_date_only_yields_to_an_mtime_of_that_day() -> None:
    assert taken(name="IMG-20241027-WA0001.jpg") == ("2024-10-27T12:00:00.000+01:00", "name", "low")
    same_day = datetime(2024, 10, 27, 16, 0, tzinfo=UTC)
    assert taken(name="IMG-20241027-WA0001.jpg", mtime=same_day) == ("2024-10-27T17:00:00.000+01:00", "mtime", "low")


@pytest.mark.parametrize(
    "name",
    ["IMG_0001.jpg", "DSC01234.jpg", "20241340_996000.jpg", "12345678901234567890.jpg", "IMG_20230231_101010.jpg"],
)
def test_other_numbers_are_no_times(name: str) -> None:
    assert taken(name=name)[1] == "mtime"


def test_mtime_is_the_last_resort_and_never_in_the_far_future() -> None:
    assert taken() == ("2026-10-30T10:00:00.000+01:00", "mtime", "low")
    assert taken(mtime=datetime(2090, 1, 1, tzinfo=UTC))[0] == "2026-11-02T01:00:00.000+01:00"


@pytest.mark.parametrize(("text", "hours"), [("+14:00", 14), ("-12:00", -12), ("+0530", 5.5), ("Z", 0)])
def test_offsets_are_read(text: str, hours: float) -> None:
    found = parse_offset(text)
    assert found is not None
    assert found.utcoffset(None) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "+15:00", "-13:00", "02:00", "+2:00", "   :  "])
def test_impossible_offsets_are_none(text: str) -> None:
    assert parse_offset(text) is None


def test_subseconds_are_a_decimal_fraction() -> None:
    for subsec, microsecond in (
        ("5", 500000),
        ("05", 50000),
        ("123", 123000),
        ("123456789", 123456),
        ("", 0),
        ("x", 0),
    ):
        found = parse_date("2026:07:01 10:11:12", subsec)
        assert found is not None
        assert found.wall.microsecond == microsecond


TAGS = [
    "EXIF DateTimeOriginal",
    "EXIF DateTimeDigitized",
    "Image DateTime",
    "EXIF SubSecTimeOriginal",
    "EXIF OffsetTimeOriginal",
    "GPS GPSDate",
    *(tag.name for tag in (*STATED_AS_ORIGINAL, *DIGITIZED)),
]
VALUES = st.one_of(
    st.text(max_size=22),
    st.binary(max_size=22),
    st.lists(st.floats(), max_size=3),
    st.none(),
    st.from_regex(r"\d{4}:\d{2}:\d{2} \d{2}:\d{2}:\d{2}", fullmatch=True),
    st.from_regex(r"[+-]\d{2}:\d{2}", fullmatch=True),
)


@given(
    st.dictionaries(st.sampled_from([*TAGS, "GPS GPSTimeStamp"]), VALUES),
    st.text(max_size=30),
    st.integers(-(2**62), 2**62),
)
def test_whatever_the_tags_say_there_is_one_plausible_time(tags: dict[str, Any], name: str, mtime_ns: int) -> None:
    found = capture_time(Tags(tags), FileContext(name, mtime_ns, BERLIN, NOW))
    assert EARLIEST <= instant(found.taken_us) <= NOW + timedelta(days=1)
    assert abs(found.offset_s) <= 14 * 3600
    assert found.zone_known or found.source not in (TimeSource.GPS, TimeSource.MTIME)
    if found.source is TimeSource.MTIME:
        assert found.certainty is Certainty.LOW
