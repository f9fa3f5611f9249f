"""Dates inside files, as cameras and programs write them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.reading.metadata.dates.date_parser import parse_date
from dejashot.reading.metadata.tags import Tags

AFTERNOON = datetime(2024, 5, 1, 14, 15, 30)


def read(text: str) -> tuple[datetime, str, bool, bool] | None:
    found = parse_date(text)
    return found and (found.wall, str(found.zone or ""), found.exact, found.clock)


@pytest.mark.parametrize(
    "text",
    [
        "2024:05:01 14:15:30",
        "2024-05-01T14:15:30",
        "2024/05/01 14:15:30",
        "2024.05.01 14.15.30",
        "2024:05:01 14-15-30",
        "2024: 5: 1 14:15:30",
        "2024:05:01\00014:15:30",
        "20240501 141530",
        "20240501T141530",
        "20240501141530",
        "2024年5月1日 14:15:30",
        "2024:05:01 02:15:30 PM",
        "2024:05:01 2:15:30\u202fp.m.",
        "2024:05:01 下午 02:15:30",
        "2024:05:01 下午02:15:30",
        "2024:05:01 02:15:30 下午",
        "2024:05:01 오후 2:15:30",
        "2024:05:01 午後2:15:30",
        "2024:05:01 PM 02:15:30",
        "2024:05:01 14:15:30 PM",
        "2024:05:01 14:15:30 AM",
        "٢٠٢٤:٠٥:٠١ ١٤:١٥:٣٠",
        "Wed May  1 14:15:30 2024",
        "1 May 2024 14:15:30",
        "May 1, 2024 2:15:30 PM",
    ],
)
def test_a_date_of_the_wild_is_read(text: str) -> None:
    assert read(text) == (AFTERNOON, "", True, True)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2024:05:01 14:15:30+09:00", "UTC+09:00"),
        ("2024:05:01 14:15:30 +0900", "UTC+09:00"),
        ("2024:05:01 14:15:30Z", "UTC"),
        ("2024:05:01 14:15:30 GMT", "UTC"),
        ("2024:05:01 14:15:30 GMT+9", "UTC+09:00"),
        ("2024:05:01 02:15:30 PM -03:30", "UTC-03:30"),
        ("2024-05-01T14:15:30-07", "UTC-07:00"),
        ("20240501 141530+0100", "UTC+01:00"),
        ("Wed, 01 May 2024 14:15:30 +0200", "UTC+02:00"),
        ("Wed May 01 14:15:30 GMT+09:00 2024", "UTC+09:00"),
        ("2024:05:01 14:15:30+19:00", ""),
    ],
)
def test_a_zone_behind_or_within_a_date_is_known(text: str, zone: str) -> None:
    assert read(text) == (AFTERNOON, zone, True, True)


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("2015:08:22 24:08:19", datetime(2015, 8, 22, 0, 8, 19)),  # the same day
        ("2024:05:01 12:15:30 AM", datetime(2024, 5, 1, 0, 15, 30)),
        ("2024:05:01 12:15:30 PM", datetime(2024, 5, 1, 12, 15, 30)),
        ("2024:05:01 23:59:60", datetime(2024, 5, 1, 23, 59, 59)),
        ("2024:05:01 14:15:30.25", datetime(2024, 5, 1, 14, 15, 30, 250_000)),
        ("9999:12:31 23:59:60", datetime(9999, 12, 31, 23, 59, 59)),
    ],
)
def test_hours_and_seconds_at_the_edges(text: str, wall: datetime) -> None:
    assert read(text) == (wall, "", True, True)


@pytest.mark.parametrize(
    "text", ["2024:05:01", "2024:05:01   :  :  ", "20240501", "2024-05-01", "1 May 2024", "2024:05:01 --:--:--"]
)
def test_a_bare_day_is_noon_and_not_exact(text: str) -> None:
    assert read(text) == (datetime(2024, 5, 1, 12), "", False, False)


@pytest.mark.parametrize(
    ("text", "hour", "clock"),
    [
        ("2024:05:01 14:15", 14, True),
        ("2024:05:01 02:15:30 odp.", 2, True),  # a half of the day in words that are not known
        ("2024:05:01 00:00:00", 0, False),  # what stands where nobody knew the clock
    ],
)
def test_what_is_not_whole_is_not_exact(text: str, hour: int, clock: bool) -> None:
    found = read(text)
    assert found is not None
    assert (found[0].hour, found[2:]) == (hour, (False, clock))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2024:00:00 00:00:00",
        "2024:05:00",
        "2024:13:01 10:00:00",
        "2024:02:30 10:00:00",
        "24:05:01 14:15:30",
        "01/05/2024 14:15:30",
        "2024",
        "2024-05",
        "2024:05:01 99:00:00",
        "2024:05:01 14:75:00",
        "2024:05:01 14",
        "2024:05:01 ab:cd:ef",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    "value",
    [
        "2024:05:01 14:15:30",
        b"2024:05:01 14:15:30\0",
        list(b"2024:05:01 14:15:30\0"),
        tuple(b"2024:05:01 14:15:30"),
        "2024:05:01 14:15:30".encode("utf-16-le"),
        "2024:05:01 14:15:30".encode("utf-16-be"),
        "2024:05:01 14:15:30".encode("utf-16"),
        "2024:05:01 14:15:30".encode("utf-16-le").decode("latin-1"),
        "2024:05:01 下午02:15:30".encode("gb18030"),
        "2024:05:01 下午 02:15:30".encode("big5"),
        "2024:05:01 오후 02:15:30".encode("cp949"),
        "2024:05:01 午後02:15:30".encode("shift_jis"),
        "2024:05:01 下午 02:15:30".encode().decode("latin-1"),
    ],
)
def test_a_date_is_text_whatever_its_type_and_encoding(value: object) -> None:
    assert read(Tags({"EXIF DateTimeOriginal": value}).text("EXIF DateTimeOriginal")) == (AFTERNOON, "", True, True)


def test_other_text_keeps_its_letters() -> None:
    tags = Tags({"é": "Café", "raw": b"Caf\xe9", "numbers": [1, 2, 300], "none": None, "utf8": "Café".encode()})
    assert [tags.text(name) for name in ("é", "raw", "numbers", "none", "utf8")] == [
        "Café",
        "Caf\ufffd",
        "",
        "",
        "Café",
    ]


@given(st.text(max_size=50) | st.from_regex(r"\d{4}[:\-]\d\d[:\-]\d\d[ T]?.{0,24}"), st.text(max_size=6))
def test_no_text_raises(text: str, subsec: str) -> None:
    found = parse_date(text, subsec)
    assert found is None or found.wall.tzinfo is None


@given(
    st.datetimes(datetime(1830, 1, 1)),
    st.sampled_from(["%Y:%m:%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %I:%M:%S %p", "%Y%m%d %H%M%S"]),
)
def test_every_date_that_is_written_is_read_back(at: datetime, form: str) -> None:
    found = parse_date(at.strftime(form))
    assert found is not None
    assert found.wall == at.replace(microsecond=0)
