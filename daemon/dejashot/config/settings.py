"""The settings: one frozen model, loaded from one TOML file, every key with a default."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_serializer

from dejashot.config.values import (
    Strictness,
    masked,
    parse_clock_offset,
    parse_duration,
    valid_clock_offset,
    valid_language,
    valid_length,
    valid_quiet_hours,
    valid_schedule,
    valid_scheduler,
    valid_strictness,
    valid_zone,
)
from dejashot.errors import ConfigError


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LibrarySettings(_Section):
    """Where the library is kept, and how many backups of it."""

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


class ClusterSettings(_Section):
    """Which Dask cluster reads photos for a scan, and how it is reached."""

    scheduler: Annotated[str, AfterValidator(valid_scheduler)] = ""
    paths: dict[str, str] = {}
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    allow_unencrypted: bool = False
    wait_s: float = Field(30.0, gt=0, le=3600)


class CaptureSettings(_Section):
    """How a wall-clock time without a zone is read, and how far cameras' clocks are off."""

    home_timezone: Annotated[str, AfterValidator(valid_zone)] = ""
    clock_offset: dict[str, Annotated[str, AfterValidator(valid_clock_offset)]] = {}

    @property
    def clock_offsets_s(self) -> dict[str, float]:
        """Return the seconds to add to the times of cameras, by name or pattern."""
        return {camera: parse_clock_offset(text) for camera, text in self.clock_offset.items()}


class ModelSettings(_Section):
    """Which embedding model is used."""

    path: str = ""


class SiftingSettings(_Section):
    """When two shots are compared, and when they are the same."""

    interval_s: float = Field(60.0, gt=0)
    strictness: Annotated[Strictness | float, BeforeValidator(valid_strictness)] = Strictness.NORMAL
    max_span_s: float = Field(600.0, gt=0)
    burst_gap_s: float = Field(2.0, gt=0)
    min_certainty: Literal["low", "medium", "high"] = "low"


class DigestSettings(_Section):
    """When and where digests are written."""

    schedule: Annotated[str, AfterValidator(valid_schedule)] = "0 20 * * *"
    catch_up: Literal["latest", "none"] = "latest"
    quiet_s: float = Field(60.0, ge=0)
    wait_s: float = Field(1800.0, ge=0)
    folder: str = ""
    keep: Annotated[str, AfterValidator(valid_length)] = "365d"
    include_place: bool = False

    @property
    def keep_s(self) -> float | None:
        """Return how long digests are kept in seconds, None without limit."""
        return parse_duration(self.keep) if self.keep else None


class PlacesSettings(_Section):
    """Whether places are named, and how far in time a photo without a position may borrow its neighbour's."""

    name: bool = False
    borrow_s: float = Field(120.0, ge=0, le=86400)


class DeliverSettings(_Section):
    """Where digests are sent, and how much of them; the addresses hold secrets and are never shown."""

    urls: tuple[str, ...] = Field((), repr=False)
    content: Literal["counts", "text", "page"] = "counts"

    @field_serializer("urls")
    def _masked(self, urls: tuple[str, ...]) -> list[str]:
        return [masked(url) for url in urls]


class ReviewSettings(_Section):
    """Whether and where the daemon serves the review page, and where rejected shots and keepers go."""

    enabled: bool = False
    port: int = Field(8423, ge=1, le=65535)
    lan: bool = False
    quarantine: str = ""
    album: str = ""


class NotifySettings(_Section):
    """Whether the desktop shows a notification of a new digest."""

    desktop: bool = False
    quiet_hours: Annotated[str, AfterValidator(valid_quiet_hours)] = ""


class MetricsSettings(_Section):
    """Whether figures for a monitoring system are written."""

    file: str = ""


class Settings(_Section):
    """Everything that can be set; see config/dejashot.toml for each key's unit and why."""

    folders: tuple[str, ...] = ()
    language: Annotated[str, AfterValidator(valid_language)] = ""
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
    cluster: ClusterSettings = ClusterSettings()

    def with_interval(self, interval_s: float) -> "Settings":
        """Return the same settings with another interval in seconds; raise ConfigError when it is not positive."""
        if interval_s <= 0:
            raise ConfigError("the interval must be longer than nothing", "Write for example --interval 60s")
        return self._with("sifting", interval_s=interval_s)

    def with_strictness(self, strictness: Strictness | float) -> "Settings":
        """Return the same settings with another strictness."""
        return self._with("sifting", strictness=strictness)

    def with_model(self, file: Path) -> "Settings":
        """Return the same settings with another embedding model."""
        return self._with("model", path=str(file.expanduser().absolute()))

    def with_scheduler(self, address: str) -> "Settings":
        """Return the same settings with the scheduler of another cluster; raise ConfigError when it is no address."""
        try:
            return self._with("cluster", scheduler=valid_scheduler(address))
        except ValueError as error:
            raise ConfigError(
                f"{address!r} is no address of a scheduler", "Write for example tls://nas:8786"
            ) from error

    def _with(self, section: str, **values: Any) -> "Settings":
        return self.model_copy(update={section: getattr(self, section).model_copy(update=values)})


def _problem(kind: str, message: str) -> str:
    """Return pydantic's message in plain words."""
    if kind == "extra_forbidden":
        return "there is no such key"
    return 'write a list, such as ["~/Pictures"]' if kind == "tuple_type" else message.removeprefix("Value error, ")


def settings_from(data: dict[str, Any], origin: str) -> Settings:
    """Check a parsed configuration; raise ConfigError naming every bad key."""
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc']))}: {_problem(e['type'], e['msg'])}" for e in error.errors()]
        raise ConfigError(
            f"{origin}: " + "; ".join(problems), "Run `dejashot config show` to see every key with its default"
        ) from error


def load_settings(file: Path, *, required: bool) -> Settings:
    """Load the configuration file; a missing one means the defaults unless `required`. Raise ConfigError."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise ConfigError(f"there is no {file}", "Run `dejashot config init` to create one") from None
        return Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file} is not valid TOML: {error}", "Mend that line, or start afresh with `dejashot config init`"
        ) from error
    except OSError as error:
        raise ConfigError(f"can't read {file}: {error.strerror}", "Check the permissions") from error
    return settings_from(data, str(file))
