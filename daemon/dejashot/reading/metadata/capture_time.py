"""When was the shutter pressed: pure, from tags, file name and mtime, with the source and how far to trust it.

The order and its traps: the original time in EXIF, XMP or IPTC; GPS time; the time of digitizing in EXIF, XMP or IPTC; what a text in a PNG
says; EXIF's time of change; the file name; mtime. The offset of a wall time stands with it, or comes from the original, digitized or
(weakest) edit tags or from GPS. A wall-clock time without a zone is read in the owner's home zone, never as UTC, and says that its zone is
not known. A time without seconds orders photos, but its gaps say nothing: it is of low certainty. So is a bare day, which yields to a clock
of that day from a weaker source. The time of a change yields to a file name with an earlier clock: the photo was there before the change.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from dejashot.models.capture import CaptureTime, Certainty, TimeSource, microseconds
from dejashot.reading.metadata.dates.date_parser import WrittenDate, parse_offset, read_date
from dejashot.reading.metadata.dates.filename_dates import NamedTime, times_in_name
from dejashot.reading.metadata.tags import CHANGED_TAG, DIGITIZED, ORIGINAL, Stated, Tags

EARLIEST = datetime(1826, 1, 1, tzinfo=UTC)  # before the first photograph
_FACTORY_DATES = {(1970, 1, 1), (1980, 1, 1), (2000, 1, 1)}
_ODD_OFFSETS = {timedelta(hours=h) for h in (-9.5, -3.5, -2.5, 3.5, 4.5, 5.5, 5.75, 6.5, 8.75, 9.5, 10.5, 12.75, 13.75)}
_A_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known besides the tags: file name, mtime in ns, the owner's home zone, and now (UTC)."""

    name: str
    mtime_ns: int
    home: tzinfo
    now: datetime


@dataclass(frozen=True, slots=True)
class _Found:
    """A capture time, whether it has a clock or is a bare day, and whether it is but the time of a change."""

    time: CaptureTime
    clock: bool = True
    change: bool = False


def capture_time(tags: Tags, around: Circumstances) -> CaptureTime:
    """Return the best capture time there is, with its source and certainty; mtime when nothing better is found."""
    day: CaptureTime | None = None
    for found in _all(tags, around):
        if day is None and found.clock:
            return found.time
        if day is None:
            day = found.time
        elif found.clock and not found.change and found.time.iso[:10] == day.iso[:10]:
            return found.time
    return day or _from_mtime(around)


def _all(tags: Tags, around: Circumstances) -> Iterator[_Found]:
    """Yield every capture time that is told, best first, but for the mtime."""
    gps = _plausible(_gps_time(tags), around)
    yield from _stated(ORIGINAL, tags, gps, around, original=True)
    if gps is not None:
        yield _Found(_result(gps.astimezone(_offset_at(gps, around.home)), TimeSource.GPS, Certainty.HIGH))
    yield from _stated(DIGITIZED, tags, gps, around)
    named = _from_name(around)
    for changed in _stated(CHANGED_TAG, tags, gps, around):
        if named and named.clock and named.time.taken_us < changed.time.taken_us - _A_DAY_US:
            yield named
        yield replace(changed, change=True)
    if named:
        yield named


def _stated(
    which: tuple[Stated, ...], tags: Tags, gps: datetime | None, around: Circumstances, *, original: bool = False
) -> Iterator[_Found]:
    """Yield the times that tags state, in their order."""
    for stated in which:
        written = read_date(tags.text(stated.tag), tags.text(stated.subsec))
        found = _anchored(written, tags, gps, around) if written else None
        if written is None or found is None:
            continue
        at, certainty, zone_known = found
        if not written.exact:
            certainty = Certainty.LOW
        elif not original:
            certainty = Certainty.MEDIUM
        yield _Found(_result(at, stated.source, certainty, zone_known=zone_known), written.clock)


