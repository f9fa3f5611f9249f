"""When a photo was taken: pure, from its tags, its file name and its mtime, with the source and its certainty."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from dejashot.models.capture import CaptureTime, Certainty, TimeSource, microseconds
from dejashot.reading.metadata.dates.date_parser import WrittenDate, parse_date, parse_offset
from dejashot.reading.metadata.dates.date_tags import DIGITIZED, MODIFIED, ORIGINAL, DateTag
from dejashot.reading.metadata.dates.filename_dates import FilenameDate, filename_dates
from dejashot.reading.metadata.gps import gps_time
from dejashot.reading.metadata.tags import Tags

# In this order: the original time in EXIF, XMP or IPTC; GPS time; the time of digitizing in EXIF, XMP or IPTC; a text
# in a PNG; EXIF's time of modification; the file name; mtime.
#
# The offset of a local time stands with it, or comes from the offset tags of the original or digitized time, from GPS,
# or (weakest) from the tag of the edit. A local time without a zone is read in the owner's home zone, never as UTC,
# and its zone counts as unknown. A time without seconds has low certainty: it orders photos, but its gaps mean
# nothing. So has a bare day, which yields to a time of that day from a weaker source. The time of modification yields
# to a file name with an earlier time: the photo existed before it was modified.

EARLIEST = datetime(1826, 1, 1, tzinfo=UTC)  # before the first photograph
_FACTORY_DATES = {(1970, 1, 1), (1980, 1, 1), (2000, 1, 1)}
_ODD_OFFSETS = {timedelta(hours=h) for h in (-9.5, -3.5, -2.5, 3.5, 4.5, 5.5, 5.75, 6.5, 8.75, 9.5, 10.5, 12.75, 13.75)}
_A_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class FileContext:
    """What is known besides the tags: file name, mtime in ns, the owner's home zone, and now (UTC)."""

    name: str
    mtime_ns: int
    home: tzinfo
    now: datetime


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A capture time; `clock` is false for a bare day, `modified` is true for the time of a modification."""

    time: CaptureTime
    clock: bool = True
    modified: bool = False


@dataclass(frozen=True, slots=True)
class _ZonedTime:
    """A local time with its zone, how certain it is, and whether the zone is known."""

    at: datetime
    certainty: Certainty
    zone_known: bool


def capture_time(tags: Tags, context: FileContext) -> CaptureTime:
    """Return the best capture time there is, with its source and certainty; mtime when nothing better is found."""
    day: CaptureTime | None = None
    for found in _candidates(tags, context):
        if day is None and found.clock:
            return found.time
        if day is None:
            day = found.time
        elif found.clock and not found.modified and found.time.iso[:10] == day.iso[:10]:
            return found.time
    return day or _from_mtime(context)


def _candidates(tags: Tags, context: FileContext) -> Iterator[_Candidate]:
    """Yield all capture times but the mtime, best first."""
    gps = _plausible(gps_time(tags), context)
    yield from _from_tags(ORIGINAL, tags, gps, context)
    if gps is not None:
        yield _Candidate(_result(gps.astimezone(_offset_at(gps, context.home)), TimeSource.GPS, Certainty.HIGH))
    yield from _from_tags(DIGITIZED, tags, gps, context)
    named = _from_name(context)
    for modified in _from_tags(MODIFIED, tags, gps, context):
        if named and named.clock and named.time.taken_us < modified.time.taken_us - _A_DAY_US:
            yield named
        yield replace(modified, modified=True)
    if named:
        yield named


def _from_tags(
    date_tags: tuple[DateTag, ...], tags: Tags, gps: datetime | None, context: FileContext
) -> Iterator[_Candidate]:
    """Yield the times in some tags, in their order."""
    for tag in date_tags:
        written = parse_date(tags.text(tag.name), tags.text(tag.subsec))
        zoned = _with_zone(written, tags, gps, context) if written else None
        if written is None or zoned is None:
            continue
        certainty = zoned.certainty if date_tags is ORIGINAL else Certainty.MEDIUM
        time = _result(zoned.at, tag.source, certainty if written.exact else Certainty.LOW, zone_known=zoned.zone_known)
        yield _Candidate(time, written.clock)


def _with_zone(written: WrittenDate, tags: Tags, gps: datetime | None, context: FileContext) -> _ZonedTime | None:
    """Give a local time its zone: its own, from its tag, from GPS, from the edit's tag, else the home zone.

    The zone of the edit is where somebody sat at a computer: better than nothing, but the zone stays unknown. None for
    an implausible time.
    """
    local = written.wall
    own = (
        written.zone
        or parse_offset(tags.text("EXIF OffsetTimeOriginal"))
        or parse_offset(tags.text("EXIF OffsetTimeDigitized"))
    )
    edit = parse_offset(tags.text("EXIF OffsetTime"))
    if own:
        at, certainty, known = local.replace(tzinfo=own), Certainty.HIGH, True
    elif gps is not None and (zone := _zone_between(local, gps)):
        at = local.replace(tzinfo=zone)
        certainty, known = Certainty.HIGH if at == _at_home(local, context.home) else Certainty.MEDIUM, True
    elif edit:
        at, certainty, known = local.replace(tzinfo=edit), Certainty.MEDIUM, False
    else:
        at, certainty, known = _at_home(local, context.home), Certainty.MEDIUM, False
    if _plausible(at, context) is None or (local.year, local.month, local.day) in _FACTORY_DATES:
        return None
    return _ZonedTime(at, certainty, known)


def _zone_between(local: datetime, gps: datetime) -> timezone | None:
    """Return the zone that explains local time against GPS time; None for a stale GPS fix.

    Most stale fixes are recognised: the difference is then not within 90 seconds of an offset that is in use.
    """
    span = local.replace(tzinfo=UTC) - gps
    rounded = timedelta(minutes=15) * round(span / timedelta(minutes=15))
    in_use = rounded % timedelta(hours=1) == timedelta() or rounded in _ODD_OFFSETS
    if abs(span - rounded) > timedelta(seconds=90) or not in_use:
        return None
    return timezone(rounded) if timedelta(hours=-12) <= rounded <= timedelta(hours=14) else None


def _from_name(context: FileContext) -> _Candidate | None:
    """Return the time in a file name: to the second it is of medium certainty, a bare day (noon) of low."""
    for named in filename_dates(context.name):
        if not named.clock and (modified := _from_mtime(context)).iso[:10] == f"{named.wall:%Y-%m-%d}":
            return _Candidate(modified, clock=False)
        if at := _plausible(_named_at(named, context.home), context):
            certainty = Certainty.MEDIUM if named.clock else Certainty.LOW
            return _Candidate(_result(at, TimeSource.NAME, certainty, zone_known=named.zone is not None), named.clock)
    return None


def _named_at(named: FilenameDate, home: tzinfo) -> datetime:
    """Return the instant of a time in a name; one in UTC is shown in the home zone, as the device is the owner's."""
    if named.zone is None:
        return _at_home(named.wall, home)
    at = named.wall.replace(tzinfo=named.zone)
    return at.astimezone(_offset_at(at, home)) if named.zone is UTC else at


