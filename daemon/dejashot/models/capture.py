"""When, where and with what a photo was taken."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache

import numpy as np

from dejashot.models.arrays import Booleans, Integers


def now_us() -> int:
    """Return the wall clock in microseconds since 1970."""
    return time.time_ns() // 1000


KEYS_PER_MICROSECOND = 1024
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def key_floor(taken_us: int) -> int:
    """Return the lowest index key of a capture time in microseconds since 1970 (UTC).

    Keys are int64 and ordered by time; 1,024 of them fit in one microsecond, so that equal times do not collide.
    """
    return taken_us * KEYS_PER_MICROSECOND


def instant(taken_us: int) -> datetime:
    """Return microseconds since 1970 as an aware UTC datetime."""
    return EPOCH + timedelta(microseconds=taken_us)


def microseconds(at: datetime) -> int:
    """Return an aware datetime as microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


class TimeSource(StrEnum):
    """Where a capture time comes from, best first."""

    EXIF = "exif"
    XMP = "xmp"
    IPTC = "iptc"
    GPS = "gps"
    TEXT = "text"
    SIDECAR = "sidecar"
    NAME = "name"
    MTIME = "mtime"


class Certainty(StrEnum):
    """How far a capture time, or a suggestion, can be trusted."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    def reaches(self, least: "Certainty") -> bool:
        """Return whether it is at least as sure as another."""
        order = list(Certainty)
        return order.index(self) <= order.index(least)


@dataclass(frozen=True, slots=True)
class CaptureTime:
    """When the shutter was pressed: UTC microseconds, the offset of the wall clock in seconds, source and certainty.

    `zone_known` tells whether the instant was recorded; where it was not, the wall time is known and the offset a
    guess.
    """

    taken_us: int
    offset_s: int
    source: TimeSource
    certainty: Certainty
    zone_known: bool = True

    @property
    def wall_us(self) -> int:
        """Return the wall time as microseconds since 1970 on that wall."""
        return self.taken_us + self.offset_s * 1_000_000

    @property
    def guessed(self) -> bool:
        """Return whether the time comes from the file's name or date, because neither camera nor satellites recorded
        it."""
        return self.source in (TimeSource.NAME, TimeSource.MTIME)

    @property
    def iso(self) -> str:
        """Return the local wall time as ISO 8601 with its offset, to the millisecond."""
        return iso_time(self.taken_us, self.offset_s)


def iso_time(taken_us: int, offset_s: int) -> str:
    """Return UTC microseconds as ISO 8601 wall time at an offset in seconds, to the millisecond."""
    return instant(taken_us).astimezone(timezone(timedelta(seconds=offset_s))).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class CaptureTimeColumns:
    """Capture times as they were recorded, in columns: with offset in seconds, whether the zone is known, and source.

    `source` and `camera` number the values of TimeSource and the names in `cameras`.
    """

    taken_us: Integers
    offset_s: Integers
    zone_known: Booleans
    source: Integers
    camera: Integers
    cameras: tuple[str, ...]

    @classmethod
    def of(cls, times: Iterable[tuple[int, int, bool, TimeSource]], cameras: Iterable[str]) -> "CaptureTimeColumns":
        """Return the columns of times (us since 1970, offset in seconds, zone known, source) and their cameras."""
        order = {source: number for number, source in enumerate(TimeSource)}
        codes: dict[str, int] = {}
        camera = np.array([codes.setdefault(name, len(codes)) for name in cameras], dtype=np.int64)
        table = np.array([(t, o, z, order[s]) for t, o, z, s in times], dtype=np.int64).reshape(-1, 4)
        return cls(table[:, 0], table[:, 1], table[:, 2] != 0, table[:, 3], camera, tuple(codes))

    def at(self, chosen: Integers | Booleans) -> "CaptureTimeColumns":
        """Return some of the times."""
        return CaptureTimeColumns(
            self.taken_us[chosen],
            self.offset_s[chosen],
            self.zone_known[chosen],
            self.source[chosen],
            self.camera[chosen],
            self.cameras,
        )

    @classmethod
    def joined(cls, parts: Sequence["CaptureTimeColumns"]) -> "CaptureTimeColumns":
        """Return the columns of parts, one behind the other."""
        cameras = {name: n for n, name in enumerate(dict.fromkeys(name for p in parts for name in p.cameras))}
        numbers = [np.array([cameras[name] for name in p.cameras], dtype=np.int64)[p.camera] for p in parts]
        return cls(
            np.concatenate([p.taken_us for p in parts]),
            np.concatenate([p.offset_s for p in parts]),
            np.concatenate([p.zone_known for p in parts]),
            np.concatenate([p.source for p in parts]),
            np.concatenate(numbers),
            tuple(cameras),
        )

    def by(self, *sources: TimeSource) -> Booleans:
        """Return which times have one of these sources."""
        return np.isin(self.source, [list(TimeSource).index(source) for source in sources])


@dataclass(frozen=True, slots=True)
class Place:
    """A recorded position in degrees (WGS 84), altitude in metres where recorded."""

    latitude: float
    longitude: float
    altitude_m: float | None = None


@dataclass(frozen=True, slots=True)
class Camera:
    """What the camera wrote about itself and the exposure; empty or None where it wrote nothing.

    `burst_id` is the same for all shots of a burst; `camera_pick` marks the one that the camera itself chose;
    `screenshot` marks what a device wrote that showed its screen.
    """

    make: str = ""
    model: str = ""
    burst_id: str = ""
    exposure_s: float | None = None
    bias_ev: float | None = None
    iso: int | None = None
    aperture: float | None = None
    camera_pick: bool = False
    screenshot: bool = False

    @property
    def name(self) -> str:
        """Return make and model as one name, without saying the make twice."""
        return _camera_name(self.make, self.model)


@lru_cache(maxsize=1024)
def _camera_name(make: str, model: str) -> str:
    first = make.lower().split()[:1]
    if model.lower().startswith(make.lower()) or model.lower().split()[:1] == first:
        return model
    return f"{make} {model}".strip()
