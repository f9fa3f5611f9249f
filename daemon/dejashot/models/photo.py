"""What reading a photo gives: facts, vectors, faces and quality."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dejashot.language.texts import noted
from dejashot.models.arrays import PictureMapArray, Signature, Vector
from dejashot.models.capture import Camera, CaptureTime, Place
from dejashot.models.detail import Detail
from dejashot.models.files import RAW_FORMATS, FileStamp
from dejashot.models.sketch import Sketch

# raised with every change to what reading a photo gives besides its vector: what an older one read is read again
READING_METHOD = 2


class Wanted(StrEnum):
    """How much of a photo is to be read: nothing but its hash, all but its vector, all."""

    NOTHING = "nothing"
    FACTS = "facts"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one reading of a photo gives.

    `content` is the BLAKE2b-256 of the bytes; `vector` is None where only facts were wanted; `contrast` is the standard
    deviation of the luma (0 to 128); `motion` marks a film in the file; `live_id` is that of an Apple Live Photo;
    `damage` is empty for a sound picture. `map` is the model's, as long as it is of use; it is not kept. `thumbnail_px`
    is the long side of the thumbnail that vector and map were made of, 0 where it was the picture itself.
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
    thumbnail_px: int = 0
    map: PictureMapArray | None = field(default=None, repr=False, compare=False)


TILES = 16  # 4 x 4
MAX_FACES = 32
MAX_PARTS = 64
MAX_DAMAGE_WORDS = 200
THUMBNAIL_DIFFERS = noted("its thumbnail shows something else than its picture")
_PART = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Face:
    """A face: left, top, width and height in shares of the picture, its sharpness, and how far each eye is open.

    Openness is the gap between the lids over the width of the eye, None where the eye can't be judged. `logit` is the
    detector's score, lower for a face that is partly covered or turned away.
    """

    box: tuple[float, float, float, float]
    sharpness: float
    eyes: tuple[float | None, float | None]
    logit: float = 0.0


QUALITY_METHOD = 5  # raised with every change to how quality is measured: qualities of two methods are not compared


@dataclass(frozen=True, slots=True)
class Quality:
    """What a closer look measures of a photo.

    `tiles` is the sharpness of 4 x 4 tiles, row by row, empty where it was not measured. `damage` describes what of the
    picture is damaged, empty for a sound one. `parts` are hashes of equal parts of its data. `detail` is there for
    pictures that no camera says it took.
    """

    sharpness: float  # of the scene: square root of the normalised Tenengrad
    clipped_light: float  # share of the pixels, 0 to 1
    clipped_dark: float
    brightness: float
    tiles: tuple[float, ...] = ()
    # normalised energy across, down and of both (the structure tensor): blur by motion takes from it in one direction
    gradients: tuple[float, float, float] = (0.0, 0.0, 0.0)
    noise: float = 0.0  # standard deviation of the grain, in levels of 255
    coarseness: float = 0.0  # mean step of the JPEG's luma quantisation, 0 for other formats
    faces: tuple[Face, ...] = ()
    damage: str = ""
    parts: tuple[str, ...] = ()
    detail: Detail | None = None
    sketch: Sketch | None = None
    # how far upright and level lines lean, in degrees, each with the share of all straight edges that do
    upright: tuple[float, float] = (0.0, 0.0)
    level: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Quality":
        """Return the quality that `asdict` made values of; raise ValueError, KeyError or TypeError for other values."""
        across, down, both = map(_finite, values["gradients"])
        tiles = tuple(map(_finite, values["tiles"]))
        damage, parts = str(values["damage"]), tuple(map(str, values["parts"]))
        if len(damage) > MAX_DAMAGE_WORDS or len(parts) > MAX_PARTS or not all(_PART.fullmatch(part) for part in parts):
            raise ValueError("not what a closer look says")
        if len(tiles) not in (0, TILES) or len(values["faces"]) > MAX_FACES or len(values) != len(cls.__slots__):
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
            sketch=None if values["sketch"] is None else Sketch.of(values["sketch"]),
            upright=_lean(values["upright"]),
            level=_lean(values["level"]),
        )


def _face(values: dict[str, Any]) -> Face:
    left, top, width, height = map(_finite, values["box"])
    right_eye, left_eye = (None if eye is None else _finite(eye) for eye in values["eyes"])
    sharpness, logit = _finite(values["sharpness"]), _finite(values["logit"])
    return Face((left, top, width, height), sharpness, (right_eye, left_eye), logit)


def _lean(values: tuple[float, float]) -> tuple[float, float]:
    degrees, share = map(_finite, values)
    return degrees, share


def _finite(value: float) -> float:
    """Return a number as a finite float; raise ValueError or TypeError."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


@dataclass(frozen=True, slots=True)
class LinkMetadata:
    """What a file says of the press of the shutter that it belongs to: its Live Photo id, and when a film was made.

    `made_us` is in microseconds since 1970; `stamp` is the film's stamp when it was read.
    """

    live_id: str = ""
    made_us: int | None = None
    stamp: FileStamp | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SidecarMetadata:
    """What a file next to photos says: itself as a film, or capture times of photos by their names (us since 1970).

    The name is empty where the sidecar's own name says which photo it is about; `to_minute` marks times without
    seconds.
    """

    link: LinkMetadata = LinkMetadata()  # of itself
    times_us: Mapping[str, int] = field(default_factory=dict)
    to_minute: bool = False


@dataclass(frozen=True, slots=True)
class Companion:
    """A file that belongs to a shot besides its photo: its name in a report, the file on the disk, its size.

    `content` and `damage` are set where it is a photo itself.
    """

    path: str
    node: tuple[int, int]
    size_bytes: int
    content: bytes = b""
    damage: str = ""

    @property
    def is_raw(self) -> bool:
        """Return whether it is a camera's raw file, by its ending."""
        return self.path.rpartition(".")[2].upper() in RAW_FORMATS
