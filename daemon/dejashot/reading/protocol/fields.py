"""The parts of a reader's messages: every field typed, finite and within bounds."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from dejashot.models.capture import Certainty, TimeSource
from dejashot.models.detail import MAX_CELLS
from dejashot.models.features import FEATURES_PX, MAX_POINTS
from dejashot.models.photo import MAX_DAMAGE_WORDS, MAX_FACES, MAX_PARTS, TILES
from dejashot.paths import shown
from dejashot.reading.limits import (
    ALTITUDE_M,
    APERTURE,
    BIAS_EV,
    EXPOSURE_S,
    ISO,
    MAX_CONTRAST,
    MAX_DETAIL,
    MAX_SIDE,
    MAX_TEXT,
    MOMENT_US,
    OFFSET_S,
)
from dejashot.reading.metadata.sidecars import MAX_NAMES, is_name

_MAX_SHARPNESS, _MAX_ENERGY, _MAX_LEVELS = 1e4, 1e8, 1e5  # far above what any picture reaches
_MAX_SHARES, _MAX_OPENNESS, _MAX_LOGIT = 1e3, 1e6, 1e3  # a face may reach beyond its picture
_SKETCH_TEXT = 1_368  # base64 of 32 x 32 bytes
_ROUNDED = 1e-6  # shares are sums of floats


def _printable(text: str) -> str:
    if shown(text) != text:
        raise ValueError("a text that can't be shown")
    return text


def _name(text: str) -> str:
    if text and not is_name(text):
        raise ValueError("not the name of a photo")
    return text


Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
ShownText = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_printable)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}\z")]
LiveId = Annotated[str, Field(pattern=r"^([0-9A-Z-]{8,64})?\z")]
CalendarTime = Annotated[int, Field(ge=MOMENT_US[0], le=MOMENT_US[1])]
FailureDetail = Annotated[str, Field(max_length=MAX_DETAIL), AfterValidator(_printable)]
Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{16}\z")]
Damage = Annotated[str, Field(max_length=MAX_DAMAGE_WORDS), AfterValidator(_printable)]
Sharpness = Annotated[float, Field(ge=0, le=_MAX_SHARPNESS)]
Energy = Annotated[float, Field(ge=-_MAX_ENERGY, le=_MAX_ENERGY)]
UnitShare = Annotated[float, Field(ge=0, le=1 + _ROUNDED)]
ColourLevel = Annotated[float, Field(ge=0, le=_MAX_LEVELS)]
Edge = Annotated[float, Field(ge=-_MAX_SHARES, le=_MAX_SHARES)]
LeanAngle = Annotated[float, Field(ge=-90, le=90)]
Side = Annotated[int, Field(ge=1, le=MAX_SIDE)]
FeaturesSide = Annotated[int, Field(ge=1, le=FEATURES_PX)]
Openness = Annotated[float, Field(ge=-_MAX_OPENNESS, le=_MAX_OPENNESS)]


class ReaderModel(BaseModel):
    """Anything that a reader sends: no value is converted to another type, and no unknown field is accepted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, val_json_bytes="base64")


class StampMessage(ReaderModel):
    """The result of `stat` for a file."""

    size_bytes: int = Field(ge=0, le=2**63 - 1)
    mtime_ns: Int64
    inode: Int64
    device: Int64


class TimeMessage(ReaderModel):
    """A capture time."""

    taken_us: CalendarTime
    offset_s: int = Field(ge=-OFFSET_S, le=OFFSET_S)
    source: TimeSource
    certainty: Certainty
    zone_known: bool


