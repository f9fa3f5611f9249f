"""The nouns that every room shares: stamps, capture times, readings, shots, pairs and groups."""

import hashlib
import math
import os
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dejashot.models.detail import Detail

Vector = npt.NDArray[np.float32]
Signature = npt.NDArray[np.uint8]
PictureMapArray = npt.NDArray[np.float16]

KEYS_PER_MICROSECOND = 1024
SIGNATURE_SIDE = 16
RAW_FORMATS = frozenset(
    "3FR ARQ ARW BAY BMQ CAP CR2 CR3 CRW CS1 DC2 DCR DCS DNG DRF DSC EIP ERF FFF GPR IIQ K25 KC2 KDC MDC MEF MOS MRW NEF NRW ORF ORI PEF"
    " PTX PXN QTK RAF RAW RDC RW1 RW2 RWL RWZ SR2 SRF SRW STI X3F".split()
)  # a camera's own, by their endings; read through the JPEG in them where that is known, else only kept with their photos
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


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What `stat` says of a file; a changed stamp means a changed file."""

    size_bytes: int
    mtime_ns: int
    inode: int
    device: int

    @classmethod
    def of(cls, status: os.stat_result) -> "FileStamp":
        """Take the stamp from a stat result; what is beyond int64 is brought inside: far mtimes cut off, inodes folded."""
        mtime_ns = min(max(status.st_mtime_ns, -(2**63)), 2**63 - 1)
        return cls(status.st_size, mtime_ns, _int64(status.st_ino), _int64(status.st_dev))


def _int64(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63


@dataclass(frozen=True, slots=True)
class FileRef:
    """One file of one folder: the folder's id and the path below it (bytes)."""

    folder: int
    path: bytes

    def under(self, root: Path) -> bytes:
        """Return the absolute path (bytes), given the folder's own."""
        return os.path.join(os.fsencode(root), self.path)


def content_hash(data: bytes = b"") -> "hashlib.blake2b":
    """Return the hash that is a photo's identity, over some bytes so far: BLAKE2b-256."""
    return hashlib.blake2b(data, digest_size=32)


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
        """Tell whether it is at least as sure as another."""
        order = list(Certainty)
        return order.index(self) <= order.index(least)


@dataclass(frozen=True, slots=True)
class CaptureTime:
    """When the shutter was pressed: UTC microseconds, the offset of the wall clock in seconds, source and certainty.

    `zone_known` tells whether the instant was recorded; where it was not, the wall time is what is known, and the offset a guess.
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
        """Tell whether the camera and the satellites said nothing of the time: it comes from the file's name or date."""
        return self.source in (TimeSource.NAME, TimeSource.MTIME)

    @property
    def iso(self) -> str:
        """Return the local wall time as ISO 8601 with its offset, to the millisecond."""
        return iso_time(self.taken_us, self.offset_s)


def iso_time(taken_us: int, offset_s: int) -> str:
    """Return UTC microseconds as ISO 8601 wall time at an offset in seconds, to the millisecond."""
    return instant(taken_us).astimezone(timezone(timedelta(seconds=offset_s))).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Clocked:
    """Capture times as they were recorded, in columns: each with its offset in seconds, whether its zone is known, and its source.

    `source` and `camera` number the values of TimeSource and the names in `cameras`.
    """

    taken_us: npt.NDArray[np.int64]
    offset_s: npt.NDArray[np.int64]
    zone_known: npt.NDArray[np.bool_]
    source: npt.NDArray[np.int64]
    camera: npt.NDArray[np.int64]
    cameras: tuple[str, ...]

    @classmethod
    def of(cls, times: Iterable[tuple[int, int, bool, TimeSource]], cameras: Iterable[str]) -> "Clocked":
        """Put times (us since 1970, offset in seconds, zone known, source) and the names of their cameras into columns."""
        order = {source: number for number, source in enumerate(TimeSource)}
        codes: dict[str, int] = {}
        camera = np.array([codes.setdefault(name, len(codes)) for name in cameras], dtype=np.int64)
        table = np.array([(t, o, z, order[s]) for t, o, z, s in times], dtype=np.int64).reshape(-1, 4)
        return cls(table[:, 0], table[:, 1], table[:, 2] != 0, table[:, 3], camera, tuple(codes))

    def by(self, *sources: TimeSource) -> npt.NDArray[np.bool_]:
        """Tell which times have one of these sources."""
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

    `burst_id` is the same for all shots of a burst; `camera_pick` tells that the camera itself chose this one of its burst,
    `screenshot` that it is no camera that wrote the file, but a device showing its screen.
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
        first = self.make.lower().split()[:1]
        if self.model.lower().startswith(self.make.lower()) or self.model.lower().split()[:1] == first:
            return self.model
        return f"{self.make} {self.model}".strip()


