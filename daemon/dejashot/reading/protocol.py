"""The messages between the pool and its workers: JSON, never pickle, for what comes back stems from untrusted bytes."""

import base64
import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dejashot.models.arrays import SIGNATURE_SIDE, PictureMapArray, Vector
from dejashot.models.capture import Camera, CaptureTime, Place
from dejashot.models.files import FileStamp
from dejashot.models.photo import LinkMetadata, Quality, Reading, SidecarMetadata
from dejashot.reading.jpeg_size import size_of
from dejashot.reading.limits import MAX_PREVIEW_BYTES, MAX_RENDERED_PX
from dejashot.reading.messages import (
    LookMessage,
    MapMessage,
    PictureMessage,
    ReadingMessage,
    SidecarMessage,
    StampMessage,
)
from dejashot.reading.vision.model import ModelOutput

_UNIT_TOLERANCE = 1e-3
MESSAGE_LIMIT_BYTES = 64 * 1024 * 1024  # a large photo, rendered whole, fits


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What a worker needs to know when it starts; sizes in MiB and megapixels, niceness 0 to 19, seconds a photo may take."""

    model: str
    threads: int
    max_megapixels: float
    max_file_mib: float
    memory_mib: int
    nice: int
    home_timezone: str
    timeout_s: float

    def encode(self) -> str:
        """Return the options as one command-line argument."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Look:
    """What a closer look gives: quality, and a preview (JPEG)."""

    quality: Quality
    preview: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """What to render of a photo: its long side in pixels (0: as many as there are), and the part, in shares: left, top, width, height."""

    side: int
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What bounds the answers of a reader beside their own form: the network's vector and map, and the largest file that is read."""

    dimensions: int
    map_shape: tuple[int, int, int] | None
    most_bytes: int

    @classmethod
    def of(cls, output: ModelOutput, options: WorkerOptions) -> "Bounds":
        """Return the bounds of answers of readers with these options and a network with this output."""
        shape = None if output.map is None else (output.map.channels, output.map.height, output.map.width)
        return cls(output.dimensions, shape, int(options.max_file_mib * 1024 * 1024))


def pack(message: dict[str, Any]) -> bytes:
    """Encode a message."""
    return json.dumps(message).encode("ascii")


def unpack(data: bytes) -> dict[str, Any]:
    """Decode a message of the pool's; raise ValueError when it is not one."""
    message = json.loads(data)
    if not isinstance(message, dict) or "op" not in message:
        raise ValueError("not a message")
    return message


def text_of(data: bytes) -> str:
    """Encode bytes for a message."""
    return base64.b64encode(data).decode("ascii")


def bytes_of(text: str) -> bytes:
    """Decode bytes from a message."""
    return base64.b64decode(text, validate=True)


def reading_to_wire(reading: Reading) -> dict[str, Any]:
    """Return a reading as JSON-able values."""
    return {
        "content": reading.content.hex(),
        "stamp": asdict(reading.stamp),
        "format": reading.format,
        "size": [reading.width, reading.height],
        "taken": asdict(reading.taken),
        "place": None if reading.place is None else asdict(reading.place),
        "camera": asdict(reading.camera),
        "vector": None if reading.vector is None else text_of(reading.vector.astype("<f4").tobytes()),
        "signature": text_of(reading.signature.tobytes()),
        "contrast": reading.contrast,
        "motion": reading.motion,
        "live_id": reading.live_id,
        "damage": reading.damage,
    }


def reading_from_wire(said: ReadingMessage, bounds: Bounds) -> Reading:
    """Return the reading a worker sent; raise ValueError when it does not hold together."""
    if len(said.signature) != SIGNATURE_SIDE**2:
        raise ValueError("a signature of another size")
    return Reading(
        content=bytes.fromhex(said.content),
        stamp=stamp_from_wire(said.stamp, bounds),
        format=said.format,
        width=said.size[0],
        height=said.size[1],
        taken=CaptureTime(**dict(said.taken)),
        place=None if said.place is None else Place(**dict(said.place)),
        camera=Camera(**dict(said.camera)),
        vector=None if said.vector is None else _vector(said.vector, bounds.dimensions),
        signature=np.frombuffer(said.signature, dtype=np.uint8).reshape(SIGNATURE_SIDE, SIGNATURE_SIDE),
        contrast=said.contrast,
        motion=said.motion,
        live_id=said.live_id,
        damage=said.damage,
    )


def _vector(data: bytes, dimensions: int) -> Vector:
    """Return a vector of unit length; raise ValueError for any other."""
    if len(data) != 4 * dimensions:
        raise ValueError("a vector of another length than the network's")
    vector = np.frombuffer(data, dtype="<f4").astype(np.float32)
    if (
        not np.isfinite(vector).all()
        or not abs(float(np.linalg.norm(vector.astype(np.float64))) - 1) <= _UNIT_TOLERANCE
    ):
        raise ValueError("a vector that is not of unit length")
    return vector


def stamp_from_wire(said: StampMessage, bounds: Bounds) -> FileStamp:
    """Return what a worker says of a file; raise ValueError for one larger than those that are read."""
    if said.size_bytes > bounds.most_bytes:
        raise ValueError("a file that is too large to have been read")
    return FileStamp(**dict(said))


def sidecar_to_wire(hearsay: SidecarMetadata) -> dict[str, Any]:
    """Return what a file beside photos says as JSON-able values."""
    return asdict(hearsay)


def sidecar_from_wire(said: SidecarMessage) -> SidecarMetadata:
    """Return what a worker heard."""
    return SidecarMetadata(LinkMetadata(said.told.live_id, said.told.made_us), said.times_us, said.to_minute)


def look_to_wire(look: Look) -> dict[str, Any]:
    """Return a closer look as JSON-able values."""
    return {"quality": asdict(look.quality), "preview": text_of(look.preview)}


def map_to_wire(picture_map: PictureMapArray) -> dict[str, Any]:
    """Return a map as JSON-able values."""
    return {"shape": list(picture_map.shape), "values": text_of(picture_map.astype("<f2").tobytes())}


def map_from_wire(said: MapMessage, bounds: Bounds) -> PictureMapArray:
    """Return the map a worker sent; raise ValueError when it is not the network's."""
    if said.shape != bounds.map_shape or len(said.values) != 2 * math.prod(said.shape):
        raise ValueError("a map of another shape than the network's")
    found = np.frombuffer(said.values, dtype="<f2").astype(np.float16).reshape(said.shape)
    if not np.isfinite(found).all():
        raise ValueError("a map that is not finite")
    return found


def look_from_wire(said: LookMessage) -> Look:
    """Return the closer look a worker sent; raise ValueError when it does not hold together."""
    if len(said.preview) > MAX_PREVIEW_BYTES:
        raise ValueError("a preview that is too large")
    return Look(Quality.of(said.quality.model_dump()), _jpeg(said.preview))


def frame_to_wire(frame: Frame) -> dict[str, Any]:
    """Return a frame as JSON-able values."""
    return asdict(frame)


def frame_from_wire(values: dict[str, Any]) -> Frame:
    """Return the frame that was asked for."""
    left, top, width, height = values["box"]
    return Frame(int(values["side"]), (left, top, width, height))


def picture_from_wire(said: PictureMessage) -> bytes:
    """Return the JPEG a worker rendered; raise ValueError when it is none."""
    return _jpeg(said.jpeg)


def _jpeg(data: bytes) -> bytes:
    """Return a JPEG; raise ValueError for what is none, or is larger than any that is asked for."""
    if max(size_of(data)) > MAX_RENDERED_PX:
        raise ValueError("a picture that is too large")
    return data
