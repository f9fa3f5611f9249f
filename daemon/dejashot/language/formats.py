"""Sizes, spans of time, dates and shares as the current language writes them.

English is written without Babel: day before month, 24 hours, whatever the country.
"""

from collections.abc import Sequence
from datetime import date, datetime

from dejashot.language.texts import current_language

_SIZES = ("bytes", "kB", "MB", "GB")
_UNITS = ("digital-byte", "digital-kilobyte", "digital-megabyte", "digital-gigabyte")


def format_bytes(count: int) -> str:
    """Return a size as people say it: 1.2 MB, decimal units."""
    size, unit = float(count), 0
    while size >= 1000 and unit < 3:
        size, unit = size / 1000, unit + 1
    digits = 1 if unit and size < 100 else 0
    locale = current_language().locale
    if locale is None:
        return f"{size:.{digits}f} {_SIZES[unit]}"
    return _in_unit(size, digits, _UNITS[unit], "short" if unit else "long")


def format_gap(gap_s: float) -> str:
    """Return a gap between two shots: 0.4 s, 12 s, 3 min, 5 h, 210 days."""
    hours = gap_s / 3600
    if gap_s < 120:
        size, digits, unit, name = gap_s, 1 if gap_s < 10 else 0, "duration-second", "s"
    elif gap_s < 3600:
        size, digits, unit, name = gap_s / 60, 0, "duration-minute", "min"
    elif hours < 48:
        size, digits, unit, name = hours, 0, "duration-hour", "h"
    else:
        size, digits, unit, name = hours / 24, 0, "duration-day", "days"
    if current_language().locale is None:
        return f"{size:,.{digits}f} {name}"
    return _in_unit(size, digits, unit, "short")


def format_number(value: float, digits: int) -> str:
    """Return a number with so many digits after the point."""
    locale = current_language().locale
    if locale is None:
        return f"{value:,.{digits}f}"
    from babel.numbers import format_decimal  # noqa: PLC0415 - English needs none of it

    return format_decimal(value, "#,##0." + "0" * digits if digits else "#,##0", locale=locale)


def format_share(percent: float, digits: int = 0) -> str:
    """Return a share in percent: 97 %."""
    locale = current_language().locale
    if locale is None:
        return f"{percent:.{digits}f} %"
    from babel.numbers import format_percent  # noqa: PLC0415

    return format_percent(round(percent, digits) / 100, locale=locale, decimal_quantization=False)


def format_list(parts: Sequence[str]) -> str:
    """Return texts in a row: `CR2, MOV`."""
    locale = current_language().locale
    if locale is None:
        return ", ".join(parts)
    return str(locale.list_patterns["standard"]["middle"]).format("", "").join(parts)


def format_names(parts: Sequence[str]) -> str:
    """Return some names in a row: IMG_1.jpg and IMG_2.jpg."""
    locale = current_language().locale
    if locale is None:
        return " and ".join(parts)
    from babel.lists import format_list as babel_list  # noqa: PLC0415

    return babel_list(parts, locale=locale)


def format_date(day: date) -> str:
    """Return a day: 4 July 2026."""
    return _dated(day, f"{day.day} {day:%B %Y}", "long")


def format_day(day: date) -> str:
    """Return a day with its weekday: Saturday, 4 July 2026."""
    return _dated(day, f"{day:%A}, {day.day} {day:%B %Y}", "full")


def format_short_day(day: date) -> str:
    """Return a day of a month that is named beside it, with its weekday: Saturday 4."""
    return _by_skeleton(day, f"{day:%A} {day.day}", "Ed")


def format_month(month: date) -> str:
    """Return the month of a day: July 2026."""
    return _by_skeleton(month, f"{month:%B %Y}", "yMMMM")


def format_short_date(day: date) -> str:
    """Return a day in short, without its year: 4 Jul."""
    return _by_skeleton(day, f"{day.day} {day:%b}", "MMMd")


def format_short_month(month: date) -> str:
    """Return the month of a day in short: Jul 2026."""
    return _by_skeleton(month, f"{month:%b %Y}", "yMMM")


def format_clock(at: datetime, *, seconds: bool = False) -> str:
    """Return a time of day: 14:05, with its seconds 14:05:09."""
    locale = current_language().locale
    if locale is None:
        return f"{at:%H:%M:%S}" if seconds else f"{at:%H:%M}"
    from babel.dates import format_time  # noqa: PLC0415

    return format_time(at.time(), "medium" if seconds else "short", locale=locale)


def format_moment(at: datetime, *, seconds: bool = False, weekday: bool = False) -> str:
    """Return a date and time: 4 July 2026, 14:05."""
    day, clock = format_day(at) if weekday else format_date(at), format_clock(at, seconds=seconds)
    locale = current_language().locale
    if locale is None:
        return f"{day}, {clock}"
    from babel.dates import get_datetime_format  # noqa: PLC0415

    return str(get_datetime_format("medium", locale=locale)).replace("'", "").format(clock, day)


def _dated(day: date, english: str, length: str) -> str:
    locale = current_language().locale
    if locale is None:
        return english
    from babel.dates import format_date as babel_date  # noqa: PLC0415

    return babel_date(day, length, locale=locale)


def _by_skeleton(day: date, english: str, skeleton: str) -> str:
    locale = current_language().locale
    if locale is None:
        return english
    from babel.dates import format_skeleton  # noqa: PLC0415

    return format_skeleton(skeleton, day, locale=locale)


def _in_unit(size: float, digits: int, unit: str, length: str) -> str:
    from babel.units import format_unit  # noqa: PLC0415

    locale = current_language().locale
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return format_unit(size, unit, length=length, format=pattern, locale=locale)  # type: ignore[arg-type]
