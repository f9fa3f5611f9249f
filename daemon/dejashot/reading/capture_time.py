"""When was the shutter pressed: pure, from tags, file name and mtime, with the source and how far to trust it.

The order and its traps: EXIF original time, its offset from the original, digitized or (weakest) edit tags or from GPS; GPS time;
digitized time; the file name; mtime. A wall-clock time without a zone is read in the owner's home zone, never as UTC, and says that
its zone is not known. A time without seconds orders photos, but its gaps say nothing: it is of low certainty.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from dejashot.models import CaptureTime, Certainty, TimeSource, microseconds
from dejashot.reading.tags import Tags

EARLIEST = datetime(1826, 1, 1, tzinfo=UTC)  # before the first photograph
_FACTORY_DATES = {(1970, 1, 1), (1980, 1, 1), (2000, 1, 1)}
_ODD_OFFSETS = {timedelta(hours=h) for h in (-9.5, -3.5, -2.5, 3.5, 4.5, 5.5, 5.75, 6.5, 8.75, 9.5, 10.5, 12.75, 13.75)}
_EXIF_DATE = re.compile(r"(\d{4})[:\-/. ](\d{1,2})[:\-/. ](\d{1,2})[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})|(Z)")
_DATE = r"(?P<y>(?:19|20)\d{2})(?P<sep>[-_.]?)(?P<mo>0[1-9]|1[0-2])(?P=sep)(?P<d>0[1-9]|[12]\d|3[01])"
_CLOCK = r"(?P<h>[01]\d|2[0-3])(?P<sep2>[-_.:]?)(?P<mi>[0-5]\d)(?P=sep2)(?P<s>[0-5]\d)(?P<ms>\d{3})?"
_NAMED_TIME = re.compile(rf"(?<!\d){_DATE}(?:[ _T-]{{1,2}}| at ){_CLOCK}(?!\d)", re.IGNORECASE)
_NAMED_COMPACT = re.compile(rf"(?<!\d){_DATE}{_CLOCK}(?!\d)")
_NAMED_DATE = re.compile(rf"(?<!\d){_DATE}(?!\d)")
_NAMED_EPOCH_MS = re.compile(r"(?:^|FB_IMG_|_)(1\d{12})(?=\D|$)")
_UTC_NAMES = re.compile(r"^PXL_")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known besides the tags: file name, mtime in ns, the owner's home zone, and now (UTC)."""

    name: str
    mtime_ns: int
    home: tzinfo
    now: datetime


def capture_time(tags: Tags, around: Circumstances) -> CaptureTime:
    """Return the best capture time there is, with its source and certainty; mtime when nothing better is found."""
    gps = _plausible(_gps_time(tags), around)
    for name in ("Original", "Digitized", ""):
        wall = _exif_wall(tags, name)
        found = _anchored(wall, tags, gps, around) if wall else None
        if found is None:
            continue
        at, certainty, zone_known = found
        if name != "Original":
            if gps is not None:
                break
            certainty = Certainty.LOW if certainty is Certainty.LOW else Certainty.MEDIUM
        if not _has_seconds(tags, name):
            certainty = Certainty.LOW
        return _result(at, TimeSource.EXIF, certainty, zone_known=zone_known)
    if gps is not None:
        return _result(gps.astimezone(_offset_at(gps, around.home)), TimeSource.GPS, Certainty.HIGH)
    return _from_name(around) or _from_mtime(around)


def parse_exif_date(text: str, subsec: str = "") -> datetime | None:
    """Return an EXIF date (wall time, no zone), None when it is blank, zero or impossible; `subsec` is a decimal fraction."""
    match = _EXIF_DATE.match(text)
    if not match:
        return None
    fraction = match[7] or "".join(re.findall(r"^\d+", subsec.strip()))
    microsecond = int((fraction + "000000")[:6]) if fraction else 0
    try:
        return datetime(*(int(g or 0) for g in match.groups()[:6]), microsecond)  # type: ignore[call-arg, arg-type]
    except ValueError:
        return None


