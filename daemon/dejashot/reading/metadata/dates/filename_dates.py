"""Dates in file names, as cameras, phones, messengers and screenshots write them, in many languages. Pure.

The year stands first: where day and month could be confused nothing is read. Digits are a time only where they are a
possible one, and no part of a longer number or a hash.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from dejashot.reading.metadata.dates.am_pm import AM, AM_AFTER_WORD, NO_LETTER, PM, PM_AFTER_WORD, hour_of_day
from dejashot.reading.metadata.dates.copy_suffixes import without_copy_dates
from dejashot.reading.metadata.dates.date_parser import NOON_HOUR, parse_offset

# what stands between date and clock where the system speaks another language
_WORDS = (
    "a la(s)|a las|a la|a les|à(s)|às|as|à|alle ore|alle|ore|at|um|om|kl|klo|kello|kell|plkst|saat|pukul|jam|pada|lúc|"
    "la|ás|"
    "o godz|o godzinie|o|v|u|ob|в|о|у|во|στις|στο|ב|بتوقيت|في|ساعت|को|เวลา|的|に|의"
).split("|")
_WORD = "|".join(re.escape(word) for word in sorted(set(_WORDS), key=len, reverse=True))
_BLANK = r"[\s_+,.\-]"
_YEAR = r"(?P<y>(?:19|20|25)\d{2})"
_THAI, _THAI_YEARS = re.compile("[\u0e00-\u0e7f]"), 543  # the calendar there is that far ahead
_MONTH, _DAY = r"(?P<mo>0[1-9]|1[0-2])", r"(?P<d>0[1-9]|[12]\d|3[01])"
_COMPACT_DATE = rf"(?<!\d){_YEAR}{_MONTH}{_DAY}"
_NOT_DAY_FIRST = r"(?<!\d)(?<!\d[-_.]\d[-_.])(?<!\d[-_.]\d\d[-_.])"
_DATES = (
    _COMPACT_DATE,
    rf"{_NOT_DAY_FIRST}{_YEAR}(?P<sep>[-_.:]){_MONTH}(?P=sep){_DAY}",
    rf"(?<!\d){_YEAR}\s?[年년]\s?(?P<mo>\d{{1,2}})\s?[月월]\s?(?P<d>\d{{1,2}})\s?[日일]",
)
_HALF_BEFORE = rf"(?:(?P<early1>{AM})|(?P<late1>{PM})){NO_LETTER}"
_GAP = (
    rf"(?:(?P<t>[Tt])|{_BLANK}{{1,2}}(?P<word>(?i:{_WORD})){NO_LETTER}{_BLANK}{{0,2}}|{_BLANK}{{1,3}}|"
    rf"(?={AM}|{PM})|(?<=[日일]))"
)
_CLOCK = (
    r"(?P<h>\d{1,2})(?P<c1>[-_.:꞉∶ ]?|h|\s?[时時点點시]\s?)(?P<mi>\d{1,2})(?P<c2>[-_.:꞉∶ ]?|m|\s?[分분]\s?)"
    r"(?P<s>\d{1,2})(?P<ms>(?<=\d\d)\d{3})?(?!\d)[s秒초]?"
)
_CLOCK_MARKS = tuple(".:꞉∶")
_PAIRS = {"h": "m", "时": "分", "時": "分", "点": "分", "點": "分", "시": "분"}
_HALF_BEHIND = (
    rf"(?:[\s_+?\-]{{0,2}}(?:(?P<early2>(?(word)(?:{AM_AFTER_WORD})|(?:{AM})))|"
    rf"(?P<late2>(?(word)(?:{PM_AFTER_WORD})|(?:{PM})))){NO_LETTER})?"
)
_ZONE = (
    r"(?P<zone>(?:[.,_]\d{1,9})?(?:Z|[\s_\-]?(?:UTC|GMT)(?![+\-]\d)|[+]\d{2}(?:[:.]?\d{2})?|-\d{2}[:.]?\d{2})"
    r"(?![^\W_]))?"
)
_TIMED = tuple(
    re.compile(rf"{date}{_GAP}(?:{_HALF_BEFORE}{_BLANK}{{0,2}})?{_CLOCK}{_HALF_BEHIND}{_ZONE}") for date in _DATES
)
_COMPACT = re.compile(rf"{_COMPACT_DATE}(?P<h>[01]\d|2[0-4])(?P<mi>[0-5]\d)(?P<s>[0-5]\d)(?P<ms>\d{{3}})?(?!\d)")
_TELEGRAM = re.compile(
    r"^photo_\d+@(?P<d>\d{2})-(?P<mo>\d{2})-(?P<y>\d{4})_(?P<h>\d{2})-(?P<mi>\d{2})-(?P<s>\d{2})(?!\d)"
)
_EPOCH_MS = re.compile(r"(?:^|_|mmexport|microMsg\.)(1[1-9]\d{11})(?!\d)")
_NO_EPOCH = re.compile(r"^received_|_\d+_[a-z](?![^\W_])")  # Facebook's: numbers of its own
_BARE = tuple(re.compile(rf"{date}(?:(?<=[日일])|(?!\d))") for date in _DATES)
_UTC_NAMES = re.compile(r"^PXL_")
_HASH = re.compile(r"(?=[0-9a-f]*[a-f])[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FilenameDate:
    """A date in a file name: the wall time, the zone where the name has one; without a clock the time is noon."""

    wall: datetime
    zone: timezone | None = None
    clock: bool = True


def filename_dates(name: str) -> Iterator[FilenameDate]:
    """Yield the dates in a file name, best first: with a clock, as milliseconds since 1970 (UTC), the day alone."""
    plain = without_copy_dates(_plain(name))
    hashes = [match.span() for match in _HASH.finditer(plain)]
    timed = [
        match for form in (*_TIMED, _COMPACT, _TELEGRAM) for match in form.finditer(plain) if not _within(match, hashes)
    ]
    for match in sorted(timed, key=lambda m: m.start()):
        if found := _timed(match, plain):
            yield found
    if not _NO_EPOCH.search(plain) and (epoch := _EPOCH_MS.search(plain)):
        yield FilenameDate(datetime(1970, 1, 1) + timedelta(milliseconds=int(epoch[1])), UTC)
    bare = [match for form in _BARE for match in form.finditer(plain) if not _within(match, hashes)]
    for match in sorted(bare, key=lambda m: m.start()):
        if day := _midnight(match):
            yield FilenameDate(day + timedelta(hours=NOON_HOUR), clock=False)


def _plain(name: str) -> str:
    """Return a name with composed letters, plain blanks and digits, and without marks of writing direction."""
    composed = unicodedata.normalize("NFKC", name.replace("%20", " "))
    kept = (letter for letter in composed if unicodedata.category(letter) != "Cf")
    return "".join(str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in kept)


def _within(match: re.Match[str], spans: list[tuple[int, int]]) -> bool:
    return any(start <= match.start() and match.end() <= end for start, end in spans)


def _midnight(match: re.Match[str]) -> datetime | None:
    """Return the day of a match, None for no such day; Thailand's calendar counts only in names in Thai letters."""
    year = int(match["y"])
    if year >= 2500:
        year = year - _THAI_YEARS if _THAI.search(match.string) else 0
    try:
        return datetime(year, int(match["mo"]), int(match["d"]))
    except ValueError:
        return None