def _from_mtime(context: FileContext) -> CaptureTime:
    """Return the time of the file's last modification, the weakest evidence."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=context.mtime_ns // 1000)
    at = min(max(at, EARLIEST), context.now + timedelta(days=1))
    return _result(at.astimezone(_offset_at(at, context.home)), TimeSource.MTIME, Certainty.LOW)


def _plausible(at: datetime | None, context: FileContext) -> datetime | None:
    """Return the time unless it lies before photography or more than a day ahead."""
    if at is None or not EARLIEST < at < context.now + timedelta(days=1):
        return None
    return at


def _at_home(local: datetime, home: tzinfo) -> datetime:
    """Read a local time in the home zone, with a fixed offset as the result."""
    offset = local.replace(tzinfo=home).utcoffset() or timedelta()
    return local.replace(tzinfo=timezone(offset))


def _offset_at(at: datetime, home: tzinfo) -> timezone:
    """Return the home zone's offset at an instant."""
    return timezone(at.astimezone(home).utcoffset() or timedelta())


def _result(at: datetime, source: TimeSource, certainty: Certainty, *, zone_known: bool = True) -> CaptureTime:
    offset = at.utcoffset() or timedelta()
    return CaptureTime(microseconds(at), int(offset.total_seconds()), source, certainty, zone_known)
