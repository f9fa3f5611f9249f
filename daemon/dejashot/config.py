"""The settings: one frozen model, loaded from one TOML file, every key with a default."""

import re
import tomllib
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_serializer

from dejashot.errors import ConfigError

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_FIELD = r"(?:\*|[0-9a-z]+(?:-[0-9a-z]+)?)(?:/[0-9]+)?"
_CRON = re.compile(rf"{_FIELD}(?:,{_FIELD})*")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NICKNAMES = {"hourly": "0 * * * *", "daily": "0 8 * * *", "weekly": "0 8 * * mon", "monthly": "0 8 1 * *", "never": ""}

LONGEST_CLOCK_OFFSET_S = 36_525 * 86_400.0
_STRICTNESS_FORMS = "strict, normal, loose, or a number above 0 and below 1 such as 0.8"
_SIFTING = re.compile(r"\s*\[\s*sifting\s*\]\s*(?:#.*)?")
_STRICTNESS = re.compile(r"""(\s*)strictness\s*=\s*(?:"[^"]*"|'[^']*'|[^\s#]+)(\s*)(#.*)?""")


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


def clock_offset_words(offset_s: float) -> str:
    """Return how far a clock is off, to the second, as it is written in the configuration: `+1h 3min 20s`."""
    left, words = abs(round(offset_s)), []
    for name, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, length)
        words += [f"{count}{name}"] if count else []
    return ("-" if offset_s < 0 else "+") + (" ".join(words) or "0s")


def _clock_offset(text: str) -> str:
    try:
        if abs(parse_clock_offset(text)) <= LONGEST_CLOCK_OFFSET_S:
            return text.strip()
    except ConfigError as error:
        raise ValueError(f"{error.title}: write for example +1h, -3min 20s or +2d") from error
    raise ValueError(f"{text!r} is more than a hundred years")


def _schedule(text: str) -> str:
    """Return a schedule as a five-field crontab line with weekdays by name, empty for never."""
    line = _NICKNAMES.get(text.strip().lower(), text.strip().lower())
    if not line:
        return line
    fields = line.split()
    if len(fields) != 5 or not all(_CRON.fullmatch(part) for part in fields):
        raise ValueError(f"write hourly, daily, weekly, monthly, never, or five crontab fields such as '0 20 * * sun', not {text!r}")
    if re.search(r"[0-9]", fields[4].split("/")[0]):
        raise ValueError("name the weekday (mon, tue, ...): numbers mean different days to different programs")
    return " ".join([*fields[:4], ",".join(_weekdays(part) for part in fields[4].split(","))])


def _weekdays(part: str) -> str:
    """Return a range of weekdays that runs over the end of the week, such as sun-thu or fri-mon, as a list; all else as it is."""
    days, _, step = part.partition("/")
    first, _, last = days.partition("-")
    if first not in _DAYS or last not in _DAYS or _DAYS.index(first) <= _DAYS.index(last) or int(step or 1) < 1:
        return part
    span = (_DAYS + _DAYS)[_DAYS.index(first) : _DAYS.index(last) + len(_DAYS) + 1]
    return ",".join(span[:: int(step or 1)])


def _zone(text: str) -> str:
    if text:
        try:
            ZoneInfo(text)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{text!r} is not a time zone; write for example Europe/Berlin, or leave it empty") from error
    return text


def parse_quiet_hours(text: str) -> tuple[time, time] | None:
    """Return start and end of `22:00-07:00`, None for nothing; raise ValueError for anything else."""
    if not text.strip():
        return None
    found = re.fullmatch(r"\s*([01]?[0-9]|2[0-3]):([0-5][0-9])\s*-\s*([01]?[0-9]|2[0-3]):([0-5][0-9])\s*", text)
    if not found or (found[1], found[2]) == (found[3], found[4]):
        raise ValueError(f"write a start and another end such as '22:00-07:00', or leave it empty, not {text!r}")
    return time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))


def _quiet_hours(text: str) -> str:
    parse_quiet_hours(text)
    return text.strip()


def _length(text: str) -> str:
    if text.strip():
        try:
            parse_duration(text)
        except ConfigError as error:
            raise ValueError(f"{error.title}: write for example 365d, or leave it empty for ever") from error
    return text.strip()


