"""What a reader may say, message by message: every field typed, finite and within bounds. Whatever else it says is no message.

What comes back from a reader stems from untrusted bytes, and the reader itself may have been taken over by them.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from dejashot.errors import Reason
from dejashot.models.capture import Certainty, TimeSource
from dejashot.models.detail import MOST_CELLS
from dejashot.models.photo import MOST_DAMAGE_WORDS, MOST_FACES, MOST_PARTS, TILES
from dejashot.paths import shown
from dejashot.reading.limits import (
    ALTITUDE_M,
    APERTURE,
    BIAS_EV,
    EXPOSURE_S,
    ISO,
    MOMENT_US,
    MOST_CONTRAST,
    MOST_DETAIL,
    MOST_SIDE,
    MOST_TEXT,
    OFFSET_S,
)
from dejashot.reading.metadata.sidecars import MOST_NAMES, is_name
from dejashot.reading.sandbox.parts import Part

WIRE_VERSION = (
    3  # raised with every change to what readers say: a running daemon may start readers of a newer installation
)
_MOST_SHARPNESS, _MOST_ENERGY, _MOST_LEVELS = 1e4, 1e8, 1e5  # far above what any picture reaches
_MOST_SHARES, _MOST_OPENNESS = 1e3, 1e6  # a face may reach beyond its picture
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
Text = Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(_printable)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}\z")]
LiveId = Annotated[str, Field(pattern=r"^([0-9A-Z-]{8,64})?\z")]
Moment = Annotated[int, Field(ge=MOMENT_US[0], le=MOMENT_US[1])]
Damage = Annotated[str, Field(max_length=MOST_DAMAGE_WORDS), AfterValidator(_printable)]
Sharpness = Annotated[float, Field(ge=0, le=_MOST_SHARPNESS)]
Energy = Annotated[float, Field(ge=-_MOST_ENERGY, le=_MOST_ENERGY)]
Share = Annotated[float, Field(ge=0, le=1 + _ROUNDED)]
Level = Annotated[float, Field(ge=0, le=_MOST_LEVELS)]
Edge = Annotated[float, Field(ge=-_MOST_SHARES, le=_MOST_SHARES)]
Side = Annotated[int, Field(ge=1, le=MOST_SIDE)]
Openness = Annotated[float, Field(ge=-_MOST_OPENNESS, le=_MOST_OPENNESS)]


class Said(BaseModel):
    """Anything that a reader says: types are not converted, and nothing may stand in it that is not asked for."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, val_json_bytes="base64")


class SaidStamp(Said):
    """What `stat` says of a file."""

    size_bytes: int = Field(ge=0, le=2**63 - 1)
    mtime_ns: Int64
    inode: Int64
    device: Int64


class SaidTime(Said):
    """A capture time."""

    taken_us: Moment
    offset_s: int = Field(ge=-OFFSET_S, le=OFFSET_S)
    source: TimeSource
    certainty: Certainty
    zone_known: bool


