"""Values as they are written in the configuration: durations, schedules, zones, clock offsets, strictness."""

import re
from datetime import time
from enum import StrEnum
from zoneinfo import ZoneInfo

from dejashot.errors import ConfigError
from dejashot.language.languages import LANGUAGES

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_FIELD = r"(?:\*|[0-9a-z]+(?:-[0-9a-z]+)?)(?:/[0-9]+)?"
_CRON = re.compile(rf"{_FIELD}(?:,{_FIELD})*")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NICKNAMES = {"hourly": "0 * * * *", "daily": "0 8 * * *", "weekly": "0 8 * * mon", "monthly": "0 8 1 * *", "never": ""}

SCHEDULER_FORM = re.compile(
    r"(?P<scheme>tls|tcp)://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}"
)
MAX_CLOCK_OFFSET_S = 36_525 * 86_400.0
_STRICTNESS_FORMS = "strict, normal, loose, or a number above 0 and below 1 such as 0.8"


def parse_duration(text: str) -> float:
    """Return the seconds in `90`, `90s`, `1.5min`, `2h`, `1d` or `1w`; raise ConfigError for anything else."""
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*", text.lower())
    if not match or (match[2] or "s") not in _UNITS_S:
        raise ConfigError(f"{text!r} is not a length of time", "Write for example 60s, 5min, 1h or 2d")
    return float(match[1]) * _UNITS_S[match[2] or "s"]


def parse_clock_offset(text: str) -> float:
    """Return the seconds in `+1h`, `-3min 20s` or `+2d 4h`; raise ConfigError for anything else."""
    found = re.fullmatch(r"\s*([+-]?)\s*([^+-]*?)\s*", text.lower())
    parts = re.sub(r"(?<=[a-z])\s*(?=[0-9])", " ", found[2] if found else "").split(" ")
    try:
        return sum(map(parse_duration, parts)) * (-1.0 if found and found[1] == "-" else 1.0)
    except ConfigError as error:
        raise ConfigError(f"{text!r} is not a length of time", "Write for example +1h, -3min 20s or +2d") from error


def format_clock_offset(offset_s: float) -> str:
    """Return how far a clock is off, to the second, as it is written in the configuration: `+1h 3min 20s`."""
    left, parts = abs(round(offset_s)), []
    for name, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, length)
        parts += [f"{count}{name}"] if count else []
    return ("-" if offset_s < 0 else "+") + (" ".join(parts) or "0s")


def valid_clock_offset(text: str) -> str:
    """Return a clock offset without spaces around it; raise ValueError when it is none or too large."""
    try:
        if abs(parse_clock_offset(text)) <= MAX_CLOCK_OFFSET_S:
            return text.strip()
    except ConfigError as error:
        raise ValueError(f"{error.title}: write for example +1h, -3min 20s or +2d") from error
    raise ValueError(f"{text!r} is more than a hundred years")


def valid_schedule(text: str) -> str:
    """Return a schedule as a crontab line with weekdays by name, empty for never; raise ValueError."""
    line = _NICKNAMES.get(text.strip().lower(), text.strip().lower())
    if not line:
        return line
    fields = line.split()
    if len(fields) != 5 or not all(_CRON.fullmatch(part) for part in fields):
        raise ValueError(
            f"write hourly, daily, weekly, monthly, never, or five crontab fields such as '0 20 * * sun', not {text!r}"
        )
    if re.search(r"[0-9]", fields[4].split("/")[0]):
        raise ValueError("name the weekday (mon, tue, ...): numbers mean different days to different programs")
    return " ".join([*fields[:4], ",".join(_weekdays(part) for part in fields[4].split(","))])


def _weekdays(part: str) -> str:
    """Return a range of weekdays over the end of the week, such as fri-mon, as a list; anything else unchanged."""
    days, _, step = part.partition("/")
    first, _, last = days.partition("-")
    if first not in _DAYS or last not in _DAYS or _DAYS.index(first) <= _DAYS.index(last) or int(step or 1) < 1:
        return part
    span = (_DAYS + _DAYS)[_DAYS.index(first) : _DAYS.index(last) + len(_DAYS) + 1]
    return ",".join(span[:: int(step or 1)])


def valid_zone(text: str) -> str:
    """Return the name of a time zone, or an empty text; raise ValueError for anything else."""
    if text:
        try:
            ZoneInfo(text)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(
                f"{text!r} is not a time zone; write for example Europe/Berlin, or leave it empty"
            ) from error
    return text


def valid_language(text: str) -> str:
    """Return the tag of a language that there are texts in, or an empty text; raise ValueError for anything else."""
    if text and not (re.fullmatch(r"[A-Za-z]{2}([-_][A-Za-z0-9]{2,8})*", text) and text[:2].lower() in LANGUAGES):
        raise ValueError(f"{text!r} is no language with texts; write one of {', '.join(LANGUAGES)}, or leave it empty")
    return text


def parse_quiet_hours(text: str) -> tuple[time, time] | None:
    """Return start and end of `22:00-07:00`, None for nothing; raise ValueError for anything else."""
    if not text.strip():
        return None
    found = re.fullmatch(r"\s*([01]?[0-9]|2[0-3]):([0-5][0-9])\s*-\s*([01]?[0-9]|2[0-3]):([0-5][0-9])\s*", text)
    if not found or (found[1], found[2]) == (found[3], found[4]):
        raise ValueError(f"write a start and another end such as '22:00-07:00', or leave it empty, not {text!r}")
    return time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))


def valid_quiet_hours(text: str) -> str:
    """Return quiet hours without spaces around them; raise ValueError when they are none."""
    parse_quiet_hours(text)
    return text.strip()


def valid_length(text: str) -> str:
    """Return a length of time, or an empty text; raise ValueError for anything else."""
    if text.strip():
        try:
            parse_duration(text)
        except ConfigError as error:
            raise ValueError(f"{error.title}: write for example 365d, or leave it empty for ever") from error
    return text.strip()


def valid_scheduler(text: str) -> str:
    """Return the address of a scheduler, or an empty text; raise ValueError for anything else."""
    if text.strip() and SCHEDULER_FORM.fullmatch(text.strip()) is None:
        raise ValueError(f"write for example tls://desktop:8786, or leave it empty, not {text!r}")
    return text.strip()


def masked(address: str) -> str:
    """Return the part of a delivery address that is no secret: `mailtos://…`."""
    scheme, mark, _ = address.partition("://")
    return f"{scheme}://…" if mark and re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.-]{0,20}", scheme) else "…"


class Strictness(StrEnum):
    """How sure Dejashot must be before it calls two photos the same shot."""

    STRICT = "strict"
    NORMAL = "normal"
    LOOSE = "loose"


def valid_strictness(value: object) -> Strictness | float:
    """Return a strictness given as a word, a number, or the text of a number; raise ValueError for anything else."""
    if isinstance(value, str):
        if value.strip().lower() in set(Strictness):
            return Strictness(value.strip().lower())
        try:
            value = float(value)
        except ValueError:
            pass
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1:
        return float(value)
    raise ValueError(f"write {_STRICTNESS_FORMS}, not {value!r}")


def parse_strictness(text: str) -> Strictness | float:
    """Return the strictness in a word or a number; raise ConfigError for anything else."""
    try:
        return valid_strictness(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is not a strictness", f"Write {_STRICTNESS_FORMS}") from error