def _anchored(
    written: WrittenDate, tags: Tags, gps: datetime | None, around: Circumstances
) -> tuple[datetime, Certainty, bool] | None:
    """Give a wall time its zone: its own, from its tag, from GPS, from the edit's tag, else the home zone; tell whether it is known.

    The edit's tag is where somebody sat at a computer: better than nothing, but not known.
    """
    wall = written.wall
    own = (
        written.zone
        or parse_offset(tags.text("EXIF OffsetTimeOriginal"))
        or parse_offset(tags.text("EXIF OffsetTimeDigitized"))
    )
    edit = parse_offset(tags.text("EXIF OffsetTime"))
    if own:
        at, certainty, known = wall.replace(tzinfo=own), Certainty.HIGH, True
    elif gps is not None and (zone := _zone_between(wall, gps)):
        at = wall.replace(tzinfo=zone)
        certainty, known = Certainty.HIGH if at == _at_home(wall, around.home) else Certainty.MEDIUM, True
    elif edit:
        at, certainty, known = wall.replace(tzinfo=edit), Certainty.MEDIUM, False
    else:
        at, certainty, known = _at_home(wall, around.home), Certainty.MEDIUM, False
    plausible = _plausible(at, around)
    return (
        (plausible, certainty, known) if plausible and (wall.year, wall.month, wall.day) not in _FACTORY_DATES else None
    )


def _zone_between(wall: datetime, gps: datetime) -> timezone | None:
    """Return the zone that explains wall time against GPS time; None for a stale fix.

    Most stale fixes show themselves: the difference is then not within 90 seconds of an offset that is in use somewhere.
    """
    span = wall.replace(tzinfo=UTC) - gps
    rounded = timedelta(minutes=15) * round(span / timedelta(minutes=15))
    in_use = rounded % timedelta(hours=1) == timedelta() or rounded in _ODD_OFFSETS
    if (
        abs(span - rounded) > timedelta(seconds=90)
        or not in_use
        or not timedelta(hours=-12) <= rounded <= timedelta(hours=14)
    ):
        return None
    return timezone(rounded)


def _gps_time(tags: Tags) -> datetime | None:
    """Return the GPS date and time (UTC), None unless both are recorded."""
    clock = tags.numbers("GPS GPSTimeStamp")
    date = re.match(r"(\d{4})[:\-/](\d{1,2})[:\-/](\d{1,2})", tags.text("GPS GPSDate"))
    if len(clock) != 3 or not date or min(clock) < 0 or clock[0] >= 24 or clock[1] >= 60 or clock[2] >= 61:
        return None
    try:
        day = datetime(int(date[1]), int(date[2]), int(date[3]), tzinfo=UTC)
    except ValueError:
        return None
    return day + timedelta(hours=clock[0], minutes=clock[1], milliseconds=round(clock[2] * 1000))


def _from_name(around: Circumstances) -> _Found | None:
    """Return the time in a file name: to the second it is of medium certainty, a bare date (noon) of low."""
    for named in times_in_name(around.name):
        if not named.clock and (modified := _from_mtime(around)).iso[:10] == f"{named.wall:%Y-%m-%d}":
            return _Found(modified, clock=False)
        if at := _plausible(_named_at(named, around.home), around):
            certainty = Certainty.MEDIUM if named.clock else Certainty.LOW
            return _Found(_result(at, TimeSource.NAME, certainty, zone_known=named.zone is not None), named.clock)
    return None


def _named_at(named: NamedTime, home: tzinfo) -> datetime:
    """Return the instant of a time in a name; one in UTC is told by the wall at home, where the photo came from a device of the owner's."""
    if named.zone is None:
        return _at_home(named.wall, home)
    at = named.wall.replace(tzinfo=named.zone)
    return at.astimezone(_offset_at(at, home)) if named.zone is UTC else at


def _from_mtime(around: Circumstances) -> CaptureTime:
    """Return the time of the last change, the weakest evidence."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=around.mtime_ns // 1000)
    at = min(max(at, EARLIEST), around.now + timedelta(days=1))
    return _result(at.astimezone(_offset_at(at, around.home)), TimeSource.MTIME, Certainty.LOW)


def _plausible(at: datetime | None, around: Circumstances) -> datetime | None:
    """Return the time unless it lies before photography or more than a day ahead."""
    if at is None or not EARLIEST < at < around.now + timedelta(days=1):
        return None
    return at


def _at_home(wall: datetime, home: tzinfo) -> datetime:
    """Read a wall time in the home zone, with a fixed offset as the result."""
    offset = wall.replace(tzinfo=home).utcoffset() or timedelta()
    return wall.replace(tzinfo=timezone(offset))


def _offset_at(at: datetime, home: tzinfo) -> timezone:
    """Return the home zone's offset at an instant."""
    return timezone(at.astimezone(home).utcoffset() or timedelta())


def _result(at: datetime, source: TimeSource, certainty: Certainty, *, zone_known: bool = True) -> CaptureTime:
    offset = at.utcoffset() or timedelta()
    return CaptureTime(microseconds(at), int(offset.total_seconds()), source, certainty, zone_known)