def masked(address: str) -> str:
    """Return what may be shown of an address that digests are delivered to, whose other parts may be secrets: `mailtos://…`."""
    scheme, mark, _ = address.partition("://")
    return f"{scheme}://…" if mark and re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.-]{0,20}", scheme) else "…"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Strictness(StrEnum):
    """How sure Dejashot must be before it calls two photos the same shot."""

    STRICT = "strict"
    NORMAL = "normal"
    LOOSE = "loose"


def _strictness(value: object) -> Strictness | float:
    """Return a strictness given as a word, a number, or a number in words; raise ValueError for anything else."""
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
        return _strictness(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is not a strictness", f"Write {_STRICTNESS_FORMS}") from error


class LibrarySettings(_Section):
    """Where what Dejashot knows is kept."""

    folder: str = ""
    backups: int = Field(2, ge=0, le=100)


class WatchSettings(_Section):
    """How a folder is watched."""

    quiet_s: float = Field(2.0, ge=0, le=600)
    reconcile_s: float = Field(900.0, ge=5)
    method: Literal["auto", "native", "poll"] = "auto"
    methods: dict[str, Literal["auto", "native", "poll"]] = {}
    poll_s: float = Field(60.0, ge=1)
    poll_quiet_s: float = Field(10.0, ge=0, le=600)
    ignore: tuple[str, ...] = ()
    hidden: bool = False


class ReadingSettings(_Section):
    """What reading a photo may cost."""

    workers: int = Field(0, ge=0, le=64)
    threads: int = Field(1, ge=1, le=64)
    max_megapixels: float = Field(220.0, gt=0)
    max_file_mib: float = Field(256.0, gt=0)
    memory_mib: int = Field(2048, ge=512)
    timeout_s: float = Field(20.0, gt=0)
    idle_stop_s: float = Field(60.0, ge=0)
    nice: int = Field(10, ge=0, le=19)


class CaptureSettings(_Section):
    """How a wall-clock time without a zone is read, and which cameras' clocks are off by how much."""

    home_timezone: Annotated[str, AfterValidator(_zone)] = ""
    clock_offset: dict[str, Annotated[str, AfterValidator(_clock_offset)]] = {}

    @property
    def clock_offsets_s(self) -> dict[str, float]:
        """Return what is to be added to the times of cameras in seconds, by name or pattern."""
        return {camera: parse_clock_offset(text) for camera, text in self.clock_offset.items()}


class ModelSettings(_Section):
    """Which embedding network is used."""

    path: str = ""


class SiftingSettings(_Section):
    """When two shots are compared, and when they are the same."""

    interval_s: float = Field(60.0, gt=0)
    strictness: Annotated[Strictness | float, BeforeValidator(_strictness)] = Strictness.NORMAL
    max_span_s: float = Field(600.0, gt=0)
    burst_gap_s: float = Field(2.0, gt=0)
    min_certainty: Literal["low", "medium", "high"] = "low"


class DigestSettings(_Section):
    """When and where digests are written."""

    schedule: Annotated[str, AfterValidator(_schedule)] = "0 20 * * *"
    catch_up: Literal["latest", "none"] = "latest"
    quiet_s: float = Field(60.0, ge=0)
    wait_s: float = Field(1800.0, ge=0)
    folder: str = ""
    keep: Annotated[str, AfterValidator(_length)] = "365d"
    include_place: bool = False

    @property
    def keep_s(self) -> float | None:
        """Return how long digests are kept in seconds, None for ever."""
        return parse_duration(self.keep) if self.keep else None


class PlacesSettings(_Section):
    """Whether places are named, and how far in time a photo without a position may borrow its neighbour's."""

    name: bool = False
    borrow_s: float = Field(120.0, ge=0, le=86400)


class DeliverSettings(_Section):
    """Where digests are sent beside the file, and how much of them; the addresses hold secrets and are never shown."""

    urls: tuple[str, ...] = Field((), repr=False)
    content: Literal["counts", "text", "page"] = "counts"

    @field_serializer("urls")
    def _masked(self, urls: tuple[str, ...]) -> list[str]:
        return [masked(url) for url in urls]


class ReviewSettings(_Section):
    """Whether and where the daemon serves the page on which the owner chooses, and where rejected shots and keepers go."""

    enabled: bool = False
    port: int = Field(8423, ge=1, le=65535)
    lan: bool = False
    quarantine: str = ""
    album: str = ""


class NotifySettings(_Section):
    """Whether the desktop is told of a new digest."""

    desktop: bool = False
    quiet_hours: Annotated[str, AfterValidator(_quiet_hours)] = ""


class MetricsSettings(_Section):
    """Whether figures for a monitoring system are written."""

    file: str = ""


class Settings(_Section):
    """Everything that can be set; see config/dejashot.toml for each key's unit and why."""

    folders: tuple[str, ...] = ()
    library: LibrarySettings = LibrarySettings()
    watch: WatchSettings = WatchSettings()
    reading: ReadingSettings = ReadingSettings()
    capture: CaptureSettings = CaptureSettings()
    model: ModelSettings = ModelSettings()
    sifting: SiftingSettings = SiftingSettings()
    digest: DigestSettings = DigestSettings()
    places: PlacesSettings = PlacesSettings()
    deliver: DeliverSettings = DeliverSettings()
    review: ReviewSettings = ReviewSettings()
    notify: NotifySettings = NotifySettings()
    metrics: MetricsSettings = MetricsSettings()

    def with_interval(self, interval_s: float) -> "Settings":
        """Return the same settings with another interval in seconds; raise ConfigError when it is not positive."""
        if interval_s <= 0:
            raise ConfigError("the interval must be longer than nothing", "Write for example --interval 60s")
        return self._with("sifting", interval_s=interval_s)

    def with_strictness(self, strictness: Strictness | float) -> "Settings":
        """Return the same settings with another strictness."""
        return self._with("sifting", strictness=strictness)

    def with_model(self, file: Path) -> "Settings":
        """Return the same settings with another network."""
        return self._with("model", path=str(file.expanduser().absolute()))

    def _with(self, section: str, **values: Any) -> "Settings":
        return self.model_copy(update={section: getattr(self, section).model_copy(update=values)})


def _said(kind: str, message: str) -> str:
    """Return pydantic's message as a person would say it."""
    if kind == "extra_forbidden":
        return "there is no such key"
    return 'write a list, such as ["~/Pictures"]' if kind == "tuple_type" else message.removeprefix("Value error, ")


def settings_from(data: dict[str, Any], origin: str) -> Settings:
    """Check a parsed configuration; raise ConfigError naming every bad key."""
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc']))}: {_said(e['type'], e['msg'])}" for e in error.errors()]
        raise ConfigError(f"{origin}: " + "; ".join(problems), "Run `dejashot config show` to see every key with its default") from error


def load_settings(file: Path, *, required: bool) -> Settings:
    """Load the configuration file; a missing one means the defaults unless `required`. Raise ConfigError."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise ConfigError(f"there is no {file}", "Run `dejashot config init` to create one") from None
        return Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}", "Mend that line, or start afresh with `dejashot config init`") from error
    except OSError as error:
        raise ConfigError(f"can't read {file}: {error.strerror}", "Check the permissions") from error
    return settings_from(data, str(file))


def edited(text: str, strictness: float) -> str:
    """Return the text of a configuration file with another strictness and every other character as it was.

    A file without the key gets it at the top of [sifting], one without the section gets that at its end.
    Raises ConfigError when the key stands in a form that is not one line of [sifting].
    """
    line, lines = f"strictness = {strictness:g}", text.split("\n")
    head = next((n for n, old in enumerate(lines) if _SIFTING.fullmatch(old)), None)
    if head is None:
        made = f"{text.rstrip()}\n\n[sifting]\n{line}\n".lstrip()
    else:
        end = next((n for n in range(head + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
        there = next(((n, found) for n in range(head + 1, end) if (found := _STRICTNESS.fullmatch(lines[n]))), None)
        if there is None:
            lines.insert(head + 1, line)
        else:
            place, found = there
            before = found.start(3) if found[3] else 0  # the comment stays in its column where the new line leaves it room
            lines[place] = f"{found[1]}{line}".ljust(before - 1) + (f" {found[3]}" if found[3] else found[2])
        made = "\n".join(lines)
    wanted = tomllib.loads(text)
    try:
        wanted.setdefault("sifting", {})["strictness"] = float(f"{strictness:g}")
        done = tomllib.loads(made) == wanted
    except (tomllib.TOMLDecodeError, TypeError):
        done = False
    if not done:
        raise ConfigError("the configuration file is not written the usual way", f"Write the line yourself, below [sifting]: {line}")
    return made