class PlaceMessage(ReaderModel):
    """A place on earth."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    altitude_m: Annotated[float, Field(ge=-ALTITUDE_M, le=ALTITUDE_M)] | None


class CameraMessage(ReaderModel):
    """What a camera wrote about itself and the exposure."""

    make: ShownText
    model: ShownText
    burst_id: ShownText
    exposure_s: Annotated[float, Field(ge=EXPOSURE_S[0], le=EXPOSURE_S[1])] | None
    bias_ev: Annotated[float, Field(ge=-BIAS_EV, le=BIAS_EV)] | None
    iso: Annotated[int, Field(ge=ISO[0], le=ISO[1])] | None
    aperture: Annotated[float, Field(ge=APERTURE[0], le=APERTURE[1])] | None
    camera_pick: bool
    screenshot: bool


class MapMessage(ReaderModel):
    """A map by the model: its shape, and float16, little-endian."""

    shape: tuple[Side, Side, Side]
    values: bytes


class ReadingMessage(ReaderModel):
    """The result of reading a photo; `vector` holds float32, little-endian, `signature` uint8."""

    content: Hash
    stamp: StampMessage
    format: str = Field(pattern=r"^[0-9A-Za-z]{0,16}\z")
    size: tuple[Side, Side]
    taken: TimeMessage
    place: PlaceMessage | None
    camera: CameraMessage
    vector: bytes | None
    signature: bytes
    contrast: float = Field(ge=0, le=MAX_CONTRAST)
    motion: bool
    live_id: LiveId
    damage: Damage
    thumbnail_px: int = Field(ge=0, le=MAX_SIDE)
    map: MapMessage | None


class FaceMessage(ReaderModel):
    """A face in a look."""

    box: tuple[Edge, Edge, Edge, Edge]
    sharpness: Sharpness
    eyes: tuple[Openness | None, Openness | None]
    logit: Annotated[float, Field(ge=-_MAX_LOGIT, le=_MAX_LOGIT)]


class DetailMessage(ReaderModel):
    """The fine detail of a picture."""

    pixels: str = Field(pattern=r"^[0-9a-f]{32}\z")
    columns: int = Field(ge=1, le=MAX_CELLS)
    packed: str = Field(max_length=16_384)


class SketchMessage(ReaderModel):
    """A picture in few cells."""

    packed_luma: str = Field(max_length=_SKETCH_TEXT)
    packed_sharpness: str = Field(max_length=_SKETCH_TEXT)


class QualityMessage(ReaderModel):
    """The measured quality of a picture."""

    sharpness: Sharpness
    clipped_light: UnitShare
    clipped_dark: UnitShare
    brightness: ColourLevel
    tiles: tuple[Sharpness, ...] = Field(max_length=TILES)
    gradients: tuple[Energy, Energy, Energy]
    noise: ColourLevel
    coarseness: ColourLevel
    faces: tuple[FaceMessage, ...] = Field(max_length=MAX_FACES)
    damage: Damage
    parts: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{8}\z")], ...] = Field(max_length=MAX_PARTS)
    detail: DetailMessage | None
    sketch: SketchMessage | None
    upright: tuple[LeanAngle, UnitShare]
    level: tuple[LeanAngle, UnitShare]


class LookMessage(ReaderModel):
    """The result of a look."""

    quality: QualityMessage
    preview: bytes


class FeaturesMessage(ReaderModel):
    """Local features: how many points and the size of the luma; numbers are float32 little-endian, levels uint8."""

    count: int = Field(ge=0, le=MAX_POINTS)
    size: tuple[FeaturesSide, FeaturesSide]
    points: bytes
    descriptors: bytes
    luma: bytes
    outline: bytes
    colours: bytes


class PictureMessage(ReaderModel):
    """A rendered picture."""

    jpeg: bytes


class LinkMessage(ReaderModel):
    """The metadata of a video."""

    live_id: LiveId
    made_us: CalendarTime | None
    stamp: None


class SidecarMessage(ReaderModel):
    """What a sidecar holds about photos."""

    link: LinkMessage
    times_us: dict[Annotated[str, AfterValidator(_name)], CalendarTime] = Field(max_length=MAX_NAMES)
    to_minute: bool
