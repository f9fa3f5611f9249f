"""What a reader may say, message by message: every field typed, finite and within bounds. Whatever else it says is no message.

What comes back from a reader stems from untrusted bytes, and the reader itself may have been taken over by them.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from dejashot.errors import Reason
from dejashot.models.capture import Certainty, TimeSource
from dejashot.models.detail import MAX_CELLS
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
from dejashot.reading.sandbox.parts import SandboxPart

WIRE_VERSION = (
    3  # raised with every change to what readers say: a running daemon may start readers of a newer installation
)
_MAX_SHARPNESS, _MAX_ENERGY, _MAX_LEVELS = 1e4, 1e8, 1e5  # far above what any picture reaches
_MAX_SHARES, _MAX_OPENNESS = 1e3, 1e6  # a face may reach beyond its picture
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
Damage = Annotated[str, Field(max_length=MAX_DAMAGE_WORDS), AfterValidator(_printable)]
Sharpness = Annotated[float, Field(ge=0, le=_MAX_SHARPNESS)]
Energy = Annotated[float, Field(ge=-_MAX_ENERGY, le=_MAX_ENERGY)]
UnitShare = Annotated[float, Field(ge=0, le=1 + _ROUNDED)]
ColourLevel = Annotated[float, Field(ge=0, le=_MAX_LEVELS)]
Edge = Annotated[float, Field(ge=-_MAX_SHARES, le=_MAX_SHARES)]
Side = Annotated[int, Field(ge=1, le=MAX_SIDE)]
Openness = Annotated[float, Field(ge=-_MAX_OPENNESS, le=_MAX_OPENNESS)]


class ReaderModel(BaseModel):
    """Anything that a reader says: types are not converted, and nothing may stand in it that is not asked for."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, val_json_bytes="base64")


class StampMessage(ReaderModel):
    """What `stat` says of a file."""

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


class ReadingMessage(ReaderModel):
    """What reading a photo gave; `vector` holds float32, little-endian, `signature` uint8."""

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


class FaceMessage(ReaderModel):
    """A face in a closer look."""

    box: tuple[Edge, Edge, Edge, Edge]
    sharpness: Sharpness
    eyes: tuple[Openness | None, Openness | None]


class DetailMessage(ReaderModel):
    """The fine detail of a picture."""

    pixels: str = Field(pattern=r"^[0-9a-f]{32}\z")
    columns: int = Field(ge=1, le=MAX_CELLS)
    packed: str = Field(max_length=16_384)


class QualityMessage(ReaderModel):
    """What a closer look measured."""

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


class LookMessage(ReaderModel):
    """What a closer look gave."""

    quality: QualityMessage
    preview: bytes


class MapMessage(ReaderModel):
    """A map of the network: its shape, and float16, little-endian."""

    shape: tuple[Side, Side, Side]
    values: bytes


class PictureMessage(ReaderModel):
    """A rendered picture."""

    jpeg: bytes


class LinkMessage(ReaderModel):
    """What a film tells of itself."""

    live_id: LiveId
    made_us: CalendarTime | None
    stamp: None


class SidecarMessage(ReaderModel):
    """What a file beside photos says."""

    told: LinkMessage
    times_us: dict[Annotated[str, AfterValidator(_name)], CalendarTime] = Field(max_length=MAX_NAMES)
    to_minute: bool


class Ready(ReaderModel):
    """The reader has its network, of this fingerprint, and waits for photos; `missing` names the parts of the seal that do not hold."""

    op: Literal["ready"]
    missing: frozenset[SandboxPart]
    version: Int64
    network: str = Field(pattern=r"^[0-9a-f]{16}\z")


class Fatal(ReaderModel):
    """The reader can't start."""

    op: Literal["fatal"]
    title: ShownText
    hint: ShownText


class Hashed(ReaderModel):
    """The hash of the bytes in hand; how much of them is wanted is for the pool to say."""

    op: Literal["hashed"]
    content: Hash


class Failed(ReaderModel):
    """The photo could not be read."""

    op: Literal["failed"]
    reason: Reason
    detail: Annotated[str, Field(max_length=MAX_DETAIL), AfterValidator(_printable)]


class KnownBytes(ReaderModel):
    """Nothing more of these bytes was wanted."""

    op: Literal["known"]
    content: Hash
    stamp: StampMessage


class ReadingDone(ReaderModel):
    """The photo was read."""

    op: Literal["reading"]
    reading: ReadingMessage


class LookDone(ReaderModel):
    """A closer look was taken."""

    op: Literal["look"]
    content: Hash
    seen: LookMessage


class MapDone(ReaderModel):
    """The photo was mapped."""

    op: Literal["map"]
    content: Hash
    seen: MapMessage


class RenderDone(ReaderModel):
    """The photo was rendered."""

    op: Literal["render"]
    content: Hash
    seen: PictureMessage


class SidecarRead(ReaderModel):
    """A film or a sidecar was heard."""

    op: Literal["heard"]
    said: SidecarMessage


ReaderMessage = (
    Ready | Fatal | Hashed | Failed | KnownBytes | ReadingDone | LookDone | MapDone | RenderDone | SidecarRead
)
_MESSAGES: TypeAdapter[ReaderMessage] = TypeAdapter(Annotated[ReaderMessage, Field(discriminator="op")])


def message_of(data: bytes, most_values: int) -> ReaderMessage:
    """Return a message; raise ValueError for what is none, or holds more values than `most_values`: they would take up memory."""
    if data.count(b",") > most_values:
        raise ValueError("a message of too many values")
    return _MESSAGES.validate_json(data)
