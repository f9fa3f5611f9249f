"""Notifications: not in quiet hours, not while snoozed, told once afterwards, never twice."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.config.settings import NotifySettings, settings_from
from dejashot.config.values import parse_quiet_hours
from dejashot.digests.notifications import (
    NotificationQueue,
    PendingDigests,
    is_held_back,
    pending,
    snooze_end,
    snoozed_until,
    write_snooze,
)
from dejashot.errors import ConfigError
from dejashot.library.tables.digest_runs import DigestRun
from dotted_language import dotted_language, words_left
from homes import Home

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = "22:00-07:00"
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=BERLIN))
TIMES = st.times().map(lambda at: at.replace(microsecond=0, second=0))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def digest(photos: int = 5, groups: int = 1, freed: int = 1_000_000) -> DigestRun:
    return DigestRun(1, "done", 0, 1, 1, photos, groups, freed, b"/d.html", 2)


class Desktop:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self.there = True

    def show(self, title: str, body: str) -> bool:
        self.seen.append(f"{title} | {body}")
        return True


@pytest.fixture
def desktop() -> Desktop:
    return Desktop()


def notices(library: Path, desktop: Desktop, quiet: str = "") -> NotificationQueue:
    library.mkdir(exist_ok=True)
    return NotificationQueue(
        library, NotifySettings(desktop=True, quiet_hours=quiet), desktop.show, lambda: desktop.there
    )


@given(MOMENTS, TIMES, TIMES, st.none() | MOMENTS)
def test_held_back_exactly_in_quiet_hours_or_while_snoozed(
    now: datetime, start: time, end: time, until: datetime | None
) -> None:
    quiet = None if start == end else (start, end)
    held = is_held_back(now, quiet, until)
    minute, first, last = (t.hour * 60 + t.minute for t in (now.time(), start, end))
    in_quiet = quiet is not None and (minute - first) % 1440 < (last - first) % 1440
    assert held == (in_quiet or (until is not None and now < until))
    assert is_held_back(now, quiet, None) == in_quiet
    if until is not None and not in_quiet:
        assert not is_held_back(until, None, until)


@pytest.mark.parametrize("text", ["22-7", "24:00-07:00", "22:00-22:00", "22:60-07:00", "always"])
def test_quiet_hours_are_two_times_or_a_clear_error(text: str) -> None:
    with pytest.raises(ConfigError, match=r"notify\.quiet_hours"):
        settings_from({"notify": {"quiet_hours": text}}, "test")


def test_quiet_hours_are_read() -> None:
    assert parse_quiet_hours(" 22:00 - 7:30 ") == (time(22), time(7, 30))
    assert parse_quiet_hours("") is None


def test_what_comes_in_the_night_is_told_once_in_the_morning(library: Path, desktop: Desktop) -> None:
    one = notices(library, desktop, NIGHT)
    for hour in ("2026-07-01T22:00", "2026-07-02T03:00"):
        one.add(digest())
        one.notify(at(hour))
    assert desktop.seen == []
    again = notices(library, desktop, NIGHT)  # restarted
    assert again.waiting.digests == 2
    again.notify(at("2026-07-02T06:59"))
    assert desktop.seen == []
    again.notify(at("2026-07-02T07:00"))
    again.notify(at("2026-07-02T07:01"))
    notices(library, desktop, NIGHT).notify(at("2026-07-02T08:00"))
    assert desktop.seen == [
        "2 digests: 4 photos could go: 2.0 MB | 10 new photos, 2 groups of the same shot."
        " Nothing is deleted without you."
    ]


def test_a_snooze_holds_back_and_ends_by_itself_or_when_told(library: Path, desktop: Desktop) -> None:
    now = at("2026-07-01T12:00")
    one = notices(library, desktop)
    write_snooze(library, snooze_end("8h", now))
    one.add(digest())
    one.notify(now + timedelta(hours=7))
    assert desktop.seen == []
    one.notify(now + timedelta(hours=8))
    assert len(desktop.seen) == 1
    write_snooze(library, snooze_end("8h", now))
    one.add(digest())
    write_snooze(library, snooze_end("off", now))
    one.notify(now)
    assert len(desktop.seen) == 2
    assert (library / "lock").exists() is False
    assert [p.name for p in library.iterdir()] == []


def test_without_a_desktop_it_waits_for_one(library: Path, desktop: Desktop) -> None:
    one = notices(library, desktop)
    desktop.there = False
    one.add(digest())
    one.notify(at("2026-07-01T12:00"))
    assert desktop.seen == []
    assert (library / "notices.json").stat().st_mode & 0o777 == 0o600
    desktop.there = True
    one.notify(at("2026-07-01T12:01"))
    assert desktop.seen == [
        "2 photos could go: 1.0 MB | 5 new photos, 1 group of the same shot. Nothing is deleted without you."
    ]


def test_it_is_told_in_the_language_of_the_owner(library: Path, desktop: Desktop) -> None:
    library.mkdir()
    one = NotificationQueue(
        library, NotifySettings(desktop=True), desktop.show, lambda: True, language=dotted_language()
    )
    one.add(digest())
    one.add(digest(photos=1200))
    one.notify(at("2026-07-01T12:00"))
    (seen,) = desktop.seen
    assert words_left(seen) == {"MB"}
    assert "1.205" in seen


def test_nothing_is_told_of_empty_digests_or_where_it_is_not_wanted(library: Path, desktop: Desktop) -> None:
    one = notices(library, desktop)
    one.add(DigestRun(1, "empty", 0, 1, 1))
    unwanted = NotificationQueue(library, NotifySettings(), desktop.show)
    unwanted.add(digest())
    for each in (one, unwanted):
        each.notify(at("2026-07-01T12:00"))
    assert desktop.seen == []
    assert list(library.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("8h", "2026-07-01T20:00"),
        ("30min", "2026-07-01T12:30"),
        ("12:30", "2026-07-01T12:30"),
        ("8:00", "2026-07-02T08:00"),
        ("12:00", "2026-07-02T12:00"),
    ],
)
def test_a_snooze_is_a_length_or_the_next_time_of_day(text: str, end: str) -> None:
    assert snooze_end(text, at("2026-07-01T12:00")) == at(end)


@pytest.mark.parametrize("text", ["a while", "25:00", "500d", "99999999999w", ""])
def test_any_other_snooze_is_a_clear_error(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        snooze_end(text, at("2026-07-01T12:00"))
    assert caught.value.hint


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b'{"until": 3}', b'{"until": "soon"}', b'{"until": "9999-01-01T00:00:00+00:00"}', b"\xff"],
)
def test_a_damaged_state_file_means_no_snooze_and_nothing_waiting(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "snooze.json").write_bytes(data)
    (tmp_path / "notices.json").write_bytes(data)
    assert snoozed_until(tmp_path, datetime(2026, 7, 1, tzinfo=UTC)) is None
    assert pending(tmp_path) == PendingDigests()


def test_the_command_snoozes_and_tells(home: Home) -> None:
    assert home.run("notify", "status").stdout.startswith("off: set desktop = true")
    home.configure(f'[notify]\ndesktop = true\nquiet_hours = "{NIGHT}"\n')
    assert "snoozed until" in home.run("notify", "snooze", "8h").stdout
    assert (home.library / "snooze.json").stat().st_mode & 0o777 == 0o600
    said = home.run("notify", "status").stdout.splitlines()
    assert said[:2] == ["on", f"quiet hours {NIGHT}"]
    assert said[2].startswith("snoozed until")
    home.run("notify", "snooze", "off")
    assert len(home.run("notify", "status").stdout.splitlines()) == 2
    done = home.run("notify", "test")
    assert (done.returncode, "no desktop session" in done.stderr) == (2, True)