def parse_offset(text: str) -> timezone | None:
    """Return an EXIF offset such as `+02:00`, None when it is absent or outside -12 to +14 h."""
    match = _OFFSET.fullmatch(text.strip())
    if not match:
        return None
    if match[4]:
        return UTC
    span = timedelta(hours=int(match[2]), minutes=int(match[3])) * (-1 if match[1] == "-" else 1)
    return timezone(span) if timedelta(hours=-12) <= span <= timedelta(hours=14) else None


def _has_seconds(tags: Tags, which: str) -> bool:
    """Tell whether an EXIF date names the second: some programs write back hours and minutes alone."""
    match = _EXIF_DATE.match(tags.text(_date_tag(which)))
    return match is not None and match[6] is not None


def _date_tag(which: str) -> str:
    return "Image DateTime" if not which else f"EXIF DateTime{which}"


def _exif_wall(tags: Tags, which: str) -> datetime | None:
    """Return the wall time of DateTimeOriginal, DateTimeDigitized or DateTime with its fraction of a second."""
    return parse_exif_date(tags.text(_date_tag(which)), tags.text(f"EXIF SubSecTime{which}"))


def _anchored(wall: datetime, tags: Tags, gps: datetime | None, around: Circumstances) -> tuple[datetime, Certainty, bool] | None:
    """Give a wall time its zone: from its own tag, from GPS, from the edit's tag, else the home zone; tell whether it is known.

    The edit's tag is where somebody sat at a computer: better than nothing, but not known.
    """
    own = parse_offset(tags.text("EXIF OffsetTimeOriginal")) or parse_offset(tags.text("EXIF OffsetTimeDigitized"))
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
    return (plausible, certainty, known) if plausible and (wall.year, wall.month, wall.day) not in _FACTORY_DATES else None


def _zone_between(wall: datetime, gps: datetime) -> timezone | None:
    """Return the zone that explains wall time against GPS time; None for a stale fix.

    Most stale fixes show themselves: the difference is then not within 90 seconds of an offset that is in use somewhere.
    """
    span = wall.replace(tzinfo=UTC) - gps
    rounded = timedelta(minutes=15) * round(span / timedelta(minutes=15))
    in_use = rounded % timedelta(hours=1) == timedelta() or rounded in _ODD_OFFSETS
    if abs(span - rounded) > timedelta(seconds=90) or not in_use or not timedelta(hours=-12) <= rounded <= timedelta(hours=14):
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


def _from_name(around: Circumstances) -> CaptureTime | None:
    """Return the time in a file name: to the second it is of medium certainty, a bare date (noon) of low."""
    match = _NAMED_TIME.search(around.name) or _NAMED_COMPACT.search(around.name)
    if match:
        wall = datetime(
            int(match["y"]), int(match["mo"]), 1, int(match["h"]), int(match["mi"]), int(match["s"]), int(match["ms"] or 0) * 1000
        ) + timedelta(days=int(match["d"]) - 1)
        utc = _UTC_NAMES.match(around.name)
        at = wall.replace(tzinfo=UTC).astimezone(around.home) if utc else _at_home(wall, around.home)
        if wall.month == int(match["mo"]) and (found := _plausible(at, around)):
            return _result(found, TimeSource.NAME, Certainty.MEDIUM, zone_known=utc is not None)
    epoch = _NAMED_EPOCH_MS.search(around.name)
    if epoch:
        at = datetime.fromtimestamp(int(epoch[1]) / 1000, UTC)
        if found := _plausible(at, around):
            return _result(found.astimezone(_offset_at(found, around.home)), TimeSource.NAME, Certainty.MEDIUM)
    bare = _NAMED_DATE.search(around.name)
    if bare:
        wall = datetime(int(bare["y"]), int(bare["mo"]), 1, 12) + timedelta(days=int(bare["d"]) - 1)
        modified = _from_mtime(around)
        if modified.iso[:10] == f"{wall:%Y-%m-%d}":
            return modified
        if wall.month == int(bare["mo"]) and (found := _plausible(_at_home(wall, around.home), around)):
            return _result(found, TimeSource.NAME, Certainty.LOW, zone_known=False)
    return None


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
