"""Slots on the wall clock: once each, in order, through both DST nights."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.digests.schedule import Schedule

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Antarctica/Troll",
    "Asia/Gaza",
    "America/Havana",
    "Europe/Dublin",
    "Africa/Cairo",
    "America/Nuuk",
    "Asia/Beirut",
    "Pacific/Easter",
]
LINES = ["0 20 * * *", "30 2 * * *", "15 1 * * sun", "0 * * * *", "*/20 1-3 * * *", "0 8 1 * *", "30 2 * 3,10,11 sun"]


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def walls(line: str, start: str, count: int) -> list[str]:
    schedule = Schedule(line, BERLIN)
    return [s.astimezone(BERLIN).isoformat(timespec="minutes") for s in islice(schedule.after(berlin(start)), count)]


def test_a_slot_in_the_hour_that_comes_twice_is_taken_once() -> None:
    assert walls("30 2 * * *", "2026-10-24T12:00", 3) == [
        "2026-10-25T02:30+02:00",
        "2026-10-26T02:30+01:00",
        "2026-10-27T02:30+01:00",
    ]


def test_a_slot_in_the_hour_that_is_skipped_falls_on_the_jump() -> None:
    assert walls("30 2 * * *", "2026-03-28T12:00", 3) == [
        "2026-03-29T03:00+02:00",
        "2026-03-30T02:30+02:00",
        "2026-03-31T02:30+02:00",
    ]


def test_weekdays_are_the_named_ones() -> None:
    assert walls("0 8 * * mon", "2026-11-22T12:00", 2) == ["2026-11-23T08:00+01:00", "2026-11-30T08:00+01:00"]


def test_a_line_that_never_comes_true_yields_nothing() -> None:
    assert walls("0 8 31 2 *", "2026-11-22T12:00", 2) == []
    assert walls("", "2026-11-22T12:00", 2) == []


def test_after_a_long_absence_only_the_newest_slot_is_due() -> None:
    schedule = Schedule("* * * * *", UTC)
    last, now = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)
    assert schedule.due(now, last) == datetime(2026, 1, 1, tzinfo=UTC)
    assert Schedule("0 8 1 1 *", UTC).due(now, datetime(2025, 1, 1, 9, tzinfo=UTC)) is None
    assert Schedule("0 8 1 1 *", UTC).due(now, datetime(2024, 12, 31, tzinfo=UTC)) == datetime(
        2025, 1, 1, 8, tzinfo=UTC
    )


def test_a_clock_set_back_does_not_repeat_a_slot() -> None:
    schedule = Schedule("0 20 * * *", BERLIN)
    slot = schedule.due(berlin("2026-11-22T20:05"), berlin("2026-11-22T12:00"))
    assert slot == berlin("2026-11-22T20:00")
    assert schedule.due(berlin("2026-11-22T19:00"), slot) is None
    assert schedule.due(berlin("2026-11-22T20:10"), slot) is None


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sampled_from(LINES),
    st.datetimes(datetime(2019, 1, 1), datetime(2029, 1, 1)),
    st.lists(st.floats(0.01, 60), min_size=1, max_size=40),
)
def test_whatever_the_sleep_each_slot_is_made_at_most_once_in_order(
    name: str, line: str, start: datetime, steps_h: list[float]
) -> None:
    schedule = Schedule(line, ZoneInfo(name))
    now = last = start.replace(tzinfo=UTC)
    made: list[datetime] = []
    for step in steps_h:
        now += timedelta(hours=step)
        slot = schedule.due(now, last)
        if slot is not None:
            assert last < slot <= now
            made.append(slot)
            last = slot
        assert schedule.due(now, last) is None
    assert made == sorted(set(made))


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("line", ["30 2 * * *", "0 0 * * *"])
def test_ten_years_of_nights_have_one_slot_each(name: str, line: str) -> None:
    zone = ZoneInfo(name)
    schedule = Schedule(line, zone)
    start = datetime(2019, 1, 1, 12, tzinfo=zone)
    slots = list(islice(schedule.after(start), 3650))
    assert len(slots) == 3650
    assert all(a < b for a, b in pairwise(slots))
    days = [s.astimezone(zone).date() for s in slots]
    assert len(set(days)) >= 3649  # Samoa's missing day lies before; a jump at midnight may move a slot to its end