def _timed(match: re.Match[str], name: str) -> FilenameDate | None:
    """Return the time of a match; None for an impossible one, or parts that do not belong together."""
    parts = match.groupdict("")
    day, minute, second = _midnight(match), int(parts["mi"]), int(parts["s"])
    early, late = parts.get("early1") or parts.get("early2"), parts.get("late1") or parts.get("late2")
    hour = hour_of_day(int(parts["h"]), early, late)
    if day is None or hour is None or minute > 59 or second > 59 or not _fits(parts):
        return None
    wall = day + timedelta(
        hours=hour, minutes=minute, seconds=second, milliseconds=int(parts["ms"] or 0) if "ms" in parts else 0
    )
    zone = UTC if _UTC_NAMES.match(name) else _zone(parts.get("zone", ""), iso=bool(parts.get("t")))
    return FilenameDate(wall, zone)


def _fits(parts: dict[str, str]) -> bool:
    """Return whether the digits of a clock and their separators are of one form."""
    first, second = (parts.get(name, "").strip() or parts.get(name, "") for name in ("c1", "c2"))
    if first in _PAIRS:
        return second == _PAIRS[first]
    marked = any(parts.get(name) for name in ("word", "early1", "late1", "early2", "late2")) or first in _CLOCK_MARKS
    short = len(parts["h"]) == 2 or (bool(first) and marked)  # elsewhere numbers of one digit are counters
    return first == second and len(parts["mi"]) == len(parts["s"]) == 2 and short


def _zone(text: str, *, iso: bool) -> timezone | None:
    """Return the zone behind a clock in a name, with a minus only in ISO 8601's form: elsewhere it counts copies."""
    bare = re.sub(r"^[.,_]\d{1,9}|[\s_:.]", "", text)
    if bare in ("Z", "UTC", "GMT", "-UTC", "-GMT"):
        return UTC
    if not bare or (bare[0] == "-" and not iso):
        return None
    found = parse_offset(bare if len(bare) > 3 else f"{bare}00")
    if found is None:
        return None
    span = abs(found.utcoffset(None))
    # -0015 is how frames are counted
    in_use = span % timedelta(minutes=15) == timedelta() and (not span or span >= timedelta(hours=1))
    return found if in_use else None