class SaidPlace(Said):
    """A place on earth."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    altitude_m: Annotated[float, Field(ge=-ALTITUDE_M, le=ALTITUDE_M)] | None


class SaidCamera(Said):
    """What a camera wrote about itself and the exposure."""

    make: Text
    model: Text
    burst_id: Text
    exposure_s: Annotated[float, Field(ge=EXPOSURE_S[0], le=EXPOSURE_S[1])] | None
    bias_ev: Annotated[float, Field(ge=-BIAS_EV, le=BIAS_EV)] | None
    iso: Annotated[int, Field(ge=ISO[0], le=ISO[1])] | None
    aperture: Annotated[float, Field(ge=APERTURE[0], le=APERTURE[1])] | None
    camera_pick: bool
    screenshot: bool


class SaidReading(Said):
    """What reading a photo gave; `vector` holds float32, little-endian, `signature` uint8."""

    content: Hash
    stamp: SaidStamp
    format: str = Field(pattern=r"^[0-9A-Za-z]{0,16}\z")
    size: tuple[Side, Side]
    taken: SaidTime
    place: SaidPlace | None
    camera: SaidCamera
    vector: bytes | None
    signature: bytes
    contrast: float = Field(ge=0, le=MOST_CONTRAST)
    motion: bool
    live_id: LiveId
    damage: Damage


class SaidFace(Said):
    """A face in a closer look."""

    box: tuple[Edge, Edge, Edge, Edge]
    sharpness: Sharpness
    eyes: tuple[Openness | None, Openness | None]


class SaidDetail(Said):
    """The fine detail of a picture."""

    pixels: str = Field(pattern=r"^[0-9a-f]{32}\z")
    columns: int = Field(ge=1, le=MOST_CELLS)
    packed: str = Field(max_length=16_384)


class SaidQuality(Said):
    """What a closer look measured."""

    sharpness: Sharpness
    clipped_light: Share
    clipped_dark: Share
    brightness: Level
    tiles: tuple[Sharpness, ...] = Field(max_length=TILES)
    gradients: tuple[Energy, Energy, Energy]
    noise: Level
    coarseness: Level
    faces: tuple[SaidFace, ...] = Field(max_length=MOST_FACES)
    damage: Damage
    parts: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{8}\z")], ...] = Field(max_length=MOST_PARTS)
    detail: SaidDetail | None


class SaidLook(Said):
    """What a closer look gave."""

    quality: SaidQuality
    preview: bytes


class SaidMap(Said):
    """A map of the network: its shape, and float16, little-endian."""

    shape: tuple[Side, Side, Side]
    values: bytes


class SaidPicture(Said):
    """A rendered picture."""

    jpeg: bytes


class SaidTold(Said):
    """What a film tells of itself."""

    live_id: LiveId
    made_us: Moment | None
    stamp: None


class SaidHearsay(Said):
    """What a file beside photos says."""

    told: SaidTold
    times_us: dict[Annotated[str, AfterValidator(_name)], Moment] = Field(max_length=MOST_NAMES)
    to_minute: bool


class Ready(Said):
    """The reader has its network, of this fingerprint, and waits for photos; `missing` names the parts of the seal that do not hold."""

    op: Literal["ready"]
    missing: frozenset[Part]
    version: Int64
    network: str = Field(pattern=r"^[0-9a-f]{16}\z")


class Fatal(Said):
    """The reader can't start."""

    op: Literal["fatal"]
    title: Text
    hint: Text


class Hashed(Said):
    """The hash of the bytes in hand; how much of them is wanted is for the pool to say."""

    op: Literal["hashed"]
    content: Hash


class Failed(Said):
    """The photo could not be read."""

    op: Literal["failed"]
    reason: Reason
    detail: Annotated[str, Field(max_length=MOST_DETAIL), AfterValidator(_printable)]


class KnownBytes(Said):
    """Nothing more of these bytes was wanted."""

    op: Literal["known"]
    content: Hash
    stamp: SaidStamp


class ReadingDone(Said):
    """The photo was read."""

    op: Literal["reading"]
    reading: SaidReading


class LookDone(Said):
    """A closer look was taken."""

    op: Literal["look"]
    content: Hash
    seen: SaidLook


class MapDone(Said):
    """The photo was mapped."""

    op: Literal["map"]
    content: Hash
    seen: SaidMap


class RenderDone(Said):
    """The photo was rendered."""

    op: Literal["render"]
    content: Hash
    seen: SaidPicture


class Heard(Said):
    """A film or a sidecar was heard."""

    op: Literal["heard"]
    said: SaidHearsay


Message = Ready | Fatal | Hashed | Failed | KnownBytes | ReadingDone | LookDone | MapDone | RenderDone | Heard
_MESSAGES: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="op")])


def message_of(data: bytes, most_values: int) -> Message:
    """Return a message; raise ValueError for what is none, or holds more values than `most_values`: they would take up memory."""
    if data.count(b",") > most_values:
        raise ValueError("a message of too many values")
    return _MESSAGES.validate_json(data)