READING_METHOD = 2  # raised with every change to what reading a photo tells of it beside its vector: what an older one read is read again


class Wanted(StrEnum):
    """How much of a photo is to be read: nothing but its hash, all but its vector, all."""

    NOTHING = "nothing"
    FACTS = "facts"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one reading of a photo gives.

    `content` is the BLAKE2b-256 of the bytes; `vector` is float32 of unit length, None where only the facts were wanted; `signature` is 16 x 16 uint8 luma of the
    upright picture; `contrast` is the standard deviation of its luma (0 to 128); `motion` tells of a film in the file; `live_id` is
    what Apple's cameras write into both halves of a Live Photo; `damage` says what of the picture is damaged, empty for a sound one.
    """

    content: bytes
    stamp: FileStamp
    format: str
    width: int
    height: int
    taken: CaptureTime
    place: Place | None
    camera: Camera
    vector: Vector | None = field(repr=False)
    signature: Signature = field(repr=False)
    contrast: float
    motion: bool = False
    live_id: str = ""
    damage: str = ""


TILES = 16  # 4 x 4
MOST_FACES = 32
MOST_PARTS = 64
MOST_DAMAGE_WORDS = 200
_PART = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Face:
    """A face: left, top, width and height in shares of the picture, its sharpness, and how far each eye is open.

    Openness is the gap between the lids over the width of the eye, None where the eye can't be judged.
    """

    box: tuple[float, float, float, float]
    sharpness: float
    eyes: tuple[float | None, float | None]


QUALITY_METHOD = 3  # raised with every change to how quality is measured: looks of two methods are not compared


@dataclass(frozen=True, slots=True)
class Quality:
    """What a closer look says of the scene: sharpness (square root of normalised Tenengrad) and shares of clipped pixels (0 to 1).

    `tiles` is the same sharpness measured in each of 4 x 4 tiles of the picture, row by row; empty where it was not measured.
    `gradients` is the normalised energy of the gradients across, down and of both together (the structure tensor): what blur by
    motion takes from it has a direction. `noise` is the standard deviation of the grain in levels of 255. `coarseness` is the mean
    step of the JPEG's luma quantisation, 0 for other formats. `damage` says what of the picture is damaged, empty for a sound one;
    `parts` are hashes of equal parts of its data. `detail` is there for pictures that no camera says it took: they may be
    of a screen, where a line of text counts.
    """

    sharpness: float
    clipped_light: float
    clipped_dark: float
    brightness: float
    tiles: tuple[float, ...] = ()
    gradients: tuple[float, float, float] = (0.0, 0.0, 0.0)
    noise: float = 0.0
    coarseness: float = 0.0
    faces: tuple[Face, ...] = ()
    damage: str = ""
    parts: tuple[str, ...] = ()
    detail: Detail | None = None

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Quality":
        """Return the quality that `asdict` made values of; raise ValueError, KeyError or TypeError when it does not hold together."""
        across, down, both = map(_finite, values["gradients"])
        tiles = tuple(map(_finite, values["tiles"]))
        damage, parts = str(values["damage"]), tuple(map(str, values["parts"]))
        if (
            len(damage) > MOST_DAMAGE_WORDS
            or len(parts) > MOST_PARTS
            or not all(_PART.fullmatch(part) for part in parts)
        ):
            raise ValueError("not what a closer look says")
        if len(tiles) not in (0, TILES) or len(values["faces"]) > MOST_FACES or len(values) != len(cls.__slots__):
            raise ValueError("not what a closer look says")
        plain = ("sharpness", "clipped_light", "clipped_dark", "brightness", "noise", "coarseness")
        return cls(
            **{name: _finite(values[name]) for name in plain},
            tiles=tiles,
            gradients=(across, down, both),
            faces=tuple(_face(face) for face in values["faces"]),
            damage=damage,
            parts=parts,
            detail=None if values["detail"] is None else Detail.of(values["detail"]),
        )


def _face(values: dict[str, Any]) -> Face:
    left, top, width, height = map(_finite, values["box"])
    right_eye, left_eye = (None if eye is None else _finite(eye) for eye in values["eyes"])
    return Face((left, top, width, height), _finite(values["sharpness"]), (right_eye, left_eye))


def _finite(value: float) -> float:
    """Return a number as a finite float; raise ValueError or TypeError."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


