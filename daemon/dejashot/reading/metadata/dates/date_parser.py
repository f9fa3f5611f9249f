"""Parse dates as files have them: EXIF's form, ISO 8601, RFC 2822, and variants of cameras and programs. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from dejashot.reading.metadata.dates.am_pm import AM_AFTER_WORD, NO_LETTER, PM_AFTER_WORD, hour_of_day

NOON_HOUR = 12  # where only the day is known
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})|(Z)")
_ZONE = r"(?:Z|(?:UTC|GMT)?[+-]\d{1,2}:?\d{2}|(?:UTC|GMT)?[+-]\d{1,2}|UTC|GMT)(?![A-Za-z\d])"
_DAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<y>\d{4})(?P<sep>[:\-/. ]) ?(?P<mo>\d{1,2})(?P=sep) ?(?P<d>\d{1,2})(?!\d)",
        r"(?P<y>\d{4})(?P<mo>\d{2})(?P<d>\d{2})(?=\D|$|\d{4}(?:\d{2})?(?!\d))",
        r"(?P<y>\d{4}) ?[年년] ?(?P<mo>\d{1,2}) ?[月월] ?(?P<d>\d{1,2}) ?[日일]",
        rf"(?:[a-z]{{3,9}}\.?,? )?(?P<d>\d{{1,2}})[ -]{_MONTH}[ -](?P<y>\d{{4}})(?!\d)",
        rf"(?:[a-z]{{3,9}}\.?,? )?{_MONTH} (?P<d>\d{{1,2}}),? (?P<y>\d{{4}})(?!\d)",
    )
)
_YEAR_LAST = re.compile(
    rf"(?:[a-z]{{3,9}}\.?,? )?{_MONTH} {{1,2}}(?P<d>\d{{1,2}}) (?P<clock>\d.*?) (?P<y>\d{{4}})$", re.IGNORECASE
)
_CLOCK = re.compile(
    rf"(?:(?P<zone1>{_ZONE}) )?(?:(?:(?P<early1>{AM_AFTER_WORD})|(?P<late1>{PM_AFTER_WORD})) ?)?"
    r"(?P<h>\d{1,2})(?P<sep>[:.\-]?) ?(?P<mi>\d{1,2})(?:(?P=sep) ?(?P<s>\d{1,2})(?:[.,:](?P<f>\d+))?)?(?!\d)"
    rf"(?: ?(?:(?P<early2>{AM_AFTER_WORD})|(?P<late2>{PM_AFTER_WORD})){NO_LETTER})?(?: ?(?P<zone2>{_ZONE}))?"
)


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date as written: the wall time without a zone, and the zone where it is written too.

    `exact`: the clock is given to the second and all of it was understood. `clock`: there is one; without it the wall
    time is noon, or the midnight that was written.
    """

    wall: datetime
    zone: timezone | None = None
    exact: bool = True
    clock: bool = True


def parse_date(text: str, subsec: str = "") -> WrittenDate | None:
    """Return the date in a text, None for a blank, ambiguous or impossible one; `subsec` is a decimal fraction."""
    plain = " ".join(unicodedata.normalize("NFKC", text).replace("\0", " ").split())
    if match := _YEAR_LAST.match(plain):
        return _dated(match, match["clock"], subsec)
    for form in _DAYS:
        if match := form.match(plain):
            return _dated(match, plain[match.end() :], subsec)
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


def _dated(day: re.Match[str], rest: str, subsec: str) -> WrittenDate | None:
    """Combine a day with the text behind it."""
    found = day.groupdict()
    month = int(found["mo"]) if found.get("mo") else _MONTHS.index(found["month"].lower()) + 1
    try:
        midnight = datetime(int(found["y"]), month, int(found["d"]))
    except ValueError:
        return None
    rest = rest.lstrip(" ,T")
    if not re.search(r"\w", rest):
        return WrittenDate(midnight + timedelta(hours=NOON_HOUR), exact=False, clock=False)
    match = _CLOCK.match(rest)
    return _at(midnight, match, rest[match.end() :], subsec) if match else None


def _at(midnight: datetime, clock: re.Match[str], rest: str, subsec: str) -> WrittenDate | None:
    """Combine a day with its clock; the fraction of the second is in the clock, else in `subsec`."""
    hour = hour_of_day(int(clock["h"]), clock["early1"] or clock["early2"], clock["late1"] or clock["late2"])
    minute, second = int(clock["mi"]), int(clock["s"] or 0)
    whole = clock["sep"] or len(clock["h"]) == len(clock["mi"]) == 2
    if hour is None or minute > 59 or second > 60 or not whole:
        return None
    fraction = clock["f"] or "".join(re.findall(r"^\d+", subsec.strip()))
    wall = midnight + timedelta(
        hours=hour, minutes=minute, seconds=min(second, 59), microseconds=int((fraction + "000000")[:6])
    )
    zone = _zone(clock["zone2"] or clock["zone1"] or "")
    empty = wall == midnight and not fraction and zone is None  # what stands where nobody knew the clock
    understood = int(clock["h"]) > 12 or not re.match(r" ?[^\W\d_]", rest)  # a word behind it may mean PM
    return WrittenDate(wall, zone, exact=clock["s"] is not None and not empty and understood, clock=not empty)


def _zone(text: str) -> timezone | None:
    """Return the zone behind a clock: `Z`, `GMT`, `+09:00`, `-0330`, `GMT+9`."""
    bare = text.upper().removeprefix("UTC").removeprefix("GMT")
    if not bare:
        return UTC if text else None
    sign, digits = bare[:1], bare[1:].replace(":", "")
    if not digits:
        return parse_offset(sign)
    return parse_offset(sign + (digits.rjust(4, "0") if len(digits) > 2 else digits.rjust(2, "0") + "00"))