@dataclass(frozen=True, slots=True)
class Told:
    """What a file tells of the press of the shutter that it belongs to: the id of a Live Photo, and for a film when it was made (us since 1970).

    `stamp` is what the film was when it said so.
    """

    live_id: str = ""
    made_us: int | None = None
    stamp: FileStamp | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Hearsay:
    """What a file beside photos says: itself as a film, or capture times of photos by their names (us since 1970).

    The name is empty where the sidecar's own name says which photo it is about; `to_minute` tells that seconds were left out.
    """

    told: Told = Told()
    times_us: Mapping[str, int] = field(default_factory=dict)
    to_minute: bool = False


@dataclass(frozen=True, slots=True)
class Companion:
    """A file that belongs to a shot beside its photo: its name in a report, the file on the disk, its size; `content` and `damage` where it is a photo itself."""

    path: str
    node: tuple[int, int]
    size_bytes: int
    content: bytes = b""
    damage: str = ""

    @property
    def is_raw(self) -> bool:
        """Tell whether it is a camera's raw file, by its ending."""
        return self.path.rpartition(".")[2].upper() in RAW_FORMATS


@dataclass(slots=True, eq=False)
class Shot:
    """One press of the shutter as sifting sees it, never changed (not frozen: there are a hundred thousand of them); `path` is its name in a report, `content` its identity, `node` the file on the disk."""

    path: str
    content: bytes
    key: int
    node: tuple[int, int]
    taken: CaptureTime
    format: str
    size_bytes: int
    width: int
    height: int
    camera: Camera
    place: Place | None
    contrast: float
    vector: Vector | None = field(repr=False)
    signature: Signature = field(repr=False)
    new: bool = True
    clock_offset_s: float = 0.0  # what was added to the time that the file says, as the owner wished for this camera
    mtime_ns: int = 0
    companions: tuple[Companion, ...] = ()
    grown: bool = False  # known before, but one of its companions is new
    motion: bool = False  # a motion photo: the file holds a film besides
    damage: str = ""  # what of the picture is damaged, in words; empty for a sound one

    @property
    def told_ns(self) -> list[int]:
        """Return the capture time as the photo itself tells it (ns since 1970), nothing where only the file's date does."""
        return (
            []
            if self.taken.source is TimeSource.MTIME
            else [round(self.taken.taken_us * 1000 - self.clock_offset_s * 1e9)]
        )

    @property
    def whole_bytes(self) -> int:
        """Return the size of the photo and its companions."""
        return self.size_bytes + sum(c.size_bytes for c in self.companions)

    @property
    def nodes(self) -> dict[tuple[int, int], int]:
        """Return the size of each file of the shot, by the file on the disk."""
        return {c.node: c.size_bytes for c in self.companions} | {self.node: self.size_bytes}

    @property
    def megapixels(self) -> float:
        """Return the resolution in megapixels."""
        return self.width * self.height / 1e6


# what second looks said of pairs, 0 to 1, by the index keys of the earlier and the later shot
Matches = Mapping[tuple[int, int], float]


class Kind(StrEnum):
    """What sort of group: the same picture, a burst, retakes, or alike on purpose."""

    DUPLICATE = "duplicate"
    BURST = "burst"
    SIMILAR = "similar"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two shots of one run: indices into the timeline, gap in seconds, cosine (None without vectors), similarity in percent."""

    a: int
    b: int
    gap_s: float
    cosine: float | None
    similarity_percent: float | None
    same_shot: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Shots (indices into the timeline, in time order) that hold together as a whole, with all their pairs.

    `series` says which series it is, `because` why that is thought; both are empty for other kinds.
    """

    members: tuple[int, ...]
    kind: Kind
    series: str
    pairs: tuple[Pair, ...]
    because: str = ""


class Word(StrEnum):
    """What an owner can decide: to keep a photo, one file of it, or none (reject); that two photos are not the same shot."""

    KEEP = "keep"
    KEEP_ONE = "keep_one"
    REJECT = "reject"
    DIFFERENT = "different"


# pairs of contents, in order, that the owner said are not the same shot
Apart = Set[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which members of a group to keep, why (by member), how sure, and what the rest would free."""

    keepers: tuple[int, ...]
    reasons: dict[int, tuple[str, ...]]
    confidence: Certainty
    reclaimable_bytes: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be read, with its reason code and what was found."""

    path: str
    reason: str
    detail: str
